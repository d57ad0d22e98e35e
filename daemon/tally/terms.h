/*
 * terms.h - subjects by reported term: the site's preferred term where it codes, else the verbatim.  Pure.
 *
 * One spelling for many: terms are one where their folded texts (classify/fold.h) agree, blanks and a full stop at the
 * end aside; a verbatim that reads as a preferred term goes with it.  Counted are the events that tally.h counts for
 * TALLY_ANY with the same options; a subject counts once for each term it has.
 */
#ifndef DSMB_TALLY_TERMS_H
#define DSMB_TALLY_TERMS_H

#include "tally/tally.h"

struct term_row {
    /* Of the snapshot's pool: the spelling that most rows have, then the first bytewise; 0: no term. */
    str_id shown;
    str_id soc; /* the site's system organ class, of several the first bytewise; 0: not coded */
    int64_t rows;
    int64_t subjects[ARMS_MAX + 2]; /* arms 0..n_arms-1, then arm unknown, then all */
};

/* Most subjects first, then most rows, then bytewise.  *ret is the caller's (free()). */
enum status tally_terms(const struct snapshot *s, int n_arms, const struct tally_options *o,
                        struct term_row **ret, size_t *n_ret, struct err *err);

#endif
