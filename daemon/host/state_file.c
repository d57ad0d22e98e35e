#include "host/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct state_files {
    char *dir;
};

enum { FILE_MAX = 1 << 16 };

enum status state_files_new(const char *state_dir, struct state_files **ret, struct err *err)
{
    struct state_files *f = calloc(1, sizeof *f);

    if (f != NULL) {
        f->dir = strdup(state_dir);
    }
    if (f == NULL || f->dir == NULL) {
        state_files_free(f);
        return err_set(err, E_NOMEM, "opening the state directory");
    }
    *ret = f;
    return OK;
}

void state_files_free(struct state_files *f)
{
    if (f != NULL) {
        free(f->dir);
        free(f);
    }
}

/* Nothing there: no bytes. */
static enum status read_file(const struct state_files *f, const char *name, struct buf *ret, struct err *err)
{
    struct buf path = {0};
    char part[4096];
    ssize_t n = 0;
    int fd = -1;
    enum status st;

    buf_fmt(&path, "%s/%s", f->dir, name);
    st = buf_check(&path, err);
    if (st != OK) {
        goto out;
    }
    fd = open(buf_cstr(&path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT) {
        goto out;
    }
    while (fd >= 0 && ret->len < FILE_MAX && (n = read(fd, part, sizeof part)) > 0) {
        buf_add(ret, part, (size_t)n);
    }
    st = fd < 0 || n < 0 ? err_set(err, E_IO, "%s: %s", buf_cstr(&path), strerror(errno))
                         : buf_check(ret, err);
out:
    if (fd >= 0) {
        (void)close(fd);
    }
    buf_done(&path);
    return st;
}

static enum status write_file(const struct state_files *f, const char *name, const char *bytes, size_t len,
                              struct err *err)
{
    struct buf aside = {0};
    enum status st;
    int dir = open(f->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd = -1;

    buf_fmt(&aside, "%s.new", name);
    st = buf_check(&aside, err);
    if (st != OK) {
        goto out;
    }
    fd = dir < 0 ? -1
                 : openat(dir, buf_cstr(&aside), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || fsync(fd) != 0 ||
        renameat(dir, buf_cstr(&aside), dir, name) != 0 || fsync(dir) != 0) {
        st = err_set(err, E_IO, "%s/%s cannot be written: %s", f->dir, name, strerror(errno));
    }
out:
    if (fd >= 0) {
        (void)close(fd);
    }
    if (dir >= 0) {
        (void)close(dir);
    }
    buf_done(&aside);
    return st;
}

static const char *const words[] = {
    [SILENCE_NONE] = "none", [SILENCE_DSMBD] = "dsmbd", [SILENCE_STORE] = "store"};
enum { WORDS = sizeof words / sizeof words[0] };

static bool read_notices(const char *text, struct notices_mark *m, char word[8])
{
    int end = 0;

    /* NOLINTNEXTLINE(cert-err34-c): glibc clamps what overflows; the end mark proves that all was read */
    return sscanf(text,
                  "dsmb-notices 1\napart %" SCNd64
                  "\ntold %7[a-z]\nsilence %36[0-9a-f-]\nreturn %36[0-9a-f-]\nend%n",
                  &m->apart_since, word, m->silence_id, m->return_id, &end) == 4 &&
           end > 0;
}

static enum status load_notices(void *ctx, struct notices_mark *ret, struct err *err)
{
    struct notices_mark m = {.apart_since = INSTANT_NONE};
    struct buf b = {0};
    char word[8] = "";
    enum status st = read_file(ctx, "notices", &b, err);

    if (st == OK && read_notices(buf_cstr(&b), &m, word)) {
        for (int i = 0; i < WORDS; i++) {
            m.told = strcmp(words[i], word) == 0 ? (enum silence)i : m.told;
        }
        m.silence_id[0] = strcmp(m.silence_id, "-") == 0 ? '\0' : m.silence_id[0];
        m.return_id[0] = strcmp(m.return_id, "-") == 0 ? '\0' : m.return_id[0];
    } else {
        m = (struct notices_mark){.apart_since = INSTANT_NONE};
    }
    buf_done(&b);
    if (st == OK) {
        *ret = m;
    }
    return st;
}

static enum status save_notices(void *ctx, const struct notices_mark *m, struct err *err)
{
    struct buf b = {0};
    enum status st;

    buf_fmt(&b, "dsmb-notices 1\napart %" PRId64 "\ntold %s\nsilence %s\nreturn %s\nend\n", m->apart_since,
            words[m->told], m->silence_id[0] == '\0' ? "-" : m->silence_id,
            m->return_id[0] == '\0' ? "-" : m->return_id);
    st = buf_check(&b, err);
    if (st == OK) {
        st = write_file(ctx, "notices", b.data, b.len, err);
    }
    buf_done(&b);
    return st;
}

static enum status load_left(void *ctx, struct buf *ret, struct err *err)
{
    return read_file(ctx, "left", ret, err);
}

static enum status save_left(void *ctx, const char *bytes, size_t len, struct err *err)
{
    return write_file(ctx, "left", bytes, len, err);
}

void state_files_notices(struct state_files *f, struct notices_file *ret)
{
    *ret = (struct notices_file){.ctx = f, .load = load_notices, .save = save_notices};
}

void state_files_left(struct state_files *f, struct left_file *ret)
{
    *ret = (struct left_file){.ctx = f, .load = load_left, .save = save_left};
}
