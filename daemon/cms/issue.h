/*
 * issue.h - makes keys and certificates: the installation's own for signing, and a small CA of the trial for members who
 * have no S/MIME from elsewhere.
 *
 * RSA of 3072 bits with SHA-256: what every mail program and phone reads.  Everything goes in and out as PEM; who calls
 * overwrites what is secret (buf_wipe).
 */
#ifndef DSMB_CMS_ISSUE_H
#define DSMB_CMS_ISSUE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"

/* The files of a keys folder.  Key and certificate are one file, so that they change together. */
#define KEYS_SIGNING  "signing.pem"      /* key, certificate, its CA; mode 0600 */
#define KEYS_PUBLIC   "signing-cert.pem" /* for members */
#define KEYS_CA       "board-ca.pem"
#define KEYS_CA_KEY   "board-ca-key.pem"
#define KEYS_PREVIOUS "previous-cert.pem"
#define KEYS_ROTATION "rotation.pem" /* what the former key said of the present one */
enum { KEYS_FILE_MAX = 65536 };

enum issue_kind {
    ISSUE_CA,     /* issues certificates of one trial, nothing below it may issue */
    ISSUE_SIGNER, /* signs mail */
    ISSUE_MEMBER  /* reads mail */
};

struct issue_order {
    enum issue_kind kind;
    const char *name;    /* UTF-8; the common name, cut to 64 bytes */
    const char *address; /* not of a CA */
    instant_t now;       /* valid from a day before, for clocks that lag */
    int days;
    const struct buf *ca_key, *ca_cert; /* NULL: signs itself */
};

enum { PASSWORD_LEN = 24 /* XXXX-XXXX-XXXX-XXXX-XXXX and NUL fit 25 */ };

enum status issue_make(const struct issue_order *o, struct buf *key, struct buf *cert, struct err *err);
/* 100 random bits in letters and digits that are not mistaken for each other. */
enum status issue_password(char out[PASSWORD_LEN + 1], struct err *err);
/*
 * PKCS#12 of key, certificate and CA.  Three-key Triple-DES and a SHA-1 MAC, because the key chains of phones and of
 * macOS refuse what is newer; the password's 100 bits carry the protection.
 */
enum status issue_p12(const struct buf *key, const struct buf *cert, const struct buf *ca, const char *name,
                      const char *password, struct buf *out, struct err *err);
/* The text, signed under key and certificate: PEM of a CMS structure that holds both. */
enum status issue_sign_text(const struct buf *key, const struct buf *cert, const char *text, instant_t now,
                            struct buf *out, struct err *err);
/* The text of such a structure, when it was signed under this certificate and nothing was altered: else E_DATA. */
enum status issue_read_text(const struct buf *cert, const struct buf *pem, struct buf *text, struct err *err);
/* What a rotation says, and its reading: E_DATA when it is not such a text. */
void issue_rotation_text(const char *former, const char *present, day_t day, struct buf *out);
enum status issue_rotation_read(const struct buf *text, char former[65], char present[65], day_t *day,
                                struct err *err);
/* Of the first certificate of a PEM text. */
enum status issue_fingerprint(const struct buf *cert, char out[65], struct err *err);

#endif
