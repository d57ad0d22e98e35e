#include "host/anchor_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/buf.h"

struct anchor_file {
    int dir, lock;
    char *path; /* of the directory, for messages */
};

enum status anchor_file_open(const char *state_dir, struct anchor_file **ret, struct err *err)
{
    struct anchor_file *a = calloc(1, sizeof *a);
    enum status st = OK;

    if (a == NULL) {
        return err_set(err, E_NOMEM, "opening the state directory");
    }
    a->lock = -1;
    a->path = strdup(state_dir);
    a->dir = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (a->path == NULL || a->dir < 0) {
        st = err_set(err, E_IO, "state_dir %s: %s; create it, owned by the mailer's user", state_dir,
                     strerror(errno));
        goto out;
    }
    a->lock = openat(a->dir, "mailer.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (a->lock < 0) {
        st = err_set(err, E_IO, "%s/mailer.lock: %s; let the mailer's user write there", state_dir,
                     strerror(errno));
        goto out;
    }
    if (flock(a->lock, LOCK_EX | LOCK_NB) != 0) {
        st = errno == EWOULDBLOCK ? err_set(err, E_STATE, "%s is in use by another dsmb-mailer", state_dir)
                                  : err_set(err, E_IO, "%s/mailer.lock: %s", state_dir, strerror(errno));
        goto out;
    }
    *ret = a;
    a = NULL;
out:
    anchor_file_free(a);
    return st;
}

void anchor_file_free(struct anchor_file *a)
{
    if (a == NULL) {
        return;
    }
    if (a->lock >= 0) {
        (void)close(a->lock);
    }
    if (a->dir >= 0) {
        (void)close(a->dir);
    }
    free(a->path);
    free(a);
}

static enum status load(void *ctx, struct anchor_mark *ret, struct err *err)
{
    struct anchor_file *a = ctx;
    struct anchor_mark m = {.present = true};
    char text[512];
    int end = 0, fd = openat(a->dir, "anchor", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n;

    if (fd < 0 && errno == ENOENT) {
        *ret = (struct anchor_mark){.present = false};
        return OK;
    }
    n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (n < 0) {
        enum status st = err_set(err, E_IO, "%s/anchor: %s", a->path, strerror(errno));

        if (fd >= 0) {
            (void)close(fd);
        }
        return st;
    }
    (void)close(fd);
    text[n] = '\0';
    /* NOLINTNEXTLINE(cert-err34-c): glibc clamps what overflows; the end mark proves that all was read */
    if (sscanf(text,
               "dsmb-anchor 1\nepoch %" SCNu64 "\nnumber %" SCNd64 "\nid %36[0-9a-f-]\nhold %" SCNu64
               "\nend%n",
               &m.epoch, &m.number, m.id, &m.hold_epoch, &end) != 4 ||
        end == 0 || m.number < 0) {
        return err_set(
            err, E_DATA,
            "%s/anchor is damaged; move it away, then say dsmbctl recover once you know what was sent",
            a->path);
    }
    if (strcmp(m.id, "-") == 0) {
        m.id[0] = '\0';
    }
    *ret = m;
    return OK;
}

static enum status save(void *ctx, const struct anchor_mark *m, struct err *err)
{
    struct anchor_file *a = ctx;
    struct buf b = {0};
    enum status st;
    int fd = -1;

    buf_fmt(&b, "dsmb-anchor 1\nepoch %" PRIu64 "\nnumber %" PRId64 "\nid %s\nhold %" PRIu64 "\nend\n",
            m->epoch, m->number, m->id[0] == '\0' ? "-" : m->id, m->hold_epoch);
    st = buf_check(&b, err);
    if (st != OK) {
        goto out;
    }
    fd = openat(a->dir, "anchor.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 || write(fd, b.data, b.len) != (ssize_t)b.len || fsync(fd) != 0 ||
        renameat(a->dir, "anchor.new", a->dir, "anchor") != 0 || fsync(a->dir) != 0) {
        st = err_set(err, E_IO, "%s/anchor cannot be written: %s; nothing is sent meanwhile", a->path,
                     strerror(errno));
    }
out:
    if (fd >= 0) {
        (void)close(fd);
    }
    buf_done(&b);
    return st;
}

void anchor_file_port(struct anchor_file *a, struct anchor *ret)
{
    *ret = (struct anchor){.ctx = a, .load = load, .save = save};
}
