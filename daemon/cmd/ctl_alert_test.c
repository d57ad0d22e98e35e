/*
 * ctl_alert_test.c - dsmbctl alert test: does mail to the board arrive, and do its answers come back?
 */
#include "cmd/ctl_opts.h"
#include "cmd/ctl_request.h"

#include <stdio.h>

static const char help[] =
    "usage: dsmbctl alert test --by NAME --reason TEXT [--wait SECONDS] [--config FILE]\n\n"
    "Asks dsmbd for a test message to each member of the board: signed, encrypted and of the same size as "
    "any other,\n"
    "marked as a test inside, with links to acknowledge it.  With sealed mail it takes the place of a quiet "
    "message in\n"
    "the next slot, so nobody but its reader can tell it from one; where the plan says urgent: immediate, it "
    "leaves at\n"
    "once, like an urgent alert.  dsmbctl alert list --tests shows who answered.\n\n"
    "  --by NAME       who asks, as it shall stand in the ledger\n"
    "  --reason TEXT   why\n"
    "  --wait SECONDS  how long to wait for dsmbd's answer (default 60)\n"
    "  --config FILE   deployment settings (default $DSMBD_CONFIG, /etc/dsmbd/dsmbd.yaml)\n";

int ctl_alert_test(int argc, char **argv)
{
    const char *config = NULL, *by = NULL, *reason = NULL;
    int64_t wait_s = ASK_WAIT_S;
    const struct ctl_opt opts[] = {{"config", CTL_TEXT, &config},
                                   {"by", CTL_TEXT, &by},
                                   {"reason", CTL_TEXT, &reason},
                                   {"wait", CTL_NUMBER, &wait_s}};
    struct settings *s = NULL;
    struct err err = {0};
    int at = 0, rc = ctl_options("alert test", help, opts, sizeof opts / sizeof opts[0], argc, argv, &at);
    enum status st;

    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    if ((rc = ctl_no_operand("alert test", argc, argv, at)) != 0) {
        return rc;
    }
    rc = ctl_ask_named("alert test", by, reason);
    if (rc != 0) {
        return rc;
    }
    st = ctl_settings(config, &s, &err);
    if (st == OK) {
        struct ask ask = {
            .verb = "alert test", .kind = "ALERT_TEST", .by = by, .reason = reason, .wait_s = wait_s};

        rc = ctl_ask(s, &ask);
    } else {
        rc = ctl_fail("alert test", st, &err);
    }
    settings_free(s);
    return rc;
}
