/* The set futility_harm. */
#include "cmd/ctl_calc.h"

#include <stdlib.h>
#include <string.h>

#include "stats/gs_futility.h"
#include "stats/gs_grid.h"

static const char *const futility_key[] = {"case_id", "test_type", "alpha",      "beta", "astar",
                                           "sfu",     "sfl_HSD",   "sfharm_HSD", NULL};

/* The rows of a case are its looks; `looks` are their rows in order of `look`. */
static enum status futility_case(struct calc *c, const size_t *looks, size_t k, struct err *err)
{
    struct gs_futility_plan p = {.k = k};
    double *mem = calloc(5 * k, sizeof *mem), *t = mem, delta = 0, sfl, sfh;
    int64_t type;
    size_t row = looks[0];
    bool harm;
    enum status st;

    if (mem == NULL) {
        return err_set(err, E_NOMEM, "%s: futility bounds", c->file);
    }
    st = calc_int(c, row, "test_type", 4, 8, &type, err);
    if (st == OK && type != 4 && type != 7 && type != 8) {
        err_set(err, E_DATA, "column test_type: %lld is none of 4, 7, 8", (long long)type);
        st = calc_row_failed(c, row, E_DATA, err);
    }
    if (st == OK) {
        st = calc_num_in(c, row, "alpha", ALPHA_RANGE, &p.alpha, err);
    }
    if (st == OK) {
        st = calc_num_in(c, row, "beta", ALPHA_RANGE, &p.beta, err);
    }
    if (st == OK) {
        st = calc_num_in(c, row, "sfl_HSD", HSD_RANGE, &sfl, err);
    }
    if (st == OK && !calc_spending(calc_text(c, row, "sfu"), &p.efficacy)) {
        err_set(err, E_DATA, "column sfu: \"%.40s\" is neither LDOF nor LDPocock", calc_text(c, row, "sfu"));
        st = calc_row_failed(c, row, E_DATA, err);
    }
    harm = st == OK && type != 4;
    if (harm) {
        st = calc_num_in(c, row, "astar", ALPHA_RANGE, &p.astar, err);
        if (st == OK) {
            st = calc_num_in(c, row, "sfharm_HSD", HSD_RANGE, &sfh, err);
        }
        p.harm.kind = SPEND_HSD;
        p.harm.param = st == OK ? sfh : 0;
    }
    for (size_t i = 0; st == OK && i < k; i++) {
        st = calc_num_in(c, looks[i], "info_fraction", "(0, 1]", &t[i], err);
        if (st == OK && !(t[i] - (i > 0 ? t[i - 1] : 0) >= GS_MIN_GROWTH)) {
            err_set(err, E_DATA, "column info_fraction: %.9g must be above the look before by 1e-6", t[i]);
            st = calc_row_failed(c, looks[i], E_DATA, err);
        }
        if (st == OK && i + 1 == k && t[i] < 1) {
            err_set(err, E_DATA, "column info_fraction: the last look's is %.9g, must be 1", t[i]);
            st = calc_row_failed(c, looks[i], E_DATA, err);
        }
    }
    if (st != OK) {
        goto out;
    }
    p.futility.kind = SPEND_HSD;
    p.futility.param = sfl;
    p.binding = type == 7;
    p.t = t;
    st = gs_futility(&p, mem + k, mem + 2 * k, mem + 3 * k, mem + 4 * k, &delta, err);
    if (st != OK) {
        st = calc_row_failed(c, row, st, err);
        goto out;
    }
    for (size_t i = 0; st == OK && i < k; i++) {
        for (size_t j = 0; st == OK && j < (harm ? 4 : 3); j++) {
            st = calc_put(c, looks[i], j, mem[(j + 1) * k + i], err);
        }
        if (st == OK) {
            st = calc_put(c, looks[i], 4, delta, err);
        }
    }
out:
    free(mem);
    return st;
}

enum status calc_futility(struct calc *c, struct err *err)
{
    size_t *looks = calloc(c->rows + 1, sizeof *looks);
    bool *done = calloc(c->rows + 1, sizeof *done);
    enum status st = OK;

    if (looks == NULL || done == NULL) {
        st = err_set(err, E_NOMEM, "%s: futility bounds", c->file);
    }
    for (size_t row = 0; st == OK && row < c->rows; row++) {
        size_t k = 0;

        if (done[row]) {
            continue;
        }
        for (size_t other = row; st == OK && other < c->rows; other++) {
            int64_t look;

            if (done[other] || !calc_same(c, row, other, futility_key)) {
                continue;
            }
            st = calc_int(c, other, "look", 1, (int64_t)c->rows, &look, err);
            if (st == OK) {
                looks[k++] = other;
                done[other] = true;
            }
        }
        /* Looks may come in any order. */
        for (size_t i = 1; st == OK && i < k; i++) {
            for (size_t j = i; j > 0; j--) {
                int64_t a = 0, b = 0;
                size_t swap = looks[j];

                (void)calc_int(c, looks[j - 1], "look", 1, (int64_t)c->rows, &a, NULL); /* read above */
                (void)calc_int(c, looks[j], "look", 1, (int64_t)c->rows, &b, NULL);
                if (a <= b) {
                    break;
                }
                looks[j] = looks[j - 1];
                looks[j - 1] = swap;
            }
        }
        if (st == OK) {
            st = futility_case(c, looks, k, err);
        }
    }
    free(looks);
    free(done);
    return st;
}
