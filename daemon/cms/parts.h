/*
 * parts.h - the MIME around a sealed message: which header goes where, padding, base64.  No cryptography here.
 */
#ifndef DSMB_CMS_PARTS_H
#define DSMB_CMS_PARTS_H

#include "base/buf.h"
#include "port/sealer.h"

struct parts {
    struct buf outer; /* headers for everybody's eyes, without Content-* */
    struct buf inner; /* headers of the signed entity; secret: the subject */
    const char *body; /* borrowed from the job */
    size_t body_len;
    char boundary[48]; /* of multipart/signed; random */
};

/* E_INTERNAL: not a message as render/mail makes it. */
enum status parts_read(const struct seal_job *job, struct parts *ret, struct err *err);
void parts_done(struct parts *p); /* overwrites */
/* What is signed: headers, body, `pad` bytes of epilogue. */
void parts_entity(const struct parts *p, size_t pad, struct buf *out);
/* multipart/signed of the two. */
void parts_signed(const struct parts *p, const struct buf *entity, const struct buf *signature,
                  struct buf *out);
/* All headers of the whole, with `fill` characters that mean nothing, and the blank line. */
void parts_outer(const struct parts *p, enum seal_cipher cipher, size_t fill, struct buf *out);
/* Lines of 76 characters. */
void parts_base64(const char *bytes, size_t len, struct buf *out);

#endif
