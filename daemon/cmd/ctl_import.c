/* import sdtm: a folder of SDTM data sets into the trial database, so that dsmbd has a source. */
#include <stdlib.h>
#include <string.h>

#include "cmd/ctl.h"
#include "cmd/ctl_import_file.h"
#include "cmd/ctl_opts.h"
#include "config/checks.h"
#include "pg/import.h"

static const char usage[] =
    "usage: dsmbctl import sdtm DIR [--schema NAME] [--encoding NAME] [--replace] [--dry-run]\n"
    "           [--map [--set NAME=VALUE]... [--reader ROLE]] [--conninfo CONNINFO]\n\n"
    "Loads dm, ae, ds, ex and suppae (.csv, or .xpt: SAS V5 transport) of a folder into the trial\n"
    "database, as tables of text that sql/source/sdtm.sql maps: all of them, or nothing.\n"
    "  --schema NAME        where the tables go (sdtm)\n"
    "  --encoding NAME      what the files are in: " CHARSET_NAMES " (utf-8)\n"
    "  --replace            in place of the tables that are there\n"
    "  --dry-run            read and check every file to its end, connect nowhere\n"
    "  --map                then make the contract's views, by the embedded sql/source/sdtm.sql\n"
    "  --set NAME=VALUE     a name at the top of that file: data_cutoff=2015-03-05\n"
    "  --reader ROLE        then let ROLE, made if it is missing, read these views, arms too, by the\n"
    "                       embedded sql/setup/source.sql\n"
    "  --conninfo CONNINFO  the trial database, as somebody who may create tables there: not the role\n"
    "                       that dsmbd reads with; without it, what PGHOST, PGDATABASE, PGUSER say\n"
    "Exit status 65: a file is not as it must be; 69: tables are there already.\n";

static const char verb[] = "import sdtm";
static const char mapping[] = "sql/source/sdtm.sql";
static const char granting[] = "sql/setup/source.sql";

enum { VARS_MAX = 16, FLUSH_BYTES = 1 << 18, ROWS_PER_WORD = 1000 };

struct work {
    const char *dir, *schema, *conninfo, *reader;
    enum charset cs;
    bool replace, map, dry_run;
    struct script_var vars[VARS_MAX];
    char *names[VARS_MAX]; /* of those of --set */
    size_t n_vars, n_names;
    const char *views; /* schema of the contract's views */
    struct import_folder folder;
    struct import_file *file[SDTM_DOMAINS];
    struct sdtm_columns columns[SDTM_DOMAINS];
    int64_t rows[SDTM_DOMAINS];
};

/* --- options -----------------------------------------------------------------------------------------------------*/

static bool take_encoding(void *ctx, const char *value)
{
    struct work *w = ctx;

    if (charset_find(value, &w->cs)) {
        return true;
    }
    (void)fprintf(stderr, "dsmbctl %s: --encoding is %s, not \"%s\"\n", verb, CHARSET_NAMES, value);
    return false;
}

static bool take_set(void *ctx, const char *value)
{
    struct work *w = ctx;
    const char *eq = strchr(value, '=');
    char *name = eq == NULL ? NULL : strndup(value, (size_t)(eq - value));

    if (name == NULL || strcmp(name, "sdtm") == 0 || !script_asks(pg_import_text(mapping), name)) {
        (void)fprintf(
            stderr, "dsmbctl %s: --set takes NAME=VALUE with a name from the top of %s (sdtm is --schema)\n",
            verb, mapping);
        free(name);
        return false;
    }
    if (w->n_vars == VARS_MAX - 2) {
        (void)fprintf(stderr, "dsmbctl %s: too many --set\n", verb);
        free(name);
        return false;
    }
    w->names[w->n_names++] = name;
    w->vars[w->n_vars++] = (struct script_var){.name = name, .value = eq + 1};
    if (strcmp(name, "schema") == 0) {
        w->views = eq + 1;
    }
    return true;
}

static int wrong(const char *what, const char *why)
{
    (void)fprintf(stderr, "dsmbctl %s: %s %s\n", verb, what, why);
    return 2;
}

static int check_options(const struct work *w)
{
    const char *why = check_identifier(w->schema);

    if (why != NULL) {
        return wrong("--schema", why);
    }
    why = check_identifier(w->views);
    if (why != NULL) {
        return wrong("--set schema", why);
    }
    why = w->conninfo[0] == '\0' ? NULL : check_conninfo(w->conninfo);
    if (why != NULL) {
        return wrong("--conninfo", why);
    }
    if (strcmp(w->schema, w->views) == 0) {
        return wrong("--schema", "is where the contract's views go; one of them is named as a table is: ae");
    }
    if (w->n_vars > 0 && !w->map) {
        return wrong("--set", "goes with --map");
    }
    return w->reader != NULL && !w->map ? wrong("--reader", "goes with --map") : 0;
}

/* --- files -------------------------------------------------------------------------------------------------------*/

static enum status open_files(struct work *w, struct err *err)
{
    enum status st = import_folder_read(w->dir, &w->folder, err);

    for (int i = 0; st == OK && i < SDTM_DOMAINS; i++) {
        enum sdtm_domain d = (enum sdtm_domain)i;

        w->columns[i] = (struct sdtm_columns){.file = w->dir};
        if (w->folder.path[i] != NULL) {
            st = import_file_open(w->folder.path[i], d, w->cs, &w->file[i], err);
        }
        if (st == OK && w->file[i] != NULL) {
            w->columns[i] = import_file_columns(w->file[i]);
        }
        if (st == OK && (w->file[i] != NULL || sdtm_required(d))) {
            st = sdtm_check(d, &w->columns[i], err);
        }
    }
    return st;
}

/* im NULL: read and checked only. */
static enum status copy_rows(struct work *w, int d, struct pg_import *im, struct err *err)
{
    struct buf rows = {0};
    int64_t n = 0;
    bool more = true;
    enum status st = OK;

    while (st == OK && more) {
        st = import_file_next(w->file[d], &rows, &more, err);
        n += st == OK && more;
        if (st == OK && n % ROWS_PER_WORD == 0) {
            ctl_progress(verb, (size_t)n, 0, sdtm_name((enum sdtm_domain)d));
        }
        if (st == OK && im == NULL) {
            buf_clear(&rows);
        } else if (st == OK && (rows.len >= FLUSH_BYTES || (!more && rows.len > 0))) {
            st = pg_import_put(im, &rows, err);
        }
    }
    buf_done(&rows);
    if (st == OK && d == SDTM_DM && n == 0) {
        st = err_set(err, E_DATA, "%s: no rows; a trial without subjects cannot be watched",
                     w->folder.path[d]);
    }
    w->rows[d] = n;
    return st;
}

static enum status copy_domain(struct work *w, int d, struct pg_import *im, struct err *err)
{
    const char *name = sdtm_name((enum sdtm_domain)d);
    int64_t n = 0;
    enum status st;

    if (w->file[d] == NULL) {
        return im == NULL ? OK : pg_import_absent(im, name, err);
    }
    if (im == NULL) {
        return copy_rows(w, d, NULL, err);
    }
    st = pg_import_table(im, name, w->columns[d].names, w->columns[d].n, err);
    if (st != OK) {
        return st;
    }
    /* After a refusal the connection is closed, copy and all. */
    st = copy_rows(w, d, im, err);
    st = st == OK ? pg_import_end(im, &n, err) : st;
    if (st == OK && n != w->rows[d]) {
        st = err_set(err, E_INTERNAL, "%s: the server took %lld rows of %lld", w->folder.path[d],
                     (long long)n, (long long)w->rows[d]);
    }
    return st;
}

static enum status load(struct work *w, struct err *err)
{
    struct pg_import_opts o = {.conninfo = w->conninfo,
                               .schema = w->schema,
                               .views = w->map ? w->views : NULL,
                               .replace = w->replace};
    struct pg_import *im = NULL;
    enum status st = pg_import_open(&o, &im, err);

    for (int d = 0; st == OK && d < SDTM_DOMAINS; d++) {
        st = copy_domain(w, d, im, err);
    }
    if (st == OK && w->map) {
        ctl_progress(verb, 0, 0, "the contract's views");
        st = pg_import_script(im, mapping, w->vars, w->n_vars, err);
    }
    if (st == OK && w->reader != NULL) {
        const struct script_var vars[] = {{"role", w->reader}, {"schema", w->views}, {"arms", "yes"}};

        st = pg_import_script(im, granting, vars, sizeof vars / sizeof vars[0], err);
    }
    if (st == OK) {
        ctl_progress(verb, 0, 0, "commit");
        st = pg_import_commit(im, err);
    }
    pg_import_free(im);
    if (st == E_DENIED) {
        st = err_wrap(
            err, st,
            "writing needs a role that may create tables in schema %s, which the role that dsmbd reads with "
            "may not (--conninfo, PGUSER)",
            w->schema);
    }
    return st;
}

/* --- what is said ------------------------------------------------------------------------------------------------*/

static void say_files(const struct work *w)
{
    (void)printf("%-8s %10s %8s  %s\n", "domain", "rows", "columns", "file");
    for (int d = 0; d < SDTM_DOMAINS; d++) {
        const char *name = sdtm_name((enum sdtm_domain)d);

        if (w->file[d] == NULL) {
            (void)printf("%-8s %10s %8s  %s\n", name, "-", "-", "none");
        } else {
            (void)printf("%-8s %10lld %8zu  %s\n", name, (long long)w->rows[d], w->columns[d].n,
                         w->columns[d].file);
        }
    }
    if (w->folder.n_aside > 0) {
        (void)printf("not read: %s\n", buf_cstr(&w->folder.aside));
    }
}

static void say_contract(const struct work *w)
{
    (void)printf("\n%-24s %s\n", "contract", "from");
    for (size_t i = 0; i < sdtm_n_feeds; i++) {
        const struct sdtm_feed *f = &sdtm_feeds[i];
        const char *by = sdtm_fed_by(f, w->columns);
        char what[64];

        (void)snprintf(what, sizeof what, "%s.%s", f->view, f->column);
        if (by != NULL) {
            /* Whether a supplemental table has such rows is not known. */
            (void)printf("%-24s %s.%s%s%s\n", what, sdtm_name(f->domain), by,
                         f->domain == SDTM_SUPPAE ? " " : "", f->domain == SDTM_SUPPAE ? f->note : "");
        } else {
            (void)printf("%-24s nothing: no %s; %s\n", what, f->variable,
                         f->note == NULL || f->domain == SDTM_SUPPAE ? "not answered" : f->note);
        }
    }
}

static void say_end(const struct work *w)
{
    if (w->dry_run) {
        (void)printf("\ndry run: every file was read, nothing was written\n");
        return;
    }
    (void)printf("\nwritten to schema %s\n", w->schema);
    if (w->reader != NULL) {
        (void)printf("views made in schema %s, which %s may read\n", w->views, w->reader);
    } else if (w->map) {
        (void)printf("views made in schema %s; --reader ROLE, or psql -f %s, lets a role read them\n",
                     w->views, granting);
    } else {
        (void)printf("--map, or psql -v sdtm=%s -f %s, makes the contract's views over them\n", w->schema,
                     mapping);
    }
}

static int run(struct work *w)
{
    struct err err = {0};
    enum status st = open_files(w, &err);

    if (st == OK && w->dry_run) {
        for (int d = 0; st == OK && d < SDTM_DOMAINS; d++) {
            st = copy_domain(w, d, NULL, &err);
        }
    } else if (st == OK) {
        st = load(w, &err);
    }
    ctl_progress_end();
    if (st == OK) {
        say_files(w);
        say_contract(w);
        say_end(w);
    }
    for (int d = 0; d < SDTM_DOMAINS; d++) {
        import_file_close(w->file[d]);
    }
    import_folder_done(&w->folder);
    return st == OK ? ctl_flush() : ctl_fail(verb, st, &err);
}

static int import_sdtm(int argc, char **argv)
{
    struct work w = {.schema = "sdtm", .conninfo = "", .views = "dsmb_source"};
    struct ctl_taker encoding = {take_encoding, &w}, set = {take_set, &w};
    const struct ctl_opt opts[] = {
        {"schema", CTL_TEXT, &w.schema},   {"encoding", CTL_CALL, &encoding},
        {"replace", CTL_FLAG, &w.replace}, {"map", CTL_FLAG, &w.map},
        {"set", CTL_CALL, &set},           {"dry-run", CTL_FLAG, &w.dry_run},
        {"reader", CTL_TEXT, &w.reader},   {"conninfo", CTL_TEXT, &w.conninfo},
    };
    int at = 0, rc = ctl_options(verb, usage, opts, sizeof opts / sizeof opts[0], argc, argv, &at);

    if (rc == 0 && at >= argc) {
        rc = wrong("DIR", "is missing: the folder that holds dm.csv or dm.xpt and the others");
    }
    if (rc == 0) {
        rc = ctl_no_operand(verb, argc, argv, at + 1);
    }
    rc = rc == 0 ? check_options(&w) : rc;
    if (rc == 0) {
        w.dir = argv[at];
        w.vars[w.n_vars++] = (struct script_var){.name = "sdtm", .value = w.schema};
        w.vars[w.n_vars++] = (struct script_var){.name = "schema", .value = w.views};
        rc = run(&w);
    }
    for (size_t i = 0; i < w.n_names; i++) {
        free(w.names[i]);
    }
    return rc == CTL_HELPED ? 0 : rc;
}

int ctl_import(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (strcmp(what, "sdtm") == 0) {
        return import_sdtm(argc - 1, argv + 1);
    }
    if (strcmp(what, "--help") == 0) {
        (void)fputs(usage, stdout);
        return 0;
    }
    (void)fputs(usage, stderr);
    return 2;
}
