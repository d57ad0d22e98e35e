/*
 * words.h - what a monitor did, in words a physician reads.  For closed documents only.  Pure.
 */
#ifndef DSMB_RENDER_WORDS_H
#define DSMB_RENDER_WORDS_H

#include "base/buf.h"
#include "monitor/ledger.h"
#include "monitor/look.h"
#include "render/names.h"

const char *words_verdict(enum verdict v); /* "not crossed", "CROSSED", "could not be determined" ... */
const char *words_look(enum look_kind k);  /* "planned look", "ad hoc look", "closing look" */
const char *words_method(enum method m);   /* "Exact sequential test" ... */
void words_spending(struct buf *out, const struct spending *s); /* "Pocock-like alpha spending" */
/* "look at every event", "a look every 6 months" ... */
void words_clock(struct buf *out, const struct monitor *m);

/*
 * The test in one sentence: "Exact sequential test: 6 of 6 first events in Magnesium; boundary 6; one-sided p = 0.017;
 * e-value 17.0 (reference 20)."  What is not known is spelled out with its reason.
 */
void words_test(struct buf *out, const struct monitor *m, const struct entry *e,
                const struct arm_names *names);
/* The boundary as a number: z, count or E; "none" where nothing was executed; "out of reach". */
void words_bound(struct buf *out, const struct monitor *m, const struct entry *e);
void words_statistic(struct buf *out, const struct monitor *m, const struct entry *e);
/* Where a monitor stands: its past (look order) and its newest entry. */
enum status words_standing(struct buf *out, const struct monitor *m, const struct history *past,
                           const struct entry *now, struct err *err);
/* Why a monitor could not be determined; "" where it was. */
const char *words_why(const struct history *past, const struct entry *now);
/* The entry that crossed first, or NULL. */
const struct entry *words_crossing(const struct history *past, const struct entry *now);
/* Planned design in a paragraph: method, spending, alpha, maximum, clock. */
void words_design(struct buf *out, const struct monitor *m);

#endif
