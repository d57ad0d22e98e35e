#include "config/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status refused(const char *path, int e, struct err *err)
{
    switch (e) {
    case ENOENT:
    case ENOTDIR:
        return err_set(err, E_NOTFOUND, "%s: there is no such file", path);
    case EACCES:
    case EPERM:
        return err_set(err, E_DENIED, "%s: may not be read by this user; look at its owner and mode", path);
    default:
        return err_set(err, E_IO, "%s: %s", path, strerror(e));
    }
}

enum status file_read(const char *path, size_t most, struct buf *out, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); /* a FIFO must not hang the start */
    size_t from = out->len;
    char chunk[16384];
    struct stat sb;
    enum status st = OK;
    ssize_t n = 1;

    if (fd < 0) {
        return refused(path, errno, err);
    }
    if (fstat(fd, &sb) != 0) {
        st = refused(path, errno, err);
    } else if (!S_ISREG(sb.st_mode)) {
        st = err_set(err, E_CONFIG, "%s: not a regular file", path);
    }
    while (st == OK && n != 0) {
        n = read(fd, chunk, sizeof chunk);
        if (n < 0) {
            st = errno == EINTR ? OK : refused(path, errno, err);
        } else {
            buf_add(out, chunk, (size_t)n);
            if (out->len - from > most) {
                st = err_set(err, E_CONFIG, "%s: longer than %zu bytes; is it the right file?", path, most);
            }
        }
    }
    (void)close(fd); /* read only: nothing can be lost */
    explicit_bzero(chunk, sizeof chunk);
    return st == OK ? buf_check(out, err) : st;
}
