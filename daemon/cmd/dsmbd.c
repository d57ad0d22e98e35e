/*
 * dsmbd - watches one trial.  Wires the edges to the cycle and runs it in one loop: signals, time, the source's wake-up.
 * It has no way out but the store.
 */
#include <getopt.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "app/cycle.h"
#include "base/backoff.h"
#include "cmd/keys.h"
#include "cmd/dsmbd_draw.h"
#include "cmd/dsmbd_metrics.h"
#include "config/settings.h"
#include "config/yaml.h"
#include "host/entropy.h"
#include "host/harden.h"
#include "host/host.h"
#include "host/killpoint.h"
#include "host/loop.h"
#include "pg/source.h"
#include "pg/store.h"

static const int64_t STEP_US =
    INT64_C(2000000); /* people who ask, and mail that is due, wait no longer than this */
static const int64_t BACKOFF_MIN_US = INT64_C(1000000);
static const int64_t BACKOFF_MAX_US = INT64_C(60000000);

struct daemon {
    const char *config;
    struct settings *settings;
    struct clock clock;
    struct journal journal;
    struct notify notify;
    struct loop *loop;
    struct source source;
    struct store store;
    struct pg_source *pg_source;
    struct pg_store *pg_store;
    struct sealer sealer;
    struct cms_sealer *cms; /* NULL: mail is not sealed */
    struct cycle *cycle;
    struct dsmbd_metrics *metrics;
    char last_error[ERR_MSG_MAX];
};

static void tick(void *ctx)
{
    const struct daemon *d = ctx;

    d->notify.alive(d->notify.ctx);
}

static void counted(void *ctx)
{
    const struct daemon *d = ctx;

    dsmbd_metrics_counted(d->metrics);
}

static struct cycle_world world(struct daemon *d)
{
    const struct settings *s = d->settings;

    return (struct cycle_world){.source = &d->source,
                                .store = &d->store,
                                .journal = &d->journal,
                                .sealer = d->cms == NULL ? NULL : &d->sealer,
                                .operations = s->mail.operations,
                                .parse = yaml_parse,
                                .uuid = entropy_uuid,
                                .random = entropy_bytes,
                                .enclose = dsmbd_draw,
                                .ack_to = s->mail.acknowledge_to,
                                .trial = s->trial,
                                .mail_from = s->mail.from,
                                .mail_from_name = s->mail.from_name,
                                .poll_us = s->source.poll_us,
                                .full_look_us = s->source.full_look_us,
                                .max_shrink_percent = s->source.max_shrink_percent,
                                .counted = counted,
                                .counted_ctx = d,
                                .killpoint = killpoint};
}

static enum status open_source(struct daemon *d, struct err *err)
{
    struct pg_source_opts o = {.conninfo = d->settings->source.conninfo,
                               .schema = d->settings->source.schema,
                               .listen = d->settings->source.listen,
                               .statement_timeout_us = d->settings->source.statement_timeout_us,
                               .tick = tick,
                               .tick_ctx = d};
    struct source port;
    struct pg_source *next = NULL;
    enum status st = pg_source_new(&o, &port, &next, err);

    if (st == OK) {
        pg_source_free(d->pg_source);
        d->pg_source = next;
        d->source = port;
    }
    return st;
}

static enum status start(struct daemon *d, struct err *err)
{
    struct pg_store_opts so;
    struct cycle_world w;
    enum status st = settings_load(d->config, &d->settings, err);

    if (st == OK) {
        st = keys_sealer(d->settings, d->clock.wall(d->clock.ctx), &d->sealer, &d->cms, err);
    }
    if (st != OK) {
        return st;
    }
    host_journal("dsmbd", d->settings->trial, &d->journal);
    st = open_source(d, err);
    if (st == OK) {
        so = (struct pg_store_opts){.conninfo = d->settings->store.conninfo,
                                    .statement_timeout_us = d->settings->store.statement_timeout_us,
                                    .tick = tick,
                                    .tick_ctx = d};
        st = pg_store_new(&so, &d->store, &d->pg_store, err);
    }
    if (st == OK) {
        w = world(d);
        st = cycle_new(&w, &d->cycle, err);
    }
    if (st == OK) {
        st = dsmbd_metrics_new(d->settings, &d->clock, &d->metrics, err);
    }
    return st;
}

/* A new world is built and checked, then swapped; a bad file changes nothing. */
static void reload(struct daemon *d)
{
    struct settings *next = NULL, *old = d->settings;
    struct sealer sealer = {0};
    struct cms_sealer *cms = NULL;
    struct cycle_world w;
    struct err err = {0};
    enum status st = settings_load(d->config, &next, &err);

    if (st == OK) {
        st = settings_accept(old, next, &err);
    }
    if (st == OK) {
        st = keys_sealer(next, d->clock.wall(d->clock.ctx), &sealer, &cms, &err);
    }
    if (st == OK) {
        d->settings = next;
        st = open_source(d, &err);
    }
    if (st == OK) {
        host_journal("dsmbd", next->trial, &d->journal);
        cms_sealer_free(d->cms);
        d->cms = cms; /* dsmbctl keys rotate is followed by a reload */
        d->sealer = sealer;
        w = world(d);
        cycle_set_world(d->cycle, &w);
        dsmbd_metrics_settings(d->metrics, next, &d->journal);
        settings_free(old);
        d->journal.write(d->journal.ctx, JOURNAL_NOTICE, "settings reloaded", NULL, 0);
    } else {
        d->settings = old;
        settings_free(next);
        cms_sealer_free(cms);
        err_wrap(&err, st, "the settings stay as they were");
        d->journal.write(d->journal.ctx, JOURNAL_ERROR, err.msg, NULL, 0);
    }
}

/* A fault that lasts is told once, not at every poll. */
static void tell(struct daemon *d, enum status st, const struct err *err)
{
    if (st == OK) {
        if (d->last_error[0] != '\0') {
            d->journal.write(d->journal.ctx, JOURNAL_NOTICE, "working again", NULL, 0);
            d->last_error[0] = '\0';
        }
        return;
    }
    if (strcmp(d->last_error, err->msg) != 0) {
        d->journal.write(d->journal.ctx, st == E_RETRY ? JOURNAL_WARNING : JOURNAL_ERROR, err->msg, NULL, 0);
        (void)snprintf(d->last_error, sizeof d->last_error, "%s", err->msg);
    }
}

static enum status run(struct daemon *d, struct err *err)
{
    const char *said = "";
    unsigned events = 0;
    int32_t failures = 0;
    enum status st = OK;

    d->notify.ready(d->notify.ctx);
    d->journal.write(d->journal.ctx, JOURNAL_NOTICE, "started", NULL, 0);
    while ((events & LOOP_STOP) == 0) {
        struct err step = {0};
        int64_t poll = d->settings->source.poll_us, pause = poll < STEP_US ? poll : STEP_US;
        int fd;

        dsmbd_metrics_begin(d->metrics);
        st = cycle_step(d->cycle, d->clock.wall(d->clock.ctx), d->clock.monotonic_us(d->clock.ctx), &step);
        tell(d, st, &step);
        dsmbd_metrics_end(d->metrics, d->cycle, st == OK, &d->journal);
        if (st != OK) {
            cycle_forget(d->cycle); /* what memory believes is read from the store again */
            pause = backoff_delay(failures + 1, BACKOFF_MIN_US, BACKOFF_MAX_US, entropy_uniform());
            failures++;
        } else {
            failures = 0;
            if (strcmp(said, cycle_state_text(d->cycle)) != 0) {
                said = cycle_state_text(d->cycle);
                d->notify.status(d->notify.ctx, said);
                d->journal.write(d->journal.ctx, JOURNAL_NOTICE, said, NULL, 0);
            }
        }
        killpoint("polled");
        fd = st == OK && d->source.socket != NULL ? d->source.socket(d->source.ctx) : -1;
        st = loop_wait(d->loop, fd, pause, &events, err);
        if (st != OK) {
            return st;
        }
        if ((events & LOOP_READABLE) != 0 && d->source.woken != NULL && d->source.woken(d->source.ctx)) {
            cycle_wake(d->cycle);
        }
        if ((events & LOOP_RELOAD) != 0) {
            reload(d);
        }
    }
    d->notify.status(d->notify.ctx, "stopping");
    d->journal.write(d->journal.ctx, JOURNAL_NOTICE, "stopped", NULL, 0);
    return OK;
}

static int options(int argc, char **argv, const char **config)
{
    static const struct option longs[] = {{"config", required_argument, NULL, 'c'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'v'},
                                          {NULL, 0, NULL, 0}};
    int o;

    while ((o = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        switch (o) {
        case 'c':
            *config = optarg;
            break;
        case 'h':
            (void)printf("usage: dsmbd --config FILE\n\nWatches the safety of one trial: reads its database, "
                         "classifies and "
                         "counts by arm, checks the\nsequential boundaries of the adopted plan, and queues "
                         "mail to the "
                         "board.  See dsmbctl --help.\n\n  --config FILE   deployment settings\n  --help\n  "
                         "--version\n");
            return -1;
        case 'v':
            (void)printf("dsmbd %s\n", DSMB_VERSION);
            return -1;
        default:
            return 2;
        }
    }
    if (*config == NULL || optind < argc) {
        (void)fprintf(stderr, "usage: dsmbd --config FILE\n");
        return 2;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct daemon d = {0};
    struct err err = {0};
    enum status st;
    int rc = options(argc, argv, &d.config);

    if (rc != 0) {
        return rc < 0 ? 0 : rc;
    }
    killpoint_init();
    /* The first look holds every row twice over; what it lets go must go back, not stay in a heap with holes. */
    (void)mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    host_clock(&d.clock);
    host_notify(&d.notify);
    host_journal("dsmbd", NULL, &d.journal);
    st = harden(&err);
    if (st == OK) {
        st = loop_new(&d.notify, &d.loop, &err);
    }
    if (st == OK) {
        st = start(&d, &err);
    }
    if (st == OK) {
        st = run(&d, &err);
    }
    if (st != OK) {
        d.journal.write(d.journal.ctx, JOURNAL_ERROR, err.msg, NULL, 0);
    }
    dsmbd_metrics_free(d.metrics);
    cycle_free(d.cycle);
    cms_sealer_free(d.cms);
    pg_store_free(d.pg_store);
    pg_source_free(d.pg_source);
    loop_free(d.loop);
    settings_free(d.settings);
    return status_exit_code(st);
}
