/* A report as PDF. */
#include "render/report.h"
#include "render/report_parts.h"

enum status report_pdf(const struct report_input *in, enum audience audience, struct buf *out,
                       struct err *err)
{
    struct buf subject = {0}, bytes = {0};
    struct facts *f = NULL;
    struct page *p = NULL;
    struct paper paper;
    enum status st = facts_new(&f, err);

    if (st == OK) {
        st = report_facts(in, audience, f, err);
    }
    if (st == OK) {
        st = report_page(f, audience, in->now, &p, &paper, &subject, err);
    }
    if (st == OK) {
        st = paper_pdf(p, &paper, NULL, &bytes, err);
    }
    if (st == OK) {
        buf_add(out, buf_cstr(&bytes), bytes.len);
        st = buf_check(out, err);
    }
    page_free(p);
    facts_free(f);
    buf_done(&subject);
    buf_wipe(&bytes);
    return st;
}
