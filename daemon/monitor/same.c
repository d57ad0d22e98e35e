/*
 * same.c - is an entry computed again the one that was stored?
 */
#include <string.h>

#include "monitor/ledger.h"

/* Bits, not values: NaN is the same as NaN, and 0 is not -0. */
static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static bool same_blocks(const struct block *a, size_t n_a, const struct block *b, size_t n_b)
{
    if (n_a != n_b) {
        return false;
    }
    for (size_t i = 0; i < n_a; i++) {
        if (a[i].day != b[i].day || a[i].y1 != b[i].y1 || a[i].y0 != b[i].y0 || a[i].m != b[i].m ||
            a[i].x != b[i].x) {
            return false;
        }
    }
    return true;
}

const char *entry_difference(const struct entry *a, const struct entry *b)
{
    const struct {
        const char *name;
        bool same;
    } fields[] = {
        {"look", a->look == b->look},
        {"cut", a->cut == b->cut},
        {"kind", a->kind == b->kind},
        {"verdict", a->verdict == b->verdict},
        {"executed", a->executed == b->executed},
        {"on_correction", a->on_correction == b->on_correction},
        {"nominal", a->nominal == b->nominal},
        {"current_crosses", a->current_crosses == b->current_crosses},
        {"reason", strcmp(a->reason, b->reason) == 0},
        {"events", a->events == b->events},
        {"x1", a->x1 == b->x1},
        {"t", same_bits(a->t, b->t)},
        {"alpha_target", same_bits(a->alpha_target, b->alpha_target)},
        {"alpha_spent", same_bits(a->alpha_spent, b->alpha_spent)},
        {"info", same_bits(a->info, b->info)},
        {"statistic", same_bits(a->statistic, b->statistic)},
        {"bound", same_bits(a->bound, b->bound)},
        {"nominal_p", same_bits(a->nominal_p, b->nominal_p)},
        {"b2", same_blocks(a->b2, a->n_b2, b->b2, b->n_b2)},
        {"seen", same_blocks(a->seen, a->n_seen, b->seen, b->n_seen)},
        {"log_e", same_bits(a->log_e, b->log_e)},
        {"log_e_max", same_bits(a->log_e_max, b->log_e_max)},
        {"warn_80", a->warn_80 == b->warn_80},
        {"max_events", a->max_events == b->max_events},
        {"overrun_p", same_bits(a->overrun_p, b->overrun_p)},
    };

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (!fields[i].same) {
            return fields[i].name;
        }
    }
    return NULL;
}
