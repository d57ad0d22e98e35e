/*
 * mime.h - RFC 5322 headers and MIME bodies as bytes: CRLF, UTF-8, nothing a name or a subject could forge.  Pure.
 */
#ifndef DSMB_RENDER_MIME_H
#define DSMB_RENDER_MIME_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"

/*
 * "Name: value", folded at 76 columns, RFC 2047 encoded words where the value is not ASCII.
 * E_DATA for a control byte or ill-formed UTF-8 in the value: the message is then not rendered at all.
 */
enum status mime_header(struct buf *out, const char *name, const char *value, struct err *err);
/* "Name: display <addr>"; display may be NULL or "". E_DATA for an address that is not plain local@domain. */
enum status mime_address(struct buf *out, const char *name, const char *display, const char *addr,
                         struct err *err);
/* "Date: Mon, 23 Nov 2026 00:52:00 +0000" */
void mime_date(struct buf *out, instant_t t);
bool mime_addr_ok(const char *addr);
/* Quoted-printable: "\n" becomes CRLF, lines of at most 76 columns, a leading dot or "From " encoded. */
void mime_qp(struct buf *out, const char *s, size_t len);
/* Lines of 76 characters, each ended by CRLF. */
void mime_base64(struct buf *out, const char *bytes, size_t len);

#endif
