/*
 * The transport against a relay in a process of its own, with poll(2) and libcurl's memory failing at every place in
 * turn: what the relay takes is the whole message or nothing, and only a message it took is called sent.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <curl/curl.h>

#include "smtp/smtp.h"
#include "support/t.h"

enum { BODY = 200000, LINE = 50 };

/* --- poll(2) and memory that fail ---*/

static long polls, poll_fails_at = -1; /* -1: none */
static bool poll_fails_on;             /* and at every call after it */
static long allocs, alloc_fails_at = -1;

/* In place of the C library's, also for libcurl.  Without <poll.h>, whose own may be inline. */
struct pollfd;
int poll(struct pollfd *fds, unsigned long n, int timeout_ms);
int poll(struct pollfd *fds, unsigned long n, int timeout_ms)
{
    long at = polls++;

    if (poll_fails_at >= 0 && (at == poll_fails_at || (poll_fails_on && at > poll_fails_at))) {
        errno = ENOMEM;
        return -1;
    }
    return (int)syscall(SYS_poll, fds, n, timeout_ms);
}

static bool refused(void)
{
    return allocs++ == alloc_fails_at;
}
static void *take(size_t n)
{
    return refused() ? NULL : malloc(n);
}
static void *take_clear(size_t n, size_t size)
{
    return refused() ? NULL : calloc(n, size);
}
static void *take_again(void *p, size_t n)
{
    return refused() ? NULL : realloc(p, n);
}
static char *take_text(const char *s)
{
    return refused() ? NULL : strdup(s);
}

/* --- the relay ---*/

struct taken { /* shared with the relay's process */
    volatile int whole, other;
};

struct relay {
    pid_t pid;
    int port;
    struct taken *taken;
};

static char message[BODY + 1];

static bool expects(const char *got, size_t len)
{
    return len == BODY && memcmp(got, message, BODY) == 0;
}

static void converse(int fd, struct taken *t)
{
    static char in[BODY * 2];
    size_t len = 0;
    bool data = false;

#define SAY(text) ((void)!send(fd, text, strlen(text), MSG_NOSIGNAL))
    SAY("220 relay\r\n");
    for (;;) {
        const char *end = data ? memmem(in, len, "\r\n.\r\n", 5) : memmem(in, len, "\r\n", 2);
        ssize_t n;

        if (data && len >= 3 && memcmp(in, ".\r\n", 3) == 0) {
            t->other++; /* nothing at all, and its end */
            return;
        }
        if (end != NULL && data) {
            bool ok = expects(in, (size_t)(end - in) + 2);

            t->whole += ok;
            t->other += !ok;
            SAY("250 taken\r\n");
            len = 0;
            data = false;
            continue;
        }
        if (end != NULL) {
            size_t line = (size_t)(end - in) + 2;

            data = strncmp(in, "DATA", 4) == 0;
            if (data) {
                SAY("354 go on\r\n");
            } else {
                SAY("250 ok\r\n");
            }
            if (strncmp(in, "QUIT", 4) == 0) {
                return;
            }
            memmove(in, in + line, len - line);
            len -= line;
            continue;
        }
        n = len < sizeof in ? recv(fd, in + len, sizeof in - len, 0) : 0;
        if (n <= 0) {
            return;
        }
        len += (size_t)n;
    }
#undef SAY
}

static void relay_start(struct relay *r)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, size), 0);
    assert_int_equal(listen(fd, 16), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &size), 0);
    r->port = ntohs(a.sin_port);
    r->taken = mmap(NULL, sizeof *r->taken, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(r->taken != MAP_FAILED);
    r->pid = fork();
    assert_true(r->pid >= 0);
    if (r->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        for (;;) {
            int c = accept(fd, NULL, NULL);

            if (c >= 0) {
                converse(c, r->taken);
                (void)close(c);
            }
        }
    }
    (void)close(fd);
}

/* It converses with one after the other: whoever comes last is greeted when it is done with all before. */
static void relay_settled(const struct relay *r)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                            .sin_port = htons((uint16_t)r->port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char c;

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(recv(fd, &c, 1, 0), 1);
    (void)close(fd);
}

static void relay_stop(struct relay *r)
{
    (void)kill(r->pid, SIGKILL);
    (void)waitpid(r->pid, NULL, 0);
    (void)munmap(r->taken, sizeof *r->taken);
}

/* --- the transport ---*/

static void no_tick(void *ctx)
{
    (void)ctx;
}
static bool goes_on(void *ctx)
{
    (void)ctx;
    return false;
}
static void no_killpoint(const char *name)
{
    (void)name;
}
static enum status body_known(void *ctx, struct err *err)
{
    (void)err;
    *(bool *)ctx = true;
    return OK;
}

struct fixture {
    struct relay relay;
    struct smtp *smtp;
    struct transport port;
};

static int set_up(void **state)
{
    static struct fixture f;
    struct err err = {0};
    struct smtp_settings s = {.host = "127.0.0.1",
                              .tls = SMTP_PLAIN,
                              .from = "dsmbd@trial.example",
                              .hello = "trial.example",
                              .connect_timeout_us = 5000000,
                              .response_timeout_us = 5000000,
                              .stop_grace_us = 1000000,
                              .tick = no_tick,
                              .stopping = goes_on,
                              .killpoint = no_killpoint};

    for (size_t i = 0; i < BODY; i++) { /* lines that differ, so that no part can pass for another */
        message[i] = i % LINE == LINE - 2   ? '\r'
                     : i % LINE == LINE - 1 ? '\n'
                                            : (char)('a' + (i / LINE + i % LINE) % 26);
    }
    assert_int_equal(curl_global_init_mem(CURL_GLOBAL_DEFAULT, take, free, take_again, take_text, take_clear),
                     0);
    relay_start(&f.relay);
    s.port = f.relay.port;
    assert_ok(smtp_new(&s, &f.smtp, &err), err);
    smtp_port(f.smtp, &f.port);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    smtp_free(f->smtp);
    relay_stop(&f->relay);
    curl_global_cleanup();
    return 0;
}

/* One delivery under the fault that is set; what it came to. */
static enum status deliver(struct fixture *f, struct delivery *d, bool *told)
{
    struct err err = {0};
    enum status st;

    *told = false;
    *d = (struct delivery){.verdict = DELIVERY_RETRY};
    *f->relay.taken = (struct taken){0};
    polls = allocs = 0;
    st = f->port.send(f->port.ctx, "chair@board.example", message, BODY, body_known, told, d, &err);
    f->port.finish(f->port.ctx);
    relay_settled(&f->relay);
    return st;
}

static void holds(const struct fixture *f, enum status st, const struct delivery *d, bool told, long at)
{
    const struct taken *t = f->relay.taken;

    if (st != OK) {
        assert_int_equal(st, E_NOMEM);
        assert_int_equal(t->whole, 0);
    } else if (d->verdict == DELIVERY_SENT) {
        assert_int_equal(t->whole, 1);
    } else {
        assert_true(d->verdict == DELIVERY_UNCERTAIN || t->whole == 0);
    }
    assert_true(t->whole == 0 || told);
    if (t->other != 0) {
        fail_msg("at %ld the relay took what is not the message", at);
    }
}

static void delivers(void **state)
{
    struct fixture *f = *state;
    struct delivery d;
    bool told;

    poll_fails_at = alloc_fails_at = -1;
    assert_int_equal(deliver(f, &d, &told), OK);
    assert_int_equal(d.verdict, DELIVERY_SENT);
    assert_int_equal(d.code, 250);
    assert_int_equal(f->relay.taken->whole, 1);
}

static void poll_fails_once(void **state)
{
    struct fixture *f = *state;
    struct delivery d;
    bool told;
    long n, sent = 0;

    alloc_fails_at = poll_fails_at = -1;
    poll_fails_on = false;
    assert_int_equal(deliver(f, &d, &told), OK);
    n = polls;
    assert_true(n > 10);
    for (poll_fails_at = 0; poll_fails_at < n; poll_fails_at++) {
        enum status st = deliver(f, &d, &told);

        holds(f, st, &d, told, poll_fails_at);
        sent += d.verdict == DELIVERY_SENT;
    }
    poll_fails_at = -1;
    assert_true(sent > n / 2);
    print_message("# poll failed once at each of %ld calls; sent in spite of it %ld times\n", n, sent);
}

static void poll_fails_for_good(void **state)
{
    struct fixture *f = *state;
    struct delivery d;
    bool told;
    long n;

    alloc_fails_at = poll_fails_at = -1;
    poll_fails_on = true;
    assert_int_equal(deliver(f, &d, &told), OK);
    n = polls;
    for (poll_fails_at = 0; poll_fails_at < n; poll_fails_at++) {
        enum status st = deliver(f, &d, &told);

        holds(f, st, &d, told, poll_fails_at);
    }
    poll_fails_at = -1;
    print_message("# poll failed from each of %ld calls on\n", n);
}

static void memory_fails(void **state)
{
    struct fixture *f = *state;
    struct delivery d;
    bool told;
    long n, other = 0;

    alloc_fails_at = poll_fails_at = -1;
    assert_int_equal(deliver(f, &d, &told), OK);
    n = allocs;
    assert_true(n > 50);
    for (alloc_fails_at = 0; alloc_fails_at < n; alloc_fails_at++) {
        enum status st = deliver(f, &d, &told);

        holds(f, st, &d, told, alloc_fails_at);
        other += st != OK || d.verdict != DELIVERY_SENT;
    }
    alloc_fails_at = -1;
    assert_true(other > n / 4);
    print_message("# memory failed at each of %ld requests; not sent %ld times\n", n, other);
}

/* A 2xx to what was not handed over whole is no delivery. */
static void takes_no_early_answer(void **state)
{
    struct smtp_replies r = {0};

    (void)state;
    smtp_replies_line(&r, "354 go on\r\n", 11, false);
    assert_true(r.go_ahead);
    assert_int_equal(r.verdict, 0);
    smtp_replies_line(&r, "250-more\r\n", 10, false);
    assert_int_equal(r.verdict, 0);
    smtp_replies_line(&r, "250 taken\r\n", 11, false);
    assert_int_equal(r.verdict, 250);
    assert_true(r.early);
    r = (struct smtp_replies){.go_ahead = true};
    smtp_replies_line(&r, "250 taken\r\n", 11, true);
    assert_int_equal(r.verdict, 250);
    assert_false(r.early);
    smtp_replies_line(&r, "451 late\r\n", 10, true);
    assert_int_equal(r.verdict, 250);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delivers),
        cmocka_unit_test(poll_fails_once),
        cmocka_unit_test(poll_fails_for_good),
        cmocka_unit_test(memory_fails),
        cmocka_unit_test(takes_no_early_answer),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
