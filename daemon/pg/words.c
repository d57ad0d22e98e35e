#include "pg/words.h"

#include <string.h>

#define N_OF(a) (sizeof(a) / sizeof *(a))

static const char *const look_kinds[] = {[LOOK_CUT] = "CUT", [LOOK_ADHOC] = "ADHOC", [LOOK_FINAL] = "FINAL"};
static const char *const verdicts[] = {
    [VERDICT_BELOW] = "BELOW",
    [VERDICT_CROSSED] = "CROSSED",
    [VERDICT_CROSSED_LOWER] = "CROSSED_LOWER",
    [VERDICT_UNDETERMINED] = "UNDETERMINED",
    [VERDICT_NO_NEW_INFORMATION] = "NO_NEW_INFORMATION",
    [VERDICT_NOT_DUE] = "NOT_DUE",
    [VERDICT_CLOSED] = "CLOSED",
};
static const char *const alert_kinds[] = {[ALERT_RAISED] = "RAISED",
                                          [ALERT_AMENDED_BELOW] = "AMENDED_BELOW",
                                          [ALERT_AMENDED_AGAIN] = "AMENDED_AGAIN"};
static const char *const urgencies[] = {[ALERT_URGENT] = "URGENT", [ALERT_NEXT_REPORT] = "NEXT_REPORT"};
static const char *const requests[] = {
    [REQ_PLAN_ADOPT] = "PLAN_ADOPT",       [REQ_BOARD_ADOPT] = "BOARD_ADOPT",
    [REQ_LOOK_ADHOC] = "LOOK_ADHOC",       [REQ_LOOK_FINAL] = "LOOK_FINAL",
    [REQ_SOURCE_ACCEPT] = "SOURCE_ACCEPT", [REQ_ALERT_ACK] = "ALERT_ACK",
    [REQ_ALERT_TEST] = "ALERT_TEST",       [REQ_ALERT_RESEND] = "ALERT_RESEND",
    [REQ_REVIEW_DECIDE] = "REVIEW_DECIDE"};

const char *word_look_kind(enum look_kind k)
{
    return look_kinds[k];
}

const char *word_verdict(enum verdict v)
{
    return verdicts[v];
}

const char *word_alert_kind(enum alert_kind k)
{
    return alert_kinds[k];
}

const char *word_urgency(enum alert_urgency u)
{
    return urgencies[u];
}

/* The word itself may be a verdict: it is not repeated. */
static enum status find(const char *const words[], size_t n, const char *s, const char *what, size_t *ret,
                        struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(words[i], s) == 0) {
            *ret = i;
            return OK;
        }
    }
    return err_set(err, E_DATA,
                   "the store holds %s that this version does not know: it was written by a newer one", what);
}

enum status word_read_look_kind(const char *s, enum look_kind *ret, struct err *err)
{
    size_t i = 0;
    enum status st = find(look_kinds, N_OF(look_kinds), s, "a kind of look", &i, err);

    if (st == OK) {
        *ret = (enum look_kind)i;
    }
    return st;
}

enum status word_read_verdict(const char *s, enum verdict *ret, struct err *err)
{
    size_t i = 0;
    enum status st = find(verdicts, N_OF(verdicts), s, "a verdict", &i, err);

    if (st == OK) {
        *ret = (enum verdict)i;
    }
    return st;
}

enum status word_read_alert_kind(const char *s, enum alert_kind *ret, struct err *err)
{
    size_t i = 0;
    enum status st = find(alert_kinds, N_OF(alert_kinds), s, "a kind of alert", &i, err);

    if (st == OK) {
        *ret = (enum alert_kind)i;
    }
    return st;
}

enum status word_read_urgency(const char *s, enum alert_urgency *ret, struct err *err)
{
    size_t i = 0;
    enum status st = find(urgencies, N_OF(urgencies), s, "an urgency", &i, err);

    if (st == OK) {
        *ret = (enum alert_urgency)i;
    }
    return st;
}

enum status word_read_request(const char *s, enum request_kind *ret, struct err *err)
{
    size_t i = 0;
    enum status st = find(requests, N_OF(requests), s, "a request", &i, err);

    if (st == OK) {
        *ret = (enum request_kind)i;
    }
    return st;
}

enum status word_read_letter_kind(const char *s, enum letter_kind *ret, struct err *err)
{
    for (int k = LETTER_ALERT; k <= LETTER_QUIET; k++) {
        if (strcmp(letter_kind_name((enum letter_kind)k), s) == 0) {
            *ret = (enum letter_kind)k;
            return OK;
        }
    }
    return err_set(err, E_DATA, "the store holds a kind of message that this version does not know");
}

enum status word_read_life_event(const char *s, enum life_event *ret, struct err *err)
{
    for (int e = 0; e < LIFE_EVENTS; e++) {
        if (strcmp(life_event_name((enum life_event)e), s) == 0) {
            *ret = (enum life_event)e;
            return OK;
        }
    }
    return err_set(err, E_DATA, "the store holds an event of messages that this version does not know");
}
