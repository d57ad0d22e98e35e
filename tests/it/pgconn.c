/*
 * pgconn against a real server: values, refusals, lost connections, COPY both ways.  The superuser of a throw-away
 * cluster; PGHOST and PGPORT say where.
 */
#include "support/t.h"

#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pg/pgconn.h"

/* A value that must never be seen in a message. */
#define CANARY "zq7canary"

static int ticks;

static void count_tick(void *ctx)
{
    (void)ctx;
    ticks++;
}

static struct pgconn *open_db(const char *conninfo, bool server_encoding, int64_t timeout_us)
{
    struct pgconn_opts o = {.conninfo = conninfo,
                            .application_name = "pgconn-test",
                            .statement_timeout_us = timeout_us,
                            .server_encoding = server_encoding,
                            .own_functions = true,
                            .tick = count_tick};
    struct pgconn *c = NULL;
    struct err e = {0};

    assert_ok(pgconn_open(&o, &c, &e), e);
    return c;
}

static int set_up(void **state)
{
    *state = open_db("user=postgres dbname=postgres", false, 0);
    return *state == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    pgconn_free(*state);
    return 0;
}

static void run(struct pgconn *c, const char *sql)
{
    struct err e = {0};

    assert_ok(pgconn_script(c, "test", sql, &e), e);
}

static void still_works(struct pgconn *c)
{
    struct pgrows *r = NULL;
    struct err e = {0};
    int64_t v = 0;

    assert_true(pgconn_alive(c));
    assert_ok(pgconn_query(c, "test", "SELECT 41 + 1", NULL, &r, &e), e);
    assert_ok(pgrows_int(r, 0, 0, &v, &e), e);
    assert_int_equal(v, 42);
    pgrows_free(r);
}

static void values_come_back_as_they_went(void **state)
{
    static const char odd[] =
        "tab\there, \"quoted\", 'single', back\\slash, line\nfeed, \xc3\xa6\xc3\xb8\xc3\xa5";
    static const unsigned char bytes[] = {0, 1, 0xff, '\\', '\'', 0, 0x80};
    struct pgconn *c = *state;
    struct pgargs a = {0};
    struct pgrows *r = NULL;
    struct buf b = {0};
    struct err e = {0};
    const char *s = NULL;
    int64_t n = 0;
    double d = 0;
    bool t = false;
    instant_t at = 0;
    day_t day = 0;

    pgargs_text(&a, odd);
    pgargs_int(&a, INT64_MIN);
    pgargs_double(&a, 0.1);
    pgargs_double(&a, -(double)INFINITY);
    pgargs_bool(&a, true);
    pgargs_instant(&a, INT64_C(1700000000123456));
    pgargs_day(&a, day_from_ymd(2024, 2, 29));
    pgargs_bytes(&a, bytes, sizeof bytes);
    pgargs_null(&a);
    pgargs_interval(&a, 90000000);
    pgargs_instant(&a, INSTANT_NONE);
    pgargs_text(&a, NULL);
    assert_ok(pgconn_query(
                  c, "test",
                  "SELECT $1::text, $2::int8, $3::float8, $4::float8, $5::bool, $6::timestamptz, $7::date, "
                  "$8::bytea, $9::int4, extract(epoch FROM $10::interval)::int8, $11::timestamptz, $12::text",
                  &a, &r, &e),
              e);
    assert_ok(pgrows_text(r, 0, 0, &s, &e), e);
    assert_string_equal(s, odd);
    assert_ok(pgrows_int(r, 0, 1, &n, &e), e);
    assert_true(n == INT64_MIN);
    assert_ok(pgrows_double(r, 0, 2, &d, &e), e);
    assert_true(d == 0.1);
    assert_ok(pgrows_double(r, 0, 3, &d, &e), e);
    assert_true(isinf(d) && d < 0);
    assert_ok(pgrows_bool(r, 0, 4, &t, &e), e);
    assert_true(t);
    assert_ok(pgrows_instant(r, 0, 5, &at, &e), e);
    assert_true(at == INT64_C(1700000000123456));
    assert_ok(pgrows_day(r, 0, 6, &day, &e), e);
    assert_int_equal(day, day_from_ymd(2024, 2, 29));
    assert_ok(pgrows_bytes(r, 0, 7, &b, &e), e);
    assert_int_equal(b.len, sizeof bytes);
    assert_memory_equal(b.data, bytes, sizeof bytes);
    assert_true(pgrows_null(r, 0, 8));
    assert_ok(pgrows_int(r, 0, 9, &n, &e), e);
    assert_int_equal(n, 90);
    assert_true(pgrows_null(r, 0, 10) && pgrows_null(r, 0, 11));
    buf_done(&b);
    pgrows_free(r);
}

static void null_and_unreadable_name_the_column_and_not_the_value(void **state)
{
    struct pgconn *c = *state;
    struct pgrows *r = NULL;
    struct err e = {0};
    int64_t n = 7;
    double d = 7;
    bool b = true;
    const char *s = "x";

    assert_ok(
        pgconn_query(c, "test", "SELECT NULL::int4 AS missing, '" CANARY "'::text AS odd", NULL, &r, &e), e);
    assert_int_equal(pgrows_int(r, 0, 0, &n, &e), E_DATA);
    assert_non_null(strstr(e.msg, "missing"));
    assert_int_equal(pgrows_int(r, 0, 1, &n, &e), E_DATA);
    assert_non_null(strstr(e.msg, "odd"));
    assert_null(strstr(e.msg, CANARY));
    assert_int_equal(pgrows_double(r, 0, 1, &d, &e), E_DATA);
    assert_int_equal(pgrows_bool(r, 0, 1, &b, &e), E_DATA);
    assert_int_equal(pgrows_int(r, 1, 0, &n, &e), E_INTERNAL);
    assert_int_equal(pgrows_int(r, 0, 9, &n, &e), E_INTERNAL);
    assert_ok(pgrows_text_null(r, 0, 0, &s, &e), e);
    assert_null(s);
    assert_int_equal(n, 7); /* outputs are untouched */
    pgrows_free(r);
}

static void refusals_say_what_in_words_and_never_the_data(void **state)
{
    static const struct {
        const char *sql;
        enum status st;
        const char *sqlstate;
    } cases[] = {
        {"SELECT '" CANARY "'::int4", E_DATA, "22P02"},
        {"INSERT INTO t1 VALUES ('" CANARY "')", E_STATE, "23505"},
        {"INSERT INTO t1 VALUES (NULL)", E_DATA, "23502"},
        {"SELECT * FROM nowhere." CANARY, E_DATA, "42P01"},
        {"SELECT " CANARY " FROM t1", E_DATA, "42703"},
        {"SELECT '" CANARY, E_DATA, "42601"},
        {"DO $$ BEGIN RAISE EXCEPTION '" CANARY "'; END $$", E_DATA, "P0001"},
        {"DO $$ BEGIN RAISE EXCEPTION '" CANARY "' USING ERRCODE = '40001'; END $$", E_RETRY, "40001"},
        {"DO $$ BEGIN RAISE EXCEPTION '" CANARY "' USING ERRCODE = '42501'; END $$", E_DENIED, "42501"},
        {"DO $$ BEGIN RAISE EXCEPTION '" CANARY "' USING ERRCODE = 'ZZ123'; END $$", E_DATA, "ZZ123"},
    };
    struct pgconn *c = *state;

    run(c, "CREATE TEMP TABLE t1 (x text PRIMARY KEY); INSERT INTO t1 VALUES ('" CANARY "')");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pgrows *r = NULL;
        struct err e = {0};

        assert_int_equal(pgconn_query(c, "test", cases[i].sql, NULL, &r, &e), cases[i].st);
        assert_null(r);
        if (strstr(e.msg, cases[i].sqlstate) == NULL || strstr(e.msg, CANARY) != NULL) {
            fail_msg("case %zu: %s", i, e.msg);
        }
        still_works(c);
    }
}

static void our_own_functions_may_speak(void **state)
{
    struct err e = {0};

    assert_int_equal(pgconn_query(*state, "test",
                                  "DO $$ BEGIN RAISE EXCEPTION 'say why' USING ERRCODE = 'DS001'; END $$",
                                  NULL, NULL, &e),
                     E_STATE);
    assert_non_null(strstr(e.msg, "say why"));
}

static void a_script_says_in_which_line_it_stopped(void **state)
{
    struct err e = {0};

    assert_int_equal(
        pgconn_script(*state, "010_x.sql", "SELECT 1;\nSELECT 2;\nSELECT no_such FROM pg_class;\n", &e),
        E_DATA);
    assert_non_null(strstr(e.msg, "010_x.sql"));
    assert_non_null(strstr(e.msg, "line 3"));
    assert_non_null(strstr(e.msg, "no_such"));
    still_works(*state);
}

static void a_statement_that_takes_too_long_is_a_retry(void **state)
{
    struct pgconn *c = open_db("user=postgres dbname=postgres", false, 300000);
    struct err e = {0};

    (void)state;
    assert_int_equal(pgconn_query(c, "test", "SELECT pg_sleep(20)", NULL, NULL, &e), E_RETRY);
    assert_non_null(strstr(e.msg, "57014"));
    still_works(c);
    pgconn_free(c);
}

static void a_long_wait_ticks(void **state)
{
    struct err e = {0};

    ticks = 0;
    assert_ok(pgconn_query(*state, "test", "SELECT pg_sleep(2.3)", NULL, NULL, &e), e);
    assert_in_range(ticks, 1, 4);
}

static void a_lost_connection_is_a_retry_and_comes_back_whole(void **state)
{
    struct pgconn *c = *state, *other = open_db("user=postgres dbname=postgres", false, 0);
    struct pollfd p;
    struct err e = {0};
    bool any = false;

    assert_ok(pgconn_listen(c, "odd \"channel\"", &e), e);
    run(other,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pgconn-test' "
        "AND pid <> pg_backend_pid()");
    assert_int_equal(pgconn_query(c, "test", "SELECT 1", NULL, NULL, &e), E_RETRY);
    assert_false(pgconn_alive(c));
    assert_int_equal(pgconn_fd(c), -1);
    assert_int_equal(pgconn_query(c, "test", "SELECT 1", NULL, NULL, &e), E_RETRY);
    pgconn_rollback(c); /* nothing to do, no harm */
    assert_ok(pgconn_reconnect(c, &e), e);
    still_works(c);
    run(other, "NOTIFY \"odd \"\"channel\"\"\"");
    p = (struct pollfd){.fd = pgconn_fd(c), .events = POLLIN};
    assert_int_equal(poll(&p, 1, 5000), 1);
    assert_ok(pgconn_notified(c, &any, &e), e);
    assert_true(any);
    assert_ok(pgconn_notified(c, &any, &e), e);
    assert_false(any);
    pgconn_free(other);
}

static void commit_of_a_failed_transaction_is_no_success(void **state)
{
    struct pgconn *c = *state;
    struct err e = {0};

    assert_ok(pgconn_begin(c, PG_TX_WRITE, &e), e);
    assert_true(pgconn_in_tx(c));
    assert_int_equal(pgconn_query(c, "test", "SELECT 1/0", NULL, NULL, &e), E_DATA);
    assert_int_equal(pgconn_commit(c, &e), E_STATE);
    assert_false(pgconn_in_tx(c));
    assert_ok(pgconn_begin(c, PG_TX_SNAPSHOT, &e), e);
    assert_int_equal(pgconn_query(c, "test", "CREATE TABLE no_write (n int)", NULL, NULL, &e), E_DENIED);
    pgconn_rollback(c);
    still_works(c);
}

static void the_session_is_pinned(void **state)
{
    static const struct {
        const char *name, *value;
    } want[] = {{"search_path", "pg_catalog, pg_temp"},
                {"TimeZone", "UTC"},
                {"DateStyle", "ISO, YMD"},
                {"client_encoding", "UTF8"},
                {"jit", "off"},
                {"statement_timeout", "1min"},
                {"standard_conforming_strings", "on"},
                {"bytea_output", "hex"}};

    (void)*state;
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        struct pgargs a = {0};
        struct pgrows *r = NULL;
        struct err e = {0};
        const char *s = NULL;

        pgargs_text(&a, want[i].name);
        assert_ok(pgconn_query(*state, "test", "SELECT current_setting($1)", &a, &r, &e), e);
        assert_ok(pgrows_text(r, 0, 0, &s, &e), e);
        assert_string_equal(s, want[i].value);
        pgrows_free(r);
    }
}

static void what_cannot_be_connected_to_says_so_and_no_password(void **state)
{
    struct pgconn_opts o = {.application_name = "pgconn-test", .connect_timeout_s = 2};
    struct pgconn *c = NULL;
    struct err e = {0};

    (void)state;
    o.conninfo = "password " CANARY " nonsense";
    assert_int_equal(pgconn_open(&o, &c, &e), E_CONFIG);
    assert_null(strstr(e.msg, CANARY));
    o.conninfo = "host=/nowhere password=" CANARY;
    assert_int_equal(pgconn_open(&o, &c, &e), E_RETRY);
    assert_null(strstr(e.msg, CANARY));
    assert_non_null(strstr(e.msg, "/nowhere"));
    o.conninfo = "host=192.0.2.1 dbname=x password=" CANARY; /* TEST-NET-1: nobody answers */
    assert_int_equal(pgconn_open(&o, &c, &e), E_RETRY);
    assert_null(strstr(e.msg, CANARY));
    assert_null(c);
}

/* --- COPY --------------------------------------------------------------------------------------------------------*/

struct sum {
    int64_t rows, nulls, total, text, known;
    int64_t refuse_at;
};

static enum status add_row(void *ctx, const struct pgfield *f, int n, struct err *err)
{
    struct sum *s = ctx;
    int64_t v = 0;

    assert_int_equal(n, 3);
    if (s->refuse_at > 0 && s->rows == s->refuse_at) {
        return err_set(err, E_STATE, "enough");
    }
    assert_true(pgfield_int64(&f[0], &v));
    s->rows++;
    s->total += v;
    if (f[1].len < 0) {
        s->nulls++;
        assert_false(pgfield_int64(&f[1], &v));
    }
    s->text += f[2].len;
    return OK;
}

#define COPY_SQL                                                                              \
    "COPY (SELECT n::int8, CASE WHEN n % 3 = 0 THEN NULL ELSE n END::int8, repeat('x', (n % " \
    "5)::int4)::text "                                                                        \
    "FROM generate_series(1, 30000) n) TO STDOUT (FORMAT binary)"

static void copy_out_gives_every_row_once(void **state)
{
    struct sum s = {0};
    struct err e = {0};
    int64_t n = 0;

    assert_ok(pgconn_copy_out(*state, "test", COPY_SQL, 3, add_row, &s, &n, &e), e);
    assert_int_equal(n, 30000);
    assert_int_equal(s.rows, 30000);
    assert_int_equal(s.total, 450015000);
    assert_int_equal(s.nulls, 10000);
    assert_int_equal(s.text, 60000);
    still_works(*state);
}

static bool knows_null_rows(void *ctx, const unsigned char *row, size_t len)
{
    struct sum *s = ctx;
    bool null = len > 16 && memcmp(row + 12, "\xff\xff\xff\xff", 4) == 0;

    s->known += null;
    return null;
}

static void copy_out_does_not_tell_what_is_known(void **state)
{
    struct sum s = {0};
    struct err e = {0};
    int64_t n = 0;

    assert_ok(pgconn_copy_new(*state, "test", COPY_SQL, 3, knows_null_rows, add_row, &s, &n, &e), e);
    assert_int_equal(n, 30000);
    assert_int_equal(s.known, 10000);
    assert_int_equal(s.nulls, 0);
    assert_int_equal(s.rows, 20000);
    still_works(*state);
}

static void an_empty_copy_out_is_no_rows(void **state)
{
    struct sum s = {0};
    struct err e = {0};
    int64_t n = -1;

    assert_ok(
        pgconn_copy_out(*state, "test",
                        "COPY (SELECT 1::int8, 1::int8, ''::text WHERE false) TO STDOUT (FORMAT binary)", 3,
                        add_row, &s, &n, &e),
        e);
    assert_int_equal(n, 0);
}

static void copy_out_that_fails_leaves_a_working_connection(void **state)
{
    struct sum s = {.refuse_at = 100};
    struct err e = {0};
    int64_t n = -1;

    assert_int_equal(pgconn_copy_out(*state, "test", COPY_SQL, 3, add_row, &s, &n, &e), E_STATE);
    assert_string_equal(e.msg, "enough");
    still_works(*state);
    s = (struct sum){0};
    assert_int_equal(pgconn_copy_out(*state, "test", COPY_SQL, 4, add_row, &s, &n, &e), E_DATA);
    assert_non_null(strstr(e.msg, "3 columns where 4 were expected"));
    still_works(*state);
    assert_int_equal(pgconn_copy_out(*state, "test",
                                     "COPY (SELECT n::int8, (1 / (n - 20000))::int8, ''::text "
                                     "FROM generate_series(1, 30000) n) TO STDOUT (FORMAT binary)",
                                     3, add_row, &s, &n, &e),
                     E_DATA);
    assert_non_null(strstr(e.msg, "22012"));
    still_works(*state);
    assert_int_equal(
        pgconn_copy_out(*state, "test", "COPY nowhere TO STDOUT (FORMAT binary)", 3, add_row, &s, &n, &e),
        E_DATA);
    still_works(*state);
    assert_int_equal(pgconn_copy_out(*state, "test", "SELECT 1", 3, add_row, &s, &n, &e), E_INTERNAL);
    assert_int_equal(n, -1);
    still_works(*state);
}

static enum status count_rows(void *ctx, const struct pgfield *f, int n, struct err *err)
{
    (void)f;
    (void)n;
    (void)err;
    ++*(int *)ctx;
    return OK;
}

/* Both copies take longer than any one statement may, and rows move all the time. */
static void a_long_copy_is_not_given_up(void **state)
{
    static const struct timespec pause = {.tv_nsec = 200000000};
    struct pgconn *c = open_db("user=postgres dbname=postgres", false, 300000);
    struct buf b = {0};
    struct err e = {0};
    int rows = 0;
    int64_t n = 0;

    (void)state;
    assert_ok(pgconn_begin(c, PG_TX_WRITE, &e), e);
    assert_ok(pgconn_copy_out(c, "test",
                              "COPY (SELECT repeat('x', 20000) FROM generate_series(1, 8) i, LATERAL "
                              "(SELECT i, pg_sleep(0.1)) s) TO STDOUT (FORMAT binary)",
                              1, count_rows, &rows, &n, &e),
              e);
    assert_int_equal(rows, 8);
    run(c, "CREATE TEMP TABLE slow (k int8) ON COMMIT DROP");
    assert_ok(pgconn_copy_in(c, "test", "COPY slow FROM STDIN", &e), e);
    for (int i = 0; i < 4; i++) {
        (void)nanosleep(&pause, NULL);
        buf_fmt(&b, "%d\n", i);
        assert_ok(pgconn_copy_put(c, &b, &e), e);
    }
    assert_ok(pgconn_copy_end(c, &n, &e), e);
    assert_int_equal(n, 4);
    assert_ok(pgconn_commit(c, &e), e);
    /* Its limit is back. */
    assert_int_equal(pgconn_query(c, "test", "SELECT pg_sleep(20)", NULL, NULL, &e), E_RETRY);
    /* Nor is one outside a transaction left without. */
    rows = 0;
    assert_int_equal(
        pgconn_copy_out(c, "test", "COPY (SELECT pg_sleep(20)) TO STDOUT", 1, count_rows, &rows, &n, &e),
        E_RETRY);
    still_works(c);
    buf_done(&b);
    pgconn_free(c);
}

static void copy_in_brings_odd_bytes_over(void **state)
{
    static const char odd[] = "\\N\t\r\n\\. \\\\ \xc3\xa6 end\\";
    static const unsigned char bytes[] = {0, 9, 10, 13, 92, 255};
    struct pgconn *c = *state;
    struct pgrows *r = NULL;
    struct buf b = {0};
    struct err e = {0};
    const char *s = NULL;
    int64_t n = 0;

    run(c,
        "CREATE TEMP TABLE t2 (k int8, x text, y bytea, d float8, f bool, t timestamptz, day date, e text)");
    assert_ok(pgconn_copy_in(c, "test", "COPY t2 FROM STDIN", &e), e);
    for (int i = 0; i < 20000; i++) {
        pgcopy_int(&b, i);
        pgcopy_sep(&b);
        pgcopy_text(&b, odd, sizeof odd - 1);
        pgcopy_sep(&b);
        pgcopy_bytes(&b, bytes, sizeof bytes);
        pgcopy_sep(&b);
        pgcopy_double(&b, 1.0 / 3);
        pgcopy_sep(&b);
        pgcopy_bool(&b, i % 2 == 0);
        pgcopy_sep(&b);
        pgcopy_instant(&b, i == 0 ? INSTANT_NONE : INT64_C(1700000000123456));
        pgcopy_sep(&b);
        pgcopy_day(&b, i == 0 ? DAY_NONE : day_from_ymd(1999, 12, 31));
        pgcopy_sep(&b);
        pgcopy_text(&b, "", 0);
        pgcopy_end_row(&b);
        if (i % 1000 == 0) {
            assert_ok(pgconn_copy_put(c, &b, &e), e);
        }
    }
    assert_ok(pgconn_copy_put(c, &b, &e), e);
    assert_ok(pgconn_copy_end(c, &n, &e), e);
    assert_int_equal(n, 20000);
    assert_ok(
        pgconn_query(c, "test",
                     "SELECT count(*), min(x), encode(min(y::text)::bytea, 'escape'), count(t), count(day), "
                     "bool_and(d = 1::float8 / 3), bool_and(e = ''), max(y::text) FROM t2",
                     NULL, &r, &e),
        e);
    assert_ok(pgrows_int(r, 0, 0, &n, &e), e);
    assert_int_equal(n, 20000);
    assert_ok(pgrows_text(r, 0, 1, &s, &e), e);
    assert_string_equal(s, odd);
    assert_ok(pgrows_text(r, 0, 7, &s, &e), e);
    assert_string_equal(s, "\\x00090a0d5cff");
    assert_ok(pgrows_int(r, 0, 3, &n, &e), e);
    assert_int_equal(n, 19999);
    assert_ok(pgrows_text(r, 0, 5, &s, &e), e);
    assert_string_equal(s, "t");
    assert_ok(pgrows_text(r, 0, 6, &s, &e), e);
    assert_string_equal(s, "t");
    pgrows_free(r);
    buf_done(&b);
}

static void copy_in_that_is_refused_or_given_up_leaves_nothing(void **state)
{
    struct pgconn *c = *state;
    struct pgrows *r = NULL;
    struct buf b = {0};
    struct err e = {0};
    int64_t n = -1;
    enum status st;

    run(c, "CREATE TEMP TABLE t3 (k int8 PRIMARY KEY)");
    assert_ok(pgconn_copy_in(c, "test", "COPY t3 FROM STDIN", &e), e);
    buf_str(&b, "1\n2\n" CANARY "\n");
    st = pgconn_copy_put(c, &b, &e);
    for (int i = 0; st == OK && i < 50; i++) {
        buf_fill(&b, '9', 70000); /* goes on while the server has refused already */
        buf_char(&b, '\n');
        st = pgconn_copy_put(c, &b, &e);
    }
    if (st == OK) {
        st = pgconn_copy_end(c, &n, &e);
    }
    assert_int_equal(st, E_DATA);
    assert_null(strstr(e.msg, CANARY));
    still_works(c);
    buf_clear(&b);
    assert_ok(pgconn_copy_in(c, "test", "COPY t3 FROM STDIN", &e), e);
    buf_str(&b, "1\n2\n");
    assert_ok(pgconn_copy_put(c, &b, &e), e);
    pgconn_copy_abort(c);
    still_works(c);
    assert_int_equal(pgconn_copy_in(c, "test", "COPY nowhere FROM STDIN", &e), E_DATA);
    still_works(c);
    assert_ok(pgconn_query(c, "test", "SELECT count(*) FROM t3", NULL, &r, &e), e);
    assert_ok(pgrows_int(r, 0, 0, &n, &e), e);
    assert_int_equal(n, 0);
    pgrows_free(r);
    buf_done(&b);
}

static void texts_come_in_the_servers_encoding_where_asked(void **state)
{
    static const struct {
        const char *name, *encoding;
    } dbs[] = {{"ascii_db", "SQL_ASCII"}, {"latin_db", "LATIN1"}};

    for (size_t i = 0; i < sizeof dbs / sizeof dbs[0]; i++) {
        char text[200];
        struct pgconn *c;
        struct pgrows *r = NULL;
        struct err e = {0};
        const char *s = NULL;

        (void)snprintf(text, sizeof text,
                       "CREATE DATABASE %s ENCODING '%s' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
                       dbs[i].name, dbs[i].encoding);
        run(*state, text);
        (void)snprintf(text, sizeof text, "user=postgres dbname=%s", dbs[i].name);
        c = open_db(text, true, 0);
        assert_string_equal(pgconn_encoding(c), dbs[i].encoding);
        assert_ok(pgconn_query(c, "test", "SELECT convert_from('\\xe66b'::bytea, getdatabaseencoding())",
                               NULL, &r, &e),
                  e);
        assert_ok(pgrows_text(r, 0, 0, &s, &e), e);
        assert_string_equal(s, "\xe6k"); /* the byte as it is stored, no UTF-8 */
        pgrows_free(r);
        pgconn_free(c);
    }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(values_come_back_as_they_went),
        T(null_and_unreadable_name_the_column_and_not_the_value),
        T(refusals_say_what_in_words_and_never_the_data),
        T(our_own_functions_may_speak),
        T(a_script_says_in_which_line_it_stopped),
        T(a_statement_that_takes_too_long_is_a_retry),
        T(a_long_wait_ticks),
        T(a_lost_connection_is_a_retry_and_comes_back_whole),
        T(commit_of_a_failed_transaction_is_no_success),
        T(the_session_is_pinned),
        T(what_cannot_be_connected_to_says_so_and_no_password),
        T(copy_out_gives_every_row_once),
        T(copy_out_does_not_tell_what_is_known),
        T(an_empty_copy_out_is_no_rows),
        T(copy_out_that_fails_leaves_a_working_connection),
        T(a_long_copy_is_not_given_up),
        T(copy_in_brings_odd_bytes_over),
        T(copy_in_that_is_refused_or_given_up_leaves_nothing),
        T(texts_come_in_the_servers_encoding_where_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
