/*
 * dsmb-mailer - delivers what the store has queued, and knows nothing of it.
 *
 * The only place that wires the outbox, libcurl and the operating system to app/deliver.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/deliver.h"
#include "app/deliver_answers.h"
#include "app/deliver_left.h"
#include "app/deliver_notice.h"
#include "base/buf.h"
#include "config/settings.h"
#include "host/anchor_file.h"
#include "host/entropy.h"
#include "host/harden.h"
#include "host/host.h"
#include "host/killpoint.h"
#include "host/loop.h"
#include "host/state_file.h"
#include "pg/outbox.h"
#include "smtp/imap.h"
#include "smtp/smtp.h"

/* The longest sleep: a missed notification costs this much. */
static const int64_t POLL_US = 30000000;
/* systemd's TimeoutStopSec is 90 s in our unit; five are left to record UNCERTAIN. */
static const int64_t STOP_GRACE_US = 85000000;

struct mailer {
    struct settings *set;
    struct journal journal;
    struct notify notify;
    struct loop *loop;
    struct anchor_file *anchor_file;
    struct anchor anchor;
    struct pg_outbox *pg_outbox;
    struct outbox outbox;
    struct clock clock;
    struct imap *imap; /* NULL: no mailbox of answers */
    struct inbox inbox;
    int64_t answers_at; /* monotonic: not before */
    bool answers_failed;
    struct state_files *files;
    struct notices_file notices_file;
    struct left_file left_file;
    struct left *left;
    struct notices *notices;
    struct smtp *smtp;
    struct transport transport;
    struct deliver *deliver;
};

static const char USAGE[] =
    "Usage: dsmb-mailer --config FILE [--once]\n"
    "Delivers the messages that dsmbd has queued in the store, and reports how each delivery ended.\n"
    "\n"
    "  -c, --config FILE   deployment settings, such as /etc/dsmbd/TRIAL.yaml\n"
    "      --once          deliver what is due now, then end\n"
    "  -h, --help          this text\n"
    "  -V, --version       version\n"
    "\n"
    "SIGHUP reads the settings again; SIGTERM ends after the reply to a message that was handed over.\n"
    "Exit codes: 0 ok, 2 usage, else as in sysexits.h: 65 wrong schema, 69 another mailer is active or mail "
    "is held,\n"
    "74 state directory, 75 store unreachable (--once), 77 a right is missing, 78 settings.\n";

static void on_tick(void *ctx)
{
    const struct mailer *m = ctx;

    m->notify.alive(m->notify.ctx);
}

static bool is_stopping(void *ctx)
{
    struct mailer *m = ctx;

    return loop_stopping(m->loop);
}

/* The first line of a file that only the mailer's user should read. */
static enum status read_password(const char *path, struct buf *ret, struct err *err)
{
    char line[512] = "";
    FILE *f = fopen(path, "re");
    bool got = f != NULL && fgets(line, sizeof line, f) != NULL;

    if (f != NULL) {
        (void)fclose(f);
    }
    line[strcspn(line, "\r\n")] = '\0';
    if (!got || line[0] == '\0') {
        return err_set(err, E_CONFIG, "mail.password_file %s: cannot be read, or its first line is empty",
                       path);
    }
    buf_str(ret, line);
    explicit_bzero(line, sizeof line);
    return buf_check(ret, err);
}

static enum status open_transport(struct mailer *m, const struct settings *set, struct smtp **ret,
                                  struct err *err)
{
    static const enum smtp_tls tls[] = {
        [SETTINGS_STARTTLS] = SMTP_STARTTLS, [SETTINGS_SMTPS] = SMTP_TLS, [SETTINGS_NO_TLS] = SMTP_PLAIN};
    struct buf password = {0};
    struct smtp_settings s = {.host = set->mail.host,
                              .port = set->mail.port,
                              .tls = tls[set->mail.tls],
                              .ca_file = set->mail.ca_file,
                              .username = set->mail.username,
                              .from = set->mail.imap.url != NULL ? set->mail.acknowledge_to : set->mail.from,
                              .hello = set->mail.hello,
                              .connect_timeout_us = set->mail.connect_timeout_us,
                              .response_timeout_us = set->mail.response_timeout_us,
                              .stop_grace_us = STOP_GRACE_US,
                              .tick = on_tick,
                              .stopping = is_stopping,
                              .ctx = m,
                              .killpoint = killpoint};
    enum status st = OK;

    if (set->mail.username != NULL) {
        st = read_password(set->mail.password_file, &password, err);
        s.password = buf_cstr(&password);
    }
    if (st == OK) {
        st = smtp_new(&s, ret, err);
    }
    buf_wipe(&password);
    return st;
}

/* *ret NULL: the settings name no mailbox. */
static enum status open_inbox(struct mailer *m, const struct settings *set, struct imap **ret,
                              struct err *err)
{
    struct buf password = {0};
    struct imap_settings s = {.url = set->mail.imap.url,
                              .ca_file = set->mail.imap.ca_file,
                              .username = set->mail.imap.username,
                              .tick = on_tick,
                              .stopping = is_stopping,
                              .ctx = m};
    enum status st;

    *ret = NULL;
    if (set->mail.imap.url == NULL) {
        return OK;
    }
    st = read_password(set->mail.imap.password_file, &password, err);
    if (st == OK) {
        s.password = buf_cstr(&password);
        st = imap_new(&s, ret, err);
    }
    buf_wipe(&password);
    return st;
}

static void use_inbox(struct mailer *m, struct imap *imap)
{
    imap_free(m->imap);
    m->imap = imap;
    if (imap != NULL) {
        imap_port(imap, &m->inbox);
    }
}

/* While in office: answers that came in.  A mailbox that is away is told once and waited for; mail goes on. */
static void see_answers(struct mailer *m, int64_t *wait_us)
{
    int64_t now = m->clock.monotonic_us(m->clock.ctx);
    enum deliver_state state = deliver_state(m->deliver);
    struct err err = {0};
    enum status st;

    if (m->imap == NULL || (state != DELIVER_READY && state != DELIVER_HOLDING)) {
        return;
    }
    if (now >= m->answers_at) {
        st = answers_poll(&m->inbox, &m->outbox, m->deliver, left_ids(m->left), &err);
        if (st != OK && !m->answers_failed) {
            const struct journal_field f = {"REASON", err.msg};

            m->journal.write(m->journal.ctx, JOURNAL_WARNING,
                             "the mailbox of answers cannot be read; trying again", &f, 1);
        } else if (st == OK && m->answers_failed) {
            m->journal.write(m->journal.ctx, JOURNAL_NOTICE, "the mailbox of answers is read again", NULL, 0);
        }
        m->answers_failed = st != OK;
        m->answers_at = m->clock.monotonic_us(m->clock.ctx) + m->set->mail.imap.every_us;
    }
    if (*wait_us > m->set->mail.imap.every_us) {
        *wait_us = m->set->mail.imap.every_us;
    }
}

static struct deliver_world world_of(const struct mailer *m)
{
    return (struct deliver_world){.outbox = &m->outbox,
                                  .transport = &m->transport,
                                  .anchor = &m->anchor,
                                  .journal = &m->journal,
                                  .notify = &m->notify,
                                  .left = m->left,
                                  .lease_us = m->set->mail.lease_us,
                                  .backoff_min_us = m->set->mail.backoff_min_us,
                                  .backoff_max_us = m->set->mail.backoff_max_us,
                                  .poll_us = POLL_US,
                                  .killpoint = killpoint};
}

static struct notices_world notices_of(const struct mailer *m)
{
    return (struct notices_world){.file = &m->notices_file,
                                  .transport = &m->transport,
                                  .journal = &m->journal,
                                  .clock = &m->clock,
                                  .uuid = entropy_uuid,
                                  .trial = m->set->trial,
                                  .from = m->set->mail.from,
                                  .operations = m->set->mail.operations,
                                  .patience_us = m->set->mail.silence_after_us,
                                  .backoff_min_us = m->set->mail.backoff_min_us,
                                  .backoff_max_us = m->set->mail.backoff_max_us};
}

static enum status start(struct mailer *m, struct err *err)
{
    struct notices_world nw;
    struct deliver_world w;
    struct imap *imap = NULL;
    enum status st = loop_new(&m->notify, &m->loop, err);

    st = st == OK ? anchor_file_open(m->set->state_dir, &m->anchor_file, err) : st;
    st = st == OK ? open_transport(m, m->set, &m->smtp, err) : st;
    st = st == OK ? pg_outbox_new(m->set->store.mailer_conninfo, m->set->store.statement_timeout_us, on_tick,
                                  m, &m->pg_outbox, err)
                  : st;
    st = st == OK ? open_inbox(m, m->set, &imap, err) : st;
    st = st == OK ? state_files_new(m->set->state_dir, &m->files, err) : st;
    if (st != OK) {
        imap_free(imap);
        return st;
    }
    use_inbox(m, imap);
    anchor_file_port(m->anchor_file, &m->anchor);
    smtp_port(m->smtp, &m->transport);
    pg_outbox_port(m->pg_outbox, &m->outbox);
    state_files_notices(m->files, &m->notices_file);
    state_files_left(m->files, &m->left_file);
    st = left_new(&m->left_file, &m->journal, &m->left, err);
    nw = notices_of(m);
    st = st == OK ? notices_new(&nw, &m->notices, err) : st;
    w = world_of(m);
    return st == OK ? deliver_new(&w, &m->deliver, err) : st;
}

static void stop(struct mailer *m)
{
    deliver_free(m->deliver);
    notices_free(m->notices);
    left_free(m->left);
    state_files_free(m->files);
    imap_free(m->imap);
    smtp_free(m->smtp);
    pg_outbox_free(m->pg_outbox);
    anchor_file_free(m->anchor_file);
    loop_free(m->loop);
    settings_free(m->set);
}

/* Builds a new world, checks it, then swaps; keeps the old one when the new is bad. */
static void reload(struct mailer *m)
{
    struct settings *next = NULL;
    struct smtp *smtp = NULL;
    struct imap *imap = NULL;
    struct notices_world nw;
    struct deliver_world w;
    struct err err = {0};
    enum status st = settings_load(m->set->path, &next, &err);

    st = st == OK ? settings_accept(m->set, next, &err) : st;
    st = st == OK ? open_inbox(m, next, &imap, &err) : st;
    st = st == OK ? open_transport(m, next, &smtp, &err) : st;
    if (st != OK) {
        const struct journal_field f = {"REASON", err.msg};

        m->journal.write(m->journal.ctx, JOURNAL_ERROR, "the new settings are not used; the old ones stay",
                         &f, 1);
        imap_free(imap);
        settings_free(next);
        return;
    }
    use_inbox(m, imap);
    smtp_free(m->smtp);
    m->smtp = smtp;
    smtp_port(m->smtp, &m->transport);
    settings_free(m->set);
    m->set = next;
    w = world_of(m);
    deliver_set_world(m->deliver, &w);
    nw = notices_of(m);
    notices_set_world(m->notices, &nw);
    host_journal("dsmb-mailer", m->set->trial, &m->journal);
    m->journal.write(m->journal.ctx, JOURNAL_NOTICE, "settings read again", NULL, 0);
}

/* What --once could not do is its exit code. */
static enum status once_status(const struct mailer *m, struct err *err)
{
    switch (deliver_state(m->deliver)) {
    case DELIVER_APART:
        return err_set(err, E_RETRY, "the store cannot be reached");
    case DELIVER_STANDBY:
        return err_set(err, E_STATE, "another mailer is active");
    case DELIVER_HOLDING:
        return err_set(err, E_STATE, "all mail is held; see dsmbctl recover");
    case DELIVER_READY:
        return OK;
    }
    return err_set(err, E_INTERNAL, "no such state");
}

static enum status run(struct mailer *m, bool once, struct err *err)
{
    bool told_ready = false;

    for (;;) {
        struct deliver_sight sight;
        unsigned events = 0;
        int64_t wait_us = 0;
        enum status st = deliver_step(m->deliver, entropy_uniform(), &wait_us, err);

        if (st != OK) {
            return st;
        }
        /* Ready once the anchor stands, or there is nothing to do but wait. */
        if (!told_ready) {
            m->notify.ready(m->notify.ctx);
            told_ready = true;
        }
        see_answers(m, &wait_us);
        sight = deliver_sight(m->deliver);
        if (once && wait_us > 0) {
            notices_step(m->notices, &sight, 0, &wait_us);
            return once_status(m, err);
        }
        notices_step(m->notices, &sight, entropy_uniform(), &wait_us);
        st = loop_wait(m->loop, pg_outbox_fd(m->pg_outbox), wait_us, &events, err);
        if (st != OK) {
            return st;
        }
        if (events & LOOP_READABLE) {
            pg_outbox_drain(m->pg_outbox);
        }
        if (events & LOOP_RELOAD) {
            reload(m);
        }
        if (events & LOOP_STOP) {
            return OK;
        }
    }
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"once", no_argument, NULL, '1'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'V'},
                                            {0}};
    struct mailer m = {0};
    struct err err = {0};
    const char *path = NULL;
    bool once = false;
    enum status st;

    for (int opt = getopt_long(argc, argv, "c:hV", options, NULL); opt != -1;
         opt = getopt_long(argc, argv, "c:hV", options, NULL)) {
        switch (opt) {
        case 'c':
            path = optarg;
            break;
        case '1':
            once = true;
            break;
        case 'h':
            (void)fputs(USAGE, stdout);
            return 0;
        case 'V':
            (void)puts("dsmb-mailer " DSMB_VERSION);
            return 0;
        default:
            (void)fputs("Try dsmb-mailer --help\n", stderr);
            return status_exit_code(E_USAGE);
        }
    }
    if (path == NULL || optind < argc) {
        (void)fputs(USAGE, stderr);
        return status_exit_code(E_USAGE);
    }
    killpoint_init();
    host_journal("dsmb-mailer", NULL, &m.journal);
    host_notify(&m.notify);
    host_clock(&m.clock);
    st = harden(&err);
    st = st == OK ? settings_load(path, &m.set, &err) : st;
    if (st == OK) {
        host_journal("dsmb-mailer", m.set->trial, &m.journal);
        st = start(&m, &err);
    }
    if (st == OK) {
        m.journal.write(m.journal.ctx, JOURNAL_NOTICE, "dsmb-mailer " DSMB_VERSION " started", NULL, 0);
        st = run(&m, once, &err);
    }
    if (st != OK) {
        m.journal.write(m.journal.ctx, JOURNAL_ERROR, err.msg, NULL, 0);
    }
    host_journal("dsmb-mailer", NULL, &m.journal); /* the trial's name goes with the settings */
    stop(&m);
    return status_exit_code(st);
}
