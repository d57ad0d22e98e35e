#include "support/t_trial.h"

#include <string.h>

#include "support/t.h"

void t_arms(struct arms *a, int n, const char *const codes[])
{
    struct err e = {0};

    *a = (struct arms){.n = n};
    for (int i = 0; i < n; i++) {
        assert_ok(secret_new(codes[i], strlen(codes[i]), &a->arm[i].code, &e), e);
        assert_ok(secret_new(codes[i], strlen(codes[i]), &a->arm[i].label, &e), e);
        a->arm[i].allocation = 1.0 / n;
    }
}

void t_fields(enum src_view view, const char *const values[], struct field out[SRC_COLUMNS_MAX])
{
    for (size_t c = 0; c < contract_views[view].n_columns; c++) {
        out[c] = (struct field){.p = values[c], .len = values[c] == NULL ? -1 : (int32_t)strlen(values[c])};
    }
}

void t_row(struct builder *b, enum src_view view, const char *const values[])
{
    struct field f[SRC_COLUMNS_MAX];
    struct err e = {0};

    t_fields(view, values, f);
    assert_ok(builder_row(b, view, f, &e), e);
}

void t_subject(struct builder *b, const char *id, const char *rand, const char *first_dose,
               const char *last_dose, const char *fu_end)
{
    const char *const v[SUB_COLUMNS] = {[SUB_ID] = id,
                                        [SUB_SITE] = "1",
                                        [SUB_RAND] = rand,
                                        [SUB_FIRST_DOSE] = first_dose,
                                        [SUB_LAST_DOSE] = last_dose,
                                        [SUB_FU_END] = fu_end,
                                        [SUB_DEATH_FLAG] = "f"};

    t_row(b, SRC_SUBJECT, v);
}

void t_arm(struct builder *b, const char *subject, const char *code, const char *actual)
{
    const char *const v[ARM_COLUMNS] = {subject, code, actual};

    t_row(b, SRC_ARM, v);
}

void t_event(struct builder *b, const char *id, const char *subject, const char *episode, const char *term,
             const char *onset)
{
    const char *const v[AE_COLUMNS] = {
        [AE_ID] = id,       [AE_SUBJECT] = subject, [AE_EPISODE] = episode, [AE_TERM] = term,
        [AE_ONSET] = onset, [AE_SERIOUS] = "f",     [AE_FORM] = "COMPLETE", [AE_DELETED] = "f"};

    t_row(b, SRC_AE, v);
}

struct snapshot *t_finish(struct builder *b)
{
    struct snapshot *s = NULL;
    struct err e = {0};

    assert_ok(builder_finish(b, &s, &e), e);
    builder_free(b);
    return s;
}

size_t t_queries(const struct snapshot *s, enum query_code code, const char *column)
{
    size_t n = 0;

    for (size_t i = 0; i < s->n_queries; i++) {
        const struct query *q = &s->queries[i];

        n += q->code == code && (column == NULL || (q->column != NULL && strcmp(q->column, column) == 0));
    }
    return n;
}

const char *t_str(const struct snapshot *s, str_id id)
{
    const char *p = pool_str(s->pool, id);

    return p == NULL ? "" : p;
}

uint64_t t_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint64_t t_below(uint64_t *state, uint64_t n)
{
    return t_random(state) % n;
}
