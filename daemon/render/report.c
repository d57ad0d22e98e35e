#include "render/report.h"

#include <string.h>

#include "render/report_parts.h"

enum { TEXT_WIDTH = 100 };

enum status report_facts(const struct report_input *in, enum audience audience, struct facts *f,
                         struct err *err)
{
    struct pooled pooled;
    enum status st = OK;

    switch (audience) {
    case AUDIENCE_CLOSED:
        st = report_closed_facts(in, f, err);
        break;
    case AUDIENCE_OPEN:
        st = pooled_of(in, &pooled, err);
        if (st == OK) {
            report_open_facts(&pooled, f);
        }
        break;
    }
    return st;
}

static const char *about(const struct facts *f, const char *statistic)
{
    for (size_t i = 0; i < facts_count(f); i++) {
        const struct fact *x = facts_at(f, i);

        if (strcmp(x->section, "about") == 0 && strcmp(x->statistic, statistic) == 0) {
            return x->text;
        }
    }
    return "";
}

enum status report_page(const struct facts *f, enum audience audience, instant_t written, struct page **ret,
                        struct paper *paper, struct buf *subject, struct err *err)
{
    bool closed = audience == AUDIENCE_CLOSED;
    struct page *p = NULL;
    size_t n = 0;
    const struct layout *l = closed ? report_closed_layout(&n) : report_open_layout(&n);
    enum status st = page_new(&p, err);

    if (st == OK) {
        st = facts_page(f, l, n, p, err);
    }
    if (closed) { /* the open report has no number of looks (pooled.h) */
        buf_fmt(subject, "Look %s, counted to %s", about(f, "look"), about(f, "counted_to"));
    } else {
        buf_fmt(subject, "Counted to %s", about(f, "counted_to"));
    }
    if (st == OK) {
        st = buf_check(subject, err);
    }
    if (st != OK) {
        page_free(p);
        return st;
    }
    *paper = (struct paper){
        .closed = closed,
        .kind = closed ? "Closed report" : "Open report",
        .trial = about(f, "trial"),
        .title = about(f, "title"),
        .subject = buf_cstr(subject),
        .confidential = closed ? "CONFIDENTIAL, UNBLINDED: for the data and safety monitoring board only"
                               : "Pooled over all subjects: shows no treatment group",
        .written = written};
    *ret = p;
    return OK;
}

static enum status write_page(const struct facts *f, enum audience audience, enum report_format format,
                              instant_t written, struct buf *out, struct err *err)
{
    struct buf subject = {0};
    struct paper paper;
    struct page *p = NULL;
    enum status st = report_page(f, audience, written, &p, &paper, &subject, err);

    if (st == OK) {
        st = format == REPORT_HTML ? paper_html(p, &paper, out, err) : page_text(p, TEXT_WIDTH, out, err);
    }
    page_free(p);
    buf_done(&subject);
    return st;
}

static enum status write_format(const struct facts *f, enum audience audience, enum report_format format,
                                instant_t written, struct buf *out, struct err *err)
{
    switch (format) {
    case REPORT_TEXT:
    case REPORT_HTML:
        return write_page(f, audience, format, written, out, err);
    case REPORT_CSV:
        return facts_csv(f, out, err);
    case REPORT_JSON:
        return facts_json(f, out, err);
    }
    return OK;
}

enum status report_render(const struct report_input *in, enum audience audience, enum report_format format,
                          struct buf *out, struct err *err)
{
    struct buf bytes = {0};
    struct facts *f = NULL;
    enum status st = facts_new(&f, err);

    if (st == OK) {
        st = report_facts(in, audience, f, err);
    }
    if (st == OK) {
        st = write_format(f, audience, format, in->now, &bytes, err);
    }
    if (st == OK) {
        buf_add(out, buf_cstr(&bytes), bytes.len);
        st = buf_check(out, err);
    }
    facts_free(f);
    buf_wipe(&bytes);
    return st;
}

enum status report_render_all(const struct report_input *in, enum audience audience,
                              struct buf out[REPORT_RENDERED], struct err *err)
{
    struct facts *f = NULL;
    enum status st = facts_new(&f, err);

    if (st == OK) {
        st = report_facts(in, audience, f, err);
    }
    for (int i = 0; st == OK && i < REPORT_RENDERED; i++) {
        st = write_format(f, audience, (enum report_format)i, in->now, &out[i], err);
        if (st == OK) {
            st = buf_check(&out[i], err);
        }
    }
    for (int i = 0; st != OK && i < REPORT_RENDERED; i++) {
        buf_wipe(&out[i]);
    }
    facts_free(f);
    return st;
}
