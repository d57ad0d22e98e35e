#include "app/adopt.h"

#include <string.h>

enum status adopt_read_rules(parse_fn *parse, const struct adopted_rules *r, struct ruleset **ret,
                             struct err *err)
{
    struct doc *docs[CATEGORIES_MAX] = {NULL};
    const struct doc *view[CATEGORIES_MAX];
    enum status st = OK;
    size_t n = 0;

    if (r->n == 0) {
        return err_set(err, E_CONFIG,
                       "no rules came with the plan: dsmbctl plan adopt --rules DIR names their folder");
    }
    for (; st == OK && n < r->n; n++) {
        st = parse(r->file[n].name, r->file[n].text, r->file[n].len, &docs[n], err);
        view[n] = docs[n];
    }
    if (st == OK) {
        st = ruleset_new(view, r->n, ret, err);
    }
    for (size_t i = 0; i < n; i++) {
        doc_free(docs[i]);
    }
    return st;
}

enum status adopt_read_plan(parse_fn *parse, const char *trial, const char *text, size_t len,
                            const struct adopted_rules *r, struct plan **plan, struct ruleset **rules,
                            struct err *err)
{
    struct doc *d = NULL;
    struct plan *p = NULL;
    struct ruleset *rs = NULL;
    enum status st = adopt_read_rules(parse, r, &rs, err);

    if (st == OK) {
        st = parse("plan.yaml", text, len, &d, err);
    }
    if (st == OK) {
        st = plan_read(d, rs, &p, err);
    }
    if (st == OK && strcmp(p->trial, trial) != 0) {
        st = err_set(err, E_CONFIG, "the plan is for trial \"%s\", and this dsmbd watches \"%s\"", p->trial,
                     trial);
    }
    doc_free(d);
    if (st != OK) {
        plan_free(p);
        ruleset_free(rs);
        return st;
    }
    *plan = p;
    *rules = rs;
    return OK;
}

enum status adopt_read_board(parse_fn *parse, const char *trial, const char *text, size_t len,
                             struct board **board, struct err *err)
{
    struct doc *d = NULL;
    struct board *b = NULL;
    enum status st = parse("board.yaml", text, len, &d, err);

    if (st == OK) {
        st = board_read(d, &b, err);
    }
    if (st == OK && strcmp(b->trial, trial) != 0) {
        st = err_set(err, E_CONFIG, "the board is of trial \"%s\", and this dsmbd watches \"%s\"", b->trial,
                     trial);
    }
    doc_free(d);
    if (st != OK) {
        board_free(b);
        return st;
    }
    *board = b;
    return OK;
}
