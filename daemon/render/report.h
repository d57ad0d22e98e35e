/*
 * report.h - the periodic safety report, closed (by arm) or open (pooled), as text, CSV, JSON, HTML and PDF.  Pure.
 *
 * The report is first built as a list of facts (section, item, group, statistic, value, text) and the formats only
 * write facts, so that the same numbers stand in each.  The open report is built from pooled numbers alone: it never
 * sees an arm (pooled.h), and withholds small cells (report_open.c states the rule).
 */
#ifndef DSMB_RENDER_REPORT_H
#define DSMB_RENDER_REPORT_H

#include "base/buf.h"
#include "monitor/look.h"

enum audience { AUDIENCE_CLOSED, AUDIENCE_OPEN };
enum report_format { REPORT_TEXT, REPORT_CSV, REPORT_JSON, REPORT_HTML };
enum { REPORT_RENDERED = REPORT_HTML + 1 };

struct report_input {
    const struct plan *plan;
    const struct ruleset *rules;
    const struct snapshot *snapshot;
    const struct look_result *result;
    const struct history *history;
    int64_t look;
    day_t cut;
    instant_t read_at, data_cutoff, now;
    char snapshot_hash[65], plan_hash[65];
    bool coded_arms; /* closed report: "Arm A", "Arm B" (plan's order, control first) instead of the labels */
};

enum status report_render(const struct report_input *in, enum audience audience, enum report_format format,
                          struct buf *out, struct err *err);
/* Every format from facts that are gathered once; out is by format.  On failure all are empty. */
enum status report_render_all(const struct report_input *in, enum audience audience,
                              struct buf out[REPORT_RENDERED], struct err *err);
/* The same as PDF (A4); apart, so that only who asks for it links cairo. */
enum status report_pdf(const struct report_input *in, enum audience audience, struct buf *out,
                       struct err *err);

#endif
