/*
 * load.h - reading the store back: what the daemon needs at start and dsmbctl for any past look.
 *
 * The connection must have prepared the queries named LOAD_QUERIES.  `before`: looks with a smaller number only;
 * LOAD_ALL for all of them.
 */
#ifndef DSMB_PG_LOAD_H
#define DSMB_PG_LOAD_H

#include "pg/pgconn.h"
#include "port/source.h"
#include "port/store.h"

#define LOAD_ALL INT64_MAX

/* Where arms are read from: the daemon from the tables, people through the views that dsmb.unblind() opens. */
enum load_side { LOAD_TABLES, LOAD_VIEWS };

#define LOAD_QUERIES                                                                                \
    SQL_LOAD_PLAN, SQL_LOAD_RULES, SQL_LOAD_BOARD, SQL_LOAD_LOOK, SQL_LOAD_HISTORY, SQL_LOAD_KNOWN, \
        SQL_LOAD_ALERTS
/* In their place with LOAD_VIEWS. */
#define READ_QUERIES                                                                                \
    SQL_LOAD_PLAN, SQL_LOAD_RULES, SQL_LOAD_BOARD, SQL_LOAD_LOOK, SQL_READ_HISTORY, SQL_READ_KNOWN, \
        SQL_READ_ALERTS

/* id 0: the newest; ret->id stays 0 when there is none.  E_DATA where the text is not what was adopted (SHA-256). */
enum status load_plan(struct pgconn *c, int64_t id, struct adopted *plan, struct adopted_rules *rules,
                      struct err *err);
enum status load_board(struct pgconn *c, int64_t id, struct adopted *board, struct err *err);
/* look 0: the newest; ret->look stays 0 when there is none. */
enum status load_look(struct pgconn *c, int64_t look, struct look_head *ret, struct err *err);
/* All of them, ascending; *ret is the caller's (free()).  Needs SQL_LOAD_LOOKS. */
enum status load_looks(struct pgconn *c, struct look_head **ret, size_t *n, struct err *err);
/* h: n empty histories with their monitors' names. */
enum status load_history(struct pgconn *c, enum load_side side, int64_t before, struct history *h, size_t n,
                         struct err *err);
enum status load_known(struct pgconn *c, enum load_side side, int64_t before, struct known_set *k,
                       struct err *err);
enum status load_alerts(struct pgconn *c, enum load_side side, struct alert **ret, size_t *n,
                        struct err *err);
/* Live rows with their hashes, for rows.h. */
enum status load_row_hashes(struct pgconn *c, struct rows *r, struct err *err);
/* The rows as of a look, in any order. */
enum status load_row_contents(struct pgconn *c, enum load_side side, int64_t look, source_row_fn *row,
                              void *ctx, struct err *err);

#endif
