/*
 * t_trial.h - trials for tests: arms, source rows from strings, snapshots.
 */
#ifndef DSMB_TESTS_T_TRIAL_H
#define DSMB_TESTS_T_TRIAL_H

#include <stddef.h>
#include <stdint.h>

#include "trial/arms.h"
#include "trial/contract.h"
#include "trial/snapshot.h"

/* Arms with the codes given, shares equal; arms_done(). */
void t_arms(struct arms *a, int n, const char *const codes[]);
/* One value per column of the view, NULL for NULL; borrowed. */
void t_fields(enum src_view view, const char *const values[], struct field out[SRC_COLUMNS_MAX]);
void t_row(struct builder *b, enum src_view view, const char *const values[]);
/* Rows of which only the interesting columns are given; the others NULL, flags false, forms COMPLETE. */
void t_subject(struct builder *b, const char *id, const char *rand, const char *first_dose,
               const char *last_dose, const char *fu_end);
void t_arm(struct builder *b, const char *subject, const char *code, const char *actual);
void t_event(struct builder *b, const char *id, const char *subject, const char *episode, const char *term,
             const char *onset);
struct snapshot *t_finish(struct builder *b); /* frees b */
/* How many queries of that code there are, for `column` (NULL: any). */
size_t t_queries(const struct snapshot *s, enum query_code code, const char *column);
const char *t_str(const struct snapshot *s, str_id id); /* never NULL */

/* A small generator of our own, so that a seed means the same everywhere. */
uint64_t t_random(uint64_t *state);
uint64_t t_below(uint64_t *state, uint64_t n);

#endif
