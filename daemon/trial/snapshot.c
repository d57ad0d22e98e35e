#include "trial/snapshot.h"

#include <stdlib.h>

void snapshot_free(struct snapshot *s)
{
    if (s == NULL) {
        return;
    }
    pool_free(s->pool);
    free(s->subjects);
    free(s->events);
    free(s->adjudications);
    free(s->queries);
    free(s);
}

const char *query_text(enum query_code code)
{
    switch (code) {
    case Q_UNREADABLE:
        return "a value that cannot be read";
    case Q_NULL:
        return "no value where one is due";
    case Q_BAD_TEXT:
        return "bytes that are no text in the database's encoding";
    case Q_TEXT_TOO_LONG:
        return "text too long: only its beginning was classified";
    case Q_DUPLICATE_KEY:
        return "two rows with one key";
    case Q_UNKNOWN_ARM:
        return "an arm code that the plan does not know";
    case Q_NO_ARM:
        return "a subject without an arm";
    case Q_ARM_WITHOUT_SUBJECT:
        return "an arm for a subject that is not there";
    case Q_EVENT_WITHOUT_SUBJECT:
        return "an event of a subject that is not there";
    case Q_ADJUDICATION_WITHOUT_EVENT:
        return "an adjudication of an event that is not there";
    case Q_UNKNOWN_CODE:
        return "a code that is not in its list";
    case Q_DATE_ORDER:
        return "a date that cannot follow, or precede, another";
    case Q_DEATH_DISAGREES:
        return "death flag, dates, end of follow-up and fatal events do not say the same";
    case Q_SERIOUS_UNANSWERED:
        return "seriousness not answered and no criterion given";
    }
    return "?";
}

const char *query_name(enum query_code code)
{
    switch (code) {
    case Q_UNREADABLE:
        return "UNREADABLE";
    case Q_NULL:
        return "NULL";
    case Q_BAD_TEXT:
        return "BAD_TEXT";
    case Q_TEXT_TOO_LONG:
        return "TEXT_TOO_LONG";
    case Q_DUPLICATE_KEY:
        return "DUPLICATE_KEY";
    case Q_UNKNOWN_ARM:
        return "UNKNOWN_ARM";
    case Q_NO_ARM:
        return "NO_ARM";
    case Q_ARM_WITHOUT_SUBJECT:
        return "ARM_WITHOUT_SUBJECT";
    case Q_EVENT_WITHOUT_SUBJECT:
        return "EVENT_WITHOUT_SUBJECT";
    case Q_ADJUDICATION_WITHOUT_EVENT:
        return "ADJUDICATION_WITHOUT_EVENT";
    case Q_UNKNOWN_CODE:
        return "UNKNOWN_CODE";
    case Q_DATE_ORDER:
        return "DATE_ORDER";
    case Q_DEATH_DISAGREES:
        return "DEATH_DISAGREES";
    case Q_SERIOUS_UNANSWERED:
        return "SERIOUS_UNANSWERED";
    }
    return "?";
}
