/*
 * report_parts.h - the two reports as facts, and how each is laid out as text.  Pure.
 */
#ifndef DSMB_RENDER_REPORT_PARTS_H
#define DSMB_RENDER_REPORT_PARTS_H

#include "render/facts.h"
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
