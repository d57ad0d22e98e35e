#include "stats/logrank.h"

#include <math.h>

enum status logrank_test(const struct logrank_row *rows, size_t n, struct logrank *ret, struct err *err)
{
    struct logrank r = {0};

    for (size_t i = 0; i < n; i++) {
        const struct logrank_row *w = &rows[i];
        double y1, y, d;

        if (w->d1 < 0 || w->d0 < 0 || w->y1 < w->d1 || w->y0 < w->d0) {
            return err_set(err, E_NUMERIC, "logrank row %zu: events must be 0 to the subjects at risk",
                           i + 1);
        }
        if (w->y1 > INT64_C(1) << 40 || w->y0 > INT64_C(1) << 40) {
            return err_set(err, E_NUMERIC, "logrank row %zu: too many subjects at risk", i + 1);
        }
        y1 = (double)w->y1;
        y = y1 + (double)w->y0;
        d = (double)(w->d1 + w->d0);
        if (d == 0) {
            continue;
        }
        r.observed += (double)w->d1;
        r.expected += d * y1 / y;
        r.info += d * (y1 / y) * ((double)w->y0 / y);
        if (y > 1) {
            r.variance += d * (y1 / y) * ((double)w->y0 / y) * ((y - d) / (y - 1));
        }
    }
    if (!(r.variance > 0)) {
        return err_set(err, E_NUMERIC, "logrank: no event with both arms at risk");
    }
    r.z = (r.observed - r.expected) / sqrt(r.variance);
    *ret = r;
    return OK;
}
