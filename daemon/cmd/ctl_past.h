/*
 * ctl_past.h - a stored look, rebuilt: plan, rules, snapshot, histories and the result of running it again.
 */
#ifndef DSMB_CMD_CTL_PAST_H
#define DSMB_CMD_CTL_PAST_H

#include "classify/rules.h"
#include "config/settings.h"
#include "monitor/look.h"
#include "pg/reader.h"
#include "render/report.h"

/* The plan and rules of a look (0: the newest adopted); owned. */
struct past_plan {
    struct plan *plan;
    struct ruleset *rules;
    struct sha256 hash;
    int64_t id;
};
void past_plan_done(struct past_plan *p);
enum status past_plan_load(struct reader *r, const char *trial, int64_t look, struct past_plan *ret,
                           struct err *err);
/* A plan that is not adopted, with its rules; rules_dir NULL: the settings'. */
enum status past_plan_from_file(const struct settings *s, const char *plan_file, const char *rules_dir,
                                struct past_plan *ret, struct err *err);
/*
 * What --plan, --rules and --config mean to verbs that look at a plan: FILE with rules_dir stands by itself, whatever trial it
 * is for, and needs no settings; NULL or "adopted" is the newest adopted.
 */
enum status past_plan_asked(const char *config, const char *plan, const char *rules_dir,
                            struct past_plan *ret, struct err *err);

struct past_look {
    struct look_head head;
    struct snapshot *snapshot;
    struct history *history; /* looks before this one; plan order */
    size_t n_history;
    struct known_set known;
    struct look_result result;
};
void past_look_done(struct past_look *p);
/* look 0: the newest. */
enum status past_look_load(struct reader *r, const struct past_plan *plan, int64_t look,
                           struct past_look *ret, struct err *err);
/* What a document of that look is made from; written at the look's own time, so that it comes out the same each time. */
struct report_input past_report_input(const struct past_plan *plan, const struct past_look *look);
/* The snapshot alone, as a plan's arms read it. */
enum status past_snapshot(struct reader *r, const struct plan *plan, int64_t look, struct snapshot **ret,
                          struct err *err);

#endif
