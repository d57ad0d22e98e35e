/*
 * plan_parts.h - reading a plan: what its readers share.  Only for monitor/.
 */
#ifndef DSMB_MONITOR_PLAN_PARTS_H
#define DSMB_MONITOR_PLAN_PARTS_H

#include "monitor/plan.h"

/* A text of at most max bytes into out[max + 1]; a name is [a-z][a-z0-9_]*, with - too where dashes is set. */
enum status plan_text(const struct node *n, size_t max, char *out, struct err *err);
enum status plan_name(const struct node *n, bool dashes, char out[NAME_MAX_LEN + 1], struct err *err);

/* Has an earlier item of the list the same text at key? */
bool plan_seen_before(const struct node *list, size_t i, const char *key);

/* The control arm first, the others in the file's order; shares of 1.  Messages quote nothing. */
enum status plan_arms_read(const struct node *list, struct arms *a, struct err *err);

/* Keys that a monitor may leave to `defaults`. */
struct plan_defaults {
    const struct node *count, *sided, *window, *comparison, *closing_look, *alert,
        *e_process; /* NULL: not given */
};

enum status plan_defaults_read(const struct node *map, struct plan_defaults *ret, struct err *err);
/* Everything of p but the monitors is read already. */
enum status plan_monitor_read(const struct node *map, const struct plan_defaults *def,
                              const struct ruleset *rules, const struct plan *p, struct monitor *ret,
                              struct err *err);

enum status plan_spending_read(const struct node *n, struct spending *s, struct err *err);
enum status plan_looks_read(const struct node *n, struct monitor *m, struct err *err);
/* Section `messages`; NULL: absent, all defaults. */
enum status plan_messages_read(const struct node *map, struct plan_messages *ret, struct err *err);
/* `none`, or prior, reference and role. */
enum status plan_e_process_read(const struct node *n, struct eprocess_plan *e, struct err *err);

#endif
