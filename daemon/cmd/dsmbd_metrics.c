#include "cmd/dsmbd_metrics.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/metrics.h"

struct dsmbd_metrics {
    struct clock clock;
    struct metrics_file *file;
    struct metrics port;
    int64_t began_us, counted_us;
    bool counted; /* a look's numbers stood at counted_us */
    bool told;    /* that it does not work */
};

static enum status set_file(const struct dsmbd_metrics *m, const struct settings *s, struct err *err)
{
    const char *path = s->metrics_file, *run = getenv("RUNTIME_DIRECTORY");
    char *made = NULL;
    enum status st;

    if (path == NULL && run != NULL && run[0] == '/') {
        if (asprintf(&made, "%s/metrics.prom", run) < 0) {
            return err_set(err, E_NOMEM, "the metrics");
        }
        path = made;
    }
    st = metrics_file_set(m->file, path, err);
    free(made);
    return st;
}

enum status dsmbd_metrics_new(const struct settings *s, const struct clock *clock, struct dsmbd_metrics **ret,
                              struct err *err)
{
    struct dsmbd_metrics *m = calloc(1, sizeof *m);
    enum status st;

    if (m == NULL) {
        return err_set(err, E_NOMEM, "the metrics");
    }
    m->clock = *clock;
    st = metrics_file_new(s->trial, DSMB_VERSION, clock->wall(clock->ctx), &m->file, err);
    if (st == OK) {
        metrics_file_port(m->file, &m->port);
        st = set_file(m, s, err);
    }
    if (st != OK) {
        dsmbd_metrics_free(m);
        return st;
    }
    *ret = m;
    return OK;
}

void dsmbd_metrics_free(struct dsmbd_metrics *m)
{
    if (m != NULL) {
        metrics_file_free(m->file);
        free(m);
    }
}

static void tell(struct dsmbd_metrics *m, enum status st, const struct err *err, const struct journal *j)
{
    if (st != OK && !m->told) {
        j->write(j->ctx, JOURNAL_WARNING, err->msg, NULL, 0);
    }
    m->told = st != OK;
}

void dsmbd_metrics_settings(struct dsmbd_metrics *m, const struct settings *s, const struct journal *j)
{
    struct err err = {0};
    enum status st = set_file(m, s, &err);

    m->told = false;
    tell(m, st, &err, j);
}

void dsmbd_metrics_begin(struct dsmbd_metrics *m)
{
    m->began_us = m->clock.monotonic_us(m->clock.ctx);
    m->counted = false;
}

void dsmbd_metrics_counted(struct dsmbd_metrics *m)
{
    m->counted_us = m->clock.monotonic_us(m->clock.ctx);
    m->counted = true;
}

static enum metrics_state state_of(enum cycle_state s)
{
    switch (s) {
    case CYCLE_STANDBY:
        return METRICS_STANDBY;
    case CYCLE_NO_PLAN:
        return METRICS_NO_PLAN;
    case CYCLE_NO_BOARD:
        return METRICS_NO_BOARD;
    case CYCLE_WATCHING:
        return METRICS_WATCHING;
    case CYCLE_DATA_FAULT:
        return METRICS_DATA_FAULT;
    }
    return METRICS_STANDBY;
}

void dsmbd_metrics_end(struct dsmbd_metrics *m, const struct cycle *c, bool ok, const struct journal *j)
{
    struct metrics_poll p = {.at = m->clock.wall(m->clock.ctx),
                             .mono_us = m->clock.monotonic_us(m->clock.ctx),
                             .ok = ok,
                             .state = state_of(cycle_state(c))};
    struct err err = {0};

    p.us = (m->counted ? m->counted_us : p.mono_us) - m->began_us;
    cycle_last_look(c, &p.look, &p.look_at);
    cycle_mail(c, &p.unreached, &p.waiting, &p.certificate_days);
    tell(m, m->port.polled(m->port.ctx, &p, &err), &err, j);
}
