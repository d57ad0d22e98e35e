#include "stats/sites.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/num.h"

enum status sites_leave_one_out(const struct site *s, size_t n, double conf, struct site_out *out,
                                struct sites *ret, struct err *err)
{
    struct site all = {0};
    struct sites r = {.weakest = n, .strongest = n, .p_weakest = NUM_NAN, .p_strongest = NUM_NAN};
    struct site_out *work;
    enum status st = OK;

    if (n < 1) {
        return err_set(err, E_NUMERIC, "there is no site");
    }
    for (size_t i = 0; i < n; i++) {
        if (s[i].x1 < 0 || s[i].x0 < 0 || s[i].x1 > s[i].n1 || s[i].x0 > s[i].n0 ||
            s[i].n1 > (INT64_C(1) << 40) - all.n1 || s[i].n0 > (INT64_C(1) << 40) - all.n0) {
            return err_set(err, E_NUMERIC,
                           "site %zu: events must be 0 to the subjects of the arm, 2^40 in all", i + 1);
        }
        all.x1 += s[i].x1;
        all.n1 += s[i].n1;
        all.x0 += s[i].x0;
        all.n0 += s[i].n0;
    }
    work = calloc(n, sizeof *work);
    if (work == NULL) {
        return err_set(err, E_NOMEM, "%zu sites", n);
    }
    for (size_t i = 0; st == OK && i < n; i++) {
        struct site_out *o = &work[i];

        o->empty = s[i].n1 == all.n1 || s[i].n0 == all.n0;
        if (o->empty) {
            continue;
        }
        st = twobytwo_all(all.x1 - s[i].x1, all.n1 - s[i].n1, all.x0 - s[i].x0, all.n0 - s[i].n0, conf, &o->t,
                          err);
        if (st == OK && (r.weakest == n || o->t.fisher_upper > r.p_weakest)) {
            r.weakest = i;
            r.p_weakest = o->t.fisher_upper;
        }
        if (st == OK && (r.strongest == n || o->t.fisher_upper < r.p_strongest)) {
            r.strongest = i;
            r.p_strongest = o->t.fisher_upper;
        }
    }
    if (st == OK) {
        if (out != NULL) {
            memcpy(out, work, n * sizeof *out);
        }
        *ret = r;
    }
    free(work);
    return st;
}
