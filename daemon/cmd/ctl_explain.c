/*
 * ctl_explain.c - explain look N | alert N: each number traced to the records that made it.  A disclosure.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/ctl.h"
#include "cmd/ctl_opts.h"
#include "cmd/ctl_past.h"
#include "render/explain.h"

static const char help[] = "usage: dsmbctl explain look N [--monitor NAME] --purpose TEXT [--config FILE]\n"
                           "       dsmbctl explain alert N --purpose TEXT [--config FILE]\n\n"
                           "Each number traced to the records that made it: first events with the rule that "
                           "classified them, those at risk on\n"
                           "each day, what each look tested.\n\n"
                           "  --monitor NAME  this monitor only\n"
                           "  --purpose TEXT  why: the ledger keeps it, since this unblinds\n";

struct args {
    const char *config, *purpose, *monitor;
    bool alert;
    int64_t number;
};

/* The look and the monitor of an alert. */
static enum status find_alert(struct reader *r, int64_t id, int64_t *look, char monitor[NAME_MAX_LEN + 1],
                              struct err *err)
{
    struct alert *alerts = NULL;
    size_t n = 0;
    bool found = false;
    enum status st = reader_alerts(r, &alerts, &n, err);

    for (size_t i = 0; st == OK && i < n; i++) {
        if (alerts[i].id == id) {
            *look = alerts[i].look;
            (void)snprintf(monitor, NAME_MAX_LEN + 1, "%s", alerts[i].monitor);
            found = true;
        }
    }
    free(alerts);
    return st == OK && !found ? err_set(err, E_NOTFOUND, "there is no alert %lld", (long long)id) : st;
}

static enum status explain(const struct args *a, struct buf *out, struct err *err)
{
    struct settings *s = NULL;
    struct reader *r = NULL;
    struct past_plan plan = {0};
    struct past_look look = {0};
    struct sha256 content;
    char monitor[NAME_MAX_LEN + 1] = "";
    int64_t number = a->number;
    enum status st = ctl_settings(a->config, &s, err);

    ctl_progress("explain", 0, 0, "reading the store");
    if (st == OK) {
        st = reader_open(ctl_conninfo(s), &r, err);
    }
    if (st == OK) {
        st = reader_unblind(r, a->purpose, err);
    }
    if (st == OK && a->alert) {
        st = find_alert(r, a->number, &number, monitor, err);
    } else if (a->monitor != NULL) {
        (void)snprintf(monitor, sizeof monitor, "%s", a->monitor);
    }
    if (st == OK) {
        st = reader_look(r, number, &look.head, err);
    }
    if (st == OK) {
        st = past_plan_load(r, s->trial, number, &plan, err);
    }
    if (st == OK) {
        st = past_look_load(r, &plan, number, &look, err);
    }
    if (st == OK) {
        struct report_input in = past_report_input(&plan, &look);

        st = explain_render(&in, &look.known, monitor[0] == '\0' ? NULL : monitor, out, err);
    }
    if (st == OK) {
        st = sha256_of(out->data, out->len, &content, err);
    }
    if (st == OK) {
        st = reader_disclose(r, "explain", a->purpose, &content, &look.head.snapshot, err);
    }
    past_look_done(&look);
    past_plan_done(&plan);
    reader_free(r);
    settings_free(s);
    return st;
}

int ctl_explain(int argc, char **argv)
{
    struct args a = {0};
    const struct ctl_opt opts[] = {{"config", CTL_TEXT, &a.config},
                                   {"monitor", CTL_TEXT, &a.monitor},
                                   {"purpose", CTL_TEXT, &a.purpose}};
    struct buf out = {0};
    struct err err = {0};
    int at = 0, rc = ctl_options("explain", help, opts, sizeof opts / sizeof opts[0], argc, argv, &at);
    enum status st;

    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    if (argc - at != 2 || (strcmp(argv[at], "look") != 0 && strcmp(argv[at], "alert") != 0)) {
        (void)fprintf(stderr, "dsmbctl explain: say look N or alert N\n");
        return 2;
    }
    a.alert = strcmp(argv[at], "alert") == 0;
    if (!text_int(argv[at + 1], strlen(argv[at + 1]), 1, INT64_MAX, &a.number)) {
        (void)fprintf(stderr, "dsmbctl explain: \"%s\" is no number of a %s\n", argv[at + 1], argv[at]);
        return 2;
    }
    if (a.purpose == NULL || a.purpose[0] == '\0') {
        (void)fprintf(stderr,
                      "dsmbctl explain: this unblinds: --purpose TEXT says why, and the ledger keeps it\n");
        return 2;
    }
    st = explain(&a, &out, &err);
    if (st == OK) {
        ctl_put(&out);
    } else {
        rc = ctl_fail("explain", st, &err);
    }
    buf_wipe(&out);
    return rc;
}
