/*
 * store_priv.h - what the files of pg/store share.  Nobody else includes this.
 */
#ifndef DSMB_PG_STORE_PRIV_H
#define DSMB_PG_STORE_PRIV_H

#include "pg/pgconn.h"
#include "port/store.h"

struct pg_store {
    char *conninfo;
    int64_t statement_timeout_us;
    void (*tick)(void *ctx);
    void *tick_ctx;
    struct pgconn *c; /* NULL until first lead() */
    uint64_t epoch;   /* 0: not leading on this connection */
};

/* --- store.c --- */
/* The connection, or E_RETRY when the lead is lost. */
enum status store_conn(struct pg_store *s, struct pgconn **ret, struct err *err);
/* Begins a writing transaction, fenced: E_STATE when another dsmbd has the lead. */
enum status store_begin(struct pg_store *s, struct pgconn **ret, struct err *err);
/* Commits when st is OK, else rolls back; gives what came of it. */
enum status store_end(struct pg_store *s, enum status st, struct err *err);

/* --- store_request.c --- */
enum status store_next_request(void *ctx, struct request *r, bool *found, struct err *err);
enum status store_finish_request(void *ctx, const struct request *r, bool done, const char *message,
                                 struct err *err);
enum status store_adopt_plan(void *ctx, const struct request *r, const char *note, struct err *err);
enum status store_adopt_board(void *ctx, const struct request *r, const char *changes,
                              const struct outgoing *notices, size_t n_notices, struct err *err);
/* A mail without content of the trial, in the transaction that is open. */
enum status store_put_notice(struct pgconn *c, const struct outgoing *o, struct err *err);
enum status store_request_done(struct pgconn *c, int64_t id, bool done, const char *message, struct err *err);

/* --- store_post.c --- */
enum status store_last_slot(void *ctx, bool *any, int64_t *slot, int64_t *waiting, struct err *err);
enum status store_load_post(void *ctx, int64_t patience_us, struct post *ret, struct err *err);
enum status store_save_slot(void *ctx, const struct slot_record *s, struct err *err);
/* look, slot: 0 where it belongs to none. */
enum status store_put_message(struct pgconn *c, const struct outgoing *m, int64_t look, int64_t slot,
                              struct err *err);

/* --- store_answers.c --- */
enum status store_take_acks(void *ctx, struct err *err);
enum status store_acknowledge(void *ctx, const struct request *r, int64_t alert, const char *member,
                              enum ack_decision decision, struct err *err);
enum status store_resend(void *ctx, const struct request *r, int64_t alert, const char *const members[],
                         size_t n, const char *said, struct err *err);

/* --- store_review.c --- */
enum status store_load_decisions(void *ctx, struct review_decisions *ret, struct err *err);
enum status store_decide(void *ctx, const struct request *r, const struct review_order *o, const char *said,
                         struct err *err);

/* --- store_look.c --- */
enum status store_save_look(void *ctx, const struct look_record *l, struct err *err);

/* --- store_rows.c: one COPY each --- */
enum status store_put_changes(struct pgconn *c, const struct look_record *l, struct err *err);
enum status store_put_tallies(struct pgconn *c, const struct look_record *l, struct err *err);
enum status store_put_verdicts(struct pgconn *c, const struct look_record *l, struct err *err);
enum status store_put_known(struct pgconn *c, const struct look_record *l, struct err *err);
enum status store_put_queries(struct pgconn *c, const struct look_record *l, struct err *err);
enum status store_put_review(struct pgconn *c, const struct look_record *l, struct err *err);
/* SHA-256 over the data queries, to tell whether the list is new. */
enum status store_queries_hash(const struct look_record *l, char hex[SHA256_HEX], struct err *err);

#endif
