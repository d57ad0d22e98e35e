/*
 * adopt.h - the text of an adopted plan, its rules, and a board, to what runs.
 */
#ifndef DSMB_APP_ADOPT_H
#define DSMB_APP_ADOPT_H

#include "base/doc.h"
#include "port/store.h"

typedef enum status parse_fn(const char *name, const char *bytes, size_t len, struct doc **ret,
                             struct err *err);

/* E_CONFIG with file:line:col; the trial named inside must be `trial`. */
enum status adopt_read_rules(parse_fn *parse, const struct adopted_rules *r, struct ruleset **ret,
                             struct err *err);
enum status adopt_read_plan(parse_fn *parse, const char *trial, const char *text, size_t len,
                            const struct adopted_rules *r, struct plan **plan, struct ruleset **rules,
                            struct err *err);
enum status adopt_read_board(parse_fn *parse, const char *trial, const char *text, size_t len,
                             struct board **board, struct err *err);

#endif
