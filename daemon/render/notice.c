#include "render/notice.h"

#include <string.h>

#include "render/format.h"
#include "render/mime.h"

enum { PAD_COLUMNS = 76 };

static enum status headers(const struct notice *n, const char *subject, struct buf *out, struct err *err)
{
    enum status st = mime_address(out, "From", n->from_name, n->from, err);

    if (st == OK) {
        st = mime_address(out, "To", n->to_name, n->to, err);
    }
    if (st == OK) {
        st = mime_header(out, "Subject", subject, err);
    }
    if (st != OK) {
        return st;
    }
    mime_date(out, n->now);
    buf_fmt(out, "Message-ID: <%s%s>\r\n", n->message_id, strchr(n->from, '@'));
    buf_str(out, "MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n");
    return OK;
}

static void text_part(const struct buf *text, struct buf *out)
{
    buf_str(out,
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n");
    mime_qp(out, buf_cstr(text), text->len);
    buf_str(out, "\r\n");
}

/* After the last boundary nobody shows anything. */
static enum status pad(struct buf *out, size_t size, struct err *err)
{
    if (out->len + 2 > size) {
        return err_set(err, E_CONFIG, "mail.sealed_size_kib is too small for any message");
    }
    while (size - out->len > PAD_COLUMNS + 2) {
        buf_fill(out, '=', PAD_COLUMNS - 2);
        buf_str(out, "\r\n");
        if (out->failed) {
            break;
        }
    }
    if (!out->failed) {
        buf_fill(out, '=', size - out->len - 2);
        buf_str(out, "\r\n");
    }
    return buf_check(out, err);
}

enum status notice_member(const struct notice *n, int64_t number, const char *phone, size_t size,
                          struct buf *out, struct err *err)
{
    struct buf subject = {0}, text = {0}, mail = {0};
    enum status st;

    buf_fmt(&subject, "[%s] DSMB message %lld", n->trial, (long long)number);
    buf_fmt(
        &text,
        "dsmbd, which watches the safety of the trial %s for its data and safety monitoring board, has a "
        "message\n"
        "for you. It could not be encrypted for you, because the board holds no valid S/MIME certificate of\n"
        "yours, so it was not sent. This notice says nothing of what is in it.\n\n"
        "Please call the chair of the board: %s\n\n"
        "Your further messages will reach you once the board has been adopted with a valid certificate.\n",
        n->trial, phone);
    st = headers(n, buf_cstr(&subject), &mail, err);
    if (st == OK) {
        buf_fmt(&mail, "Content-Type: multipart/mixed;\r\n boundary=\"=_%s\"\r\n\r\n--=_%s\r\n",
                n->message_id, n->message_id);
        text_part(&text, &mail);
        buf_fmt(&mail, "--=_%s--\r\n", n->message_id);
        st = pad(&mail, size, err);
    }
    if (st == OK && (st = buf_check(&subject, err)) == OK && (st = buf_check(&text, err)) == OK) {
        buf_add(out, mail.data, mail.len);
        st = buf_check(out, err);
    }
    buf_done(&subject);
    buf_done(&text);
    buf_done(&mail);
    return st;
}

/* One plain text part. */
static enum status plain(const struct notice *n, const struct buf *subject, const struct buf *text,
                         struct buf *out, struct err *err)
{
    struct buf mail = {0};
    enum status st = buf_check(subject, err);

    if (st == OK) {
        st = buf_check(text, err);
    }
    if (st == OK) {
        st = headers(n, buf_cstr(subject), &mail, err);
    }
    if (st == OK) {
        text_part(text, &mail);
        st = buf_check(&mail, err);
    }
    if (st == OK) {
        buf_add(out, mail.data, mail.len);
        st = buf_check(out, err);
    }
    buf_done(&mail);
    return st;
}

enum status notice_removed(const struct notice *n, const char *by, const char *phone, struct buf *out,
                           struct err *err)
{
    struct buf subject = {0}, text = {0}, when = {0};
    enum status st;

    buf_fmt(&subject, "[%s] You are no longer a member of the data and safety monitoring board", n->trial);
    fmt_instant(&when, n->now);
    buf_fmt(&text,
            "You are not a member of the data and safety monitoring board of the trial %s any more,\n"
            "and dsmbd will not write to you again.\n\n"
            "Changed on:  %s\nAdopted by:  %s\n\n"
            "The members were told what was changed. If you did not expect this, please call the chair of\n"
            "the board as it was: %s\n",
            n->trial, buf_cstr(&when), by, phone);
    st = buf_check(&when, err);
    if (st == OK) {
        st = plain(n, &subject, &text, out, err);
    }
    buf_done(&subject);
    buf_done(&text);
    buf_done(&when);
    return st;
}

enum status notice_operations(const struct notice *n, const char *whose, const char *why, struct buf *out,
                              struct err *err)
{
    struct buf subject = {0}, text = {0};
    enum status st;

    buf_fmt(&subject, "[%s] dsmbd: a certificate needs attention", n->trial);
    buf_fmt(
        &text,
        "The daily check of the certificates with which dsmbd closes its mail found something to see to.\n\n"
        "Trial:        %s\nCertificate:  %s\nFinding:      %s\n\n"
        "This check is made each day, whatever the data of the trial say.\n",
        n->trial, whose, why);
    st = plain(n, &subject, &text, out, err);
    buf_done(&subject);
    buf_done(&text);
    return st;
}
