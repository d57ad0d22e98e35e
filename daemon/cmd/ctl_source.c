/*
 * ctl_source.c - the trial database's side of the contract: source check, source accept.
 */
#include <string.h>

#include "cmd/ctl.h"
#include "cmd/ctl_opts.h"
#include "cmd/ctl_request.h"
#include "pg/source.h"

static const char check_help[] =
    "usage: dsmbctl source check [--config FILE]\n\n"
    "Every view, column, type and right of the contract against the trial database.\n"
    "Exit status 1 when anything is wrong.\n";

struct tally_of_words {
    int well, wrong;
};

static void say(void *ctx, enum status st, const char *message)
{
    struct tally_of_words *n = ctx;

    ctl_progress_end();
    if (st == OK) {
        n->well++;
    } else {
        n->wrong++;
    }
    (void)printf("%-7s %s\n", st == OK ? "ok" : "WRONG", message);
}

enum status ctl_source_report(const struct settings *s, int *wrong, struct err *err)
{
    struct pg_source_opts o = {.conninfo = s->source.conninfo,
                               .schema = s->source.schema,
                               .statement_timeout_us = s->source.statement_timeout_us};
    struct source port;
    struct pg_source *src = NULL;
    struct tally_of_words n = {0};
    enum status worst = OK, st = pg_source_new(&o, &port, &src, err);

    if (st == OK) {
        st = pg_source_check(src, say, &n, &worst, err);
    }
    pg_source_free(src);
    if (st == OK) {
        *wrong = n.wrong;
    }
    return st;
}

static int source_check(int argc, char **argv)
{
    const char *config = NULL;
    const struct ctl_opt opts[] = {{"config", CTL_TEXT, &config}};
    struct settings *s = NULL;
    struct err err = {0};
    int at = 0, wrong = 0, rc = ctl_options("source check", check_help, opts, 1, argc, argv, &at);
    enum status st;

    if (rc == 0) {
        rc = ctl_no_operand("source check", argc, argv, at);
    }
    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    st = ctl_settings(config, &s, &err);
    if (st == OK) {
        st = ctl_source_report(s, &wrong, &err);
    }
    settings_free(s);
    if (st != OK) {
        return ctl_fail("source check", st, &err);
    }
    return wrong > 0 ? 1 : 0;
}

int ctl_source(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (strcmp(what, "check") == 0) {
        return source_check(argc - 1, argv + 1);
    }
    if (strcmp(what, "accept") == 0) {
        return ctl_source_accept(argc - 1, argv + 1);
    }
    (void)fprintf(strcmp(what, "--help") == 0 ? stdout : stderr,
                  "usage: dsmbctl source check [--config FILE]\n"
                  "       dsmbctl source accept --by NAME --reason TEXT [--config FILE]\n");
    return strcmp(what, "--help") == 0 ? 0 : 2;
}
