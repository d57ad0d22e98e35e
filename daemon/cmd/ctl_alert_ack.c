/*
 * ctl_alert_ack.c - dsmbctl alert ack: a member's answer that did not come by mail.
 */
#include <stdlib.h>
#include <string.h>

#include "alert/slot.h"
#include "cmd/ctl_opts.h"
#include "cmd/ctl_request.h"

static const char help[] =
    "usage: dsmbctl alert ack NUMBER --by MEMBER --decision noted|meeting|data --reason TEXT\n\n"
    "Records that a member of the board acknowledged an alert by telephone or in a meeting.\n\n"
    "  --by MEMBER     the member's name as the board has it\n"
    "  --decision WORD noted; meeting: calls a meeting; data: needs more data\n"
    "  --reason TEXT   how the answer came, as it shall stand in the ledger\n"
    "  --wait SECONDS  how long to wait for dsmbd's answer (default 60)\n"
    "  --config FILE   deployment settings (default $DSMBD_CONFIG, /etc/dsmbd/dsmbd.yaml)\n";

static bool read_decision(const char *word, enum ack_decision *ret)
{
    static const char *const words[] = {"noted", "meeting", "data"};

    for (int i = 0; word != NULL && i < ACK_DECISIONS; i++) {
        if (strcmp(words[i], word) == 0) {
            *ret = (enum ack_decision)i;
            return true;
        }
    }
    return false;
}

int ctl_alert_ack(int argc, char **argv)
{
    const char *config = NULL, *by = NULL, *reason = NULL, *word = NULL;
    int64_t wait_s = ASK_WAIT_S;
    const struct ctl_opt opts[] = {{"config", CTL_TEXT, &config},
                                   {"by", CTL_TEXT, &by},
                                   {"reason", CTL_TEXT, &reason},
                                   {"decision", CTL_TEXT, &word},
                                   {"wait", CTL_NUMBER, &wait_s}};
    enum ack_decision decision = ACK_NOTED;
    struct settings *s = NULL;
    struct err err = {0};
    char body[64];
    char *end = NULL;
    long long alert = 0;
    int at = 0, rc = ctl_options("alert ack", help, opts, sizeof opts / sizeof opts[0], argc, argv, &at);
    enum status st;

    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    if (at + 1 == argc) {
        alert = strtoll(argv[at], &end, 10);
    }
    if (alert < 1 || end == NULL || *end != '\0') {
        (void)fprintf(stderr, "dsmbctl alert ack: which alert? Give its number (dsmbctl alert list)\n");
        return 2;
    }
    if (by == NULL || by[0] == '\0' || reason == NULL || reason[0] == '\0' ||
        !read_decision(word, &decision)) {
        (void)fprintf(stderr,
                      "dsmbctl alert ack: --by MEMBER, --reason TEXT and --decision noted|meeting|data are "
                      "needed: they stand in the ledger\n");
        return 2;
    }
    (void)snprintf(body, sizeof body, "%lld %s", alert, ack_decision_name(decision));
    st = ctl_settings(config, &s, &err);
    if (st == OK) {
        struct ask ask = {.verb = "alert ack",
                          .kind = "ALERT_ACK",
                          .by = by,
                          .reason = reason,
                          .body = body,
                          .wait_s = wait_s};

        rc = ctl_ask(s, &ask);
    } else {
        rc = ctl_fail("alert ack", st, &err);
    }
    settings_free(s);
    return rc;
}
