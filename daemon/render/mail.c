#include "render/mail.h"

#include <ctype.h>
#include <string.h>

#include "base/date.h"
#include "render/alert_page.h"
#include "render/enclosure.h"
#include "render/letter_page.h"
#include "render/mime.h"

enum { TEXT_WIDTH = 78 };

/* Of our own making (a UUID); it becomes part of two headers and of the boundary. */
static bool id_ok(const char *id)
{
    size_t n = id == NULL ? 0 : strlen(id);

    for (size_t i = 0; i < n; i++) {
        if (!isalnum((unsigned char)id[i]) && id[i] != '-') {
            return false;
        }
    }
    return n >= 8 && n <= 48;
}

/* Nothing in the headers tells what the message says: the subject is a number. */
static enum status headers(const struct mail_input *in, struct buf *out, struct err *err)
{
    struct buf subject = {0};
    enum status st;

    buf_fmt(&subject, "[%s] DSMB message %lld", in->plan->trial, (long long)in->number);
    if ((st = buf_check(&subject, err)) == OK &&
        (st = mime_address(out, "From", in->from_name, in->from, err)) == OK &&
        (st = mime_address(out, "To", in->to->name, in->to->address, err)) == OK) {
        st = mime_header(out, "Subject", buf_cstr(&subject), err);
    }
    buf_done(&subject);
    if (st != OK) {
        return st;
    }
    mime_date(out, in->now);
    buf_fmt(out, "Message-ID: <%s%s>\r\n", in->message_id, strchr(in->from, '@'));
    buf_str(out, "MIME-Version: 1.0\r\n");
    return OK;
}

static enum status subject_words(const struct mail_input *in, struct buf *words, struct err *err)
{
    const struct monitor *m;

    switch (in->kind) {
    case LETTER_ALERT:
    case LETTER_AMENDMENT:
        m = plan_monitor(in->plan, in->alert->monitor);
        if (m == NULL) {
            return err_set(err, E_INTERNAL, "a message whose monitor is not in the plan");
        }
        buf_fmt(words, "[%s] %s: %s", in->plan->trial,
                in->alert->kind == ALERT_RAISED ? "BOUNDARY CROSSED" : "AMENDMENT", m->title);
        if (in->n_also > 0) {
            buf_fmt(words, " (and %zu more)", in->n_also);
        }
        break;
    case LETTER_ESCALATION:
        buf_fmt(words, "[%s] NOT ACKNOWLEDGED: members are silent", in->plan->trial);
        break;
    case LETTER_REMINDER:
        buf_fmt(words, "[%s] REMINDER: not acknowledged", in->plan->trial);
        break;
    case LETTER_TEST:
        buf_fmt(words, "[%s] TEST: nothing happened", in->plan->trial);
        break;
    case LETTER_QUIET:
        buf_fmt(words, "[%s] Nothing new", in->plan->trial);
        break;
    }
    return buf_check(words, err);
}

enum status mail_subject(const struct mail_input *in, struct buf *out, struct err *err)
{
    static const char name[] = "Subject: ";
    struct buf words = {0}, field = {0};
    enum status st = subject_words(in, &words, err);

    if (st == OK) {
        st = mime_header(&field, "Subject", buf_cstr(&words), err);
    }
    if (st == OK) {
        st = buf_check(&field, err);
    }
    if (st == OK) {
        buf_add(out, field.data + sizeof name - 1, field.len - (sizeof name - 1) - 2);
        st = buf_check(out, err);
    }
    buf_wipe(&words);
    buf_wipe(&field);
    return st;
}

static enum status page_of(const struct mail_input *in, struct page **ret, struct err *err)
{
    switch (in->kind) {
    case LETTER_ALERT:
    case LETTER_AMENDMENT:
        return alert_page(in, ret, err);
    case LETTER_ESCALATION:
    case LETTER_REMINDER:
    case LETTER_TEST:
    case LETTER_QUIET:
        return letter_page(in, ret, err);
    }
    return err_set(err, E_INTERNAL, "a message of no kind");
}

bool mail_has_pdf(const struct mail_input *in)
{
    return in->enclosed != NULL && in->extent < EXTENT_NO_PDF && in->enclosed->pdf.len > 0;
}

bool mail_has_pictures(const struct mail_input *in)
{
    return in->enclosed != NULL && in->extent < EXTENT_NO_PICTURES && in->enclosed->n > 0;
}

void mail_content_id(const struct mail_input *in, size_t i, struct buf *out)
{
    buf_fmt(out, "figure-%zu.%s%s", i + 1, in->message_id, strchr(in->from, '@'));
}

/*
 * Boundaries of the three multiparts, none the beginning of another.  "=_" cannot occur in quoted-printable nor in
 * base64, so no body holds one.
 */
static const char alternative[] = "", related[] = "r_", mixed[] = "m_";

static void open_part(const struct mail_input *in, const char *of, const char *type, struct buf *out)
{
    buf_fmt(out, "--=_%s%s\r\nContent-Type: %s", of, in->message_id, type);
}

static void open_multipart(const struct mail_input *in, const char *type, const char *of, struct buf *out)
{
    buf_fmt(out, "Content-Type: multipart/%s;\r\n boundary=\"=_%s%s\"\r\n", type, of, in->message_id);
}

static void close_multipart(const struct mail_input *in, const char *of, struct buf *out)
{
    buf_fmt(out, "--=_%s%s--\r\n", of, in->message_id);
}

static void text_part(const struct mail_input *in, const char *of, const char *type, const struct buf *body,
                      struct buf *out)
{
    open_part(in, of, type, out);
    buf_str(out, "; charset=utf-8\r\n"
                 "Content-Transfer-Encoding: quoted-printable\r\nContent-Disposition: inline\r\n\r\n");
    mime_qp(out, buf_cstr(body), body->len);
    buf_str(out, "\r\n");
}

/* The HTML, and beside it what it shows. */
static void html_part(const struct mail_input *in, const struct buf *html, struct buf *out)
{
    if (!mail_has_pictures(in)) {
        text_part(in, alternative, "text/html", html, out);
        return;
    }
    buf_fmt(out, "--=_%s%s\r\n", alternative, in->message_id);
    buf_fmt(out, "Content-Type: multipart/related; type=\"text/html\";\r\n boundary=\"=_%s%s\"\r\n\r\n",
            related, in->message_id);
    text_part(in, related, "text/html", html, out);
    for (size_t i = 0; i < in->enclosed->n; i++) {
        const struct buf *png = &in->enclosed->picture[i].png;
        struct buf cid = {0};

        mail_content_id(in, i, &cid);
        open_part(in, related, "image/png", out);
        buf_fmt(out, "; name=\"figure-%zu.png\"\r\nContent-ID: <%s>\r\n", i + 1, buf_cstr(&cid));
        buf_fmt(out,
                "Content-Transfer-Encoding: base64\r\n"
                "Content-Disposition: inline; filename=\"figure-%zu.png\"\r\n\r\n",
                i + 1);
        mime_base64(out, png->data, png->len);
        out->failed = out->failed || cid.failed;
        buf_done(&cid);
    }
    close_multipart(in, related, out);
}

static void pdf_part(const struct mail_input *in, struct buf *out)
{
    char day[11];

    open_part(in, mixed, "application/pdf", out);
    day_format(instant_day(in->now), day);
    buf_fmt(out, ";\r\n name=\"%s-alert-%s.pdf\"\r\nContent-Transfer-Encoding: base64\r\n", in->plan->trial,
            day);
    buf_fmt(out, "Content-Disposition: attachment;\r\n filename=\"%s-alert-%s.pdf\"\r\n\r\n", in->plan->trial,
            day);
    mime_base64(out, in->enclosed->pdf.data, in->enclosed->pdf.len);
}

static void body(const struct mail_input *in, const struct buf *text, const struct buf *html, struct buf *out)
{
    bool file = mail_has_pdf(in);

    /* Nothing of the body decides how the headers look but the outermost type. */
    open_multipart(in, file ? "mixed" : "alternative", file ? mixed : alternative, out);
    buf_str(out, "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n\r\n");
    if (file) {
        buf_fmt(out, "--=_%s%s\r\n", mixed, in->message_id);
        open_multipart(in, "alternative", alternative, out);
        buf_str(out, "\r\n");
    }
    text_part(in, alternative, "text/plain", text, out);
    if (in->extent < EXTENT_FIRST) {
        html_part(in, html, out);
    }
    close_multipart(in, alternative, out);
    if (file) {
        pdf_part(in, out);
        close_multipart(in, mixed, out);
    }
}

enum status mail_render(const struct mail_input *in, struct buf *out, struct err *err)
{
    struct buf mail = {0}, text = {0}, html = {0}, title = {0};
    struct page *p = NULL;
    enum status st;

    if (!id_ok(in->message_id)) {
        return err_set(err, E_INTERNAL, "a message without a usable id");
    }
    if ((st = headers(in, &mail, err)) != OK || (st = page_of(in, &p, err)) != OK) {
        goto out;
    }
    buf_fmt(&title, "%s: DSMB message %lld", in->plan->trial, (long long)in->number);
    if ((st = buf_check(&title, err)) != OK || (st = page_text(p, TEXT_WIDTH, &text, err)) != OK ||
        (st = page_html(p, buf_cstr(&title), &html, err)) != OK) {
        goto out;
    }
    body(in, &text, &html, &mail);
    st = buf_check(&mail, err);
    if (st == OK) {
        buf_add(out, mail.data, mail.len);
        st = buf_check(out, err);
    }
out:
    page_free(p);
    buf_wipe(&mail);
    buf_wipe(&text);
    buf_wipe(&html);
    buf_done(&title);
    return st;
}
