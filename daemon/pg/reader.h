/*
 * reader.h - the store as a person's role sees it: past looks, rebuilt from what was kept.
 *
 * Reads only, except what goes into the ledger.  Rights are the role's: E_DENIED where it may not.  What shows arms (rows,
 * histories, known, alerts) the server gives only after reader_unblind.
 */
#ifndef DSMB_PG_READER_H
#define DSMB_PG_READER_H

#include "port/source.h"
#include "port/store.h"

struct reader;

enum status reader_open(const char *conninfo, struct reader **ret, struct err *err);
void reader_free(struct reader *r);

/* look 0: the newest.  E_NOTFOUND when there is none. */
enum status reader_look(struct reader *r, int64_t look, struct look_head *ret, struct err *err);
/* All looks, ascending; *ret is the caller's (free()). */
enum status reader_looks(struct reader *r, struct look_head **ret, size_t *n, struct err *err);
/* The newest look whose data were read at or before t; E_NOTFOUND. */
enum status reader_look_at(struct reader *r, instant_t t, int64_t *look, struct err *err);
/* The plan and rules, the board, of a look; look 0: the newest adopted.  id stays 0 when there is none. */
enum status reader_plan(struct reader *r, int64_t look, struct adopted *plan, struct adopted_rules *rules,
                        struct err *err);
enum status reader_board(struct reader *r, int64_t look, struct adopted *board, struct err *err);
/* The trial's rows as they were at a look (0: the newest), as source.h's read gives them. */
enum status reader_rows(struct reader *r, int64_t look, source_row_fn *row, void *ctx, struct err *err);
/* What was known before a look (0: all).  h: n empty histories with their monitors' names; k: empty. */
enum status reader_history(struct reader *r, int64_t look, struct history *h, size_t n, struct err *err);
enum status reader_known(struct reader *r, int64_t look, struct known_set *k, struct err *err);
enum status reader_alerts(struct reader *r, struct alert **ret, size_t *n, struct err *err);
/* Says why, in the unblinding ledger; holds as long as the reader. */
enum status reader_unblind(struct reader *r, const char *purpose, struct err *err);
/* An entry of the unblinding ledger, committed before anything is shown. */
enum status reader_disclose(struct reader *r, const char *kind, const char *purpose,
                            const struct sha256 *content, const struct sha256 *snapshot, struct err *err);

#endif
