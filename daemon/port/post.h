/*
 * post.h - mail to the board as the store remembers it: what waits, what was told, what came of it.
 */
#ifndef DSMB_PORT_POST_H
#define DSMB_PORT_POST_H

#include "alert/life.h"
#include "alert/slot.h"
#include "base/sha256.h"

/* One message to one member, complete. */
struct outgoing {
    char id[37]; /* random UUID, also in the Message-ID */
    const char *address;
    const char *member; /* name, for the closed table that links alert and message */
    enum letter_kind kind;
    const struct slot_item *items; /* the alerts it tells of; `about` is a member of board */
    size_t n_items;
    const struct board *board;
    bool held;         /* of a look: waits in the store for its slot */
    const char *bytes; /* of a slot: NULL means the letter of this id that waits, or `again` */
    char again[37];    /* the bytes of that message once more, under this id; "": no */
    size_t len;
    struct sha256 hash;
    bool tokens; /* token[] holds the SHA-256 of its tokens, one per decision */
    struct sha256 token[ACK_DECISIONS];
};

/* How mail to a member went, and the letter that waits for him. */
struct post_member {
    char name[sizeof((struct member *)0)->name];
    int64_t n;        /* messages so far */
    bool unreached;   /* the newest that had its time did not arrive */
    instant_t tested; /* when a test was written to him last; INSTANT_NONE: never */
    int64_t doubled;  /* one that may have come twice since the newest was written; 0: none */
    char letter[37];  /* id; "": none waits */
    char letter_address[ADDRESS_MAX + 1];
    enum letter_kind letter_kind;
    instant_t written; /* his newest message; INSTANT_NONE: none was */
};

/* The message that first told a member of an alert that he is to get again: its bytes are good for him still. */
struct post_original {
    int64_t alert;
    char member[sizeof((struct member *)0)->name];
    char message[37];
};

/* A board that was adopted after another. */
struct post_change {
    instant_t at;
    char *by, *changes; /* owned */
};

struct post {
    bool any_slot;
    int64_t slot;         /* the newest */
    instant_t test_asked; /* when a test of the mail was asked for last; INSTANT_NONE: never */
    size_t n_facts;
    struct life_fact *facts;
    size_t n_members;
    struct post_member *members;
    size_t n_originals;
    struct post_original *originals;
    size_t n_changes;
    struct post_change *changes; /* oldest first */
};
void post_done(struct post *p);
/* NULL: nothing was ever written to him. */
const struct post_member *post_of(const struct post *p, const char *member);

struct slot_record {
    int64_t slot;
    bool of_slot; /* false: reminders where there are no slots */
    int64_t look; /* the newest; 0: none */
    uint64_t epoch;
    const struct outgoing *messages;
    size_t n_messages;
};

#endif
