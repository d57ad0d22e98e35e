/*
 * mail.h - the closed messages to a board member: alert, amendment, reminder, escalation, quiet.  Pure.
 *
 * RFC 5322, CRLF, UTF-8 quoted-printable, fixed order of headers, no Bcc; text/plain first and text/html as
 * alternatives; figures beside the HTML (multipart/related), a PDF beside both (multipart/mixed).  The subject is neutral and numbered; the body's first lines carry the decision: trial, category, what
 * crossed, counts by arm with denominators, p or e-value and boundary, data cut-off, what to do.
 */
#ifndef DSMB_RENDER_MAIL_H
#define DSMB_RENDER_MAIL_H

#include "alert/alert.h"
#include "alert/board.h"
#include "alert/slot.h"
#include "base/buf.h"
#include "monitor/look.h"

/* What every message carries, whatever it says. */
struct mail_post {
    const char *ack_to; /* addr-spec of the mailbox that takes acknowledgements; NULL: no links */
    char token[ACK_DECISIONS][33];
    const char *unreached;     /* names of members who could not be reached; NULL or "": none */
    int64_t doubled;           /* a message of this number may have come twice; 0: none */
    const char *board_changes; /* of the board since his last message, a sentence each; NULL or "": none */
    instant_t next_before;     /* when the next message comes at the latest; INSTANT_NONE: no slots */
};

/* An alert that a reminder or an escalation is about. */
struct mail_item {
    const struct alert *alert;
    const struct entry *entry; /* of its look; NULL: not known any more */
    const struct monitor *monitor;
    const char *about; /* the member's name */
    instant_t since;   /* when he was first told; INSTANT_NONE: never */
};

struct enclosure;

/*
 * How much of what there is to say a message says: each step less than the one before, the last fits any size that is
 * allowed.  A message that is too long is written again with the next; it says itself, in one line, what is missing.
 */
enum mail_extent {
    EXTENT_WHOLE,
    EXTENT_NO_PDF,
    EXTENT_NO_PICTURES,
    EXTENT_FEW_EVENTS, /* listings and lists of alerts end with "N more" */
    EXTENT_NO_EVENTS,
    EXTENT_DECISIONS, /* what crossed, and what to do */
    EXTENT_FIRST      /* of the first alert alone, as plain text alone */
};
enum { EXTENTS = EXTENT_FIRST + 1 };

struct mail_input {
    enum letter_kind kind;
    enum mail_extent extent;
    const struct enclosure *enclosed; /* of this message's alerts; NULL: none */
    bool undrawn;                     /* there should be enclosures, and they could not be made */
    bool draws;                       /* the page is to hold figures themselves: for enclosures */
    const struct mail_item *items;    /* REMINDER, ESCALATION; QUIET: what stands */
    size_t n_items;
    const struct alert *also; /* ALERT, AMENDMENT: what else this message tells of */
    size_t n_also;
    const struct mail_post *post; /* NULL: none of it */
    const struct plan *plan;
    const struct ruleset *rules;
    const struct board *board;
    const struct member *to; /* NULL: for the file, of all members */
    const struct alert *alert;
    const struct look_result *result; /* ALERT, AMENDMENT; so are rules, history and snapshot */
    const struct history *history;    /* earlier looks, plan order */
    const struct snapshot *snapshot;
    int64_t look;
    day_t cut;
    instant_t data_cutoff;        /* INSTANT_NONE: unknown */
    instant_t now;                /* Date header */
    int64_t number;               /* of the message, for the neutral subject: "[TRIAL] DSMB message N" */
    const char *message_id;       /* random UUID, no angle brackets */
    const char *from, *from_name; /* addr-spec; name may be NULL */
    const char *ledger_head;      /* hex, or "" */
    const char *note;             /* a line for the foot, on the keys that close the mail; NULL or "": none */
};

/* What the message is about, as the value of a Subject header, for where only the member sees it. */
enum status mail_subject(const struct mail_input *in, struct buf *out, struct err *err);
/* What a message of this extent encloses. */
bool mail_has_pdf(const struct mail_input *in);
bool mail_has_pictures(const struct mail_input *in);
/* Of the i-th picture, without angle brackets. */
void mail_content_id(const struct mail_input *in, size_t i, struct buf *out);
enum status mail_render(const struct mail_input *in, struct buf *out, struct err *err);

#endif
