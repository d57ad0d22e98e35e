/*
 * ctl_alert_resend.c - dsmbctl alert resend: "I cannot find it", says a member on the telephone.
 */
#include <string.h>

#include "base/text.h"
#include "cmd/ctl_opts.h"
#include "cmd/ctl_request.h"

static const char help[] =
    "usage: dsmbctl alert resend NUMBER [--to MEMBER] --by NAME --reason TEXT [--wait SECONDS] [--config "
    "FILE]\n\n"
    "Asks dsmbd to send an alert's message again, to one member or to all who have not acknowledged the "
    "alert.\n"
    "Where the plan says urgent: immediate, and without sealed mail, the same bytes leave at once.  Else a "
    "reminder,\n"
    "which says again what crossed, takes the place of the member's quiet message in the next slot: the same "
    "bytes\n"
    "a second time would show whoever sees mail traffic that there is an alert.\n\n"
    "  --to MEMBER     the member's name as the board has it (default: all who have not acknowledged it)\n"
    "  --by NAME       who asks, as it shall stand in the ledger\n"
    "  --reason TEXT   why\n"
    "  --wait SECONDS  how long to wait for dsmbd's answer (default 60)\n"
    "  --config FILE   deployment settings (default $DSMBD_CONFIG, /etc/dsmbd/dsmbd.yaml)\n";

int ctl_alert_resend(int argc, char **argv)
{
    const char *config = NULL, *to = NULL, *by = NULL, *reason = NULL;
    int64_t wait_s = ASK_WAIT_S, alert = 0;
    const struct ctl_opt opts[] = {{"config", CTL_TEXT, &config},
                                   {"to", CTL_TEXT, &to},
                                   {"by", CTL_TEXT, &by},
                                   {"reason", CTL_TEXT, &reason},
                                   {"wait", CTL_NUMBER, &wait_s}};
    struct settings *s = NULL;
    struct buf body = {0};
    struct err err = {0};
    int at = 0, rc = ctl_options("alert resend", help, opts, sizeof opts / sizeof opts[0], argc, argv, &at);
    enum status st;

    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    if (at + 1 != argc || !text_int(argv[at], strlen(argv[at]), 1, INT64_MAX, &alert)) {
        (void)fprintf(stderr, "dsmbctl alert resend: which alert? Give its number (dsmbctl alert list)\n");
        return 2;
    }
    rc = ctl_ask_named("alert resend", by, reason);
    if (rc != 0) {
        return rc;
    }
    buf_fmt(&body, "%lld%s%s", (long long)alert, to == NULL ? "" : " ", to == NULL ? "" : to);
    st = buf_check(&body, &err);
    if (st == OK) {
        st = ctl_settings(config, &s, &err);
    }
    if (st == OK) {
        struct ask ask = {.verb = "alert resend",
                          .kind = "ALERT_RESEND",
                          .by = by,
                          .reason = reason,
                          .body = buf_cstr(&body),
                          .wait_s = wait_s};

        rc = ctl_ask(s, &ask);
    } else {
        rc = ctl_fail("alert resend", st, &err);
    }
    buf_done(&body);
    settings_free(s);
    return rc;
}
