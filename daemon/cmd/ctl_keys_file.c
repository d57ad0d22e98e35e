/* Files of keys: read and written so that nobody else sees them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/ctl_keys.h"
#include "cms/issue.h"
#include "config/file.h"

enum status keys_folder(const char *dir, struct err *err)
{
    if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
        return err_set(err, E_IO, "%s: cannot make this folder: %s", dir, strerror(errno));
    }
    return OK;
}

enum status keys_read(const char *dir, const char *name, struct buf *to, struct err *err)
{
    struct buf path = {0};
    enum status st;

    buf_fmt(&path, "%s/%s", dir, name);
    st = buf_check(&path, err);
    if (st == OK) {
        st = file_read(buf_cstr(&path), KEYS_FILE_MAX, to, err);
    }
    buf_done(&path);
    return st;
}

static enum status put(const char *path, const struct buf *b, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    size_t at = 0;
    ssize_t n = 0;
    int e;

    if (fd < 0) {
        return err_set(err, errno == EEXIST ? E_STATE : E_IO, "%s: %s", path,
                       errno == EEXIST ? "is there already, and is not overwritten" : strerror(errno));
    }
    while (n >= 0 && at < b->len) {
        n = write(fd, b->data + at, b->len - at);
        if (n > 0) {
            at += (size_t)n;
        } else if (n < 0 && errno == EINTR) {
            n = 0;
        }
    }
    e = n < 0 || fsync(fd) != 0 ? errno : 0;
    if (close(fd) != 0 && e == 0) {
        e = errno;
    }
    if (e != 0) {
        (void)unlink(path); /* half a key is none */
        return err_set(err, E_IO, "%s: %s", path, strerror(e));
    }
    return OK;
}

enum status keys_write(const char *dir, const char *name, const struct buf *bytes, bool replace,
                       struct err *err)
{
    struct buf path = {0}, next = {0};
    enum status st;

    buf_fmt(&path, "%s/%s", dir, name);
    buf_fmt(&next, "%s/%s.new", dir, name);
    st = buf_check(bytes, err);
    if (st == OK && (st = buf_check(&path, err)) == OK) {
        st = buf_check(&next, err);
    }
    if (st == OK && !replace) {
        st = put(buf_cstr(&path), bytes, err);
    } else if (st == OK) {
        (void)unlink(buf_cstr(&next)); /* left by an earlier try */
        st = put(buf_cstr(&next), bytes, err);
        if (st == OK && rename(buf_cstr(&next), buf_cstr(&path)) != 0) {
            st = err_set(err, E_IO, "%s: %s", buf_cstr(&path), strerror(errno));
        }
    }
    buf_done(&path);
    buf_done(&next);
    return st;
}
