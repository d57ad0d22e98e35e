#include "pg/load.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "pg/words.h"
#include "sql_catalog.h"

static enum status copy_text(const struct pgrows *r, int row, int col, char **ret, size_t *len,
                             struct err *err)
{
    enum status st = pgrows_dup(r, row, col, ret, err);

    if (st == OK) {
        *len = strlen(*ret);
    }
    return st;
}

/* Is a text what its column sha256 says? */
static enum status check_hash(const struct pgrows *r, int row, int col, const char *text, size_t len,
                              const char *what, struct sha256 *ret, struct err *err)
{
    const char *hex = NULL;
    struct sha256 told, is;
    enum status st = pgrows_text(r, row, col, &hex, err);

    if (st == OK) {
        st = sha256_of(text, len, &is, err);
    }
    if (st == OK && (!sha256_parse_hex(hex, strlen(hex), &told) || memcmp(told.b, is.b, sizeof is.b) != 0)) {
        st = err_set(err, E_DATA,
                     "%s in the store is not what was adopted: its SHA-256 differs (dsmbctl ledger verify)",
                     what);
    }
    if (st == OK) {
        *ret = is;
    }
    return st;
}

static enum status load_adopted(struct pgconn *c, int query, const char *what, int64_t id,
                                struct adopted *ret, struct err *err)
{
    struct adopted a = {0};
    struct pgargs args = {0};
    struct pgrows *r = NULL;
    enum status st;

    pgargs_int(&args, id);
    st = pgconn_exec(c, query, &args, &r, err);
    if (st == OK && pgrows_n(r) > 0) {
        st = pgrows_int(r, 0, 0, &a.id, err);
        if (st == OK) {
            st = copy_text(r, 0, 2, &a.text, &a.len, err);
        }
        if (st == OK) {
            st = check_hash(r, 0, 1, a.text, a.len, what, &a.hash, err);
        }
    }
    pgrows_free(r);
    if (st != OK) {
        adopted_done(&a);
        return st;
    }
    *ret = a;
    return OK;
}

static enum status load_rules(struct pgconn *c, int64_t plan_id, struct adopted_rules *ret, struct err *err)
{
    struct adopted_rules rules = {0};
    struct pgargs args = {0};
    struct pgrows *r = NULL;
    enum status st;

    pgargs_int(&args, plan_id);
    st = pgconn_exec(c, SQL_LOAD_RULES, &args, &r, err);
    if (st == OK && pgrows_n(r) > CATEGORIES_MAX) {
        st = err_set(err, E_DATA, "the adopted plan has %d rule files, and %d are possible", pgrows_n(r),
                     CATEGORIES_MAX);
    }
    for (int i = 0; st == OK && i < pgrows_n(r); i++) {
        struct sha256 h;

        rules.n = (size_t)i + 1;
        st = pgrows_dup(r, i, 0, &rules.file[i].name, err);
        if (st == OK) {
            st = copy_text(r, i, 2, &rules.file[i].text, &rules.file[i].len, err);
        }
        if (st == OK) {
            st = check_hash(r, i, 1, rules.file[i].text, rules.file[i].len, rules.file[i].name, &h, err);
        }
    }
    pgrows_free(r);
    if (st != OK) {
        adopted_rules_done(&rules);
        return st;
    }
    *ret = rules;
    return OK;
}

enum status load_plan(struct pgconn *c, int64_t id, struct adopted *plan, struct adopted_rules *rules,
                      struct err *err)
{
    struct adopted a = {0};
    struct adopted_rules r = {0};
    enum status st = load_adopted(c, SQL_LOAD_PLAN, "the plan", id, &a, err);

    if (st == OK && a.id != 0) {
        st = load_rules(c, a.id, &r, err);
    }
    if (st != OK) {
        adopted_done(&a);
        return st;
    }
    *plan = a;
    *rules = r;
    return OK;
}

enum status load_board(struct pgconn *c, int64_t id, struct adopted *board, struct err *err)
{
    return load_adopted(c, SQL_LOAD_BOARD, "the board", id, board, err);
}

/* @column lines of load_look.sql */
enum {
    LK_LOOK,
    LK_KIND,
    LK_CUT,
    LK_READ,
    LK_CUTOFF,
    LK_TOKEN,
    LK_SNAPSHOT,
    LK_PLAN,
    LK_BOARD,
    LK_REQUEST,
    LK_SUBJECTS,
    LK_EVENTS,
    LK_CHANGES
};

static enum status read_look(const struct pgrows *r, int row, struct look_head *ret, struct err *err)
{
    struct look_head h = {.cut = DAY_NONE, .read_at = INSTANT_NONE, .data_cutoff = INSTANT_NONE};
    const char *kind = NULL, *token = NULL, *hex = NULL;
    int64_t *const ints[] = {&h.look,       &h.plan_id,  &h.board_id, &h.request_id,
                             &h.n_subjects, &h.n_events, &h.n_changes};
    static const int cols[] = {LK_LOOK, LK_PLAN, LK_BOARD, LK_REQUEST, LK_SUBJECTS, LK_EVENTS, LK_CHANGES};
    enum status st = OK;

    for (size_t i = 0; st == OK && i < sizeof cols / sizeof *cols; i++) {
        st = pgrows_int(r, row, cols[i], ints[i], err);
    }
    if (st == OK) {
        st = pgrows_text(r, row, LK_KIND, &kind, err);
    }
    if (st == OK) {
        st = word_read_look_kind(kind, &h.kind, err);
    }
    if (st == OK) {
        st = pgrows_day(r, row, LK_CUT, &h.cut, err);
    }
    if (st == OK) {
        st = pgrows_instant(r, row, LK_READ, &h.read_at, err);
    }
    if (st == OK && !pgrows_null(r, row, LK_CUTOFF)) {
        st = pgrows_instant(r, row, LK_CUTOFF, &h.data_cutoff, err);
    }
    if (st == OK) {
        st = pgrows_text(r, row, LK_TOKEN, &token, err);
    }
    if (st == OK) {
        st = pgrows_text(r, row, LK_SNAPSHOT, &hex, err);
    }
    if (st == OK && (strlen(token) >= sizeof h.token || !sha256_parse_hex(hex, strlen(hex), &h.snapshot))) {
        st = err_set(err, E_DATA, "the head of look %lld in the store is damaged (dsmbctl ledger verify)",
                     (long long)h.look);
    }
    if (st == OK) {
        memcpy(h.token, token, strlen(token) + 1);
        *ret = h;
    }
    return st;
}

enum status load_look(struct pgconn *c, int64_t look, struct look_head *ret, struct err *err)
{
    struct look_head h = {.cut = DAY_NONE, .read_at = INSTANT_NONE, .data_cutoff = INSTANT_NONE};
    struct pgargs args = {0};
    struct pgrows *r = NULL;
    enum status st;

    pgargs_int(&args, look);
    st = pgconn_exec(c, SQL_LOAD_LOOK, &args, &r, err);
    if (st == OK && pgrows_n(r) > 0) {
        st = read_look(r, 0, &h, err);
    }
    pgrows_free(r);
    if (st == OK) {
        *ret = h;
    }
    return st;
}

enum status load_looks(struct pgconn *c, struct look_head **ret, size_t *n, struct err *err)
{
    struct pgrows *r = NULL;
    struct look_head *h = NULL;
    size_t count = 0;
    enum status st = pgconn_exec(c, SQL_LOAD_LOOKS, NULL, &r, err);

    if (st == OK) {
        count = (size_t)pgrows_n(r);
        h = calloc(count == 0 ? 1 : count, sizeof *h);
        st = h == NULL ? err_set(err, E_NOMEM, "reading the looks") : OK;
    }
    for (size_t i = 0; st == OK && i < count; i++) {
        st = read_look(r, (int)i, &h[i], err);
    }
    pgrows_free(r);
    if (st != OK) {
        free(h);
        return st;
    }
    *ret = h;
    *n = count;
    return OK;
}

enum status load_known(struct pgconn *c, enum load_side side, int64_t before, struct known_set *k,
                       struct err *err)
{
    struct known_set set = {0};
    struct pgargs args = {0};
    struct pgrows *r = NULL;
    enum status st;

    pgargs_int(&args, before);
    st = pgconn_exec(c, side == LOAD_VIEWS ? SQL_READ_KNOWN : SQL_LOAD_KNOWN, &args, &r, err);
    for (int i = 0; st == OK && i < pgrows_n(r); i++) {
        st = VEC_PUSH_ROOM(set.rows, set.n, set.cap, err);
        if (st == OK) {
            set.rows[set.n++] = (struct known_row){0};
            st = pgrows_dup(r, i, 0, &set.rows[i].monitor, err);
        }
        if (st == OK) {
            st = pgrows_dup(r, i, 1, &set.rows[i].subject, err);
        }
        if (st == OK) {
            st = pgrows_int(r, i, 2, &set.rows[i].look, err);
        }
    }
    pgrows_free(r);
    if (st != OK) {
        known_set_done(&set);
        return st;
    }
    *k = set;
    return OK;
}

static enum status one_alert(const struct pgrows *r, int row, struct alert *a, struct err *err)
{
    const char *monitor = NULL, *kind = NULL, *urgency = NULL;
    enum status st = pgrows_int(r, row, 0, &a->id, err);

    if (st == OK) {
        st = pgrows_int(r, row, 1, &a->look, err);
    }
    if (st == OK) {
        st = pgrows_text(r, row, 2, &monitor, err);
    }
    if (st == OK) {
        st = pgrows_text(r, row, 3, &kind, err);
    }
    if (st == OK) {
        st = word_read_alert_kind(kind, &a->kind, err);
    }
    if (st == OK) {
        st = pgrows_text(r, row, 4, &urgency, err);
    }
    if (st == OK) {
        st = word_read_urgency(urgency, &a->urgency, err);
    }
    if (st == OK && strlen(monitor) >= sizeof a->monitor) {
        st = err_set(err, E_DATA, "the store holds a monitor's name that is too long");
    }
    if (st == OK) {
        memcpy(a->monitor, monitor, strlen(monitor) + 1);
    }
    return st;
}

enum status load_alerts(struct pgconn *c, enum load_side side, struct alert **ret, size_t *n, struct err *err)
{
    struct pgrows *r = NULL;
    struct alert *a = NULL;
    size_t count = 0;
    enum status st = pgconn_exec(c, side == LOAD_VIEWS ? SQL_READ_ALERTS : SQL_LOAD_ALERTS, NULL, &r, err);

    if (st == OK) {
        count = (size_t)pgrows_n(r);
        a = calloc(count == 0 ? 1 : count, sizeof *a);
        st = a == NULL ? err_set(err, E_NOMEM, "reading the alerts") : OK;
    }
    for (size_t i = 0; st == OK && i < count; i++) {
        st = one_alert(r, (int)i, &a[i], err);
    }
    pgrows_free(r);
    if (st != OK) {
        free(a);
        return st;
    }
    *ret = a;
    *n = count;
    return OK;
}
