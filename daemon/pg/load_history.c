/* The looks of monitors, read back. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"
#include "pg/load.h"
#include "pg/words.h"
#include "sql_catalog.h"

/* @column lines of load_history.sql */
enum {
    H_LOOK,
    H_CUT,
    H_KIND,
    H_VERDICT,
    H_EXECUTED,
    H_CORRECTION,
    H_NOMINAL,
    H_CURRENT,
    H_REASON,
    H_EVENTS,
    H_X1,
    H_T,
    H_TARGET,
    H_SPENT,
    H_INFO,
    H_STATISTIC,
    H_BOUND,
    H_P,
    H_B2,
    H_SEEN,
    H_LOG_E,
    H_LOG_E_MAX,
    H_WARN,
    H_MAX,
    H_OVERRUN
};

enum { BLOCK_INTS = 5 };

/* '{{day,y1,y0,m,x},...}' or '{}' */
static enum status read_blocks(const struct pgrows *r, int row, int col, struct block **ret, size_t *n,
                               struct err *err)
{
    const char *s = NULL;
    struct block *blocks = NULL;
    size_t cap = 0, count = 0, k = 0;
    int64_t v[BLOCK_INTS];
    enum status st = pgrows_text(r, row, col, &s, err);

    for (const char *p = s; st == OK && *p != '\0';) {
        size_t len = strspn(p, "-0123456789");

        if (len == 0) {
            p++;
            continue;
        }
        if (!text_int(p, len, INT64_MIN, INT64_MAX, &v[k])) {
            st = err_set(err, E_DATA,
                         "the store's blocks of a monitor cannot be read (dsmbctl ledger verify)");
            break;
        }
        p += len;
        if (++k < BLOCK_INTS) {
            continue;
        }
        k = 0;
        st = VEC_PUSH_ROOM(blocks, count, cap, err);
        if (st == OK && (v[0] < INT32_MIN || v[0] > INT32_MAX)) {
            st = err_set(err, E_DATA, "the store's blocks of a monitor hold an impossible day");
        }
        if (st == OK) {
            blocks[count++] =
                (struct block){.day = (day_t)v[0], .y1 = v[1], .y0 = v[2], .m = v[3], .x = v[4]};
        }
    }
    if (st == OK && k != 0) {
        st =
            err_set(err, E_DATA, "the store's blocks of a monitor end in the middle (dsmbctl ledger verify)");
    }
    if (st != OK) {
        free(blocks);
        return st;
    }
    *ret = blocks;
    *n = count;
    return OK;
}

static enum status read_numbers(const struct pgrows *r, int row, struct entry *e, struct err *err)
{
    const struct {
        int col;
        double *to;
    } reals[] = {
        {H_T, &e->t},
        {H_TARGET, &e->alpha_target},
        {H_SPENT, &e->alpha_spent},
        {H_INFO, &e->info},
        {H_STATISTIC, &e->statistic},
        {H_BOUND, &e->bound},
        {H_P, &e->nominal_p},
        {H_LOG_E, &e->log_e},
        {H_LOG_E_MAX, &e->log_e_max},
        {H_OVERRUN, &e->overrun_p},
    };
    const struct {
        int col;
        bool *to;
    } flags[] = {
        {H_EXECUTED, &e->executed}, {H_CORRECTION, &e->on_correction},
        {H_NOMINAL, &e->nominal},   {H_CURRENT, &e->current_crosses},
        {H_WARN, &e->warn_80},
    };
    enum status st = pgrows_int(r, row, H_LOOK, &e->look, err);

    if (st == OK) {
        st = pgrows_int(r, row, H_EVENTS, &e->events, err);
    }
    if (st == OK) {
        st = pgrows_int(r, row, H_X1, &e->x1, err);
    }
    if (st == OK) {
        st = pgrows_int(r, row, H_MAX, &e->max_events, err);
    }
    for (size_t i = 0; st == OK && i < sizeof reals / sizeof *reals; i++) {
        st = pgrows_double(r, row, reals[i].col, reals[i].to, err);
    }
    for (size_t i = 0; st == OK && i < sizeof flags / sizeof *flags; i++) {
        st = pgrows_bool(r, row, flags[i].col, flags[i].to, err);
    }
    return st;
}

static enum status read_entry(const struct pgrows *r, int row, struct entry *e, struct err *err)
{
    const char *kind = NULL, *verdict = NULL, *reason = NULL;
    enum status st = read_numbers(r, row, e, err);

    if (st == OK) {
        st = pgrows_day(r, row, H_CUT, &e->cut, err);
    }
    if (st == OK) {
        st = pgrows_text(r, row, H_KIND, &kind, err);
    }
    if (st == OK) {
        st = word_read_look_kind(kind, &e->kind, err);
    }
    if (st == OK) {
        st = pgrows_text(r, row, H_VERDICT, &verdict, err);
    }
    if (st == OK) {
        st = word_read_verdict(verdict, &e->verdict, err);
    }
    if (st == OK) {
        st = pgrows_text(r, row, H_REASON, &reason, err);
    }
    if (st == OK && strlen(reason) >= sizeof e->reason) {
        st = err_set(err, E_DATA, "the store holds a reason that is too long (dsmbctl ledger verify)");
    }
    if (st == OK) {
        memcpy(e->reason, reason, strlen(reason) + 1);
        st = read_blocks(r, row, H_B2, &e->b2, &e->n_b2, err);
    }
    if (st == OK) {
        st = read_blocks(r, row, H_SEEN, &e->seen, &e->n_seen, err);
    }
    return st;
}

static enum status read_monitor(struct pgconn *c, enum load_side side, int64_t before, struct history *h,
                                struct err *err)
{
    struct pgargs args = {0};
    struct pgrows *r = NULL;
    enum status st;

    pgargs_text(&args, h->monitor);
    pgargs_int(&args, before);
    st = pgconn_exec(c, side == LOAD_VIEWS ? SQL_READ_HISTORY : SQL_LOAD_HISTORY, &args, &r, err);
    for (int i = 0; st == OK && i < pgrows_n(r); i++) {
        st = VEC_PUSH_ROOM(h->entries, h->n, h->cap, err);
        if (st == OK) {
            h->entries[h->n] = (struct entry){0};
            st = read_entry(r, i, &h->entries[h->n++], err);
        }
    }
    pgrows_free(r);
    return st;
}

enum status load_history(struct pgconn *c, enum load_side side, int64_t before, struct history *h, size_t n,
                         struct err *err)
{
    enum status st = OK;

    for (size_t i = 0; st == OK && i < n; i++) {
        st = read_monitor(c, side, before, &h[i], err);
    }
    return st;
}
