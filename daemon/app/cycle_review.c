/* Events that a person decides: what was decided comes with a reading, and who waits goes with a look. */
#include <stdlib.h>
#include <string.h>

#include "app/cycle_priv.h"

/* --- with a reading ----------------------------------------------------------------------------------------------- */

static struct field text_field(const char *s)
{
    return (struct field){.p = s, .len = (int32_t)strlen(s)};
}

/* A row like the source's: asked about first, so that an unchanged one costs nothing. */
static enum status give_row(struct cycle *c, const struct review_decision *d, struct buf *bytes,
                            struct err *err)
{
    struct sha256 now;
    char at[28];
    bool stands = rows_hash(c->rows, SRC_AE, d->ae_id, strlen(d->ae_id), &now) &&
                  memcmp(now.b, d->row.b, sizeof now.b) == 0;
    const struct field f[SRC_COLUMNS_MAX] = {
        [REV_AE] = text_field(d->ae_id),
        [REV_CATEGORY] = text_field(d->name),
        [REV_VERDICT] = text_field(d->verdict == ADJ_CONFIRMED ? "CONFIRMED" : "REFUTED"),
        [REV_DECIDED] = (instant_format(d->at, at), text_field(at)),
        [REV_STANDS] = text_field(stands ? "t" : "f"),
    };
    enum status st;

    row_encode(SRC_REVIEW, f, bytes);
    st = buf_check(bytes, err);
    if (st == OK && !reading_same(c->reading, SRC_REVIEW, 0, bytes->data, bytes->len)) {
        st = reading_row(c->reading, SRC_REVIEW, f, err);
    }
    return st;
}

enum status cycle_review_rows(struct cycle *c, const struct review_decisions *d, struct err *err)
{
    struct buf bytes = {0};
    enum status st = OK;

    for (size_t i = 0; st == OK && i < d->n; i++) {
        st = give_row(c, &d->item[i], &bytes, err);
    }
    buf_done(&bytes);
    return st;
}

/* --- with a look -------------------------------------------------------------------------------------------------- */

/* A view's part of the changes, which are in canonical order: view, then key. */
struct part {
    const struct row_change *row;
    size_t n;
};

struct changed {
    struct part of[SRC_VIEWS];
};

static int by_event(const void *a, const void *b)
{
    const char *id = a, *key = ((const struct row_change *)b)->key;
    size_t len = strlen(id);
    int d = strncmp(id, key, len);

    /* The id alone, or followed by U+001F and the rest of the key. */
    return d != 0 ? d : key[len] == '\0' || key[len] == 0x1f ? 0 : 0x1f - (unsigned char)key[len];
}

static bool is_changed(const void *ctx, const char *ae_id)
{
    static const enum src_view views[] = {SRC_AE, SRC_ADJUDICATION, SRC_REVIEW};
    const struct changed *k = ctx;

    for (size_t v = 0; v < sizeof views / sizeof *views; v++) {
        const struct part *p = &k->of[views[v]];

        if (p->n > 0 && bsearch(ae_id, p->row, p->n, sizeof *p->row, by_event) != NULL) {
            return true;
        }
    }
    return false;
}

enum status cycle_review_list(const struct cycle *c, const struct snapshot *s,
                              const struct look_result *result, const struct row_change *changes, size_t n,
                              struct review_list *ret, struct err *err)
{
    struct changed k = {0};
    bool all = c->last.look == 0 || c->last.plan_id != c->plan_id;

    for (size_t i = 0; i < n; i++) {
        struct part *p = &k.of[changes[i].view];

        p->row = p->n == 0 ? &changes[i] : p->row;
        p->n++;
    }
    return review_list_of(c->rules, s, &c->plan->classify, &result->classes, all ? NULL : is_changed, &k, ret,
                          err);
}

/* --- with new rules ----------------------------------------------------------------------------------------------- */

static bool named_before(const struct review_decisions *d, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (strcmp(d->item[k].name, d->item[i].name) == 0) {
            return true;
        }
    }
    return false;
}

enum status cycle_review_note(const struct cycle *c, const struct ruleset *rules, struct buf *out,
                              struct err *err)
{
    struct review_decisions d = {0};
    int cat, sub;
    bool any = false;
    enum status st = c->w.store->load_decisions(c->w.store->ctx, &d, err);

    for (size_t i = 0; st == OK && i < d.n; i++) {
        if (ruleset_judged(rules, d.item[i].name, &cat, &sub) || named_before(&d, i)) {
            continue;
        }
        if (!any) {
            buf_fmt(out,
                    "%sdecisions of events that count no more, because these rules know no such category: ",
                    out->len > 0 ? "; " : "");
        }
        buf_fmt(out, "%s%s", any ? ", " : "", d.item[i].name);
        any = true;
    }
    review_decisions_done(&d);
    return st == OK ? buf_check(out, err) : st;
}

/* --- by request --------------------------------------------------------------------------------------------------- */

enum { BODY_VERDICT, BODY_NAME, BODY_ROW, BODY_EVENT, BODY_FIELDS };

/* The body's fields, joined by U+001F; cut in place. */
static enum status read_body(char *body, char *field[BODY_FIELDS], enum adj *verdict, struct err *err)
{
    static const struct {
        const char *word;
        enum adj verdict;
    } verdicts[] = {{"CONFIRMED", ADJ_CONFIRMED}, {"REFUTED", ADJ_REFUTED}, {"TAKEN_BACK", ADJ_NONE}};
    char *p = body;

    for (int i = 0; i < BODY_FIELDS; i++) {
        char *end = p == NULL ? NULL : strchr(p, 0x1f);

        if (p == NULL || (i < BODY_EVENT && end == NULL)) {
            return err_set(err, E_DATA, "a decision is verdict, category, row and event");
        }
        field[i] = p;
        if (i < BODY_EVENT) {
            *end = '\0';
            p = end + 1;
        }
    }
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        if (strcmp(verdicts[i].word, field[BODY_VERDICT]) == 0) {
            *verdict = verdicts[i].verdict;
            return OK;
        }
    }
    return err_set(err, E_DATA, "a verdict is CONFIRMED, REFUTED or TAKEN_BACK");
}

static enum status no_category(const struct ruleset *rs, struct err *err)
{
    struct buf names = {0};

    for (int i = 0; i < ruleset_categories(rs); i++) {
        buf_fmt(&names, "%s%s", i == 0 ? "" : ", ", ruleset_category(rs, i));
    }
    (void)err_set(err, E_DATA,
                  "the adopted rules have no such category, nor a subtype of that name that can be judged by "
                  "itself; the categories are %s",
                  buf_cstr(&names));
    buf_done(&names);
    return E_DATA;
}

enum status cycle_decide(struct cycle *c, const struct request *r, struct err *err)
{
    const struct store *s = c->w.store;
    char *body = strdup(r->body == NULL ? "" : r->body), *field[BODY_FIELDS];
    struct review_order o = {.verdict = ADJ_NONE};
    int cat = 0, sub = 0;
    enum status st = body == NULL ? err_set(err, E_NOMEM, "a decision") : OK;

    if (st == OK) {
        st = read_body(body, field, &o.verdict, err);
    }
    if (st == OK && !ruleset_judged(c->rules, field[BODY_NAME], &cat, &sub)) {
        st = no_category(c->rules, err);
    }
    if (st == OK) {
        o.ae_id = field[BODY_EVENT];
        o.row = field[BODY_ROW];
        o.category = ruleset_category(c->rules, cat);
        o.name = sub < 0 ? o.category : ruleset_subtype(c->rules, sub);
        st = s->decide(s->ctx, r, &o,
                       o.verdict == ADJ_NONE ? "taken back, from the next look on"
                                             : "recorded: counts from the next look on",
                       err);
    }
    if (st == OK && c->plan->cut == CUT_EVERY_CHANGE) {
        c->token[0] = '\0'; /* a change like one of the source's: read at once */
    }
    if (body != NULL) {
        explicit_bzero(body, strlen(body));
        free(body);
    }
    return st;
}
