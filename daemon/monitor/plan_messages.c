/*
 * plan_messages.c - the plan's section `messages`: when the board hears, and when it hears again.
 */
#include "monitor/plan_parts.h"

static const int64_t SECOND_US = INT64_C(1000000);
static const int64_t YEAR_DAYS = 365;

enum status plan_messages_read(const struct node *map, struct plan_messages *ret, struct err *err)
{
    static const char *const urgent[] = {"slot", "immediate", NULL};
    struct plan_messages m = {
        .slot_us = US_PER_DAY, .resend_after_us = US_PER_DAY, .escalate_after_us = 3 * US_PER_DAY};
    int which = 0;
    enum status st = OK;

    if (map != NULL) {
        st = node_expect(map, NODE_MAP, err);
        if (st == OK) {
            st = node_get_duration(map, "slot", SECOND_US, 7 * US_PER_DAY, &m.slot_us, err);
        }
        if (st == OK) {
            st = node_get_enum(map, "urgent", urgent, &which, err);
        }
        if (st == OK) {
            st = node_get_duration(map, "resend_after", SECOND_US, YEAR_DAYS * US_PER_DAY, &m.resend_after_us,
                                   err);
        }
        if (st == OK) {
            st = node_get_duration(map, "escalate_after", SECOND_US, YEAR_DAYS * US_PER_DAY,
                                   &m.escalate_after_us, err);
        }
        if (st == OK) {
            st = node_end(map, err);
        }
        if (st == OK && m.escalate_after_us < m.resend_after_us) {
            st = node_error(map, err,
                            "escalate_after comes before resend_after; a member is reminded before the chair "
                            "hears of the silence (defaults: 1 d and 3 d)");
        }
    }
    if (st == OK) {
        m.urgent_immediate = which == 1;
        *ret = m;
    }
    return st;
}
