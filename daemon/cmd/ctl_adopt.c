/*
 * ctl_adopt.c - the verbs that ask dsmbd to change what it goes by: plan, board, look, source.
 *
 * The document is read and checked here first, so that a typing error is told with file, line and column at once; dsmbd
 * checks it again, because it trusts nobody.
 */
#include <stdlib.h>
#include <string.h>

#include "app/adopt.h"
#include "cmd/ctl_opts.h"
#include "cmd/ctl_request.h"
#include "config/file.h"
#include "config/yaml.h"
#include "pg/reader.h"

enum { DOC_MAX = 4 * 1024 * 1024 };

struct args {
    const char *config, *by, *reason, *rules, *file;
    bool adhoc, final;
    int64_t wait_s;
};

#define COMMON_HELP                                                                          \
    "  --config FILE   deployment settings (default $DSMBD_CONFIG, /etc/dsmbd/dsmbd.yaml)\n" \
    "  --by NAME       who asks, as it shall stand in the ledger\n"                          \
    "  --reason TEXT   why, as it shall stand in the ledger\n"                               \
    "  --wait SECONDS  how long to wait for dsmbd's answer (default 60)\n"

static int parse(const char *verb, const char *help, int argc, char **argv, struct args *a)
{
    const struct ctl_opt opts[] = {{"config", CTL_TEXT, &a->config}, {"by", CTL_TEXT, &a->by},
                                   {"reason", CTL_TEXT, &a->reason}, {"rules", CTL_TEXT, &a->rules},
                                   {"adhoc", CTL_FLAG, &a->adhoc},   {"final", CTL_FLAG, &a->final},
                                   {"wait", CTL_NUMBER, &a->wait_s}};
    int at = 0, rc;

    a->wait_s = ASK_WAIT_S;
    rc = ctl_options(verb, help, opts, sizeof opts / sizeof opts[0], argc, argv, &at);
    if (rc == 0 && at < argc) {
        a->file = argv[at++];
    }
    return rc != 0 ? rc : ctl_no_operand(verb, argc, argv, at);
}

static enum status check_plan(const struct settings *s, const struct args *a, const struct buf *text,
                              struct adopted_rules *rules, struct buf *notes, struct err *err)
{
    struct plan *plan = NULL;
    struct ruleset *rs = NULL;
    enum status st = ctl_rules(a->rules != NULL ? a->rules : s->rules_dir, rules, err);

    if (st == OK) {
        st = adopt_read_plan(yaml_parse, s->trial, text->data, text->len, rules, &plan, &rs, err);
    }
    if (st == OK) {
        st = plan_notes(plan, notes, err);
    }
    plan_free(plan);
    ruleset_free(rs);
    return st;
}

static int adopt(const char *verb, const char *kind, const struct args *a)
{
    struct settings *s = NULL;
    struct buf text = {0}, notes = {0};
    struct adopted_rules rules = {0};
    struct board *board = NULL;
    struct err err = {0};
    bool is_plan = strcmp(kind, "PLAN_ADOPT") == 0;
    int rc = ctl_ask_named(verb, a->by, a->reason);
    enum status st;

    if (rc != 0) {
        return rc;
    }
    if (a->file == NULL) {
        (void)fprintf(stderr, "dsmbctl %s: which file? dsmbctl %s FILE.yaml --by NAME --reason TEXT\n", verb,
                      verb);
        return 2;
    }
    st = ctl_settings(a->config, &s, &err);
    if (st == OK) {
        st = file_read(a->file, DOC_MAX, &text, &err);
    }
    if (st == OK && is_plan) {
        st = check_plan(s, a, &text, &rules, &notes, &err);
    } else if (st == OK) {
        st = adopt_read_board(yaml_parse, s->trial, text.data, text.len, &board, &err);
    }
    if (st == OK) {
        struct ask ask = {.verb = verb,
                          .kind = kind,
                          .by = a->by,
                          .reason = a->reason,
                          .body = buf_cstr(&text),
                          .rules = is_plan ? &rules : NULL,
                          .wait_s = a->wait_s};

        rc = ctl_ask(s, &ask);
        if (rc == 0) {
            ctl_put(&notes); /* empty for a board */
        }
    } else {
        rc = ctl_fail(verb, st, &err);
    }
    board_free(board);
    adopted_rules_done(&rules);
    buf_done(&text);
    buf_done(&notes);
    settings_free(s);
    return rc;
}

static int show(const char *verb, bool plan, const struct args *a)
{
    struct settings *s = NULL;
    struct reader *r = NULL;
    struct adopted doc = {0};
    struct adopted_rules rules = {0};
    struct err err = {0};
    enum status st = ctl_settings(a->config, &s, &err);

    if (st == OK) {
        st = reader_open(ctl_conninfo(s), &r, &err);
    }
    if (st == OK) {
        st = plan ? reader_plan(r, 0, &doc, &rules, &err) : reader_board(r, 0, &doc, &err);
    }
    if (st == OK && doc.id == 0) {
        st = err_set(&err, E_NOTFOUND, "none is adopted yet");
    }
    if (st == OK) {
        char hex[SHA256_HEX];

        sha256_hex(&doc.hash, hex);
        (void)printf("# version %lld, SHA-256 %s\n", (long long)doc.id, hex);
        (void)fwrite(doc.text, 1, doc.len, stdout);
    }
    adopted_done(&doc);
    adopted_rules_done(&rules);
    reader_free(r);
    settings_free(s);
    return st == OK ? 0 : ctl_fail(verb, st, &err);
}

static const char plan_help[] =
    "usage: dsmbctl plan adopt FILE.yaml --by NAME --reason TEXT [--rules DIR]\n"
    "       dsmbctl plan show\n"
    "       dsmbctl plan diff FILE.yaml [--rules DIR] [--format text|csv|json]\n\n"
    "adopt prints what the plan means: shares of alpha, the smallest run of events that can cross, what is "
    "urgent.\n\n"
    "  --rules DIR     folder of rule files adopted with the plan (default: rules_dir)\n" COMMON_HELP;
static const char board_help[] =
    "usage: dsmbctl board adopt FILE.yaml --by NAME --reason TEXT\n"
    "       dsmbctl board show\n"
    "       dsmbctl board issue FILE.yaml --out DIR\n\n"
    "  --out DIR       issue: where the certificates are written (dsmbctl board issue --help)\n" COMMON_HELP;

static int adopt_or_show(bool plan, int argc, char **argv)
{
    struct args a = {0};
    const char *help = plan ? plan_help : board_help;
    const char *what = argc > 1 ? argv[1] : "";
    bool is_show = strcmp(what, "show") == 0;
    char verb[32];
    int rc;

    if (strcmp(what, "--help") == 0) {
        (void)fputs(help, stdout);
        return 0;
    }
    if (!is_show && strcmp(what, "adopt") != 0) {
        (void)fputs(help, stderr);
        return 2;
    }
    (void)snprintf(verb, sizeof verb, "%s %s", plan ? "plan" : "board", what);
    rc = parse(verb, help, argc - 1, argv + 1, &a);
    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    return is_show ? show(verb, plan, &a) : adopt(verb, plan ? "PLAN_ADOPT" : "BOARD_ADOPT", &a);
}

int ctl_plan(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "diff") == 0) {
        return ctl_plan_diff(argc - 1, argv + 1);
    }
    return adopt_or_show(true, argc, argv);
}

int ctl_board(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "issue") == 0) {
        return ctl_board_issue(argc - 1, argv + 1);
    }
    return adopt_or_show(false, argc, argv);
}

static int plain_request(const char *verb, const char *kind, const struct args *a)
{
    struct settings *s = NULL;
    struct err err = {0};
    int rc = ctl_ask_named(verb, a->by, a->reason);
    enum status st;

    if (rc != 0) {
        return rc;
    }
    st = ctl_settings(a->config, &s, &err);
    if (st == OK) {
        struct ask ask = {.verb = verb, .kind = kind, .by = a->by, .reason = a->reason, .wait_s = a->wait_s};

        rc = ctl_ask(s, &ask);
    } else {
        rc = ctl_fail(verb, st, &err);
    }
    settings_free(s);
    return rc;
}

int ctl_look(int argc, char **argv)
{
    struct args a = {0};
    int rc =
        parse("look",
              "usage: dsmbctl look --adhoc|--final --by NAME --reason TEXT\n\n"
              "  --adhoc         a look the board orders: e-processes decide, the other figures are nominal\n"
              "  --final         the closing look: what alpha is left is spent\n" COMMON_HELP,
              argc, argv, &a);

    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    if (a.adhoc == a.final || a.file != NULL) {
        (void)fprintf(stderr, "dsmbctl look: say --adhoc or --final\n");
        return 2;
    }
    return plain_request("look", a.final ? "LOOK_FINAL" : "LOOK_ADHOC", &a);
}

int ctl_source_accept(int argc, char **argv)
{
    struct args a = {0};
    int rc = parse("source accept",
                   "usage: dsmbctl source accept --by NAME --reason TEXT\n"
                   "Believes the next reading although subjects or events became fewer than "
                   "max_shrink_percent allows.\n\n" COMMON_HELP,
                   argc, argv, &a);

    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    return plain_request("source accept", "SOURCE_ACCEPT", &a);
}
