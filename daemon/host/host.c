#include "host/host.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"

/* --- clock -------------------------------------------------------------------------------------------------------*/

static int64_t read_clock(clockid_t id)
{
    struct timespec ts;

    (void)clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t host_monotonic_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

static int64_t monotonic_us(void *ctx)
{
    (void)ctx;
    return host_monotonic_us();
}

static instant_t wall(void *ctx)
{
    (void)ctx;
    return read_clock(CLOCK_REALTIME);
}

void host_clock(struct clock *ret)
{
    *ret = (struct clock){.monotonic_us = monotonic_us, .wall = wall};
}

/* --- journal -----------------------------------------------------------------------------------------------------*/

static const char *journal_identifier = "dsmbd", *journal_trial;

static bool stderr_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    char mine[64];
    struct stat st;

    if (stream == NULL || fstat(STDERR_FILENO, &st) != 0) {
        return false;
    }
    (void)snprintf(mine, sizeof mine, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    return strcmp(stream, mine) == 0;
}

static void add_clean(struct buf *b, const char *s)
{
    for (; s != NULL && *s != '\0'; s++) {
        unsigned char ch = (unsigned char)*s;

        buf_char(b, ch < 0x20 || ch == 0x7f ? ' ' : *s);
    }
}

static void to_stderr(enum journal_level level, const char *text, const struct journal_field *f, size_t n)
{
    const char *name = level == JOURNAL_ERROR ? "error: " : level == JOURNAL_WARNING ? "warning: " : "";
    struct buf b = {0};

    buf_fmt(&b, "%s%s%s: %s", journal_identifier, journal_trial == NULL ? "" : "@",
            journal_trial == NULL ? "" : journal_trial, name);
    add_clean(&b, text);
    for (size_t i = 0; i < n; i++) {
        buf_fmt(&b, "%s%s=", i == 0 ? " [" : " ", f[i].name);
        add_clean(&b, f[i].value);
    }
    buf_str(&b, n > 0 ? "]\n" : "\n");
    (void)!write(STDERR_FILENO, buf_cstr(&b), b.len); /* nowhere to say that it failed */
    buf_done(&b);
}

enum { JOURNAL_FIELDS_MAX = 16 };

static void to_journal(enum journal_level level, const char *text, const struct journal_field *f, size_t n)
{
    struct buf line[JOURNAL_FIELDS_MAX + 4] = {{0}};
    struct iovec iov[JOURNAL_FIELDS_MAX + 4];
    size_t used = 0;

    buf_str(&line[used], "MESSAGE=");
    add_clean(&line[used++], text);
    buf_fmt(&line[used++], "PRIORITY=%d", (int)level);
    buf_fmt(&line[used++], "SYSLOG_IDENTIFIER=%s", journal_identifier);
    if (journal_trial != NULL) {
        buf_fmt(&line[used++], "DSMB_TRIAL=%s", journal_trial);
    }
    for (size_t i = 0; i < n && i < JOURNAL_FIELDS_MAX; i++) {
        buf_fmt(&line[used], "DSMB_%s=", f[i].name);
        add_clean(&line[used++], f[i].value);
    }
    for (size_t i = 0; i < used; i++) {
        iov[i] = (struct iovec){.iov_base = line[i].data, .iov_len = line[i].len};
    }
    (void)sd_journal_sendv(iov, (int)used);
    for (size_t i = 0; i < used; i++) {
        buf_done(&line[i]);
    }
}

static void journal_write(void *ctx, enum journal_level level, const char *text,
                          const struct journal_field *f, size_t n)
{
    (void)ctx;
    if (stderr_is_journal()) {
        to_journal(level, text, f, n);
    } else if (level != JOURNAL_DEBUG) {
        to_stderr(level, text, f, n);
    }
}

void host_journal(const char *identifier, const char *trial, struct journal *ret)
{
    journal_identifier = identifier;
    journal_trial = trial;
    *ret = (struct journal){.write = journal_write};
}

/* --- service manager ---------------------------------------------------------------------------------------------*/

static uint64_t watchdog_us;
static int64_t fed_us;

static void notify_ready(void *ctx)
{
    (void)ctx;
    (void)sd_notify(0, "READY=1"); /* without a service manager there is nobody to tell */
}

static void notify_status(void *ctx, const char *text)
{
    (void)ctx;
    (void)sd_notifyf(0, "STATUS=%s", text);
}

static void notify_alive(void *ctx)
{
    int64_t now = read_clock(CLOCK_MONOTONIC);

    (void)ctx;
    if (watchdog_us > 0 && now - fed_us >= (int64_t)(watchdog_us / 4)) {
        fed_us = now;
        (void)sd_notify(0, "WATCHDOG=1");
    }
}

void host_notify(struct notify *ret)
{
    if (sd_watchdog_enabled(0, &watchdog_us) <= 0) {
        watchdog_us = 0;
    }
    *ret = (struct notify){.ready = notify_ready, .status = notify_status, .alive = notify_alive};
}
