/*
 * journal.h - facts for the administrator, who is blinded.
 *
 * A text for people and fields for machines.  Neither ever holds an arm, an arm-level number, a boundary, a verdict, an
 * alert or a subject's data.
 */
#ifndef DSMB_PORT_JOURNAL_H
#define DSMB_PORT_JOURNAL_H

#include <stddef.h>

/* syslog's levels, under our own names so that pure code needs no syslog.h. */
enum journal_level {
    JOURNAL_ERROR = 3,
    JOURNAL_WARNING = 4,
    JOURNAL_NOTICE = 5,
    JOURNAL_INFO = 6,
    JOURNAL_DEBUG = 7
};

struct journal_field {
    const char *name; /* upper case, [A-Z_]+ */
    const char *value;
};

struct journal {
    void *ctx;
    void (*write)(void *ctx, enum journal_level level, const char *text, const struct journal_field *fields,
                  size_t n);
};

#endif
