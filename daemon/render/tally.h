/*
 * tally.h - counts by category, arm, population, window and arm basis as a table: a closed document.  Pure.
 *
 * csv columns: category, subtype, arm, population, window, arm_basis, n, subjects, episodes, rows, person_years_at_risk.
 * Arms are named by their codes; "(unknown)" where the arm is not known, "(all)" for the total.
 */
#ifndef DSMB_RENDER_TALLY_H
#define DSMB_RENDER_TALLY_H

#include "base/buf.h"
#include "classify/rules.h"
#include "monitor/plan.h"
#include "tally/tally.h"

enum tally_format { TALLY_TEXT, TALLY_CSV, TALLY_JSON };

/* subtypes: also the rows of subtypes. */
enum status tally_render(const struct plan *plan, const struct ruleset *rules, const struct tally_row *rows,
                         size_t n, bool subtypes, enum tally_format format, struct buf *out, struct err *err);

#endif
