#include "host/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

enum status machine_free_space(const char *dir, int64_t *ret, struct err *err)
{
    struct statvfs v;

    if (statvfs(dir, &v) != 0) {
        return err_set(err, E_CONFIG, "%s: %s; make the folder, owned by the user of dsmb-mailer", dir,
                       strerror(errno));
    }
    *ret = (int64_t)v.f_bavail * (int64_t)v.f_frsize;
    return OK;
}

enum status machine_swap(const char *swaps, char *area, size_t size, bool *mapped, struct err *err)
{
    char text[4096];
    ssize_t n;
    const char *line;
    int fd = open(swaps, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        return err_set(err, E_NOTFOUND, "%s: %s", swaps, strerror(errno));
    }
    n = read(fd, text, sizeof text - 1);
    (void)close(fd);
    if (n < 0) {
        return err_set(err, E_NOTFOUND, "%s cannot be read", swaps);
    }
    text[n] = '\0';
    line = strchr(text, '\n'); /* the first line names the columns */
    line = line == NULL ? "" : line + 1;
    (void)snprintf(area, size, "%.*s", (int)strcspn(line, " \t\n"), line);
    *mapped = strncmp(area, "/dev/dm-", 8) == 0 || strncmp(area, "/dev/mapper/", 12) == 0;
    return OK;
}

/* NULL: done; else why not. */
static const char *wait_for(int fd, short what, int64_t timeout_us)
{
    struct pollfd p = {.fd = fd, .events = what};
    struct timespec now;
    int64_t end = 0;
    int rc;

    do { /* a signal (the timer that shows progress) ends a poll, not the wait */
        int64_t us, left;

        if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) {
            return "waiting failed";
        }
        us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
        end = end == 0 ? us + (timeout_us > 60000000 ? 60000000 : timeout_us) : end;
        left = end > us ? (end - us) / 1000 : 0;
        rc = poll(&p, 1, (int)left);
    } while (rc < 0 && errno == EINTR);
    return rc > 0 ? NULL : rc == 0 ? "no answer in time" : "waiting failed";
}

static const char *talk(int fd, const struct addrinfo *a, bool greeting, int64_t timeout_us)
{
    char text[512];
    const char *why = NULL;
    int error = 0;
    socklen_t len = sizeof error;
    ssize_t n;

    if (connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
        if (errno != EINPROGRESS) {
            return strerror(errno);
        }
        why = wait_for(fd, POLLOUT, timeout_us);
        if (why == NULL && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0) {
            why = "its state is unknown";
        }
        if (why == NULL && error != 0) {
            why = strerror(error);
        }
    }
    if (why != NULL || !greeting) {
        return why;
    }
    why = wait_for(fd, POLLIN, timeout_us);
    if (why != NULL) {
        return "connected, but no mail server greets (smtps:// where it speaks TLS at once)";
    }
    n = recv(fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    return strncmp(text, "220", 3) == 0
               ? NULL
               : "connected, but what answers is no mail server: its first word is not 220";
}

enum status machine_reach(const char *host, int port, bool greeting, int64_t timeout_us, struct err *err)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    char service[16];
    const char *why = "no address";
    int rc;

    (void)snprintf(service, sizeof service, "%d", port);
    rc = getaddrinfo(host, service, &hints, &list);
    if (rc != 0) {
        return err_set(err, E_RETRY, "%s: the name has no address (%s); correct mail.relay, or DNS", host,
                       gai_strerror(rc));
    }
    for (const struct addrinfo *a = list; a != NULL && why != NULL; a = a->ai_next) {
        int fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);

        if (fd < 0) {
            why = strerror(errno);
            continue;
        }
        why = talk(fd, a, greeting, timeout_us);
        (void)close(fd);
    }
    freeaddrinfo(list);
    return why == NULL
               ? OK
               : err_set(err, E_RETRY, "%s port %d: %s; correct mail.relay, or let this host through to it",
                         host, port, why);
}
