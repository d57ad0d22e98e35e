#include "pg/verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "pg/pgconn.h"
#include "pg/seal.h"
#include "sql_catalog.h"

enum { BATCH = 500 };

const int verify_queries[] = {SQL_LEDGER_READ,   SQL_LEDGER_DIGEST, SQL_LEDGER_ROWS,    SQL_LEDGER_LOOKS,
                              SQL_LEDGER_GUARDS, SQL_LEDGER_MAY,    SQL_LEDGER_MESSAGES};
const int verify_n_queries = sizeof verify_queries / sizeof *verify_queries;

/* @column lines of ledger_read.sql */
enum { E_SEQ, E_AT, E_KIND, E_WHO, E_PAYLOAD, E_PREV, E_HASH, E_COLUMNS };

struct walk {
    struct pgconn *c;
    verify_say_fn *say;
    void *ctx;
    struct verify_result r;
    struct sha256_ctx *h;
    struct sha256 prev; /* zeros before the first */
};

static void fault(struct walk *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void fault(struct walk *w, const char *fmt, ...)
{
    char msg[512];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(msg, sizeof msg, fmt, ap);
    va_end(ap);
    w->r.faults++;
    w->say(w->ctx, msg);
}

/* Which part of a look differs, for people. */
static void compare_look(struct walk *w, int64_t look, const char *told, const char *is)
{
    bool named = false;

    while (*told != '\0' && *is != '\0') {
        size_t a = strcspn(told, "\n"), b = strcspn(is, "\n");

        if (a != b || memcmp(told, is, a) != 0) {
            fault(w, "look %" PRId64 ": table dsmb.%.*s does not hold what was written", look,
                  (int)strcspn(is, " "), is);
            named = true;
        }
        told += told[a] == '\0' ? a : a + 1;
        is += is[b] == '\0' ? b : b + 1;
    }
    if (*told != *is || !named) {
        fault(w, "look %" PRId64 ": its entry in the ledger is of another form", look);
    }
}

static enum status check_look(struct walk *w, int64_t seq, const char *payload, struct err *err)
{
    static const char word[] = "look ";
    size_t digits = strncmp(payload, word, strlen(word)) == 0 ? strcspn(payload + strlen(word), "\n") : 0;
    struct buf is = {0};
    int64_t look = 0;
    enum status st;

    if (!text_int(payload + strlen(word) * (digits > 0), digits, 1, INT64_MAX, &look)) {
        fault(w, "entry %" PRId64 ": of a look, and does not say which", seq);
        return OK;
    }
    st = seal_look(w->c, look, &is, err);
    if (st == OK && strcmp(is.data, payload) != 0) {
        compare_look(w, look, payload, is.data);
    }
    w->r.looks++;
    buf_done(&is);
    return st;
}

static enum status check_entry(struct walk *w, const struct pgrows *rows, int i, struct err *err)
{
    const char *s[E_COLUMNS] = {NULL};
    struct sha256 prev, told, is;
    int64_t seq = 0;
    enum status st = pgrows_int(rows, i, E_SEQ, &seq, err);

    for (int k = 0; st == OK && k < E_COLUMNS; k++) {
        st = pgrows_text(rows, i, k, &s[k], err);
    }
    if (st != OK) {
        return st;
    }
    if (seq != w->r.entries + 1) {
        fault(w, "entry %" PRId64 " follows %" PRId64 ": entries between are missing", seq, w->r.entries);
        w->r.entries = seq - 1;
    }
    if (!sha256_parse_hex(s[E_PREV], strlen(s[E_PREV]), &prev) ||
        memcmp(prev.b, w->prev.b, sizeof prev.b) != 0) {
        fault(w, "entry %" PRId64 " does not follow the one before it: the chain is broken", seq);
    }
    /* Over what the entry itself says came before: a break is told once, where it is. */
    for (int k = E_SEQ; k <= E_PAYLOAD; k++) {
        sha256_field(w->h, s[k], strlen(s[k]));
    }
    sha256_field(w->h, prev.b, sizeof prev.b);
    st = sha256_take(w->h, &is, err);
    if (st != OK) {
        return st;
    }
    if (!sha256_parse_hex(s[E_HASH], strlen(s[E_HASH]), &told)) {
        fault(w, "entry %" PRId64 " has no hash", seq);
        told = is;
    } else if (memcmp(told.b, is.b, sizeof is.b) != 0) {
        fault(w, "entry %" PRId64 " (%s) was changed: its hash is another", seq, s[E_KIND]);
    }
    w->prev = told;
    w->r.entries = seq;
    sha256_hex(&told, w->r.head);
    return w->r.rows && strcmp(s[E_KIND], "LOOK") == 0 ? check_look(w, seq, s[E_PAYLOAD], err) : OK;
}

static enum status check_chain(struct walk *w, struct err *err)
{
    enum status st = OK;
    int n;

    do {
        struct pgargs args = {0};
        struct pgrows *rows = NULL;

        pgargs_int(&args, w->r.entries);
        pgargs_int(&args, BATCH);
        st = pgconn_exec(w->c, SQL_LEDGER_READ, &args, &rows, err);
        n = st == OK ? pgrows_n(rows) : 0;
        for (int i = 0; st == OK && i < n; i++) {
            st = check_entry(w, rows, i, err);
        }
        pgrows_free(rows);
    } while (st == OK && n == BATCH);
    return st;
}

/* A query whose rows are faults. */
static enum status check_list(struct walk *w, int query, const char *before, const char *after,
                              struct err *err)
{
    struct pgrows *rows = NULL;
    enum status st = pgconn_exec(w->c, query, NULL, &rows, err);

    for (int i = 0; st == OK && i < pgrows_n(rows); i++) {
        const char *what = NULL;

        st = pgrows_text(rows, i, 0, &what, err);
        if (st == OK) {
            fault(w, "%s%s%s", before, what, after);
        }
    }
    pgrows_free(rows);
    return st;
}

static enum status check_rows(struct walk *w, struct err *err)
{
    struct pgrows *rows = NULL;
    enum status st = pgconn_exec(w->c, SQL_LEDGER_ROWS, NULL, &rows, err);

    for (int i = 0; st == OK && i < pgrows_n(rows); i++) {
        const char *what = NULL, *missing = NULL;

        st = pgrows_text(rows, i, 0, &what, err);
        if (st == OK) {
            st = pgrows_text(rows, i, 1, &missing, err);
        }
        if (st == OK && strcmp(missing, "ledger") == 0) {
            fault(w, "dsmb.%s does not stand in the ledger as it is: it was changed, or slipped in", what);
        } else if (st == OK) {
            fault(w, "dsmb.%s is in the ledger, and not in its table as it was", what);
        }
    }
    pgrows_free(rows);
    if (st == OK) {
        st = check_list(w, SQL_LEDGER_LOOKS, "look ", " has no entry in the ledger", err);
    }
    if (st == OK) {
        st = check_list(w, SQL_LEDGER_MESSAGES, "message ", "", err);
    }
    if (st == OK) {
        st = check_list(w, SQL_LEDGER_GUARDS, "trigger ", " is missing or switched off", err);
    }
    return st;
}

enum status verify_ledger(struct pgconn *c, verify_say_fn *say, void *ctx, struct verify_result *ret,
                          struct err *err)
{
    struct walk w = {.c = c, .say = say, .ctx = ctx};
    struct pgrows *rows = NULL;
    enum status st = sha256_new(&w.h, err);

    if (st == OK) {
        st = pgconn_begin(c, PG_TX_SNAPSHOT, err);
    }
    if (st == OK) {
        st = pgconn_exec_one(c, SQL_LEDGER_MAY, NULL, &rows, err);
    }
    if (st == OK) {
        st = pgrows_bool(rows, 0, 0, &w.r.rows, err);
    }
    pgrows_free(rows);
    if (st == OK) {
        st = check_chain(&w, err);
    }
    if (st == OK && w.r.rows) {
        st = check_rows(&w, err);
    }
    pgconn_rollback(c);
    sha256_free(w.h);
    if (st == OK) {
        *ret = w.r;
    }
    return st;
}
