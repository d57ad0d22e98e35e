/*
 * dsmbctl - everything a person asks for.  It decides nothing: what changes state it asks dsmbd for, in the store.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cmd/ctl.h"

struct verb {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *what;
};

static const struct verb verbs[] = {
    {"check", ctl_check, "is everything in place? configuration, roles, source, plan, mail route"},
    {"migrate", ctl_migrate, "bring the store's schema up to this version"},
    {"status", ctl_status, "what dsmbd is doing, when it last looked, whether the source is believed"},
    {"plan", ctl_plan, "plan adopt | show | diff: the statistical plan"},
    {"board", ctl_board, "board adopt | show | issue: who is told, and certificates for them"},
    {"keys", ctl_keys, "keys init | rotate | show: the key that signs mail to the board"},
    {"source", ctl_source, "source check | accept: the trial database's side of the contract"},
    {"import", ctl_import, "import sdtm DIR: a folder of SDTM data sets into the trial database"},
    {"look", ctl_look, "ask for a look now: --adhoc, or --final to close"},
    {"tally", ctl_tally, "counts by category, arm, population and window, now"},
    {"report", ctl_report, "the safety report, closed (by arm) or open (pooled)"},
    {"replay", ctl_replay, "walk the stored looks again, also under another plan"},
    {"bounds", ctl_bounds, "what a plan means: its boundaries, and the power behind them"},
    {"simulate", ctl_simulate, "what a plan does in trials made up as it assumes them"},
    {"explain", ctl_explain, "explain look N | alert N: each number traced to its records"},
    {"alert", ctl_alert, "alert list | show N | resend N | ack N: alerts, told to whom, answered or not"},
    {"review", ctl_review, "review list | decide: events that wait for a person's decision, without arms"},
    {"ledger", ctl_ledger, "ledger show | verify | export: who saw what, and that nothing was altered"},
    {"recover", ctl_recover, "let mail go on after a restored backup or a lost anchor file"},
    {"classify", ctl_classify, "classify verbatim terms of a CSV file"},
    {"calc", ctl_calc, "statistics calculator: one set of columns in, results added"},
    {"validate", ctl_validate, "run the reference sets and print the errors"},
};

enum { VERBS = sizeof verbs / sizeof verbs[0] };

static void usage(FILE *to)
{
    (void)fprintf(to, "usage: dsmbctl VERB [OPTION]...\n       dsmbctl VERB --help\n\n");
    for (size_t i = 0; i < VERBS; i++) {
        (void)fprintf(to, "  %-10s %s\n", verbs[i].name, verbs[i].what);
    }
    (void)fprintf(
        to,
        "\nExit status: 0 ok; 1 a check failed, or a boundary is crossed where asked; 2 usage; else as in "
        "sysexits.h.\n");
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        usage(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        usage(stdout);
        return ctl_flush();
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)printf("dsmbctl %s\n", DSMB_VERSION);
        return ctl_flush();
    }
    for (size_t i = 0; i < VERBS; i++) {
        if (strcmp(argv[1], verbs[i].name) == 0) {
            int rc = verbs[i].run(argc - 1, argv + 1);
            int out = ctl_flush();

            return rc == 0 ? out : rc;
        }
    }
    (void)fprintf(stderr, "dsmbctl: there is no verb \"%s\"; dsmbctl --help lists them\n", argv[1]);
    return 2;
}
