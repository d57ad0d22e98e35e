/*
 * snapshot.h - the trial as it stood at one moment: subjects, events, data queries.
 *
 * Built from rows in any order, then put into canonical order (subjects and events by id, bytewise), so that the same
 * rows give the same bytes whatever order the server sent them in; only the numbers of strings (str_id) follow arrival,
 * so order by their text, never by the number.  Read-only once built.  Pure.
 * One bad cell never stops surveillance: it becomes a data query and the row counts wherever it still can.
 *  - A NULL or empty key: the row is known by its content ("?" and 16 hexadecimal digits), and counts.
 *  - One key twice: the row of smaller rank (rowkey.h) counts, as rows.h keeps it.
 *  - Two arm rows of a subject that differ in anything: it counts in neither arm, planned nor actual.
 *  - An unknown arm code: ARM_NONE there (planned and actual are judged apart).
 *  - An unknown fu_reason is FU_OTHER, an unknown outcome OUT_UNKNOWN, an unknown or missing form_status INCOMPLETE, an
 *    unknown verdict none; blank codes are NULL; case does not matter.
 *  - Cells and dates of soft-deleted events are not questioned.
 */
#ifndef DSMB_TRIAL_SNAPSHOT_H
#define DSMB_TRIAL_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "base/err.h"
#include "base/pool.h"
#include "trial/arms.h"
#include "trial/contract.h"

enum tri { TRI_UNKNOWN = -1, TRI_NO = 0, TRI_YES = 1 }; /* NULL is not "no" */

enum fu_reason { FU_NONE, FU_COMPLETED, FU_WITHDRAWN, FU_LOST, FU_DEATH, FU_OTHER };
enum outcome { OUT_UNKNOWN, OUT_RECOVERED, OUT_RECOVERING, OUT_NOT_RECOVERED, OUT_SEQUELAE, OUT_FATAL };
enum form_status { FORM_INCOMPLETE, FORM_COMPLETE, FORM_LOCKED };
enum { CRIT_DEATH, CRIT_LIFE, CRIT_HOSP, CRIT_DISAB, CRIT_CONG, CRIT_OTHER, CRIT_N }; /* ICH E2A */
enum adj { ADJ_NONE, ADJ_CONFIRMED, ADJ_REFUTED, ADJ_PENDING };

#define NO_SUBJECT UINT32_MAX

struct subject {
    str_id id, site, stratum;
    day_t rand; /* DAY_NONE when unreadable: then in no population */
    day_t first_dose, last_dose, fu_end;
    enum fu_reason fu_reason;
    struct pdate death_date;
    bool death_flag;
    arm_t arm_planned, arm_actual; /* actual = planned where the source leaves it NULL */
};

struct event {
    str_id id, episode, term, pt, soc;
    str_id subject_id; /* as the row says it */
    uint32_t subject;  /* index into subjects, or NO_SUBJECT */
    struct pdate onset, resolved;
    int8_t serious;           /* enum tri */
    int8_t crit[CRIT_N];      /* enum tri */
    int8_t related, expected; /* enum tri */
    uint8_t outcome;          /* enum outcome */
    uint8_t grade;            /* 1..5, 0 unknown */
    uint8_t form;             /* enum form_status */
    bool deleted;
    instant_t entered, updated; /* INSTANT_NONE when NULL */
};

struct adjudication {
    uint32_t event; /* index into events */
    str_id category;
    uint8_t verdict; /* enum adj */
    bool review;     /* by dsmbctl review decide, not by the source */
    bool again;      /* of those: the event's row is not the one it was decided on */
};

enum query_code {
    Q_UNREADABLE,    /* a value that is not what its column holds */
    Q_NULL,          /* NULL where the contract wants a value */
    Q_BAD_TEXT,      /* bytes that are no text in the server's encoding */
    Q_TEXT_TOO_LONG, /* more than TERM_MAX bytes: the rest was not read by the classifier */
    Q_DUPLICATE_KEY,
    Q_UNKNOWN_ARM, /* the code is not repeated: it would unblind */
    Q_NO_ARM,
    Q_ARM_WITHOUT_SUBJECT,
    Q_EVENT_WITHOUT_SUBJECT,
    Q_ADJUDICATION_WITHOUT_EVENT,
    Q_UNKNOWN_CODE, /* fu_reason, outcome, form_status, verdict: not in the code list */
    Q_DATE_ORDER, /* resolved before onset, death before randomisation, onset in the future of the cut-off ... */
    Q_DEATH_DISAGREES, /* death_flag, fu_reason, a fatal event and the dates do not say the same */
    Q_SERIOUS_UNANSWERED /* serious NULL and no criterion; beyond SERIOUS_LISTED one query (no key) says how many */
};

struct query {
    enum query_code code;
    enum src_view view;
    str_id key;         /* of the row */
    const char *column; /* static string from the contract; NULL for the row as a whole */
    str_id value;       /* what was there; 0 where it might unblind or was too long */
};

struct snapshot {
    struct pool *pool; /* every str_id is of this pool */
    struct subject *subjects;
    size_t n_subjects;
    struct event *events;
    size_t n_events;                    /* soft-deleted ones included */
    struct adjudication *adjudications; /* the source's, then the reviews */
    size_t n_adjudications;
    struct query *queries;
    size_t n_queries;
    int64_t contract_version; /* 0 when meta does not say */
    str_id trial_id, source;
    instant_t data_cutoff; /* INSTANT_NONE when meta does not say */
};

enum { SERIOUS_LISTED = 100 };

enum { TERM_MAX = 4096 }; /* bytes of a verbatim that the classifier reads */

struct builder;

/* `arms` is borrowed until builder_finish. */
enum status builder_new(const struct arms *arms, struct builder **ret, struct err *err);
void builder_free(struct builder *b);
/* Every row, duplicates too.  Copies what it needs.  Fails only for want of memory: bad cells become queries. */
enum status builder_row(struct builder *b, enum src_view view, const struct field *f, struct err *err);
/* Resolves references, sorts, checks across rows.  Takes the builder's content; still builder_free it. */
enum status builder_finish(struct builder *b, struct snapshot **ret, struct err *err);
void snapshot_free(struct snapshot *s);

const char *
query_text(enum query_code code); /* "a value that cannot be read": for people, without the value */
const char *query_name(enum query_code code); /* UNREADABLE ... for tables */

#endif
