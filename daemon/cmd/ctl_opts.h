/*
 * ctl_opts.h - the options of a verb as a table.
 */
#ifndef DSMB_CMD_CTL_OPTS_H
#define DSMB_CMD_CTL_OPTS_H

#include <stdbool.h>
#include <stddef.h>

enum ctl_opt_kind {
    CTL_TEXT,   /* --name VALUE into a const char * */
    CTL_FLAG,   /* --name into a bool */
    CTL_NUMBER, /* --name N into an int64_t, 1 or more */
    CTL_COUNT,  /* --name N into an int64_t, 0 or more */
    CTL_FORMAT, /* --name text|csv|json into an int, by ctl_format() */
    CTL_CALL    /* --name VALUE to a struct ctl_taker */
};

/* For what a verb reads by itself; false after saying on stderr what is accepted. */
struct ctl_taker {
    bool (*take)(void *ctx, const char *value);
    void *ctx;
};

struct ctl_opt {
    const char *name; /* without the dashes */
    enum ctl_opt_kind kind;
    void *to;
};

enum { CTL_OPTS_MAX = 16, CTL_HELPED = -1 };

/*
 * Reads argv by the table; --help prints `help`.  0: go on, *operand is the index of the first operand in argv;
 * 2: usage, already said; CTL_HELPED: help was printed, the verb is done.
 */
int ctl_options(const char *verb, const char *help, const struct ctl_opt *opts, size_t n, int argc,
                char **argv, int *operand);
/* For a verb that takes nothing beside its options: 2, after saying so, where a word stands at argv[operand]. */
int ctl_no_operand(const char *verb, int argc, char **argv, int operand);

#endif
