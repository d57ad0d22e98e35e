/*
 * cycle.h - the daemon's one job: poll, read, classify, count, decide, commit.
 *
 * Sees ports, never PostgreSQL or files.  Time and random bytes come in through ports, so a test can be in 2031 and
 * fail where it likes.  Decide, commit, then act: a look and its messages are one store call; nothing is sent here.
 */
#ifndef DSMB_APP_CYCLE_H
#define DSMB_APP_CYCLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/date.h"
#include "base/doc.h"
#include "base/err.h"
#include "port/journal.h"
#include "port/sealer.h"
#include "port/source.h"
#include "port/store.h"

struct cycle;
struct enclosure;
struct mail_input;

/* What the cycle needs of the deployment and of the edges; all borrowed, and alive as long as the cycle. */
struct cycle_world {
    const struct source *source;
    const struct store *store;
    const struct journal *journal;
    const struct sealer *sealer; /* NULL: mail goes in clear, to a relay on this host */
    /* YAML text to a tree: config/ offers it, cmd/ wires it. */
    enum status (*parse)(const char *name, const char *bytes, size_t len, struct doc **ret, struct err *err);
    /* 16 random bytes as a UUID, version 4. */
    enum status (*uuid)(char out[37], struct err *err);
    enum status (*random)(void *out, size_t n, struct err *err); /* for tokens */
    /*
     * Figures and PDF of an alert's message (render/enclosure.h), drawn apart: that they cannot be drawn, for whatever
     * reason, costs no more than them.  NULL: messages enclose nothing.
     */
    enum status (*enclose)(const struct mail_input *in, struct enclosure *ret, struct err *err);
    const char *trial;     /* as the settings name it: plan and board must name the same */
    const char *mail_from; /* addr-spec */
    const char *mail_from_name;
    const char *ack_to;     /* addr-spec that takes acknowledgements; NULL: messages carry no links */
    const char *operations; /* addr-spec: gets notices without content */
    int64_t poll_us;        /* the trial database is asked no more often, unless woken; 0: at every step */
    int64_t full_look_us;   /* a full reading at least this often */
    double max_shrink_percent;
    /* A look's numbers stand, and what is made of them begins: whoever times a look stops here.  NULL: nobody does. */
    void (*counted)(void *ctx);
    void *counted_ctx;
    void (*killpoint)(const char *name); /* for tests of what survives a kill; never NULL */
};

enum cycle_state {
    CYCLE_STANDBY, /* another dsmbd leads */
    CYCLE_NO_PLAN, /* nothing adopted yet: nothing is computed */
    CYCLE_NO_BOARD,
    CYCLE_WATCHING,
    CYCLE_DATA_FAULT /* the last reading was not believed; the last state stands */
};

enum status cycle_new(const struct cycle_world *w, struct cycle **ret, struct err *err);
void cycle_free(struct cycle *c);

/*
 * One step: what people ask for, the trial database when a poll is due, mail that is due.  now: wall clock; mono: monotonic, for intervals.  E_RETRY: a passing fault, back off and call again; state
 * read from the store is read afresh then.  Anything that is wrong with the data is CYCLE_DATA_FAULT, not an error.
 */
enum status cycle_step(struct cycle *c, instant_t now, int64_t mono_us, struct err *err);
enum cycle_state cycle_state(const struct cycle *c);
/* The trial database says that something is new: the next step asks it, poll due or not. */
void cycle_wake(struct cycle *c);
/* For sd_notify and status: no arm-level content. */
const char *cycle_state_text(const struct cycle *c);
/* The newest look known, 0 and INSTANT_NONE when none is; look_at: when its data were read. */
void cycle_last_look(const struct cycle *c, int64_t *look, instant_t *look_at);
/* Of mail, as port/metrics.h says what may be told; -1: not known, or not to be told. */
void cycle_mail(const struct cycle *c, int64_t *unreached, int64_t *waiting, int64_t *certificate_days);
/* Forgets what was read from the store (after a reconnect). */
void cycle_forget(struct cycle *c);
/* New deployment settings after a reload; strings borrowed as in cycle_world. */
void cycle_set_world(struct cycle *c, const struct cycle_world *w);

#endif
