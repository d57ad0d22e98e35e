/*
 * ctl.h - what the verbs of dsmbctl share.
 *
 * A verb is `int ctl_VERB(int argc, char **argv)` with argv[0] its own name; it returns an exit code (design: 0 ok,
 * 1 a check failed, 2 usage, else sysexits.h), writes results to stdout and everything else to stderr.
 */
#ifndef DSMB_CMD_CTL_H
#define DSMB_CMD_CTL_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "base/buf.h"
#include "config/settings.h"
#include "pg/pgconn.h"
#include "port/store.h"

int ctl_alert(int argc, char **argv);
int ctl_board(int argc, char **argv);
int ctl_bounds(int argc, char **argv);
int ctl_calc(int argc, char **argv);
int ctl_check(int argc, char **argv);
int ctl_classify(int argc, char **argv);
int ctl_explain(int argc, char **argv);
int ctl_import(int argc, char **argv);
int ctl_keys(int argc, char **argv);
int ctl_ledger(int argc, char **argv);
int ctl_look(int argc, char **argv);
int ctl_migrate(int argc, char **argv);
int ctl_plan(int argc, char **argv);
int ctl_recover(int argc, char **argv);
int ctl_replay(int argc, char **argv);
int ctl_report(int argc, char **argv);
int ctl_review(int argc, char **argv);
int ctl_simulate(int argc, char **argv);
int ctl_source(int argc, char **argv);
int ctl_status(int argc, char **argv);
int ctl_tally(int argc, char **argv);
int ctl_validate(int argc, char **argv);

/* Columns of sql/queries/ctl_status.sql. */
enum {
    STATUS_CUT,
    STATUS_READ,
    STATUS_CUTOFF,
    STATUS_SUBJECTS,
    STATUS_EVENTS,
    STATUS_FAULT,
    STATUS_WHY,
    STATUS_BEAT,
    STATUS_STATE,
    STATUS_WAITING,
    STATUS_SCHEMA,
    STATUS_COLUMNS
};

/* `alert ack`, `alert resend`, `alert test` */
int ctl_alert_ack(int argc, char **argv);
int ctl_alert_resend(int argc, char **argv);
int ctl_alert_test(int argc, char **argv);
/* `plan diff` */
int ctl_plan_diff(int argc, char **argv);
/* `board issue` */
int ctl_board_issue(int argc, char **argv);
/* `source accept`, and what `source check` prints: *wrong counts what does not hold. */
int ctl_source_accept(int argc, char **argv);
enum status ctl_source_report(const struct settings *s, int *wrong, struct err *err);

/* "dsmbctl VERB: message" on stderr; returns the exit code that belongs to st. */
int ctl_fail(const char *verb, enum status st, const struct err *err);
/* Flushes stdout: a full disk or a closed pipe is an error, not silence. */
int ctl_flush(void);
/* file NULL: $DSMBD_CONFIG, else /etc/dsmbd/dsmbd.yaml. */
enum status ctl_settings(const char *file, struct settings **ret, struct err *err);
/* How dsmbctl reaches the store: $DSMBD_STORE (another role for one call), store.ctl_conninfo, or the daemon's. */
const char *ctl_conninfo(const struct settings *s);
enum status ctl_store(const struct settings *s, const int *queries, size_t n, struct pgconn **ret,
                      struct err *err);
/* Says why this connection reads arms, in the unblinding ledger: before the first query of a view by arm.  The connection
 * has prepared SQL_CTL_UNBLIND. */
enum status ctl_unblind(struct pgconn *c, const char *purpose, struct err *err);
/* A whole file; "-" is standard input. */
enum status ctl_read(const char *path, struct buf *out, struct err *err);
/* All *.yaml of a folder, by name.  dir NULL: the settings' rules_dir. */
enum status ctl_rules(const char *dir, struct adopted_rules *ret, struct err *err);
/*
 * "dsmbctl VERB: done of total WHAT" on a terminal's stderr, once a second and only after the first: for what may take
 * longer.  total 0: not known; done 0 too: WHAT alone.  Cheap enough for every row of a loop.  From the first call to
 * ctl_progress_end(), which clears the line, a timer writes it: print nothing to the terminal between.
 */
void ctl_progress(const char *verb, size_t done, size_t total, const char *what);
void ctl_progress_end(void);
/* Writes bytes to stdout as they are. */
void ctl_put(const struct buf *b);
/* text|csv|json: index, or -1 after saying what is accepted.  NULL, where none was said: text on a terminal, csv else. */
int ctl_format(const char *verb, const char *word);

#endif
