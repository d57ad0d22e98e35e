#include "support/fake_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/yaml.h"
#include "support/t.h"

/* ---- the trial ---- */

static struct fake_row *find(struct fake_world *w, enum src_view view, const char *key)
{
    for (size_t i = 0; i < w->n_rows; i++) {
        if (w->rows[i].view == view && strcmp(w->rows[i].value[0], key) == 0) {
            return &w->rows[i];
        }
    }
    return NULL;
}

void fake_set(struct fake_world *w, enum src_view view, const char *key, int column, const char *value)
{
    struct fake_row *r = find(w, view, key);

    if (r == NULL) {
        assert_true(w->n_rows < FAKE_ROWS_MAX);
        r = &w->rows[w->n_rows++];
        *r = (struct fake_row){.view = view};
        r->value[0] = strdup(key);
    }
    if (column > 0) {
        free(r->value[column]);
        r->value[column] = value == NULL ? NULL : strdup(value);
    }
    w->version++;
}

void fake_subject(struct fake_world *w, const char *id, const char *rand, const char *arm)
{
    fake_set(w, SRC_SUBJECT, id, SUB_RAND, rand);
    fake_set(w, SRC_SUBJECT, id, SUB_FIRST_DOSE, rand);
    fake_set(w, SRC_SUBJECT, id, SUB_DEATH_FLAG, "f");
    fake_set(w, SRC_ARM, id, ARM_CODE, arm);
}

void fake_event(struct fake_world *w, const char *ae, const char *subject, const char *term,
                const char *onset, bool serious)
{
    fake_set(w, SRC_AE, ae, AE_SUBJECT, subject);
    fake_set(w, SRC_AE, ae, AE_EPISODE, ae);
    fake_set(w, SRC_AE, ae, AE_TERM, term);
    fake_set(w, SRC_AE, ae, AE_ONSET, onset);
    fake_set(w, SRC_AE, ae, AE_SERIOUS, serious ? "t" : "f");
    fake_set(w, SRC_AE, ae, AE_FORM, "COMPLETE");
    fake_set(w, SRC_AE, ae, AE_DELETED, "f");
}

void fake_death(struct fake_world *w, const char *subject, const char *day)
{
    fake_set(w, SRC_SUBJECT, subject, SUB_DEATH_FLAG, "t");
    fake_set(w, SRC_SUBJECT, subject, SUB_DEATH_DATE, day);
    fake_set(w, SRC_SUBJECT, subject, SUB_FU_END, day);
    fake_set(w, SRC_SUBJECT, subject, SUB_FU_REASON, "DEATH");
}

void fake_delete_event(struct fake_world *w, const char *ae)
{
    fake_set(w, SRC_AE, ae, AE_DELETED, "t");
}

void fake_drop_newest(struct fake_world *w, size_t n)
{
    for (; n > 0; n--) {
        struct fake_row *r = &w->rows[--w->n_rows];

        for (size_t c = 0; c < SRC_COLUMNS_MAX; c++) {
            free(r->value[c]);
        }
    }
    w->version++;
}

void fake_cutoff(struct fake_world *w, const char *day)
{
    fake_set(w, SRC_META, "data_cutoff", META_VALUE, day);
}

static enum status gate(void *ctx, const char *last, bool *changed, struct err *err)
{
    const struct fake_world *w = ctx;
    char now[32];

    (void)err;
    (void)snprintf(now, sizeof now, "v%lld", (long long)w->version);
    *changed = strcmp(now, last) != 0;
    return OK;
}

/* The row's bytes, as a server might send them. */
static bool came_before(source_same_fn *same, void *row_ctx, enum src_view view, const struct field *f)
{
    struct buf b = {0};
    bool known;

    for (size_t c = 0; c < contract_views[view].n_columns; c++) {
        buf_u32be(&b, (uint32_t)f[c].len);
        buf_add(&b, f[c].len < 0 ? "" : f[c].p, f[c].len < 0 ? 0 : (size_t)f[c].len);
    }
    known = same(row_ctx, view, 0, buf_cstr(&b), b.len);
    buf_done(&b);
    return known;
}

static void ask(void *ctx, source_same_fn *same)
{
    struct fake_world *w = ctx;

    w->same = same;
}

static enum status read_all(void *ctx, source_row_fn *row, void *row_ctx, struct source_gate *g,
                            struct err *err)
{
    struct fake_world *w = ctx;
    enum status st = OK;

    w->reads++;
    (void)snprintf(g->token, sizeof g->token, "v%lld", (long long)w->version);
    g->read_at = 0;
    if (w->read_fails != OK) {
        return err_set(err, w->read_fails, "%s", w->read_message);
    }
    for (size_t i = 0; st == OK && i < w->n_rows; i++) {
        struct field f[SRC_COLUMNS_MAX];

        for (size_t c = 0; c < SRC_COLUMNS_MAX; c++) {
            const char *v = w->rows[i].value[c];

            f[c] = (struct field){v, v == NULL ? -1 : (int32_t)strlen(v), false};
        }
        if (w->same == NULL || !came_before(w->same, row_ctx, w->rows[i].view, f)) {
            st = row(row_ctx, w->rows[i].view, f, err);
        }
    }
    return st;
}

/* ---- a sealer that seals nothing ---- */

static enum status seal(void *ctx, const struct seal_job *job, struct buf *out, struct err *err)
{
    struct fake_world *w = ctx;

    if (job->plain_len > w->sealer.size) {
        return err_set(err, E_STATE, "too long");
    }
    buf_fmt(out, "X-Inner: %s\r\nX-Outer: %s\r\n", job->subject, job->outer_subject);
    buf_add(out, job->plain, job->plain_len);
    if (out->len < w->sealer.size) {
        buf_fill(out, '=', w->sealer.size - out->len);
    }
    return buf_check(out, err);
}

static enum status check(void *ctx, const struct seal_recipient *who, instant_t now, struct seal_check *ret,
                         struct err *err)
{
    (void)ctx;
    (void)who;
    (void)now;
    (void)err;
    *ret = (struct seal_check){.fault = SEAL_VALID, .days_left = 900};
    return OK;
}

static enum status check_signer(void *ctx, instant_t now, struct seal_check *ret, struct err *err)
{
    return check(ctx, NULL, now, ret, err);
}

void fake_seal(struct fake_world *w)
{
    w->sealer = (struct sealer){
        .ctx = w, .size = 65536, .note = "", .seal = seal, .check = check, .check_signer = check_signer};
    w->cycle.sealer = &w->sealer;
}

/* ---- the rest ---- */

static void write_log(void *ctx, enum journal_level level, const char *text, const struct journal_field *f,
                      size_t n)
{
    struct fake_world *w = ctx;

    (void)level;
    (void)f;
    (void)n;
    (void)snprintf(w->log[w->n_log++ % FAKE_LOG_MAX], ERR_MSG_MAX, "%s", text);
}

static void no_kill(const char *name)
{
    (void)name;
}

static enum status uuid(char out[37], struct err *err)
{
    static int n;

    (void)err;
    (void)snprintf(out, 37, "00000000-0000-4000-8000-%012d", ++n % 1000000000);
    return OK;
}

static enum status random_bytes(void *out, size_t n, struct err *err)
{
    static unsigned char k;
    unsigned char *p = out;

    (void)err;
    for (size_t i = 0; i < n; i++) {
        k = (unsigned char)(k + 37);
        p[i] = (unsigned char)(k ^ (i * 11));
    }
    return OK;
}

char *fake_plan(const char *cut, const char *messages)
{
    char *plan = NULL;

    assert_true(
        asprintf(
            &plan,
            "format: 1\ntrial: fake\ntitle: A trial of fakes\ntrial_clock: wall\n"
            "arms:\n"
            "  - {code: ARM_ZERO, label: Label Zero, role: control, allocation: 1}\n"
            "  - {code: ARM_ONE, label: Label One, role: experimental, allocation: 1}\n"
            "population: randomised\narm_basis: planned\n"
            "treatment_emergent: {days_after_last_dose: 30 d}\n"
            "cut: {every: %s}\n"
            "unknown_death_is_cardiovascular: false\n"
            "families: [{name: harm, alpha_one_sided: 0.1}]\n"
            "%s%s%s"
            "defaults: {closing_look: true, e_process: {prior: [1, 1], reference: 20, role: supportive}}\n"
            "monitors:\n"
            "  - {name: cv, title: Cardiovascular events, category: cardiovascular, method: exact_binomial, "
            "spending: pocock,\n"
            "     alpha_one_sided: 0.05, max_events: 20, looks: every_event, alert: urgent, family: harm}\n",
            cut, messages != NULL ? "messages: {" : "", messages != NULL ? messages : "",
            messages != NULL ? "}\n" : "") > 0);
    return plan;
}

const char fake_board[] = "format: 1\ntrial: fake\nchair_phone: \"+45 12 34 56 78\"\nmembers:\n"
                          "  - {name: A Chair, address: a@board.example, role: chair}\n"
                          "  - {name: B Deputy, address: b@board.example, role: deputy}\n"
                          "  - {name: C Member, address: c@board.example, role: member}\n";

struct fake_world *fake_new(const char *plan_text, const char *board_text)
{
    struct fake_world *w = calloc(1, sizeof *w);

    assert_non_null(w);
    w->leader = true;
    w->plan_text = plan_text == NULL ? NULL : strdup(plan_text);
    w->plan_id = plan_text == NULL ? 0 : 1;
    w->board_text = board_text == NULL ? NULL : strdup(board_text);
    w->board_id = board_text == NULL ? 0 : 1;
    w->source = (struct source){.ctx = w, .gate = gate, .read = read_all, .ask = ask};
    fake_store(w);
    fake_post(w);
    fake_review(w);
    w->journal = (struct journal){.ctx = w, .write = write_log};
    w->test_asked = INSTANT_NONE;
    w->cycle = (struct cycle_world){.source = &w->source,
                                    .store = &w->store,
                                    .journal = &w->journal,
                                    .parse = yaml_parse,
                                    .uuid = uuid,
                                    .random = random_bytes,
                                    .trial = "fake",
                                    .mail_from = "dsmbd@trial.example",
                                    .operations = "operations@trial.example",
                                    .mail_from_name = "dsmbd",
                                    .full_look_us = INT64_C(3600000000),
                                    .max_shrink_percent = 2,
                                    .killpoint = no_kill};
    fake_set(w, SRC_META, "contract_version", META_VALUE, "1");
    fake_set(w, SRC_META, "trial_id", META_VALUE, "fake");
    return w;
}

void fake_free(struct fake_world *w)
{
    for (size_t i = 0; i < w->n_rows; i++) {
        for (size_t c = 0; c < SRC_COLUMNS_MAX; c++) {
            free(w->rows[i].value[c]);
        }
    }
    for (size_t i = 0; i < w->n_looks; i++) {
        for (size_t k = 0; k < w->looks[i].n; k++) {
            entry_done(&w->looks[i].entries[k]);
        }
        free(w->looks[i].entries);
    }
    for (size_t i = 0; i < w->n_messages; i++) {
        free(w->messages[i].bytes);
    }
    for (size_t i = 0; i < w->n_reports; i++) {
        free(w->reports[i].bytes);
    }
    for (size_t i = 0; i < w->n_stored; i++) {
        free((void *)(uintptr_t)w->stored[i].key);
    }
    free(w->stored);
    free(w->request.body);
    known_set_done(&w->known);
    fake_review_done(w);
    buf_done(&w->queue);
    for (size_t i = 0; i < w->n_changes; i++) {
        free(w->changes[i].by);
        free(w->changes[i].changes);
    }
    free(w->plan_text);
    free(w->board_text);
    free(w);
}

void fake_ask(struct fake_world *w, enum request_kind kind, const char *body)
{
    free(w->request.body);
    w->request = (struct request){.id = 7,
                                  .kind = kind,
                                  .who = "tester",
                                  .body = body == NULL ? NULL : strdup(body),
                                  .body_len = body == NULL ? 0 : strlen(body)};
    w->has_request = true;
    w->answered = false;
}

const struct entry *fake_last(const struct fake_world *w, size_t monitor)
{
    return w->n_looks == 0 ? NULL : &w->looks[w->n_looks - 1].entries[monitor];
}
