/*
 * deliver.h - the mailer's one job: claim, hand over, tell how it ended.
 *
 * Sees ports only; time comes from the clock port and the random number of a step is passed in.  Nothing is lost: every
 * message ends as sent or failed, or is tried again, without end.  It is handed over a second time only when the first
 * ended UNCERTAIN, with the same bytes.  An outcome that cannot be told at once is kept and told before anything else.
 *
 * Holds all mail while the store stands behind the anchor (port/anchor.h) and until a person's recovery is in the store.
 */
#ifndef DSMB_APP_DELIVER_H
#define DSMB_APP_DELIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "app/deliver_left.h"
#include "base/err.h"
#include "port/anchor.h"
#include "port/journal.h"
#include "port/notify.h"
#include "port/outbox.h"
#include "port/transport.h"

struct deliver;

/* Borrowed; alive as long as the deliver. */
struct deliver_world {
    const struct outbox *outbox;
    const struct transport *transport;
    const struct anchor *anchor;
    const struct journal *journal;
    const struct notify *notify;
    struct left *left; /* NULL: what left is not remembered */
    int64_t lease_us;
    int64_t backoff_min_us, backoff_max_us; /* between attempts of one message */
    int64_t poll_us;                        /* the longest wait */
    void (*killpoint)(const char *name);    /* never NULL */
};

enum deliver_state {
    DELIVER_APART,   /* the store cannot be reached */
    DELIVER_STANDBY, /* another mailer holds office */
    DELIVER_HOLDING, /* the store stands behind the anchor: all mail is held */
    DELIVER_READY
};

enum status deliver_new(const struct deliver_world *w, struct deliver **ret, struct err *err);
void deliver_free(struct deliver *d);
/*
 * At most one message.  u: uniform in [0, 1).  *wait_us: call again after that time, or when the outbox's socket says
 * so; 0: at once.  What passes by itself is journaled and waited for; not OK is for a person: E_DENIED, E_DATA (schema),
 * E_CONFIG, E_IO (anchor), E_NOMEM, E_INTERNAL.
 */
enum status deliver_step(struct deliver *d, double u, int64_t *wait_us, struct err *err);
enum deliver_state deliver_state(const struct deliver *d);
/* What the last steps saw, for the notices to operations. */
struct deliver_sight {
    bool reached;  /* the store was */
    bool judged;   /* `silent` was asked: this mailer holds office */
    bool silent;   /* dsmbd has given no sign for two slots */
    bool returned; /* a message was refused or came back since this was asked last */
};
struct deliver_sight deliver_sight(struct deliver *d);
/* A report of failure names this message; NULL: none that is known.  Journaled, and told to the store. */
enum status deliver_returned(struct deliver *d, const char *id, struct err *err);
/* Limits after a reload. */
void deliver_set_world(struct deliver *d, const struct deliver_world *w);

#endif
