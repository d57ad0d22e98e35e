#include "pg/script.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"

enum { DEPTH_MAX = 8, WORD_MAX = 256 };

static const char NAME_CHARS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

struct var {
    char *name, *value;
    bool ours; /* made by \gset: may stand in SQL as it is */
};

enum quote { PLAIN, SINGLE, DOUBLE, DOLLAR };

struct script {
    struct pgconn *c;
    const char *file;
    size_t line;
    struct var *vars;
    size_t n_vars, cap_vars;
    bool active[DEPTH_MAX]; /* of each open \if: is this branch run */
    bool taken[DEPTH_MAX];  /* was one of its branches */
    size_t depth;
    enum quote quote;
    struct buf sql; /* begins with a line end for every line before it, so that positions count */
    bool some;      /* something stands in it */
};

static enum status bad(const struct script *s, struct err *err, const char *what, const char *word)
{
    return err_set(err, E_INTERNAL, "%s:%zu: %s %.60s", s->file, s->line, what, word);
}

static struct var *find(const struct script *s, const char *name, size_t len)
{
    for (size_t i = 0; i < s->n_vars; i++) {
        if (strlen(s->vars[i].name) == len && memcmp(s->vars[i].name, name, len) == 0) {
            return &s->vars[i];
        }
    }
    return NULL;
}

static enum status set_var(struct script *s, const char *name, const char *value, bool ours, struct err *err)
{
    struct var *v = find(s, name, strlen(name));
    char *copy = strdup(value);
    enum status st = OK;

    if (copy == NULL) {
        return err_set(err, E_NOMEM, "%s", s->file);
    }
    if (v == NULL) {
        st = VEC_PUSH_ROOM(s->vars, s->n_vars, s->cap_vars, err);
        if (st == OK) {
            v = &s->vars[s->n_vars];
            *v = (struct var){.name = strdup(name)};
            st = v->name == NULL ? err_set(err, E_NOMEM, "%s", s->file) : OK;
        }
        if (st != OK) {
            free(copy);
            return st;
        }
        s->n_vars++;
    }
    free(v->value);
    v->value = copy;
    v->ours = ours;
    return OK;
}

static bool is_active(const struct script *s)
{
    for (size_t i = 0; i < s->depth; i++) {
        if (!s->active[i]) {
            return false;
        }
    }
    return true;
}

/* --- lines with a backslash --------------------------------------------------------------------------------------*/

/* The next word of a line, quotes undone; false at its end. */
static enum status next_word(const struct script *s, const char **pos, const char *end, char word[WORD_MAX],
                             bool *some, struct err *err)
{
    const char *p = *pos;
    size_t n = 0;
    bool quoted = false;

    while (p < end && *p == ' ') {
        p++;
    }
    *some = p < end;
    for (; p < end && (quoted || *p != ' '); p++) {
        if (*p == '\'') {
            quoted = !quoted;
            continue;
        }
        if (n + 1 == WORD_MAX) {
            return bad(s, err, "a long word", "");
        }
        word[n++] = *p;
    }
    word[n] = '\0';
    *pos = p;
    return OK;
}

static enum status condition(const struct script *s, const char *word, bool *ret, struct err *err)
{
    size_t n = strlen(word);
    const struct var *v;

    if (n > 4 && memcmp(word, ":{?", 3) == 0 && word[n - 1] == '}') {
        *ret = find(s, word + 3, n - 4) != NULL;
        return OK;
    }
    v = word[0] == ':' ? find(s, word + 1, n - 1) : NULL;
    if (v == NULL) {
        return bad(s, err, "no condition:", word);
    }
    *ret = strcmp(v->value, "t") == 0 || strcmp(v->value, "true") == 0 || strcmp(v->value, "on") == 0 ||
           strcmp(v->value, "yes") == 0;
    return OK;
}

static enum status open_if(struct script *s, const char *word, struct err *err)
{
    bool yes = false;
    /* What is not run may ask for what is not there. */
    enum status st = is_active(s) ? condition(s, word, &yes, err) : OK;

    if (st == OK && s->depth == DEPTH_MAX) {
        st = bad(s, err, "too many", "\\if");
    }
    if (st == OK) {
        s->active[s->depth] = s->taken[s->depth] = yes;
        s->depth++;
    }
    return st;
}

static enum status command_line(struct script *s, const char *p, const char *end, struct err *err)
{
    char word[WORD_MAX], name[WORD_MAX];
    bool some = true;
    enum status st = next_word(s, &p, end, word, &some, err);

    while (st == OK && some) {
        if (strcmp(word, "\\if") == 0) {
            st = next_word(s, &p, end, word, &some, err);
            st = st == OK ? open_if(s, word, err) : st;
        } else if (strcmp(word, "\\else") == 0 && s->depth > 0) {
            s->active[s->depth - 1] = !s->taken[s->depth - 1];
        } else if (strcmp(word, "\\endif") == 0 && s->depth > 0) {
            s->depth--;
        } else if (strcmp(word, "\\set") == 0) {
            st = next_word(s, &p, end, name, &some, err);
            st = st == OK ? next_word(s, &p, end, word, &some, err) : st;
            if (st == OK && is_active(s)) {
                st = set_var(s, name, word, false, err);
            }
        } else {
            st = bad(s, err, "psql does, this program does not know", word);
        }
        st = st == OK ? next_word(s, &p, end, word, &some, err) : st;
    }
    return st;
}

/* --- SQL ---------------------------------------------------------------------------------------------------------*/

static void fresh_sql(struct script *s)
{
    buf_clear(&s->sql);
    buf_fill(&s->sql, '\n', s->line);
    s->some = false;
}

/* p stands on a colon outside quotes.  *len: how much of the script it was. */
static enum status add_colon(struct script *s, const char *p, const char *end, size_t *len, struct err *err)
{
    char kind = p + 1 < end ? p[1] : ' ';
    bool quoted = kind == '\'' || kind == '"';
    const char *name = quoted ? p + 2 : p + 1;
    size_t n = strspn(name, NAME_CHARS);
    const struct var *v = find(s, name, n);

    if (kind == ':') {
        buf_str(&s->sql, "::");
        *len = 2;
        return OK;
    }
    if (!quoted) {
        if (v == NULL || !v->ours) {
            return bad(s, err, "no variable that may stand as it is:", name);
        }
        buf_str(&s->sql, v->value);
        *len = n + 1;
        return OK;
    }
    if (v == NULL || name + n >= end || name[n] != kind) {
        return bad(s, err, "no such variable:", name);
    }
    if (kind == '"') {
        pgconn_add_ident(&s->sql, v->value);
    } else {
        pgconn_add_literal(&s->sql, v->value);
    }
    *len = n + 3;
    return OK;
}

static enum quote after(enum quote q, const char *p, const char *end)
{
    bool dollar = *p == '$' && p + 1 < end && p[1] == '$';

    switch (q) {
    case PLAIN:
        return *p == '\'' ? SINGLE : *p == '"' ? DOUBLE : dollar ? DOLLAR : PLAIN;
    case SINGLE:
        return *p == '\'' ? PLAIN : SINGLE;
    case DOUBLE:
        return *p == '"' ? PLAIN : DOUBLE;
    case DOLLAR:
        return dollar ? PLAIN : DOLLAR;
    }
    return q;
}

static enum status sql_line(struct script *s, const char *p, const char *end, struct err *err)
{
    while (p < end) {
        size_t len = 1;

        if (s->quote == PLAIN && *p == '-' && p + 1 < end && p[1] == '-') {
            break; /* a comment */
        }
        if (s->quote == PLAIN && *p == ':') {
            enum status st = add_colon(s, p, end, &len, err);

            if (st != OK) {
                return st;
            }
        } else {
            s->quote = after(s->quote, p, end);
            len = *p == '$' && p + 1 < end && p[1] == '$' ? 2 : 1;
            buf_add(&s->sql, p, len);
        }
        s->some = s->some || *p != ' ';
        p += len;
    }
    return OK;
}

static enum status run_sql(struct script *s, struct err *err)
{
    enum status st = buf_check(&s->sql, err);

    if (st == OK && s->some) {
        st = pgconn_script(s->c, s->file, s->sql.data, err);
    }
    fresh_sql(s);
    return st;
}

/* \gset: one row, whose columns become variables. */
static enum status take_row(struct script *s, const struct pgrows *r, struct err *err)
{
    enum status st = OK;

    if (pgrows_n(r) != 1) {
        return err_set(err, E_DATA, "%s:%zu: %d rows where one was expected", s->file, s->line, pgrows_n(r));
    }
    for (int i = 0; st == OK && i < pgrows_n_cols(r); i++) {
        const char *value = NULL;

        st = pgrows_text(r, 0, i, &value, err);
        st = st == OK ? set_var(s, pgrows_col_name(r, i), value, true, err) : st;
    }
    return st;
}

/* \gexec: every row is a statement. */
static enum status run_rows(struct script *s, const struct pgrows *r, struct err *err)
{
    enum status st = OK;

    for (int i = 0; st == OK && i < pgrows_n(r); i++) {
        const char *sql = NULL;

        st = pgrows_text(r, i, 0, &sql, err);
        st = st == OK ? pgconn_script(s->c, s->file, sql, err) : st;
    }
    return st;
}

static enum status run_query(struct script *s,
                             enum status (*use)(struct script *, const struct pgrows *, struct err *),
                             struct err *err)
{
    struct pgrows *r = NULL;
    enum status st = buf_check(&s->sql, err);

    if (st == OK) {
        st = pgconn_query(s->c, s->file, s->sql.data, NULL, &r, err);
    }
    if (st == OK) {
        st = use(s, r, err);
    }
    pgrows_free(r);
    fresh_sql(s);
    return st;
}

static bool is_line(const char *p, const char *end, const char *text)
{
    return (size_t)(end - p) == strlen(text) && memcmp(p, text, (size_t)(end - p)) == 0;
}

static bool ends_in(const char *p, const char *end, const char *word)
{
    size_t n = strlen(word);

    return (size_t)(end - p) >= n && memcmp(end - n, word, n) == 0;
}

static enum status one_line(struct script *s, const char *p, const char *end, struct err *err)
{
    static const char gset[] = "\\gset", gexec[] = "\\gexec";
    bool is_gset, is_gexec;
    size_t blanks = strspn(p, " ");
    enum status st;

    while (end > p && end[-1] == ' ') {
        end--;
    }
    if (s->quote == PLAIN && p + blanks < end && p[blanks] == '\\') {
        return command_line(s, p, end, err);
    }
    if (!is_active(s) || (s->quote == PLAIN && (is_line(p, end, "BEGIN;") || is_line(p, end, "COMMIT;")))) {
        return OK;
    }
    is_gset = ends_in(p, end, gset);
    is_gexec = ends_in(p, end, gexec);
    st = sql_line(s, p, is_gset ? end - strlen(gset) : is_gexec ? end - strlen(gexec) : end, err);
    if (st != OK || s->quote != PLAIN) {
        return st;
    }
    if (is_gset || is_gexec) {
        return run_query(s, is_gset ? take_row : run_rows, err);
    }
    return end > p && end[-1] == ';' ? run_sql(s, err) : OK;
}

bool script_asks(const char *text, const char *name)
{
    size_t n = strlen(name);

    for (const char *p = strstr(text, ":{?"); p != NULL; p = strstr(p + 3, ":{?")) {
        if (strncmp(p + 3, name, n) == 0 && p[3 + n] == '}' && n > 0) {
            return true;
        }
    }
    return false;
}

enum status script_run(struct pgconn *c, const char *file, const char *text, const struct script_var *given,
                       size_t n_given, struct err *err)
{
    struct script s = {.c = c, .file = file};
    enum status st = OK;

    for (size_t i = 0; st == OK && i < n_given; i++) {
        st = set_var(&s, given[i].name, given[i].value, false, err);
    }
    for (const char *p = text; st == OK && *p != '\0';) {
        size_t n = strcspn(p, "\n");

        s.line++;
        st = one_line(&s, p, p + n, err);
        buf_char(&s.sql, '\n');
        p += n + (p[n] == '\n');
    }
    if (st == OK && (s.depth > 0 || s.quote != PLAIN)) {
        st = bad(&s, err, "not closed: a quote or", "\\if");
    }
    st = st == OK ? run_sql(&s, err) : st;
    for (size_t i = 0; i < s.n_vars; i++) {
        free(s.vars[i].name);
        free(s.vars[i].value);
    }
    free(s.vars);
    buf_done(&s.sql);
    return st;
}
