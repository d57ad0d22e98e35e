#include "host/loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "host/host.h"

struct loop {
    const struct notify *notify;
    int signals;
    bool stop, reload;
    int64_t slice_us; /* the longest poll, so that the watchdog is fed in time */
};

enum status loop_new(const struct notify *notify, struct loop **ret, struct err *err)
{
    struct loop *l = calloc(1, sizeof *l);
    enum status st = OK;
    uint64_t watchdog_us = 0;
    sigset_t set;

    if (l == NULL) {
        return err_set(err, E_NOMEM, "starting the event loop");
    }
    l->notify = notify;
    l->slice_us = sd_watchdog_enabled(0, &watchdog_us) > 0 && watchdog_us / 4 < 5000000
                      ? (int64_t)(watchdog_us / 4)
                      : 5000000;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    l->signals = -1;
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || sigprocmask(SIG_BLOCK, &set, NULL) != 0) {
        st = err_set(err, E_IO, "cannot block signals: %s", strerror(errno));
        goto out;
    }
    l->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (l->signals < 0) {
        st = err_set(err, E_IO, "cannot read signals: %s", strerror(errno));
        goto out;
    }
    *ret = l;
    l = NULL;
out:
    loop_free(l);
    return st;
}

void loop_free(struct loop *l)
{
    if (l != NULL) {
        if (l->signals >= 0) {
            (void)close(l->signals);
        }
        free(l);
    }
}

static void read_signals(struct loop *l)
{
    struct signalfd_siginfo s;

    while (read(l->signals, &s, sizeof s) == (ssize_t)sizeof s) {
        if (s.ssi_signo == SIGHUP) {
            l->reload = true;
        } else {
            l->stop = true;
        }
    }
}

bool loop_stopping(struct loop *l)
{
    read_signals(l);
    return l->stop;
}

enum status loop_wait(struct loop *l, int fd, int64_t timeout_us, unsigned *events, struct err *err)
{
    int64_t end = timeout_us < 0 || timeout_us > INT64_MAX / 2 ? INT64_MAX : host_monotonic_us() + timeout_us;

    for (;;) {
        struct pollfd p[2] = {{.fd = l->signals, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
        int64_t left_us;
        unsigned seen = 0;
        int n;

        l->notify->alive(l->notify->ctx);
        read_signals(l);
        left_us = end - host_monotonic_us();
        left_us = l->stop || l->reload || left_us < 0 ? 0 : left_us < l->slice_us ? left_us : l->slice_us;
        n = poll(p, fd < 0 ? 1 : 2,
                 (int)((left_us + 999) / 1000)); /* rounded up: nothing spins on half a millisecond */
        if (n < 0 && errno != EINTR) {
            return err_set(err, E_IO, "waiting: %s", strerror(errno));
        }
        read_signals(l);
        if (l->stop) {
            seen |= LOOP_STOP;
        }
        if (l->reload) {
            seen |= LOOP_RELOAD;
            l->reload = false;
        }
        if (n > 0 && fd >= 0 && p[1].revents != 0) {
            seen |= LOOP_READABLE;
        }
        if (host_monotonic_us() >= end) {
            seen |= LOOP_TIMEOUT;
        }
        if (seen != 0) {
            *events = seen;
            return OK;
        }
    }
}
