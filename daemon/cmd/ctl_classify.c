/* classify: what the rules say of each verbatim of a CSV. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/adopt.h"
#include "base/buf.h"
#include "base/csv.h"
#include "base/text.h"
#include "classify/rules.h"
#include "cmd/ctl.h"
#include "cmd/ctl_json.h"
#include "cmd/ctl_opts.h"
#include "config/yaml.h"

enum { PROGRESS_EVERY = 1000 };

static const char usage[] =
    "usage: dsmbctl classify [--rules DIR] [--explain] [--format csv|json] [FILE.csv]\n"
    "\n"
    "Reads a CSV with a column `term` (and `coded_pt`, `coded_soc` if there), from FILE or standard input, "
    "keeps its\n"
    "columns and adds what the rules say:\n"
    "  gi cv mace3 mace_ext cv_sign fatal hypermg needs_review    0 or 1\n"
    "  gi_subtype cv_subtype                                      several joined by |, the main one first\n"
    "  rule                                                       the rule that decided\n"
    "A name the CSV already has is added as calc_NAME.  --explain adds a column `explain`: each rule that "
    "matched or\n"
    "was blocked, its phrase, the words and where they stand.\n"
    "Rules: --rules, else $DSMBD_RULES, else /usr/share/dsmbd/rules, else ./rules (all *.yaml, by name).\n";

static const char *rules_dir(const char *dir)
{
    const char *env = getenv("DSMBD_RULES");

    if (dir != NULL) {
        return dir;
    }
    if (env != NULL && env[0] != '\0') {
        return env;
    }
    return access("/usr/share/dsmbd/rules", R_OK) == 0 ? "/usr/share/dsmbd/rules" : "rules";
}

static enum status load_rules(const char *dir, struct ruleset **ret, struct err *err)
{
    struct adopted_rules files = {0};
    enum status st;

    dir = rules_dir(dir);
    st = ctl_rules(dir, &files, err);
    if (st == OK) {
        st = adopt_read_rules(yaml_parse, &files, ret, err);
        st = st == OK ? OK : err_wrap(err, st, "rules folder %s", dir);
    }
    adopted_rules_done(&files);
    return st;
}

/* The added columns, in order. */
enum {
    C_GI,
    C_GI_SUBTYPE,
    C_CV,
    C_CV_SUBTYPE,
    C_MACE3,
    C_MACE_EXT,
    C_CV_SIGN,
    C_FATAL,
    C_HYPERMG,
    C_REVIEW,
    C_RULE,
    C_EXPLAIN,
    C_N
};

static const char *const column_names[C_N] = {"gi",      "gi_subtype",   "cv",      "cv_subtype",
                                              "mace3",   "mace_ext",     "cv_sign", "fatal",
                                              "hypermg", "needs_review", "rule",    "explain"};

/* Where each column's answer comes from; -1: the rules at hand have no such category or subtype, and it is 0. */
struct places {
    int gi, cv, death, hypermg, mace3, mace_ext;
};

static bool has_category(const struct event_class *c, int i)
{
    return i >= 0 && (c->categories & UINT32_C(1) << i) != 0;
}

static bool has_subtype(const struct event_class *c, int i)
{
    return i >= 0 && (c->subtypes & UINT64_C(1) << i) != 0;
}

static void add_subtypes(struct buf *out, const struct ruleset *rs, const struct event_class *c, int cat)
{
    bool first = true;

    for (int i = 0; cat >= 0 && i < ruleset_subtypes(rs); i++) {
        if (ruleset_subtype_category(rs, i) == cat && !ruleset_subtype_composite(rs, i) &&
            has_subtype(c, i)) {
            buf_str(out, first ? "" : "|");
            buf_str(out, ruleset_subtype(rs, i));
            first = false;
        }
    }
}

struct job {
    struct ruleset *rs;
    const struct csv *in;
    struct places at;
    int term, pt, soc;
    bool explain;
    char names[C_N][24];
    struct buf cell[C_N];
    size_t repaired; /* cells of the output */
};

static enum status classify_row(struct job *j, size_t row, struct err *err)
{
    const struct places *at = &j->at;
    struct event_class c;
    size_t len;
    const char *term = csv_cell(j->in, row, (size_t)j->term, &len);
    const char *pt = j->pt < 0 ? NULL : csv_cell(j->in, row, (size_t)j->pt, NULL);
    const char *soc = j->soc < 0 ? NULL : csv_cell(j->in, row, (size_t)j->soc, NULL);
    enum status st = classify_term(j->rs, term, len, pt, soc, &c, err);
    bool flags[C_N];

    if (row % PROGRESS_EVERY == 0) {
        ctl_progress("classify", row, csv_rows(j->in), "rows");
    }
    if (st != OK) {
        return st;
    }
    flags[C_GI] = has_category(&c, at->gi);
    flags[C_CV] = has_category(&c, at->cv);
    flags[C_MACE3] = has_subtype(&c, at->mace3);
    flags[C_MACE_EXT] = has_subtype(&c, at->mace_ext);
    flags[C_CV_SIGN] = (c.flags & CLASS_SIGN) != 0;
    flags[C_FATAL] = has_category(&c, at->death);
    flags[C_HYPERMG] = has_category(&c, at->hypermg);
    flags[C_REVIEW] = (c.flags & CLASS_REVIEW) != 0;
    for (int i = 0; i < C_N; i++) {
        buf_clear(&j->cell[i]);
        switch (i) {
        case C_GI_SUBTYPE:
            add_subtypes(&j->cell[i], j->rs, &c, at->gi);
            break;
        case C_CV_SUBTYPE:
            add_subtypes(&j->cell[i], j->rs, &c, at->cv);
            break;
        case C_RULE:
            buf_str(&j->cell[i], ruleset_rule(j->rs, c.rule));
            break;
        case C_EXPLAIN:
            st = j->explain ? classify_explain(j->rs, term, len, pt, soc, &j->cell[i], err) : OK;
            if (j->cell[i].len > 0) { /* the last line's end says nothing in a cell */
                j->cell[i].data[--j->cell[i].len] = '\0';
            }
            break;
        default:
            buf_str(&j->cell[i], flags[i] ? "1" : "0");
            break;
        }
        st = st != OK ? st : buf_check(&j->cell[i], err);
    }
    return st;
}

static int columns(const struct job *j)
{
    return j->explain ? C_N : C_EXPLAIN;
}

static enum status put_csv(struct job *j, struct buf *out, struct err *err)
{
    enum status st = OK;

    for (size_t i = 0; i < csv_cols(j->in); i++) {
        csv_put(out, i == 0, csv_header(j->in, i), strlen(csv_header(j->in, i)));
    }
    for (int i = 0; i < columns(j); i++) {
        csv_put(out, false, j->names[i], strlen(j->names[i]));
    }
    csv_end(out);
    for (size_t r = 0; st == OK && r < csv_rows(j->in); r++) {
        st = classify_row(j, r, err);
        for (size_t i = 0; i < csv_cols(j->in); i++) {
            size_t len;
            const char *s = csv_cell(j->in, r, i, &len);

            csv_put(out, i == 0, s, len);
        }
        for (int i = 0; i < columns(j); i++) {
            csv_put(out, false, buf_cstr(&j->cell[i]), j->cell[i].len);
        }
        csv_end(out);
    }
    return st;
}

/* JSON text is UTF-8: what a cell has that is none becomes U+FFFD, as in the trial's own data. */
static json_t *json_text(struct job *j, const char *s, size_t len)
{
    struct buf b = {0};
    json_t *v;

    j->repaired += utf8_repair(&b, s, len) > 0;
    v = b.failed ? NULL : json_stringn(buf_cstr(&b), b.len);
    buf_done(&b);
    return v;
}

static enum status put_json(struct job *j, struct buf *out, struct err *err)
{
    json_t *rows = json_array();
    enum status st = rows == NULL ? err_set(err, E_NOMEM, "writing JSON") : OK;

    for (size_t i = 0; st == OK && i < csv_cols(j->in); i++) {
        const char *name = csv_header(j->in, i);

        if (utf8_valid_prefix(name, strlen(name)) != strlen(name)) {
            st = err_set(err, E_DATA,
                         "the name of column %zu is not UTF-8, which JSON wants: convert the file", i + 1);
        }
    }
    for (size_t r = 0; st == OK && r < csv_rows(j->in); r++) {
        json_t *o = json_object();
        bool lost = o == NULL;

        st = classify_row(j, r, err);
        for (size_t i = 0; st == OK && i < csv_cols(j->in); i++) {
            size_t len;
            const char *s = csv_cell(j->in, r, i, &len);

            lost = lost || json_object_set_new(o, csv_header(j->in, i), json_text(j, s, len)) != 0;
        }
        for (int i = 0; st == OK && i < columns(j); i++) {
            bool text_column = i == C_GI_SUBTYPE || i == C_CV_SUBTYPE || i == C_RULE || i == C_EXPLAIN;
            json_t *v = text_column ? json_text(j, buf_cstr(&j->cell[i]), j->cell[i].len)
                                    : json_integer(buf_cstr(&j->cell[i])[0] == '1');

            lost = lost || json_object_set_new(o, j->names[i], v) != 0;
        }
        lost = json_array_append_new(rows, o) != 0 || lost;
        if (st == OK && lost) {
            st = err_set(err, E_NOMEM, "writing JSON");
        }
    }
    if (st != OK) {
        json_decref(rows);
        return st;
    }
    return ctl_json(rows, JSON_INDENT(1), out, err);
}

static void name_columns(struct job *j)
{
    for (int i = 0; i < C_N; i++) {
        (void)snprintf(j->names[i], sizeof j->names[i], "%s%s",
                       csv_find(j->in, column_names[i]) >= 0 ? "calc_" : "", column_names[i]);
    }
}

static void find_places(struct job *j)
{
    struct places *p = &j->at;

    p->gi = ruleset_find_category(j->rs, "gastrointestinal");
    p->cv = ruleset_find_category(j->rs, "cardiovascular");
    p->death = ruleset_find_category(j->rs, "death");
    p->hypermg = ruleset_find_category(j->rs, "hypermagnesaemia");
    p->mace3 = ruleset_find_subtype(j->rs, p->cv, "MACE3");
    p->mace_ext = ruleset_find_subtype(j->rs, p->cv, "MACE_EXT");
}

static enum status run(const char *rules, const char *file, bool explain, bool json, struct buf *out,
                       struct err *err)
{
    struct job j = {.explain = explain};
    struct csv *csv = NULL;
    struct buf bytes = {0};
    enum status st = load_rules(rules, &j.rs, err);

    ctl_progress("classify", 0, 0, "reading");
    st = st != OK ? st : ctl_read(file, &bytes, err);
    st = st != OK ? st
                  : csv_parse(strcmp(file, "-") == 0 ? "standard input" : file, buf_cstr(&bytes), bytes.len,
                              &csv, err);
    if (st == OK) {
        j.in = csv;
        j.term = csv_find(csv, "term");
        j.pt = csv_find(csv, "coded_pt");
        j.soc = csv_find(csv, "coded_soc");
        if (j.term < 0) {
            st = err_set(err, E_DATA, "%s:1: no column \"term\"", file);
        }
    }
    if (st == OK) {
        name_columns(&j);
        find_places(&j);
        st = json ? put_json(&j, out, err) : put_csv(&j, out, err);
        st = st != OK ? st : buf_check(out, err);
    }
    ctl_progress_end();
    if (st == OK && j.repaired > 0) {
        (void)fprintf(stderr, "dsmbctl classify: %zu cells had bytes that are not UTF-8, shown as U+FFFD\n",
                      j.repaired);
    }
    for (int i = 0; i < C_N; i++) {
        buf_done(&j.cell[i]);
    }
    csv_free(csv);
    buf_done(&bytes);
    ruleset_free(j.rs);
    return st;
}

static bool take_format(void *ctx, const char *word)
{
    bool *json = ctx;

    if (strcmp(word, "csv") != 0 && strcmp(word, "json") != 0) {
        (void)fprintf(stderr, "dsmbctl classify: --format %s: write csv or json\n", word);
        return false;
    }
    *json = strcmp(word, "json") == 0;
    return true;
}

int ctl_classify(int argc, char **argv)
{
    const char *rules = NULL;
    bool explain = false, json = false;
    struct ctl_taker format = {take_format, &json};
    const struct ctl_opt opts[] = {
        {"rules", CTL_TEXT, &rules}, {"explain", CTL_FLAG, &explain}, {"format", CTL_CALL, &format}};
    struct buf out = {0};
    struct err err = {OK, ""};
    enum status st;
    int at = 0, rc = ctl_options("classify", usage, opts, sizeof opts / sizeof opts[0], argc, argv, &at);

    if (rc == 0 && argc - at > 1) {
        rc = ctl_no_operand("classify", argc, argv, at + 1);
    }
    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    st = run(rules, at < argc ? argv[at] : "-", explain, json, &out, &err);
    if (st == OK) {
        ctl_put(&out);
    }
    buf_done(&out);
    return st == OK ? 0 : ctl_fail("classify", st, &err);
}
