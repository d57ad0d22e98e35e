/* Changed rows, tallies, verdicts and queries of a look, by COPY. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "pg/store_priv.h"
#include "pg/words.h"

enum { FLUSH_BYTES = 1 << 16 };

/* A COPY under way: rows collect in b and leave in pieces. */
struct copy {
    struct pgconn *c;
    struct buf b;
    struct buf text; /* one value under construction */
    enum status st;
    struct err *err;
};

static void copy_begin(struct copy *k, struct pgconn *c, const char *what, const char *sql, struct err *err)
{
    *k = (struct copy){.c = c, .err = err};
    k->st = pgconn_copy_in(c, what, sql, err);
}

static void end_row(struct copy *k)
{
    pgcopy_end_row(&k->b);
    if (k->st == OK && k->b.len >= FLUSH_BYTES) {
        k->st = buf_check(&k->b, k->err);
        if (k->st == OK) {
            k->st = pgconn_copy_put(k->c, &k->b, k->err);
        }
    }
}

static enum status copy_finish(struct copy *k)
{
    int64_t n = 0;

    if (k->st == OK) {
        k->st = buf_check(&k->text, k->err);
    }
    if (k->st == OK) {
        k->st = buf_check(&k->b, k->err);
    }
    if (k->st == OK && k->b.len > 0) {
        k->st = pgconn_copy_put(k->c, &k->b, k->err);
    }
    if (k->st == OK) {
        k->st = pgconn_copy_end(k->c, &n, k->err);
    } else {
        pgconn_copy_abort(k->c);
    }
    buf_wipe(&k->b);
    buf_wipe(&k->text);
    return k->st;
}

static void put_str(struct copy *k, const char *s)
{
    pgcopy_sep(&k->b);
    pgcopy_text(&k->b, s, s == NULL ? 0 : strlen(s));
}

static void put_int(struct copy *k, int64_t v)
{
    pgcopy_sep(&k->b);
    pgcopy_int(&k->b, v);
}

static void put_double(struct copy *k, double v)
{
    pgcopy_sep(&k->b);
    pgcopy_double(&k->b, v);
}

static void put_bool(struct copy *k, bool v)
{
    pgcopy_sep(&k->b);
    pgcopy_bool(&k->b, v);
}

/* --- rows of the snapshot --- */

/* {"...",NULL,...}: the array literal of a row's fields. */
static enum status add_array(struct buf *b, const struct field *f, size_t n, struct err *err)
{
    buf_char(b, '{');
    for (size_t i = 0; i < n; i++) {
        buf_str(b, i == 0 ? "" : ",");
        if (f[i].len < 0) {
            buf_str(b, "NULL");
            continue;
        }
        buf_char(b, '"');
        for (int32_t j = 0; j < f[i].len; j++) {
            if (f[i].p[j] == '"' || f[i].p[j] == '\\') {
                buf_char(b, '\\');
            }
            buf_char(b, f[i].p[j]);
        }
        buf_char(b, '"');
    }
    buf_char(b, '}');
    return buf_check(b, err);
}

enum status store_put_changes(struct pgconn *c, const struct look_record *l, struct err *err)
{
    struct copy k;

    if (l->n_changes == 0) {
        return OK;
    }
    copy_begin(&k, c, "changed rows",
               "COPY dsmb.snapshot_row (view, key, look, hash, content, deleted) FROM STDIN", err);
    for (size_t i = 0; k.st == OK && i < l->n_changes; i++) {
        const struct row_change *r = &l->changes[i];
        const struct src_view_def *def = &contract_views[r->view];
        struct field f[SRC_COLUMNS_MAX];

        pgcopy_text(&k.b, def->name, strlen(def->name));
        put_str(&k, r->key);
        put_int(&k, l->head.look);
        pgcopy_sep(&k.b);
        pgcopy_bytes(&k.b, r->hash.b, sizeof r->hash.b);
        pgcopy_sep(&k.b);
        if (r->deleted) {
            pgcopy_null(&k.b);
        } else {
            buf_clear(&k.text);
            k.st = row_decode(r->view, r->content, r->content_len, f, err);
            if (k.st == OK) {
                k.st = add_array(&k.text, f, def->n_columns, err);
            }
            pgcopy_text(&k.b, buf_cstr(&k.text), k.text.len);
        }
        put_bool(&k, r->deleted);
        end_row(&k);
    }
    return copy_finish(&k);
}

/* --- tallies --- */

static void put_arm_code(struct copy *k, const struct arms *arms, int arm)
{
    pgcopy_sep(&k->b);
    if (arm >= 0 && arm < arms->n) {
        const char *code = secret_reveal(arms->arm[arm].code);

        pgcopy_text(&k->b, code, strlen(code));
    } else {
        pgcopy_null(&k->b);
    }
}

enum status store_put_tallies(struct pgconn *c, const struct look_record *l, struct err *err)
{
    const struct look_result *res = l->result;
    struct copy k;

    if (res->n_tallies == 0) {
        return OK;
    }
    copy_begin(
        &k, c, "tallies",
        "COPY dsmb.tally (look, ord, category, subtype, population, time_window, arm_basis, arm, arm_code, n,"
        " subjects, episodes, rows, unverified, suspected, review, risk_days, observed_days) FROM STDIN",
        err);
    for (size_t i = 0; k.st == OK && i < res->n_tallies; i++) {
        const struct tally_row *t = &res->tallies[i];

        pgcopy_int(&k.b, l->head.look);
        put_int(&k, (int64_t)i);
        put_str(&k, t->category == TALLY_ANY ? NULL : ruleset_category(l->rules, t->category));
        put_str(&k, t->subtype == NO_SUBTYPE ? NULL : ruleset_subtype(l->rules, t->subtype));
        put_str(&k, population_name(t->population));
        put_str(&k, window_name(t->window));
        put_str(&k, basis_name(t->basis));
        put_int(&k, t->arm);
        put_arm_code(&k, &l->plan->arms, t->arm);
        put_int(&k, t->n);
        put_int(&k, t->subjects);
        put_int(&k, t->episodes);
        put_int(&k, t->rows);
        put_int(&k, t->unverified);
        put_int(&k, t->suspected);
        put_int(&k, t->review);
        put_int(&k, t->risk_days);
        put_int(&k, t->observed_days);
        end_row(&k);
    }
    return copy_finish(&k);
}

/* --- verdicts --- */

/* {{day,y1,y0,m,x},...} */
static void put_blocks(struct copy *k, const struct block *b, size_t n)
{
    buf_clear(&k->text);
    buf_char(&k->text, '{');
    for (size_t i = 0; i < n; i++) {
        buf_fmt(&k->text, "%s{%d,%lld,%lld,%lld,%lld}", i == 0 ? "" : ",", (int)b[i].day, (long long)b[i].y1,
                (long long)b[i].y0, (long long)b[i].m, (long long)b[i].x);
    }
    buf_char(&k->text, '}');
    pgcopy_sep(&k->b);
    pgcopy_text(&k->b, buf_cstr(&k->text), k->text.len);
}

static void put_entry(struct copy *k, const struct look_record *l, size_t ord)
{
    const struct entry *e = &l->result->entries[ord];

    pgcopy_int(&k->b, l->head.look);
    put_str(k, l->plan->monitors[ord].name);
    put_int(k, (int64_t)ord);
    pgcopy_sep(&k->b);
    pgcopy_day(&k->b, e->cut);
    put_str(k, word_look_kind(e->kind));
    put_str(k, word_verdict(e->verdict));
    put_bool(k, e->executed);
    put_bool(k, e->on_correction);
    put_bool(k, e->nominal);
    put_bool(k, e->current_crosses);
    put_str(k, e->reason);
    put_int(k, e->events);
    put_int(k, e->x1);
    put_double(k, e->t);
    put_double(k, e->alpha_target);
    put_double(k, e->alpha_spent);
    put_double(k, e->info);
    put_double(k, e->statistic);
    put_double(k, e->bound);
    put_double(k, e->nominal_p);
    put_blocks(k, e->b2, e->n_b2);
    put_blocks(k, e->seen, e->n_seen);
    put_double(k, e->log_e);
    put_double(k, e->log_e_max);
    put_bool(k, e->warn_80);
    put_int(k, e->max_events);
    put_double(k, e->overrun_p);
    end_row(k);
}

enum status store_put_verdicts(struct pgconn *c, const struct look_record *l, struct err *err)
{
    struct copy k;

    if (l->result->n_entries == 0) {
        return OK;
    }
    copy_begin(&k, c, "verdicts",
               "COPY dsmb.verdict (look, monitor, ord, cut, kind, verdict, executed, on_correction, nominal,"
               " current_crosses, reason, events, x1, t, alpha_target, alpha_spent, info, statistic, bound, "
               "nominal_p, b2,"
               " seen, log_e, log_e_max, warn_80, max_events, overrun_p) FROM STDIN",
               err);
    for (size_t i = 0; k.st == OK && i < l->result->n_entries; i++) {
        put_entry(&k, l, i);
    }
    return copy_finish(&k);
}

enum status store_put_known(struct pgconn *c, const struct look_record *l, struct err *err)
{
    const struct known_set *set = &l->result->newly_known;
    struct copy k;

    if (set->n == 0) {
        return OK;
    }
    copy_begin(&k, c, "newly known subjects", "COPY dsmb.known (monitor, subject_id, look) FROM STDIN", err);
    for (size_t i = 0; k.st == OK && i < set->n; i++) {
        pgcopy_text(&k.b, set->rows[i].monitor, strlen(set->rows[i].monitor));
        put_str(&k, set->rows[i].subject);
        put_int(&k, set->rows[i].look);
        end_row(&k);
    }
    return copy_finish(&k);
}

/* --- data queries --- */

enum status store_queries_hash(const struct look_record *l, char hex[SHA256_HEX], struct err *err)
{
    const struct snapshot *s = l->snapshot;
    struct sha256_ctx *h = NULL;
    struct sha256 digest;
    enum status st = sha256_new(&h, err);

    for (size_t i = 0; st == OK && i < s->n_queries; i++) {
        const struct query *q = &s->queries[i];
        const char *code = query_name(q->code), *view = contract_views[q->view].name;

        sha256_field(h, code, strlen(code));
        sha256_field(h, view, strlen(view));
        sha256_field(h, q->key == 0 ? NULL : pool_str(s->pool, q->key),
                     q->key == 0 ? 0 : pool_len(s->pool, q->key));
        sha256_field(h, q->column, q->column == NULL ? 0 : strlen(q->column));
        sha256_field(h, q->value == 0 ? NULL : pool_str(s->pool, q->value),
                     q->value == 0 ? 0 : pool_len(s->pool, q->value));
    }
    if (st == OK) {
        st = sha256_take(h, &digest, err);
    }
    if (st == OK) {
        sha256_hex(&digest, hex);
    }
    sha256_free(h);
    return st;
}

enum status store_put_queries(struct pgconn *c, const struct look_record *l, struct err *err)
{
    const struct snapshot *s = l->snapshot;
    struct copy k;

    if (s->n_queries == 0) {
        return OK;
    }
    copy_begin(&k, c, "data queries",
               "COPY dsmb.data_query (look, ord, code, view, key, column_name, value) FROM STDIN", err);
    for (size_t i = 0; k.st == OK && i < s->n_queries; i++) {
        const struct query *q = &s->queries[i];

        pgcopy_int(&k.b, l->head.look);
        put_int(&k, (int64_t)i);
        put_str(&k, query_name(q->code));
        put_str(&k, contract_views[q->view].name);
        put_str(&k, q->key == 0 ? "" : pool_str(s->pool, q->key));
        put_str(&k, q->column);
        put_str(&k, q->value == 0 ? NULL : pool_str(s->pool, q->value));
        end_row(&k);
    }
    return copy_finish(&k);
}

/* --- review queue --- */

enum status store_put_review(struct pgconn *c, const struct look_record *l, struct err *err)
{
    const struct review_list *list = l->review;
    struct buf why = {0};
    struct copy k;
    enum status st;

    if (list == NULL || list->n == 0) {
        return OK;
    }
    copy_begin(&k, c, "review queue",
               "COPY dsmb.review_item (look, ae_id, category, counted, why, rule) FROM STDIN", err);
    for (size_t i = 0; k.st == OK && i < list->n; i++) {
        const struct review_item *e = &list->item[i];
        uint16_t rule = l->result->classes.events[e->event].rule;

        buf_clear(&why);
        review_why_text(e->why, &why);
        k.st = buf_check(&why, err);
        pgcopy_int(&k.b, l->head.look);
        put_str(&k, pool_str(l->snapshot->pool, l->snapshot->events[e->event].id));
        put_str(&k, ruleset_category(l->rules, e->category));
        put_bool(&k, e->counted);
        put_str(&k, buf_cstr(&why));
        put_str(&k, rule == 0 ? NULL : ruleset_rule(l->rules, rule));
        end_row(&k);
    }
    st = copy_finish(&k);
    buf_done(&why);
    return st;
}
