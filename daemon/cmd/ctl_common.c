/* What the verbs of dsmbctl share: settings, store, rules, errors, forms of output. */
#include "cmd/ctl.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "config/file.h"
#include "sql_catalog.h"

enum { RULE_FILE_MAX = 1024 * 1024 };

int ctl_fail(const char *verb, enum status st, const struct err *err)
{
    ctl_progress_end();
    (void)fprintf(stderr, "dsmbctl %s: %s\n", verb, err->msg[0] == '\0' ? status_name(st) : err->msg);
    return status_exit_code(st);
}

int ctl_flush(void)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        (void)fprintf(stderr, "dsmbctl: the output could not be written\n");
        return EX_IOERR;
    }
    return 0;
}

enum status ctl_settings(const char *file, struct settings **ret, struct err *err)
{
    const char *path = file;

    if (path == NULL) {
        path = getenv("DSMBD_CONFIG");
    }
    return settings_load(path == NULL ? "/etc/dsmbd/dsmbd.yaml" : path, ret, err);
}

const char *ctl_conninfo(const struct settings *s)
{
    const char *env = getenv("DSMBD_STORE");

    if (env != NULL && env[0] != '\0') {
        return env;
    }
    return s->store.ctl_conninfo != NULL ? s->store.ctl_conninfo : s->store.conninfo;
}

enum status ctl_store(const struct settings *s, const int *queries, size_t n, struct pgconn **ret,
                      struct err *err)
{
    struct pgconn_opts o = {.conninfo = ctl_conninfo(s),
                            .application_name = "dsmbctl",
                            .queries = queries,
                            .n_queries = n,
                            .own_functions = true};

    enum status st = pgconn_open(&o, ret, err);

    if (st == E_DATA) {
        st = err_wrap(err, st, "the store is not as this program knows it (dsmbctl migrate brings it up)");
    }
    return st;
}

enum status ctl_unblind(struct pgconn *c, const char *purpose, struct err *err)
{
    struct pgargs args = {0};

    pgargs_text(&args, purpose);
    return pgconn_exec(c, SQL_CTL_UNBLIND, &args, NULL, err);
}

static enum status read_all(FILE *f, const char *name, struct buf *out, struct err *err)
{
    char chunk[65536];
    size_t got;

    while ((got = fread(chunk, 1, sizeof chunk, f)) > 0) {
        buf_add(out, chunk, got);
    }
    if (ferror(f)) {
        return err_set(err, E_IO, "%s: %s", name, strerror(errno));
    }
    return buf_check(out, err);
}

enum status ctl_read(const char *path, struct buf *out, struct err *err)
{
    FILE *f;
    enum status st;

    if (strcmp(path, "-") == 0) {
        return read_all(stdin, "standard input", out, err);
    }
    f = fopen(path, "rb");
    if (f == NULL) {
        return err_set(err, errno == ENOENT ? E_NOTFOUND : E_IO, "%s: %s", path, strerror(errno));
    }
    st = read_all(f, path, out, err);
    (void)fclose(f); /* read to its end: nothing is lost */
    return st;
}

static int is_rule_file(const struct dirent *d)
{
    size_t n = strlen(d->d_name);

    return d->d_name[0] != '.' && n > 5 && strcmp(d->d_name + n - 5, ".yaml") == 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

enum status ctl_rules(const char *dir, struct adopted_rules *ret, struct err *err)
{
    struct dirent **names = NULL;
    struct adopted_rules r = {0};
    struct buf path = {0}, text = {0};
    enum status st = OK;
    int n = scandir(dir, &names, is_rule_file, by_bytes); /* not alphasort: it asks the locale */

    if (n <= 0) {
        free(names);
        return err_set(err, E_NOTFOUND, "%s: no rule files (*.yaml) there; --rules DIR names the folder",
                       dir);
    }
    for (int i = 0; st == OK && i < n; i++) {
        if (r.n == CATEGORIES_MAX) {
            st = err_set(err, E_CONFIG, "%s: more than %d rule files", dir, CATEGORIES_MAX);
            break;
        }
        buf_clear(&path);
        buf_fmt(&path, "%s/%s", dir, names[i]->d_name);
        st = file_read(buf_cstr(&path), RULE_FILE_MAX, &text, err);
        if (st == OK) {
            r.file[r.n].name = strdup(names[i]->d_name);
            r.file[r.n].len = text.len;
            r.file[r.n].text = buf_take(&text);
            if (r.file[r.n].name == NULL || r.file[r.n].text == NULL) {
                st = err_set(err, E_NOMEM, "reading rules");
            }
            r.n++;
        }
    }
    for (int i = 0; i < n; i++) {
        free(names[i]);
    }
    free(names);
    buf_done(&path);
    buf_done(&text);
    if (st != OK) {
        adopted_rules_done(&r);
        return st;
    }
    *ret = r;
    return OK;
}

void ctl_put(const struct buf *b)
{
    ctl_progress_end();
    (void)fwrite(buf_cstr(b), 1, b->len, stdout); /* ctl_flush() tells what went wrong */
}

int ctl_format(const char *verb, const char *word)
{
    static const char *const words[] = {"text", "csv", "json"};

    if (word == NULL) {
        return isatty(STDOUT_FILENO) ? 0 : 1;
    }
    for (int i = 0; i < 3; i++) {
        if (strcmp(word, words[i]) == 0) {
            return i;
        }
    }
    (void)fprintf(stderr, "dsmbctl %s: --format is text, csv or json, not \"%s\"\n", verb, word);
    return -1;
}
