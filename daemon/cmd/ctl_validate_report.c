/* The qualification report of dsmbctl validate, as text and as a page. */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include <gnu/libc-version.h>
#include <jansson.h>

#include "base/vec.h"
#include "cmd/ctl.h"
#include "cmd/ctl_calc.h"
#include "cmd/ctl_validate.h"
#include "render/paper.h"
#include "stats/dist.h"

#ifndef DSMB_BUILD_FLAGS
#define DSMB_BUILD_FLAGS "not recorded"
#endif

#ifdef __clang__
static const char compiler[] = "clang";
#else
static const char compiler[] = "gcc";
#endif
#ifdef __FAST_MATH__
static const char fast_math[] = "FAST MATH: results are not valid";
#else
static const char fast_math[] = "no fast math";
#endif

void qualification_done(struct qualification *q)
{
    for (size_t i = 0; i < q->n_sources; i++) {
        free(q->source[i].path);
    }
    free(q->source);
    free(q->result);
    *q = (struct qualification){0};
}

enum status qualification_source(struct qualification *q, const char *path, const struct buf *bytes,
                                 struct err *err)
{
    struct sha256 hash;
    char *copy;
    enum status st = sha256_of(bytes->data, bytes->len, &hash, err);

    if (st == OK) {
        st = VEC_PUSH_ROOM(q->source, q->n_sources, q->cap_sources, err);
    }
    if (st != OK) {
        return st;
    }
    copy = strdup(path);
    if (copy == NULL) {
        return err_set(err, E_NOMEM, "qualification report");
    }
    q->source[q->n_sources].path = copy;
    q->source[q->n_sources].hash = hash;
    q->source[q->n_sources++].bytes = bytes->len;
    return OK;
}

void qualification_add(struct qualification *q, const struct qualified *x)
{
    if (VEC_PUSH_ROOM(q->result, q->n, q->cap, NULL) != OK) {
        q->failed = true;
        return;
    }
    q->result[q->n++] = *x;
}

enum { FACTS_MAX = 12 };

struct fact_pair {
    const char *name;
    char value[512];
};

/* SHA-256 of the running program: two reports are of the same program when this is the same. */
static void program_hash(char *out, size_t size)
{
    struct buf bytes = {0};
    struct sha256 h;
    char hex[SHA256_HEX];

    if (ctl_read("/proc/self/exe", &bytes, NULL) == OK && sha256_of(bytes.data, bytes.len, &h, NULL) == OK) {
        sha256_hex(&h, hex);
        (void)snprintf(out, size, "%s", hex);
    } else {
        (void)snprintf(out, size, "not known");
    }
    buf_done(&bytes);
}

static size_t facts(struct fact_pair *f)
{
    struct utsname u;
    struct tm tm;
    time_t now = time(NULL);
    size_t n = 0;

    f[n].name = "Program";
    (void)snprintf(f[n++].value, sizeof f[0].value, "dsmbctl %s", DSMB_VERSION);
    f[n].name = "SHA-256 of the program";
    program_hash(f[n].value, sizeof f[0].value);
    n++;
    f[n].name = "Compiler";
    (void)snprintf(f[n++].value, sizeof f[0].value, "%s %s", compiler, __VERSION__);
    f[n].name = "Flags";
    (void)snprintf(f[n++].value, sizeof f[0].value, "%s", DSMB_BUILD_FLAGS);
    f[n].name = "Arithmetic";
    (void)snprintf(f[n++].value, sizeof f[0].value, "double of %d bits, evaluation method %d, %s",
                   DBL_MANT_DIG, (int)FLT_EVAL_METHOD, fast_math);
    f[n].name = "Libraries";
    (void)snprintf(f[n++].value, sizeof f[0].value, "%s, glibc %s, jansson %s", dist_library(),
                   gnu_get_libc_version(), jansson_version_str());
    f[n].name = "Machine";
    (void)snprintf(f[n++].value, sizeof f[0].value, "%s",
                   uname(&u) == 0 ? u.machine : "not known"); /* no host name: a report is for others */
    f[n].name = "Run at";
    if (gmtime_r(&now, &tm) == NULL ||
        strftime(f[n].value, sizeof f[0].value, "%Y-%m-%d %H:%M:%S UTC", &tm) == 0) {
        (void)snprintf(f[n].value, sizeof f[0].value, "not known");
    }
    return n + 1;
}

static void totals(const struct qualification *q, size_t *compared, size_t *failed)
{
    *compared = *failed = 0;
    for (size_t i = 0; i < q->n; i++) {
        *compared += q->result[i].compared;
        *failed += q->result[i].failed > 0;
    }
}

static void verdict(const struct qualified *x, char *out, size_t size)
{
    if (x->failed == 0) {
        (void)snprintf(out, size, "pass");
    } else if (x->line > 0) {
        (void)snprintf(out, size, "FAIL: %zu, first in line %zu", x->failed, x->line);
    } else {
        (void)snprintf(out, size, "FAIL: %zu", x->failed);
    }
}

static enum status whole(const struct qualification *q, struct err *err)
{
    return q->failed ? err_set(err, E_NOMEM, "qualification report") : OK;
}

enum status qualification_text(const struct qualification *q, struct err *err)
{
    struct fact_pair f[FACTS_MAX];
    size_t n = facts(f), compared, failed;
    char word[64], hex[SHA256_HEX];
    enum status st = whole(q, err);

    if (st != OK) {
        return st;
    }
    (void)printf("Qualification of the statistics\n\n");
    for (size_t i = 0; i < n; i++) {
        (void)printf("%-24s %s\n", f[i].name, f[i].value);
    }
    for (size_t s = 0; s < q->n_sources; s++) {
        sha256_hex(&q->source[s].hash, hex);
        (void)printf("\n%s, %zu bytes, SHA-256 %s\n", q->source[s].path, q->source[s].bytes, hex);
        (void)printf("%-14s %-26s %-26s %8s %10s %10s %10s %-19s %s\n", "set", "column", "rows of",
                     "compared", "worst abs", "worst rel", "tolerance", "", "verdict");
        for (size_t i = 0; i < q->n; i++) {
            const struct qualified *x = &q->result[i];

            if (x->source == s) {
                verdict(x, word, sizeof word);
                (void)printf("%-14s %-26s %-26s %8zu %10.2e %10.2e %10.0e %-19s %s\n", x->set, x->column,
                             x->rows_of, x->compared, x->worst_abs, x->worst_rel, x->tolerance, x->measure,
                             word);
            }
        }
    }
    totals(q, &compared, &failed);
    (void)printf("\n%zu sets, %zu columns, %zu values compared: ", q->n_sources, q->n, compared);
    if (failed == 0) {
        (void)printf("all pass\n");
    } else {
        (void)printf("%zu columns FAILED\n", failed);
    }
    return OK;
}

/* The sets' columns; "Rows of" only where a column has rows of several kinds. */
static void set_table(const struct qualification *q, size_t source, struct page *p)
{
    bool kinds = false;

    for (size_t i = 0; i < q->n; i++) {
        kinds = kinds || (q->result[i].source == source && q->result[i].rows_of[0] != '\0');
    }
    page_table(p, "", kinds ? 7 : 6, kinds ? 0x1cU : 0xeU);
    page_cell(p, "Column");
    if (kinds) {
        page_cell(p, "Rows of");
    }
    page_cell(p, "Compared");
    page_cell(p, "Worst absolute error");
    page_cell(p, "Worst relative error");
    page_cell(p, "Tolerance");
    page_cell(p, "Verdict");
    for (size_t i = 0; i < q->n; i++) {
        const struct qualified *x = &q->result[i];
        struct buf b = {0};
        char word[64];

        if (x->source != source) {
            continue;
        }
        page_cell(p, x->column);
        if (kinds) {
            page_cell(p, x->rows_of);
        }
        buf_fmt(&b, "%zu", x->compared);
        page_cell_take(p, &b);
        buf_fmt(&b, "%.2e", x->worst_abs);
        page_cell_take(p, &b);
        buf_fmt(&b, "%.2e", x->worst_rel);
        page_cell_take(p, &b);
        buf_fmt(&b, "%.0e %s", x->tolerance, x->measure);
        page_cell_take(p, &b);
        verdict(x, word, sizeof word);
        page_cell(p, word);
    }
}

static void compose(const struct qualification *q, struct page *p)
{
    struct fact_pair f[FACTS_MAX];
    size_t n = facts(f);
    char hex[SHA256_HEX];

    page_add(p, BLOCK_HEADING, "What was run");
    page_table(p, "", 2, 0);
    page_cell(p, "");
    page_cell(p, "");
    for (size_t i = 0; i < n; i++) {
        page_cell(p, f[i].name);
        page_cell(p, f[i].value);
    }
    for (size_t s = 0; s < q->n_sources; s++) {
        struct buf b = {0};

        sha256_hex(&q->source[s].hash, hex);
        page_add(p, BLOCK_HEADING, q->source[s].path);
        buf_fmt(&b, "%zu bytes, SHA-256 %s", q->source[s].bytes, hex);
        page_take(p, BLOCK_NOTE, &b);
        set_table(q, s, p);
    }
    page_add(p, BLOCK_HEADING, "Checked");
    page_add(p, BLOCK_PARA, "By:");
    page_add(p, BLOCK_PARA, "Date and signature:");
}

/* The same layout as the reports'. */
static enum status write_page(const struct qualification *q, struct buf *out, struct err *err)
{
    struct paper about = {.kind = "Qualification report",
                          .trial = "dsmbd " DSMB_VERSION,
                          .title = "statistics against their references",
                          .confidential = "Holds no data of any trial"};
    size_t compared, failed;
    struct buf subject = {0};
    struct page *p = NULL;
    enum status st = page_new(&p, err);

    totals(q, &compared, &failed);
    buf_fmt(&subject, "%zu reference sets, %zu columns, %zu values compared: ", q->n_sources, q->n, compared);
    if (failed == 0) {
        buf_str(&subject, "all pass");
    } else {
        buf_fmt(&subject, "%zu columns FAILED", failed);
    }
    if (st == OK) {
        st = buf_check(&subject, err);
    }
    if (st == OK) {
        about.subject = buf_cstr(&subject);
        compose(q, p);
        st = paper_html(p, &about, out, err);
    }
    page_free(p);
    buf_done(&subject);
    return st;
}

enum status qualification_html(const struct qualification *q, const char *file, struct err *err)
{
    struct buf b = {0};
    FILE *f = NULL;
    enum status st = whole(q, err);

    if (st == OK) {
        st = write_page(q, &b, err);
    }
    if (st != OK) {
        goto out;
    }
    f = fopen(file, "wb");
    if (f == NULL) {
        st = err_set(err, E_IO, "%s: %s", file, strerror(errno));
        goto out;
    }
    if (fwrite(b.data, 1, b.len, f) != b.len) {
        st = err_set(err, E_IO, "%s: %s", file, strerror(errno));
    }
    if (fclose(f) != 0 && st == OK) {
        st = err_set(err, E_IO, "%s: %s", file, strerror(errno));
    }
out:
    buf_done(&b);
    return st;
}
