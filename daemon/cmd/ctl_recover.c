/*
 * dsmbctl recover - after a restored backup or a lost state directory: mail goes on with the store as it is.
 *
 * The mailer holds all mail when the store stands behind its anchor file.  Only a person can know what was sent in the
 * time that the store has forgotten; this verb records who says so and why.
 */
#include <stdio.h>

#include "cmd/ctl.h"
#include "cmd/ctl_opts.h"
#include "sql_catalog.h"

static const char USAGE[] = "usage: dsmbctl recover --by NAME --reason TEXT [--config FILE]\n"
                            "Lets dsmb-mailer send again after it held all mail: the store is a restored "
                            "backup, or the state directory is new.\n"
                            "Messages that the backup knows as not sent will be sent, also those that had "
                            "been sent after it was made.\n";

static enum status record(const struct settings *s, const char *by, const char *reason, struct err *err)
{
    static const int queries[] = {SQL_OUTBOX_RECOVER};
    struct pgargs args = {0};
    struct pgconn *c = NULL;
    enum status st = ctl_store(s, queries, 1, &c, err);

    if (st == OK) {
        pgargs_text(&args, by);
        pgargs_text(&args, reason);
        st = pgconn_exec(c, SQL_OUTBOX_RECOVER, &args, NULL, err);
    }
    pgconn_free(c);
    return st;
}

int ctl_recover(int argc, char **argv)
{
    const char *by = NULL, *reason = NULL, *config = NULL;
    const struct ctl_opt opts[] = {
        {"by", CTL_TEXT, &by}, {"reason", CTL_TEXT, &reason}, {"config", CTL_TEXT, &config}};
    struct settings *s = NULL;
    struct err err = {0};
    int at = 0, rc = ctl_options("recover", USAGE, opts, sizeof opts / sizeof opts[0], argc, argv, &at);
    enum status st;

    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    if (by == NULL || by[0] == '\0' || reason == NULL || reason[0] == '\0' || at < argc) {
        (void)fputs(USAGE, stderr);
        return 2;
    }
    st = ctl_settings(config, &s, &err);
    if (st == OK) {
        st = record(s, by, reason, &err);
    }
    settings_free(s);
    if (st != OK) {
        return ctl_fail("recover", st, &err);
    }
    (void)printf("recorded: dsmb-mailer goes on with this store\n");
    return 0;
}
