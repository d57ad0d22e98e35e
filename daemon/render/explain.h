/*
 * explain.h - each number of a look traced to the records that made it: a closed document.  Pure.
 *
 * Per monitor: the design, the test in words, the first events it rests on (subject, arm, event, words as reported, rule
 * that classified them, onset and the day used, since which look it is known), and the blocks that each look took in with
 * the people at risk, from which statistic and bound can be computed by hand.
 */
#ifndef DSMB_RENDER_EXPLAIN_H
#define DSMB_RENDER_EXPLAIN_H

#include "base/buf.h"
#include "render/report.h"

/* only: name of one monitor; NULL all.  known: looks before this one (knowledge time). */
enum status explain_render(const struct report_input *in, const struct known_set *known, const char *only,
                           struct buf *out, struct err *err);

#endif
