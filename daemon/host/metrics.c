#include "host/metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

static const int64_t WRITE_EVERY_US = INT64_C(5000000);

struct metrics_file {
    char *trial, *version;
    char *path; /* NULL: nowhere */
    instant_t started;
    bool written; /* since path was set */
    int64_t written_us;
    struct metrics_poll last;
    int64_t polls, errors;
    int64_t look; /* the newest known, also while the store cannot be asked */
    instant_t look_at;
    int64_t poll_us, look_s; /* -1: not yet */
};

static const char *const states[] = {[METRICS_STANDBY] = "standby",
                                     [METRICS_NO_PLAN] = "no_plan",
                                     [METRICS_NO_BOARD] = "no_board",
                                     [METRICS_WATCHING] = "watching",
                                     [METRICS_DATA_FAULT] = "data_fault"};

enum status metrics_file_new(const char *trial, const char *version, instant_t started,
                             struct metrics_file **ret, struct err *err)
{
    struct metrics_file *m = calloc(1, sizeof *m);

    if (m != NULL) {
        *m = (struct metrics_file){.started = started,
                                   .look_at = INSTANT_NONE,
                                   .poll_us = -1,
                                   .look_s = -1,
                                   .last = {.unreached = -1, .waiting = -1, .certificate_days = -1}};
        m->trial = strdup(trial);
        m->version = strdup(version);
    }
    if (m == NULL || m->trial == NULL || m->version == NULL) {
        metrics_file_free(m);
        return err_set(err, E_NOMEM, "the metrics");
    }
    *ret = m;
    return OK;
}

void metrics_file_free(struct metrics_file *m)
{
    if (m != NULL) {
        free(m->trial);
        free(m->version);
        free(m->path);
        free(m);
    }
}

enum status metrics_file_set(struct metrics_file *m, const char *path, struct err *err)
{
    char *copy = path == NULL ? NULL : strdup(path);

    if (path != NULL && copy == NULL) {
        return err_set(err, E_NOMEM, "the metrics");
    }
    free(m->path);
    m->path = copy;
    m->written = false;
    return OK;
}

/* ---- text ---- */

static void add_head(struct buf *b, const char *name, const char *type, const char *help)
{
    buf_fmt(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Microseconds as seconds, without a double: locale and rounding stay out of it. */
static void add_seconds(struct buf *b, const struct metrics_file *m, const char *name, int64_t us)
{
    buf_fmt(b, "%s{trial=\"%s\"} %lld.%06lld\n", name, m->trial, (long long)(us / 1000000),
            (long long)(us % 1000000));
}

static void add_count(struct buf *b, const struct metrics_file *m, const char *name, int64_t n)
{
    buf_fmt(b, "%s{trial=\"%s\"} %lld\n", name, m->trial, (long long)n);
}

static void add_all(struct buf *b, const struct metrics_file *m)
{
    add_head(b, "dsmbd_info", "gauge", "What runs.");
    buf_fmt(b, "dsmbd_info{trial=\"%s\",version=\"%s\"} 1\n", m->trial, m->version);
    add_head(b, "dsmbd_start_time_seconds", "gauge", "When the program started.");
    add_seconds(b, m, "dsmbd_start_time_seconds", m->started);
    add_head(b, "dsmbd_state", "gauge", "What it is doing: 1 for the one that holds.");
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        buf_fmt(b, "dsmbd_state{trial=\"%s\",state=\"%s\"} %d\n", m->trial, states[i],
                m->last.state == (enum metrics_state)i);
    }
    add_head(b, "dsmbd_polls_total", "counter", "Polls since the start.");
    add_count(b, m, "dsmbd_polls_total", m->polls);
    add_head(b, "dsmbd_poll_errors_total", "counter", "Polls since the start that failed.");
    add_count(b, m, "dsmbd_poll_errors_total", m->errors);
    add_head(b, "dsmbd_last_poll_timestamp_seconds", "gauge", "End of the last poll.");
    add_seconds(b, m, "dsmbd_last_poll_timestamp_seconds", m->last.at);
    if (m->poll_us >= 0) {
        add_head(b, "dsmbd_poll_duration_seconds", "gauge", "How long the last poll without a look took.");
        add_seconds(b, m, "dsmbd_poll_duration_seconds", m->poll_us);
    }
    if (m->look_at != INSTANT_NONE) {
        add_head(b, "dsmbd_last_look_timestamp_seconds", "gauge",
                 "When the data of the last look were read; its age is time() minus this.");
        add_seconds(b, m, "dsmbd_last_look_timestamp_seconds", m->look_at);
    }
    if (m->look_s >= 0) {
        add_head(b, "dsmbd_look_duration_seconds", "gauge",
                 "How long reading and counting took at the last look, rounded up to a power of two.");
        add_count(b, m, "dsmbd_look_duration_seconds", m->look_s);
    }
    if (m->last.unreached >= 0) {
        add_head(b, "dsmbd_members_unreached", "gauge",
                 "Members of the board whom mail did not reach, as of the last slot.");
        add_count(b, m, "dsmbd_members_unreached", m->last.unreached);
    }
    if (m->last.waiting >= 0) {
        add_head(
            b, "dsmbd_messages_waiting", "gauge",
            "Messages that have not left yet, quiet ones included: the same for all members in every slot.");
        add_count(b, m, "dsmbd_messages_waiting", m->last.waiting);
    }
    if (m->last.certificate_days >= 0) {
        add_head(b, "dsmbd_certificate_days_left", "gauge",
                 "Days until the first of the members' certificates and our own ends; 0: one is not valid.");
        add_count(b, m, "dsmbd_certificate_days_left", m->last.certificate_days);
    }
}

/* ---- file ---- */

static enum status write_file(const char *path, const struct buf *text, struct err *err)
{
    struct buf aside = {0};
    enum status st;
    int fd = -1;

    buf_fmt(&aside, "%s.new", path);
    st = buf_check(&aside, err);
    if (st != OK) {
        goto out;
    }
    fd = open(buf_cstr(&aside), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    /* fchmod: our umask is 077. */
    if (fd < 0 || fchmod(fd, 0644) != 0 || write(fd, text->data, text->len) != (ssize_t)text->len ||
        rename(buf_cstr(&aside), path) != 0) {
        st = err_set(err, E_IO, "%s: metrics cannot be written: %s", path, strerror(errno));
    }
out:
    if (fd >= 0) {
        (void)close(fd);
    }
    buf_done(&aside);
    return st;
}

static int64_t coarse_seconds(int64_t us)
{
    int64_t s = 1;

    while (s < us / 1000000 + (us % 1000000 > 0)) {
        s *= 2;
    }
    return s;
}

static enum status polled(void *ctx, const struct metrics_poll *p, struct err *err)
{
    struct metrics_file *m = ctx;
    bool looked = p->look > 0 && p->look != m->look;
    bool news = looked || !p->ok || p->state != m->last.state || p->unreached != m->last.unreached;
    struct buf b = {0};
    enum status st;

    m->polls++;
    m->errors += p->ok ? 0 : 1;
    if (looked) {
        m->look = p->look;
        m->look_at = p->look_at;
        m->look_s = coarse_seconds(p->us);
    } else if (p->ok) {
        m->poll_us = p->us;
    }
    m->last = *p;
    if (m->path == NULL || (m->written && !news && p->mono_us - m->written_us < WRITE_EVERY_US)) {
        return OK;
    }
    add_all(&b, m);
    st = buf_check(&b, err);
    if (st == OK) {
        st = write_file(m->path, &b, err);
    }
    buf_done(&b);
    m->written = true; /* or tried: not at every poll again */
    m->written_us = p->mono_us;
    return st;
}

void metrics_file_port(struct metrics_file *m, struct metrics *ret)
{
    *ret = (struct metrics){.ctx = m, .polled = polled};
}
