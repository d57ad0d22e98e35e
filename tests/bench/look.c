/*
 * look.c - the pure part of a look on rows made up in memory, stage by stage.
 *
 *   bench-look RULES_DIR EVENTS [CHANGED [LOOKS]]
 *
 * Rows come as COPY would send them (tuples in binary), already converted to the contract's text.  Prints microseconds
 * of each stage; under `valgrind --tool=callgrind` or `perf stat` the counts of instructions tell the same without noise.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "classify/rules.h"
#include "config/yaml.h"
#include "monitor/look.h"
#include "tally/tally.h"
#include "trial/reading.h"

enum { SUBJECTS_PER = 20, WORDS = 25000, CELL = 64 };

static const char *const stems[] = {
    "headache",   "nausea",       "chest pain",        "myocardial infarction",
    "diarrhoea",  "fall at home", "upper airway cold", "atrial fibrillation",
    "stroke",     "rash",         "back pain",         "hyperkalaemia",
    "acute gout", "dizziness",    "pneumonia",         "urinary tract infection"};

static double now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void must(enum status st, const struct err *err)
{
    if (st != OK) {
        (void)fprintf(stderr, "bench-look: %s\n", err->msg);
        exit(1);
    }
}

static struct ruleset *rules(const char *dir)
{
    struct dirent **names = NULL;
    int n = scandir(dir, &names, NULL, alphasort);
    const struct doc *docs[32];
    size_t n_docs = 0;
    struct ruleset *rs = NULL;
    struct err err = {0};

    for (int i = 0; i < n; i++) {
        const char *dot = strrchr(names[i]->d_name, '.');
        char path[512];
        struct doc *d = NULL;

        if (dot != NULL && strcmp(dot, ".yaml") == 0 && n_docs < 32) {
            (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]->d_name);
            must(yaml_load(path, &d, &err), &err);
            docs[n_docs++] = d;
        }
        free(names[i]);
    }
    free(names);
    must(ruleset_new(docs, n_docs, &rs, &err), &err);
    return rs;
}

/* The source: tuples one after another, each a length and the fields as rows.h encodes them. */
struct tuple {
    enum src_view view;
    size_t at, len;
};

struct source_data {
    struct buf bytes;
    struct tuple *tuples;
    size_t n;
};

static void put(struct buf *b, const char *s)
{
    if (s == NULL) {
        buf_u32be(b, UINT32_MAX);
    } else {
        buf_u32be(b, (uint32_t)strlen(s));
        buf_str(b, s);
    }
}

static void add_tuple(struct source_data *d, enum src_view view, const char *const *values)
{
    struct tuple *t = &d->tuples[d->n++];

    t->view = view;
    t->at = d->bytes.len;
    for (size_t c = 0; c < contract_views[view].n_columns; c++) {
        put(&d->bytes, values[c]);
    }
    t->len = d->bytes.len - t->at;
}

static void add_event(struct source_data *d, size_t i, size_t n_subjects, const char *onset)
{
    char id[CELL], subject[CELL], term[CELL];
    size_t word = i * 7919 % WORDS;
    const char *v[AE_COLUMNS] = {[AE_ID] = id,
                                 [AE_SUBJECT] = subject,
                                 [AE_EPISODE] = id,
                                 [AE_TERM] = term,
                                 [AE_ONSET] = onset,
                                 [AE_SERIOUS] = i % 11 == 0 ? "t" : "f",
                                 [AE_GRADE] = "2",
                                 [AE_OUTCOME] = "RECOVERED/RESOLVED",
                                 [AE_RELATED] = "f",
                                 [AE_FORM] = "COMPLETE",
                                 [AE_DELETED] = "f",
                                 [AE_ENTERED] = "2024-03-01T10:00:00.000000Z",
                                 [AE_UPDATED] = "2024-03-01T10:00:00.000000Z"};

    (void)snprintf(id, sizeof id, "AE-%08zu", i);
    (void)snprintf(subject, sizeof subject, "01-%07zu", i * 31 % n_subjects);
    (void)snprintf(term, sizeof term, "%s, note %zu", stems[word % (sizeof stems / sizeof *stems)], word);
    add_tuple(d, SRC_AE, v);
}

static struct source_data make_source(size_t n_events, size_t n_changed, int look)
{
    struct source_data d = {0};
    size_t n_subjects = n_events / SUBJECTS_PER + 2;

    d.tuples = malloc((n_events + n_changed + 2 * n_subjects + 8) * sizeof *d.tuples);
    if (d.tuples == NULL) {
        exit(1);
    }
    for (size_t i = 0; i < n_subjects; i++) {
        char id[CELL];
        const char *s[SUB_COLUMNS] = {[SUB_ID] = id,
                                      [SUB_SITE] = "site 1",
                                      [SUB_RAND] = "2023-05-04",
                                      [SUB_FIRST_DOSE] = "2023-05-05",
                                      [SUB_DEATH_FLAG] = "f",
                                      [SUB_UPDATED] = "2024-03-01T10:00:00.000000Z"};
        const char *a[ARM_COLUMNS] = {id, i % 2 == 0 ? "A" : "B", NULL};

        (void)snprintf(id, sizeof id, "01-%07zu", i);
        add_tuple(&d, SRC_SUBJECT, s);
        add_tuple(&d, SRC_ARM, a);
    }
    for (size_t i = 0; i < n_events; i++) {
        bool changed = look > 0 && n_changed > 0 && i % (n_events / n_changed) == (size_t)look;

        add_event(&d, i, n_subjects, changed ? "2024-02-01" : "2024-02-09");
    }
    for (size_t i = 0; look > 0 && i < n_changed; i++) { /* as many new ones */
        add_event(&d, n_events + (size_t)look * n_changed + i, n_subjects, "2024-02-20");
    }
    add_tuple(&d, SRC_META, (const char *const[]){"contract_version", "1"});
    add_tuple(&d, SRC_META, (const char *const[]){"data_cutoff", "2024-03-01T10:00:00.000000Z"});
    return d;
}

static double last_us;

static void stage(int look, const char *what)
{
    double t = now_us();

    (void)printf("look %d  %-22s %10.0f us\n", look, what, t - last_us);
    last_us = now_us();
}

static void monitors(const struct snapshot *s, const struct classes *c, const struct tally_options *o)
{
    for (int cat = 0; cat < 3; cat++) {
        struct tally_target target = {.category = cat};
        struct first_event *first = NULL;
        struct risk_time *times = NULL;
        struct err err = {0};
        size_t n = 0;

        must(tally_first_events(s, c, target, o, &first, &n, &err), &err);
        must(tally_risk_times(s, c, target, o, &times, &err), &err);
        free(first);
        free(times);
    }
}

int main(int argc, char **argv)
{
    size_t n_events = argc > 2 ? strtoull(argv[2], NULL, 10) : 100000;
    size_t n_changed = argc > 3 ? strtoull(argv[3], NULL, 10) : 10;
    int looks = argc > 4 ? (int)strtol(argv[4], NULL, 10) : 3;
    struct arms arms = {.n = 2};
    struct rows *rows = NULL;
    struct reading *reading = NULL;
    struct sha256 key;
    struct err err = {0};
    struct ruleset *rs;
    struct rusage use;
    int category[SUBTYPES_MAX];

    if (argc < 2) {
        (void)fprintf(stderr, "usage: %s RULES_DIR EVENTS [CHANGED [LOOKS]]\n", argv[0]);
        return 2;
    }
    rs = rules(argv[1]);
    for (int i = 0; i < 2; i++) {
        must(secret_new(i == 0 ? "A" : "B", 1, &arms.arm[i].code, &err), &err);
        must(secret_new(i == 0 ? "A" : "B", 1, &arms.arm[i].label, &err), &err);
        arms.arm[i].allocation = 0.5;
    }
    for (int i = 0; i < ruleset_subtypes(rs); i++) {
        category[i] = ruleset_subtype_category(rs, i);
    }
    must(rows_new(&rows, &err), &err);
    must(sha256_of("bench", 5, &key, &err), &err);
    must(reading_new(rows, &arms, &key, &reading, &err), &err);
    for (int look = 0; look < looks; look++) {
        struct source_data d = make_source(n_events, n_changed, look);
        const struct snapshot *s = NULL;
        bool again = false;
        struct classes classes = {0};
        struct tally_shape shape = {2, ruleset_categories(rs), ruleset_subtypes(rs), category};
        struct tally_options o = tally_defaults(day_from_ymd(2024, 3, 1));
        struct tally_row *tallies = NULL;
        const struct row_change *changes = NULL;
        struct sha256 h;
        size_t n = 0;
        double began = now_us();

        last_us = began;
        must(rows_begin(rows, &err), &err);
        must(reading_begin(reading, &err), &err);
        for (size_t i = 0; i < d.n; i++) {
            const struct tuple *t = &d.tuples[i];
            struct field f[SRC_COLUMNS_MAX];

            if (!reading_same(reading, t->view, 0, d.bytes.data + t->at, t->len)) {
                must(row_decode(t->view, d.bytes.data + t->at, t->len, f, &err), &err);
                must(reading_row(reading, t->view, f, &err), &err);
            }
        }
        stage(look, "rows");
        must(reading_finish(reading, &s, &again, &err), &err);
        stage(look, "snapshot");
        must(rows_changes(rows, &changes, &n, &err), &err);
        must(rows_snapshot_hash(rows, &h, &err), &err);
        stage(look, "changes, hash");
        must(classify_snapshot(rs, s, NULL, &classes, &err), &err);
        stage(look, "classify");
        must(tally_counts(s, &classes, &shape, &o, &tallies, &n, &err), &err);
        stage(look, "counts");
        monitors(s, &classes, &o);
        stage(look, "3 monitors");
        rows_commit(rows);
        classes_done(&classes);
        free(tallies);
        reading_close(reading);
        stage(look, "commit, free");
        (void)printf("look %d  %-22s %10.0f us, %zu events, %zu queries\n\n", look, "all", now_us() - began,
                     s->n_events, s->n_queries);
        buf_done(&d.bytes);
        free(d.tuples);
    }
    (void)getrusage(RUSAGE_SELF, &use);
    (void)printf("memory, with the made-up source: %ld kB\n", use.ru_maxrss);
    reading_free(reading);
    rows_free(rows);
    ruleset_free(rs);
    arms_done(&arms);
    return 0;
}
