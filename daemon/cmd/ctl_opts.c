#include "cmd/ctl_opts.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd/ctl.h"

static int take_number(const char *verb, const struct ctl_opt *o, int64_t least, const char *value)
{
    if (text_int(value, strlen(value), least, INT64_MAX, o->to)) {
        return 0;
    }
    (void)fprintf(stderr, "dsmbctl %s: --%s takes a whole number, %d or more, not \"%s\"\n", verb, o->name,
                  (int)least, value);
    return 2;
}

static int take(const char *verb, const struct ctl_opt *o, const char *value)
{
    struct ctl_taker *taker;
    int format;

    switch (o->kind) {
    case CTL_TEXT:
        memcpy(o->to, &value, sizeof value);
        return 0;
    case CTL_FLAG:
        *(bool *)o->to = true;
        return 0;
    case CTL_NUMBER:
        return take_number(verb, o, 1, value);
    case CTL_COUNT:
        return take_number(verb, o, 0, value);
    case CTL_FORMAT:
        format = ctl_format(verb, value);
        if (format < 0) {
            return 2;
        }
        *(int *)o->to = format;
        return 0;
    case CTL_CALL:
        taker = o->to;
        return taker->take(taker->ctx, value) ? 0 : 2;
    }
    return 2;
}

int ctl_options(const char *verb, const char *help, const struct ctl_opt *opts, size_t n, int argc,
                char **argv, int *operand)
{
    enum { HELP = 256, FIRST };
    struct option longs[CTL_OPTS_MAX + 2] = {{0}};
    int o, rc;

    for (size_t i = 0; i < n && i < CTL_OPTS_MAX; i++) {
        longs[i] = (struct option){opts[i].name, opts[i].kind == CTL_FLAG ? no_argument : required_argument,
                                   NULL, FIRST + (int)i};
    }
    longs[n] = (struct option){"help", no_argument, NULL, HELP};
    optind = 1;
    while ((o = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        if (o == HELP) {
            (void)fputs(help, stdout);
            return CTL_HELPED;
        }
        if (o < FIRST) {
            (void)fprintf(stderr, "dsmbctl %s --help tells the options\n", verb);
            return 2;
        }
        rc = take(verb, &opts[o - FIRST], optarg);
        if (rc != 0) {
            return rc;
        }
    }
    *operand = optind;
    return 0;
}

int ctl_no_operand(const char *verb, int argc, char **argv, int operand)
{
    if (operand >= argc) {
        return 0;
    }
    (void)fprintf(stderr, "dsmbctl %s: \"%s\" is one word too many\n", verb, argv[operand]);
    return 2;
}
