#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "cmd/ctl.h"

/*
 * A timer writes the line, so that one long wait (a query, an adopted plan being read) shows as well as a long loop.
 * The handler may only call what is safe at any moment: it writes a line that stands ready.  Two lines take turns, so
 * that it never sees one half written.
 */
enum { LINE_MAX_LEN = 160, BEGIN_LEN = 4 };

static const char begin[BEGIN_LEN + 1] = "\r\033[K";
static char lines[2][BEGIN_LEN + LINE_MAX_LEN];
static size_t lengths[2];
static volatile sig_atomic_t current, shown;
static bool armed;

static void tick(int signo)
{
    ssize_t n = write(STDERR_FILENO, lines[current], lengths[current]);

    (void)signo;
    (void)n; /* a terminal that is gone shows nothing */
    shown = 1;
}

static void arm(time_t seconds)
{
    const struct itimerval every = {.it_interval = {.tv_sec = seconds}, .it_value = {.tv_sec = seconds}};

    (void)setitimer(ITIMER_REAL, &every, NULL); /* fails on bad arguments only */
    armed = seconds > 0;
}

void ctl_progress(const char *verb, size_t done, size_t total, const char *what)
{
    int next = current == 0 ? 1 : 0, n;
    char *text = lines[next] + BEGIN_LEN;

    if (!armed && isatty(STDERR_FILENO) == 0) {
        return;
    }
    memcpy(lines[next], begin, BEGIN_LEN);
    if (total > 0) {
        n = snprintf(text, LINE_MAX_LEN, "dsmbctl %s: %zu of %zu %s", verb, done, total, what);
    } else if (done > 0) {
        n = snprintf(text, LINE_MAX_LEN, "dsmbctl %s: %zu %s", verb, done, what);
    } else {
        n = snprintf(text, LINE_MAX_LEN, "dsmbctl %s: %s", verb, what);
    }
    lengths[next] = BEGIN_LEN + (n < 0 ? 0 : n < LINE_MAX_LEN ? (size_t)n : (size_t)LINE_MAX_LEN - 1);
    current = next;
    if (!armed) {
        struct sigaction act = {.sa_handler = tick, .sa_flags = SA_RESTART};

        (void)sigemptyset(&act.sa_mask);
        if (sigaction(SIGALRM, &act, NULL) == 0) {
            arm(1);
        }
    }
}

void ctl_progress_end(void)
{
    if (armed) {
        arm(0);
    }
    if (shown != 0) {
        (void)fputs(begin, stderr);
        shown = 0;
    }
}
