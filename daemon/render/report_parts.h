/*
 * report_parts.h - the two reports as facts, and how each is laid out as text.  Pure.
 */
#ifndef DSMB_RENDER_REPORT_PARTS_H
#define DSMB_RENDER_REPORT_PARTS_H

#include "render/facts.h"
#include "render/figures.h"
#include "render/names.h"
#include "render/paper.h"
#include "render/pooled.h"
#include "render/report.h"

/* Columns of tables by month: curve_month[]. */
#define MONTH_COLUMNS                                                                                       \
    {"month_3", "3 months"}, {"month_6", "6 months"}, {"month_12", "12 months"}, {"month_18", "18 months"}, \
        {"month_24", "24 months"}, {"month_36", "36 months"}, {"month_48", "48 months"},                    \
    {                                                                                                       \
        "month_60", "60 months"                                                                             \
    }

enum status report_facts(const struct report_input *in, enum audience audience, struct facts *f,
                         struct err *err);
/* Tables and figures of the facts, and what stands on every page; *subject is what paper->subject points into. */
enum status report_page(const struct facts *f, enum audience audience, instant_t written, struct page **ret,
                        struct paper *paper, struct buf *subject, struct err *err);

enum status report_closed_facts(const struct report_input *in, struct facts *f, struct err *err);
enum status report_monitors(const struct report_input *in, const struct arm_names *names, struct facts *f,
                            struct err *err);
/* The same facts of one monitor alone, for its figure. */
enum status report_monitor(const struct report_input *in, size_t i, const struct arm_names *names,
                           struct facts *f, struct err *err);
/* What the looks of each monitor say together (monitor/infer.h). */
enum status report_inference(const struct report_input *in, struct facts *f, struct err *err);
/* Of one comparison, beside what the table of differences has: both sides with subjects. */
enum status report_further(const struct side *e, const struct side *k, const struct contrast *x,
                           struct place at, struct facts *f, struct err *err);
/* Hazard ratios, episodes, leaving one site out, fragility: by category and comparison. */
enum status report_persons(const struct report_input *in, const struct arm_names *names, struct facts *f,
                           struct err *err);
/* How the data came in, by arm; and what happened while on treatment. */
enum status report_conduct(const struct report_input *in, const struct arm_names *names, struct facts *f,
                           struct err *err);
/* What cannot be computed (E_NUMERIC) is no fact, and no failure. */
enum status report_left_out(enum status st, struct err *err);
void report_p(struct facts *f, struct place at, const char *statistic, double p);
void report_ratio(struct facts *f, struct place at, const char *statistic, const struct estimate *e);
enum status report_closed_listings(const struct report_input *in, const struct arm_names *names,
                                   struct facts *f, struct err *err);
enum status report_terms(const struct report_input *in, const struct arm_names *names, struct facts *f,
                         struct err *err);
enum status report_incidence(const struct report_input *in, const struct arm_names *names, struct facts *f,
                             struct err *err);
const struct layout *report_closed_layout(size_t *n);
/* From the pooled numbers, and nothing else. */
void report_open_facts(const struct pooled *p, struct facts *f);
const struct layout *report_open_layout(size_t *n);

/* Figures, from the facts and nothing else: what a report may say bounds what its figures can show. */
enum status figures_monitors(const struct facts *f, struct page *p,
                             struct err *err); /* boundary, e-process */
/* What decides in one monitor: its boundary, or its e-value. */
enum status figures_monitor(const struct facts *f, const char *item, struct page *p, struct err *err);
enum status figures_ratios(const struct facts *f, struct page *p, struct err *err); /* dot plots */
enum status figures_incidence(const struct facts *f, struct page *p,
                              struct err *err);                                    /* with numbers at risk */
enum status figures_terms(const struct facts *f, struct page *p, struct err *err); /* volcano */

#endif
