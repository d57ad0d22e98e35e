/*
 * fake_world.h - a trial, a store and a journal in memory, for the cycle: years in milliseconds, failures on demand.
 */
#ifndef DSMB_TESTS_FAKE_WORLD_H
#define DSMB_TESTS_FAKE_WORLD_H

#include "app/cycle.h"
#include "base/buf.h"

enum { FAKE_ROWS_MAX = 4096, FAKE_LOG_MAX = 256 };

struct fake_row {
    enum src_view view;
    char *value[SRC_COLUMNS_MAX]; /* NULL: SQL NULL */
};

struct fake_message {
    char address[ADDRESS_MAX + 1];
    char id[37];
    char *bytes;
    int64_t look; /* 0: a notice of no look */
    enum letter_kind kind;
    char member[81];
    struct slot_item items[16];
    size_t n_items;
    char about[16][81];
    struct sha256 token[ACK_DECISIONS];
    bool held; /* waits in the store: the mailer does not see it */
    int64_t slot;
    instant_t at;
    char again[37]; /* the bytes of that message, once more */
};

struct fake_report {
    int64_t look;
    const char *audience, *format;
    char *bytes;
};

struct fake_look {
    struct look_head head;
    struct entry *entries; /* plan order */
    size_t n;
};

struct fake_world {
    /* the trial */
    source_same_fn *same; /* asked about each row */
    struct fake_row rows[FAKE_ROWS_MAX];
    size_t n_rows;
    int64_t version;        /* changes whenever the trial does: the gate's token */
    enum status read_fails; /* what read() returns, with read_message; OK: works */
    const char *read_message;
    int reads;

    /* the store */
    bool leader;
    char *plan_text, *board_text;
    int64_t plan_id, board_id;
    char plan_note[ERR_MSG_MAX]; /* what was said of the newest plan */
    struct fake_look looks[4096];
    size_t n_looks;
    struct known_set known;
    struct alert alerts[64];
    size_t n_alerts;
    struct fake_message messages[4096];
    size_t n_messages;
    struct fake_report reports[64];
    size_t n_reports;
    struct row_change *stored; /* live rows as of the last look */
    size_t n_stored, cap_stored;
    enum status save_fails; /* once: the next save_look fails and stores nothing */
    struct request request;
    bool has_request;
    const char *request_by; /* NULL: "tester" */
    struct life_fact facts[8192];
    size_t n_facts;
    int64_t slots[4096];
    size_t n_slots;
    instant_t now;     /* of what is recorded; the tests set it with each step */
    char acks[64][33]; /* tokens that came back */
    size_t n_acks, taken;
    instant_t test_asked;
    const char *bad_bytes;          /* a member for whom no message's bytes are good any more; NULL: nobody */
    struct post_change changes[16]; /* of the board */
    size_t n_changes;
    const char *unreached; /* a member whose mail does not arrive; NULL: none */
    int64_t waiting;       /* messages that have not left */
    bool answered, answer_done;
    char answer[ERR_MSG_MAX];
    struct review_decisions decisions;
    struct buf queue; /* what the newest look wrote of it: a line for each event and category */
    bool fault_open;
    char fault[ERR_MSG_MAX];
    int faults; /* how often one began */

    /* the journal */
    char log[FAKE_LOG_MAX][ERR_MSG_MAX];
    size_t n_log;

    struct source source;
    struct store store;
    struct journal journal;
    struct sealer sealer;
    struct cycle_world cycle;
};

/* The texts of an adopted plan and board, NULL: none; rules from rules/. */
struct fake_world *fake_new(const char *plan_text, const char *board_text);
void fake_free(struct fake_world *w);
/* Makes w->store, a store in memory. */
void fake_store(struct fake_world *w);

void fake_subject(struct fake_world *w, const char *id, const char *rand, const char *arm);
/* A serious, hospitalised or fatal event as asked; entered at once. */
void fake_event(struct fake_world *w, const char *ae, const char *subject, const char *term,
                const char *onset, bool serious);
void fake_death(struct fake_world *w, const char *subject, const char *day);
void fake_delete_event(struct fake_world *w, const char *ae);
void fake_set(struct fake_world *w, enum src_view view, const char *key, int column, const char *value);
void fake_cutoff(struct fake_world *w, const char *day);
void fake_drop_newest(struct fake_world *w, size_t n); /* rows vanish, as a hard DELETE makes them */
void fake_ask(struct fake_world *w, enum request_kind kind, const char *body);

/* fake_post.c: mail to the board. */
void fake_post(struct fake_world *w);
void fake_put_message(struct fake_world *w, const struct outgoing *o, int64_t look, int64_t slot);
void fake_note_fact(struct fake_world *w, int64_t alert, const char *member, enum life_event e);
void fake_note_facts(struct fake_world *w, const struct fake_message *m); /* with the mailer, and arrived */

/* fake_review.c: decisions by request, of the row that the last look stored; what a look writes of the queue. */
void fake_review(struct fake_world *w);
void fake_review_done(struct fake_world *w);
void fake_review_queue(struct fake_world *w, const struct look_record *l);
void fake_ask_decision(struct fake_world *w, const char *verdict, const char *name, const char *ae_id);

/* The token comes back by mail. */
void fake_ack(struct fake_world *w, const char *token);
/* From now on mail is sealed (by a sealer that leaves it readable), and goes in slots. */
void fake_seal(struct fake_world *w);

/*
 * The plan of tests that are about mail and people: arms ARM_ZERO and ARM_ONE, one exact monitor `cv`.  cut as in `cut: {every:
 * CUT}`, messages as in `messages: {MESSAGES}`, NULL: the section is left out.  The caller's (free()).
 */
#define FAKE_DAILY "day, at: \"00:00\""
char *fake_plan(const char *cut, const char *messages);
/* A Chair, B Deputy and C Member at board.example. */
extern const char fake_board[];

/* The newest entry of a monitor; NULL before the first look. */
const struct entry *fake_last(const struct fake_world *w, size_t monitor);

#endif
