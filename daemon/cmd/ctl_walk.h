/*
 * ctl_walk.h - a plan taken over many looks, from the first: stored ones, or the days of a finished trial.
 */
#ifndef DSMB_CMD_CTL_WALK_H
#define DSMB_CMD_CTL_WALK_H

#include "cmd/ctl_past.h"
#include "cmd/ctl_rows.h"
#include "trial/asof.h"

struct walk {
    struct look_head *heads;
    size_t n;
    struct snapshot **snapshots; /* of stored looks */
    struct asof *asof;           /* of a finished trial: each look's snapshot is made when it is wanted */
    struct asof_span span;
};

/* One monitor's entries over all looks, under one plan. */
struct walked {
    struct history *h; /* plan order */
    size_t n;
};

/* Looks whose cut lies in [from, to]; DAY_NONE: without limit. */
enum status walk_stored(struct reader *r, const struct plan *plan, day_t from, day_t to, struct walk *ret,
                        struct err *err);
/*
 * The newest look's rows as a look a day would have known them (trial/asof.h), and a closing look at the last day.  E_DATA
 * where there is no day to begin with.
 */
enum status walk_finished(struct reader *r, day_t from, day_t to, struct walk *ret, struct err *err);
void walk_done(struct walk *w);

enum status walked_new(const struct plan *plan, struct walked *ret, struct err *err);
void walked_done(struct walked *o);
enum status walk_run(const struct walk *w, const struct plan *plan, struct ruleset *rules, struct walked *ret,
                     struct err *err);

/* Each entry that tested; only: this monitor, or NULL. */
enum status walk_print(const struct walked *o, const char *only, enum ctl_form form, struct err *err);
/* Where each monitor first crossed, or that it did not. */
void walk_print_crossings(const struct walk *w, const struct plan *plan, const struct walked *o,
                          const char *only, enum ctl_form form);
/* One monitor again under other alphas and another maximum. */
enum status walk_sensitivity(const struct walk *w, struct plan *plan, struct ruleset *rules, const char *name,
                             enum ctl_form form, struct err *err);

#endif
