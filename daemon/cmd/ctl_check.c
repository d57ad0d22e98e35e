/*
 * ctl_check.c - is everything in place?  Each thing by itself, what is wrong and what to do, and no arm anywhere.
 */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "app/adopt.h"
#include "cmd/ctl.h"
#include "cmd/ctl_opts.h"
#include "cmd/ctl_past.h"
#include "cmd/keys.h"
#include "config/yaml.h"
#include "host/host.h"
#include "host/machine.h"
#include "pg/inspect.h"
#include "sql_catalog.h"

enum { CERTIFICATE_DAYS = 60 }; /* as dsmbd tells operations first */

static const char help[] =
    "usage: dsmbctl check [--config FILE]\n\n"
    "Settings, rules, store, plan, board, keys, certificates and source: what is wrong, where, what to do.\n"
    "Rights that must be denied are proven denied; then log settings, connections, clock, mail route (TCP "
    "and "
    "the mail\n"
    "server's greeting; TLS and login are not tried), swap, disk.\n"
    "ok: well; note: think of it; WRONG: must be put right.  Exit status 1 when anything is wrong.\n";

struct findings {
    int wrong;
};

static void found(struct findings *f, const char *what, enum status st, const struct err *err,
                  const char *well)
{
    ctl_progress_end();
    if (st == OK) {
        (void)printf("ok      %s: %s\n", what, well);
    } else {
        (void)printf("WRONG   %s: %s\n", what, err->msg);
        f->wrong++;
    }
}

static void say(void *ctx, enum inspect_level level, const char *what, const char *text)
{
    static const char *const words[] = {
        [INSPECT_WELL] = "ok", [INSPECT_NOTE] = "note", [INSPECT_WRONG] = "WRONG"};
    struct findings *f = ctx;

    ctl_progress_end();
    (void)printf("%-7s %s: %s\n", words[level], what, text);
    f->wrong += level == INSPECT_WRONG;
}

static int64_t now_us(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* The mail route as far as it goes without logging in: TLS, certificates and login are tried by dsmb-mailer. */
static void check_mail(const struct settings *s, struct findings *f)
{
    struct err err = {0};
    bool greeting = s->mail.tls != SETTINGS_SMTPS;
    enum status st = machine_reach(s->mail.host, s->mail.port, greeting, INT64_C(5000000), &err);

    found(f, "mail route", st, &err,
          greeting ? "connected over TCP, a mail server greets; TLS and login were not tried"
                   : "connected over TCP; TLS and login were not tried");
}

static void check_machine(const struct settings *s, struct findings *f)
{
    enum { SPACE_LEAST = 64 * 1024 * 1024 };
    struct err err = {0};
    char area[200] = "", text[400];
    bool mapped = false;
    int64_t space = 0;
    enum status st = machine_free_space(s->state_dir, &space, &err);

    if (st == OK && space < SPACE_LEAST) {
        st = err_set(&err, E_CONFIG, "%s: %" PRId64 " MiB are free: make room, 64 MiB at least", s->state_dir,
                     space >> 20);
    }
    found(f, "state_dir", st, &err, "there, and has room");
    if (machine_swap("/proc/swaps", area, sizeof area, &mapped, &err) != OK) {
        return;
    }
    if (area[0] == '\0') {
        say(f, INSPECT_WELL, "swap", "off");
    } else {
        (void)snprintf(text, sizeof text,
                       "%s is on%s; what is swapped out is unblinding material: swap off, or encrypted with "
                       "a key made at each start",
                       area, mapped ? " (a device mapper: is it encrypted?)" : "");
        say(f, INSPECT_NOTE, "swap", text);
    }
}

static void check_store(const struct settings *s, struct findings *f)
{
    static const int queries[] = {SQL_CTL_STATUS};
    struct pgconn *c = NULL;
    struct pgrows *rows = NULL;
    struct err err = {0};
    int64_t version = 0;
    enum status st = ctl_store(s, queries, 1, &c, &err);

    found(f, "store", st, &err, "reached, schema as declared");
    if (st == OK) {
        st = pgconn_exec_one(c, SQL_CTL_STATUS, NULL, &rows, &err);
        if (st == OK) {
            st = pgrows_int(rows, 0, STATUS_SCHEMA, &version, &err);
        }
        if (st == OK && version != sql_migrations[SQL_MIGRATIONS - 1].version) {
            st = err_set(&err, E_STATE, "the store has schema %lld, this program %d: dsmbctl migrate",
                         (long long)version, sql_migrations[SQL_MIGRATIONS - 1].version);
        }
        found(f, "schema", st, &err, "as this program's");
    }
    if (st == OK) {
        st = inspect_store(c, s->trial, now_us, say, f, &err);
        if (st != OK) {
            found(f, "rights", st, &err, "");
        }
        inspect_role(s->store.conninfo, s->trial, "daemon", say, f);
        inspect_role(s->store.mailer_conninfo, s->trial, "mailer", say, f);
    }
    pgrows_free(rows);
    pgconn_free(c);
}

/* One certificate: valid and lasting, ending soon, or not to be used. */
static void check_certificate(struct findings *f, const char *whose, enum status st,
                              const struct seal_check *c, struct err *err)
{
    char well[80];

    if (st == OK && c->fault != SEAL_VALID) {
        st = err_set(err, E_CONFIG, "%s", c->why);
    }
    if (st == OK && c->days_left <= CERTIFICATE_DAYS) {
        ctl_progress_end();
        (void)printf("note    %s: ends in %d days: have a new one made and adopted\n", whose, c->days_left);
        return;
    }
    (void)snprintf(well, sizeof well, "valid for %d days", st == OK ? c->days_left : 0);
    found(f, whose, st, err, well);
}

/* The key that signs, and the certificate of each member (board NULL: not to be read by this role). */
static void check_keys(const struct settings *s, const struct board *b, struct findings *f)
{
    struct sealer sealer = {0};
    struct cms_sealer *cms = NULL;
    struct seal_check c = {0};
    struct err err = {0};
    struct clock clock;
    instant_t now;
    enum status st;

    host_clock(&clock);
    now = clock.wall(clock.ctx);
    if (s->mail.encryption == SETTINGS_NO_ENCRYPTION) {
        ctl_progress_end();
        (void)printf("note    keys: mail is not sealed (mail.encryption: none): arms and numbers travel in "
                     "clear, and its "
                     "size and time tell of alerts; for trying things out only\n");
        return;
    }
    st = keys_sealer(s, now, &sealer, &cms, &err);
    if (st != OK) {
        found(f, "keys", st, &err, "");
        return;
    }
    st = sealer.check_signer(sealer.ctx, now, &c, &err);
    check_certificate(f, "signing certificate", st, &c, &err);
    for (size_t i = 0; b != NULL && i < b->n; i++) {
        const struct member *m = &b->members[i];
        struct seal_recipient who = {
            .address = m->address, .certificate = m->certificate, .fingerprint = m->certificate_sha256};
        char whose[ADDRESS_MAX + 20];

        (void)snprintf(whose, sizeof whose, "certificate of %s", m->address);
        st = sealer.check(sealer.ctx, &who, now, &c, &err);
        check_certificate(f, whose, st, &c, &err);
    }
    cms_sealer_free(cms);
}

static void check_adopted(const struct settings *s, struct findings *f)
{
    struct reader *r = NULL;
    struct past_plan p = {0};
    struct adopted a = {0};
    struct board *b = NULL;
    struct err err = {0};
    enum status st = reader_open(ctl_conninfo(s), &r, &err);

    if (st != OK) {
        ctl_progress_end();
        (void)printf("skipped plan, board: this role may not read them (the closed role may)\n");
        check_keys(s, NULL, f);
        return;
    }
    st = past_plan_load(r, s->trial, 0, &p, &err);
    found(f, "plan", st, &err, "adopted and readable");
    st = reader_board(r, 0, &a, &err);
    if (st == OK && a.id == 0) {
        st = err_set(&err, E_NOTFOUND, "no board is adopted yet: dsmbctl board adopt");
    }
    if (st == OK) {
        st = adopt_read_board(yaml_parse, s->trial, a.text, a.len, &b, &err);
    }
    found(f, "board", st, &err, "adopted and readable");
    check_keys(s, b, f);
    board_free(b);
    adopted_done(&a);
    past_plan_done(&p);
    reader_free(r);
}

static void check_rules(const struct settings *s, struct findings *f)
{
    struct adopted_rules rules = {0};
    struct ruleset *rs = NULL;
    struct err err = {0};
    enum status st = ctl_rules(s->rules_dir, &rules, &err);

    if (st == OK) {
        st = adopt_read_rules(yaml_parse, &rules, &rs, &err);
    }
    found(f, "rules", st, &err, s->rules_dir);
    ruleset_free(rs);
    adopted_rules_done(&rules);
}

int ctl_check(int argc, char **argv)
{
    const char *config = NULL;
    const struct ctl_opt opts[] = {{"config", CTL_TEXT, &config}};
    struct settings *s = NULL;
    struct findings f = {0};
    struct err err = {0};
    int at = 0, wrong = 0, rc = ctl_options("check", help, opts, 1, argc, argv, &at);
    enum status st;

    if (rc == 0) {
        rc = ctl_no_operand("check", argc, argv, at);
    }
    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    st = ctl_settings(config, &s, &err);
    if (st != OK) {
        return ctl_fail("check", st, &err);
    }
    (void)printf("ok      settings: %s, trial %s\n", s->path, s->trial);
    ctl_progress("check", 0, 0, "the rules");
    check_rules(s, &f);
    ctl_progress("check", 0, 0, "the store");
    check_store(s, &f);
    ctl_progress("check", 0, 0, "plan, board and keys");
    check_adopted(s, &f);
    ctl_progress("check", 0, 0, "the mail route");
    check_mail(s, &f);
    check_machine(s, &f);
    ctl_progress("check", 0, 0, "the source");
    inspect_source(s->source.conninfo, say, &f);
    st = ctl_source_report(s, &wrong, &err);
    if (st != OK) {
        found(&f, "source", st, &err, "");
    }
    ctl_progress_end();
    settings_free(s);
    return f.wrong + wrong > 0 ? 1 : 0;
}
