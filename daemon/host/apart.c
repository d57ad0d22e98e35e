#include "host/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/host.h"

enum { PIPE_AT = 3, CHUNK = 65536 };

/* No connection of the parent may outlive it here, and no library's complaint is to reach the journal. */
static bool only_the_pipe(int to)
{
    int null = open("/dev/null", O_RDWR);
    bool ok = null >= 0;

    for (int fd = 0; ok && fd < PIPE_AT; fd++) {
        ok = fd == to || dup2(null, fd) == fd;
    }
    return ok && to >= PIPE_AT && dup2(to, PIPE_AT) == PIPE_AT && close_range(PIPE_AT + 1, ~0U, 0) == 0;
}

static bool send_all(const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(PIPE_AT, bytes, len);

        if (n < 0 && errno != EINTR) {
            return false;
        }
        bytes += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static _Noreturn void child(apart_fn *fn, const void *ctx, int to, pid_t parent)
{
    struct buf out = {0};
    struct err err = {0};
    bool ok = prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && getppid() == parent && only_the_pipe(to);

    ok = ok && fn(ctx, &out, &err) == OK && !out.failed && send_all(buf_cstr(&out), out.len);
    _exit(ok ? 0 : 1); /* nothing of the parent's is to be ended here */
}

struct started {
    pid_t pid; /* 0: not */
    int from;  /* its pipe; -1: closed */
};

static enum status start(const struct apart_job *job, struct started *ret, struct err *err)
{
    pid_t parent = getpid(), pid;
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0) {
        return err_set(err, E_IO, "a process of our own: %s", strerror(errno));
    }
    pid = fork();
    if (pid == 0) {
        child(job->fn, job->ctx, ends[1], parent);
    }
    (void)close(ends[1]);
    if (pid < 0) {
        (void)close(ends[0]);
        return err_set(err, E_IO, "a process of our own: %s", strerror(errno));
    }
    *ret = (struct started){pid, ends[0]};
    return OK;
}

/* What has arrived, or the end of it. */
static enum status take(struct started *s, size_t most, struct buf *out, struct err *err)
{
    char chunk[CHUNK];
    ssize_t n = read(s->from, chunk, sizeof chunk);

    if (n < 0 && errno != EINTR) {
        return err_set(err, E_IO, "reading from a process of our own: %s", strerror(errno));
    }
    buf_add(out, chunk, n < 0 ? 0 : (size_t)n);
    explicit_bzero(chunk, n < 0 ? 0 : (size_t)n);
    if (out->len > most) {
        return err_set(err, E_IO, "a process of our own says too much");
    }
    if (n == 0) {
        (void)close(s->from);
        s->from = -1;
    }
    return buf_check(out, err);
}

/* Until each child has closed its pipe. */
static enum status receive(struct started *s, struct apart_job *jobs, size_t n, size_t most, int64_t until,
                           struct err *err)
{
    enum status st = OK;

    while (st == OK) {
        struct pollfd p[APART_MAX];
        int64_t left = until - host_monotonic_us();
        size_t open = 0;

        for (size_t i = 0; i < n; i++) { /* poll(2) passes over -1 */
            p[i] = (struct pollfd){.fd = s[i].from, .events = POLLIN};
            open += s[i].from >= 0;
        }
        if (open == 0) {
            break;
        }
        if (left <= 0) {
            return err_set(err, E_IO, "a process of our own did not end in time");
        }
        if (poll(p, n, (int)(left / 1000) + 1) < 0) {
            st = errno == EINTR ? OK
                                : err_set(err, E_IO, "waiting for a process of our own: %s", strerror(errno));
            continue;
        }
        for (size_t i = 0; st == OK && i < n; i++) {
            st = p[i].revents == 0 ? OK : take(&s[i], most, &jobs[i].out, err);
        }
    }
    return st;
}

static enum status end(struct started *s, enum status st, struct err *err)
{
    int how = 0;

    if (s->pid == 0) {
        return st;
    }
    if (s->from >= 0) {
        (void)close(s->from);
    }
    if (st != OK) {
        (void)kill(s->pid, SIGKILL);
    }
    while (waitpid(s->pid, &how, 0) < 0 && errno == EINTR) {
    }
    if (st == OK && (!WIFEXITED(how) || WEXITSTATUS(how) != 0)) {
        st = err_set(err, E_IO, "a process of our own did not end well");
    }
    return st;
}

enum status apart_run(struct apart_job *jobs, size_t n, size_t most, int64_t timeout_us, struct err *err)
{
    struct started s[APART_MAX] = {{0, -1}, {0, -1}, {0, -1}, {0, -1}};
    int64_t until = host_monotonic_us() + timeout_us;
    enum status st = n <= APART_MAX ? OK : err_set(err, E_INTERNAL, "too many processes of our own");

    n = n <= APART_MAX ? n : 0;
    for (size_t i = 0; st == OK && i < n; i++) {
        st = start(&jobs[i], &s[i], err);
    }
    if (st == OK) {
        st = receive(s, jobs, n, most, until, err);
    }
    for (size_t i = 0; i < n; i++) {
        st = end(&s[i], st, err);
    }
    for (size_t i = 0; st != OK && i < n; i++) {
        buf_wipe(&jobs[i].out);
    }
    return st;
}
