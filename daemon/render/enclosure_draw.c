/*
 * enclosure_draw.c - the alert's page once more, with its figures, as pictures and on paper.
 */
#include <string.h>

#include "base/text.h"
#include "render/alert_page.h"
#include "render/enclosure.h"
#include "render/format.h"
#include "render/paper.h"
#include "render/picture.h"

static enum status pictures(const struct page *p, struct font_set *fonts, struct enclosure *e,
                            struct err *err)
{
    enum status st = OK;

    for (size_t i = 0; st == OK && i < page_count(p); i++) {
        struct page_view v = page_at(p, i);
        struct enclosed_picture *to = &e->picture[e->n];

        if (v.kind != BLOCK_FIGURE) {
            continue;
        }
        if (e->n == ENCLOSED_MAX) {
            return err_set(err, E_INTERNAL, "a message with too many figures");
        }
        e->n++;
        st = draw_png(v.figure, fonts, &to->png, err);
        buf_fmt(&to->alt, "%s. %s", draw_get_title(v.figure), draw_get_description(v.figure));
        if (st == OK) {
            st = buf_check(&to->alt, err);
        }
    }
    return st;
}

static enum status pdf(const struct mail_input *in, const struct page *p, struct font_set *fonts,
                       struct enclosure *e, struct err *err)
{
    struct paper paper = {.closed = true,
                          .kind = "Alert",
                          .trial = in->plan->trial,
                          .title = in->plan->title,
                          .confidential = "Unblinded: for the data and safety monitoring board only",
                          .written = in->now};
    struct buf subject = {0};
    enum status st;

    buf_fmt(&subject, "Look %lld, counted to ", (long long)in->look);
    fmt_day(&subject, in->cut);
    paper.subject = buf_cstr(&subject);
    st = buf_check(&subject, err);
    if (st == OK) {
        st = paper_pdf(p, &paper, fonts, &e->pdf, err);
    }
    buf_done(&subject);
    return st;
}

enum status enclosure_draw(const struct mail_input *in, enum enclosed_part parts, struct enclosure *ret,
                           struct err *err)
{
    struct mail_input own = *in;
    struct enclosure e = {0};
    struct font_set *fonts = NULL;
    struct page *p = NULL;
    enum status st;

    if (in->kind != LETTER_ALERT && in->kind != LETTER_AMENDMENT) {
        *ret = e;
        return OK;
    }
    own.to = NULL;
    own.post = NULL;
    own.note = NULL;
    own.enclosed = NULL;
    own.extent = EXTENT_WHOLE;
    own.draws = true;
    st = alert_page(&own, &p, err);
    if (st == OK) {
        st = page_check(p, err);
    }
    if (st == OK) {
        st = font_set_new(&fonts, err);
    }
    if (st == OK && (parts & ENCLOSED_PICTURES) != 0) {
        st = pictures(p, fonts, &e, err);
    }
    if (st == OK && (parts & ENCLOSED_PDF) != 0) {
        st = pdf(&own, p, fonts, &e, err);
    }
    font_set_free(fonts);
    page_free(p);
    if (st != OK) {
        enclosure_done(&e);
        return st;
    }
    *ret = e;
    return OK;
}
