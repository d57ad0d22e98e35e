/*
 * asof.h - a finished trial's rows as they would have been known on an earlier day.
 *
 * For walking a trial that dsmbd did not watch while it ran.  What is left of such a trial is its corrected data, so this is
 * no record of what was known: verdicts from it are labelled "on corrected data".  At the cut of a day (its 00:00 UTC)
 *  - a subject, with its arm, is there when it was randomised before that day (no day given: from the start); doses, the
 *    end of follow-up and the death are there when they happened before it, and a death flag without a date from the end of
 *    follow-up on, or at the last cut;
 *  - an adverse event is there when it was entered before that day (entered_at; where that is missing, when it began, or
 *    at the last cut where that is missing too), its end and its fatal outcome only when they happened before it;
 *  - an adjudication is there when it was decided before that day, or at the last cut;
 *  - data_cutoff is the cut.
 * Rows marked deleted stay deleted throughout: when they were is not known.  Pure.
 */
#ifndef DSMB_TRIAL_ASOF_H
#define DSMB_TRIAL_ASOF_H

#include <stddef.h>

#include "base/date.h"
#include "base/err.h"
#include "trial/arms.h"
#include "trial/contract.h"
#include "trial/snapshot.h"

struct asof;

/* What the walk can say of itself. */
struct asof_span {
    day_t first,
        last; /* cuts: the first with a subject, and the last, at which all is known; DAY_NONE: no row has a day */
    size_t events;     /* adverse events that count, deleted ones not */
    size_t by_onset;   /* of them without entered_at, taken when they began */
    size_t at_the_end; /* of them without either, taken at the last cut */
};

enum status asof_new(struct asof **ret, struct err *err);
void asof_free(struct asof *a);
/* Every row of the newest look, as source.h's read gives them; copied. */
enum status asof_row(struct asof *a, enum src_view view, const struct field *f, struct err *err);
/* After the last row. */
enum status asof_finish(struct asof *a, struct asof_span *ret, struct err *err);
/* Rows that first are there at a cut after `before` and not after `cut`. */
size_t asof_new_rows(const struct asof *a, day_t before, day_t cut);
enum status asof_snapshot(const struct asof *a, const struct arms *arms, day_t cut, struct snapshot **ret,
                          struct err *err);

#endif
