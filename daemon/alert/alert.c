#include "alert/alert.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The newest alert of a monitor, by look and then by the order given; NULL: none was raised. */
static const struct alert *newest(const struct alert *past, size_t n, const char *monitor)
{
    const struct alert *found = NULL;

    for (size_t i = 0; i < n; i++) {
        if (strcmp(past[i].monitor, monitor) == 0 && (found == NULL || past[i].look >= found->look)) {
            found = &past[i];
        }
    }
    return found;
}

/*
 * What one monitor's entry asks for.  A crossing latches, so every later entry says CROSSED and current_crosses tells
 * what the corrected data say.  An entry that does not say CROSSED, or has no statistic, amends nothing: "do not know" is
 * neither "below" nor "again".
 */
static bool wanted(const struct monitor *m, const struct entry *e, const struct alert *last,
                   enum alert_kind *kind)
{
    bool crossed = e->verdict == VERDICT_CROSSED || e->verdict == VERDICT_CROSSED_LOWER;

    if (m->role != ROLE_DECISIVE) {
        return false;
    }
    if (last == NULL) {
        *kind = ALERT_RAISED;
        return crossed;
    }
    /* An e-process is judged as seen and never revised: a correction amends nothing. */
    if (m->method == METHOD_E_PROCESS || !crossed || isnan(e->statistic)) {
        return false;
    }
    if (last->kind == ALERT_AMENDED_BELOW) {
        *kind = ALERT_AMENDED_AGAIN;
        return e->current_crosses;
    }
    *kind = ALERT_AMENDED_BELOW;
    return !e->current_crosses;
}

enum status alert_decide(const struct plan *plan, const struct look_result *result, int64_t look,
                         const struct alert *past, size_t n_past, struct alert **ret, size_t *n,
                         struct err *err)
{
    struct alert *list;
    size_t k = 0;

    if (result->n_entries != plan->n_monitors) {
        return err_set(err, E_INTERNAL, "the look judged %zu monitors where the plan has %zu",
                       result->n_entries, plan->n_monitors);
    }
    list = calloc(plan->n_monitors + 1, sizeof(*list));
    if (list == NULL) {
        return err_set(err, E_NOMEM, "deciding alerts");
    }
    for (size_t i = 0; i < plan->n_monitors; i++) {
        const struct monitor *m = &plan->monitors[i];
        enum alert_kind kind = ALERT_RAISED;

        if (wanted(m, &result->entries[i], newest(past, n_past, m->name), &kind)) {
            struct alert *a = &list[k++];

            a->look = look;
            memcpy(a->monitor, m->name, sizeof(a->monitor));
            a->kind = kind;
            a->urgency = m->urgency;
        }
    }
    *ret = list;
    *n = k;
    return OK;
}
