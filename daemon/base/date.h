/*
 * date.h - calendar days and ISO 8601 dates that may be partial.
 *
 * A day is days since 1970-01-01 in the proleptic Gregorian calendar, years 1900 to 2199 (a date outside is a typing
 * error in a trial: refused by the parser, so that it becomes a data query and not a risk set).  Instants are
 * microseconds since 1970-01-01 00:00 UTC.  Pure: nothing here asks for the time.
 */
#ifndef DSMB_BASE_DATE_H
#define DSMB_BASE_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

typedef int32_t day_t;
typedef int64_t instant_t; /* microseconds since 1970-01-01 00:00 UTC */

#define DAY_NONE     INT32_MIN
#define INSTANT_NONE INT64_MIN
#define US_PER_DAY   INT64_C(86400000000)

enum date_prec { DATE_ABSENT, DATE_YEAR, DATE_MONTH, DATE_DAY, DATE_TIME };

/*
 * A date of which only the leading parts may be known: the truth lies in [first, last].
 * ABSENT: both DAY_NONE.  DAY and TIME: first == last.  A time of day is kept only as "there was one".
 */
struct pdate {
    day_t first, last;
    enum date_prec prec;
};

day_t day_from_ymd(int y, int m, int d); /* DAY_NONE when there is no such day, or outside 1900..2199 */
void day_to_ymd(day_t day, int *y, int *m, int *d);
/* YYYY-MM-DD\0 into 11 bytes. */
void day_format(day_t day, char out[11]);
/*
 * ISO 8601 as SDTM writes it: YYYY, YYYY-MM, YYYY-MM-DD, and YYYY-MM-DDThh[:mm[:ss[.f]]] with an optional Z or offset
 * (also a blank in place of T); SDTM's missing inner parts as "-" ("2003---15") mean the leading parts only.  Blank
 * space around is ignored; len 0 gives ABSENT.  false when it is none of these.
 */
bool pdate_parse(const char *s, size_t len, struct pdate *ret);
/* An exact YYYY-MM-DD only. */
bool day_parse(const char *s, size_t len, day_t *ret);

day_t instant_day(instant_t t);                 /* the UTC day it lies in; rounds down */
instant_t day_start(day_t day);                 /* 00:00 UTC */
void instant_format(instant_t t, char out[28]); /* 2024-05-01T12:00:00.000000Z */
enum { INSTANT_RFC5322 = 32 };
void instant_rfc5322(instant_t t, char out[INSTANT_RFC5322]); /* Wed, 01 May 2024 12:00:00 +0000 */
/* YYYY-MM-DD[ |T]hh:mm[:ss[.ffffff]][Z|+hh[:mm]|-hh[:mm]]; no zone means UTC; a bare date means its 00:00. */
bool instant_parse(const char *s, size_t len, instant_t *ret);

day_t day_add_months(day_t day, int months); /* clamps to the month's last day: 31 Jan + 1 = 28/29 Feb */

#endif
