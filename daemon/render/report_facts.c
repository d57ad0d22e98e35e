/* What the parts of the closed report state alike. */
#include "render/format.h"
#include "render/report_parts.h"

enum status report_left_out(enum status st, struct err *err)
{
    if (st == E_NUMERIC) {
        err_clear(err);
        return OK;
    }
    return st;
}

void report_p(struct facts *f, struct place at, const char *statistic, double p)
{
    struct buf b = {0};

    fmt_p_value(&b, p);
    facts_real_take(f, at, statistic, p, &b);
}

void report_ratio(struct facts *f, struct place at, const char *statistic, const struct estimate *e)
{
    struct buf b = {0};

    fmt_ratio(&b, e);
    facts_estimate_take(f, at, statistic, e, &b);
}
