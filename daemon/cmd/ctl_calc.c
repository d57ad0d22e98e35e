/* dsmbctl calc: the calculator. */
#include "cmd/ctl_calc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/ctl.h"
#include "cmd/ctl_opts.h"

static void usage(struct buf *to)
{
    size_t n;
    const struct calc_set *sets = calc_all(&n);

    buf_str(to,
            "usage: dsmbctl calc SET [FILE]\n\n"
            "Reads inputs by column name from FILE (- or none: standard input), adds the columns calc_*.\n"
            "All other columns pass through; rows keep their order.  Lists in a cell are separated by ;\n\n"
            "SET       columns added\n");
    for (size_t i = 0; i < n; i++) {
        buf_fmt(to, "  %s:", sets[i].name);
        for (size_t j = 0; sets[i].out[j] != NULL; j++) {
            buf_fmt(to, "%s calc_%s", j > 0 ? "," : "", sets[i].out[j]);
        }
        buf_str(to, "\n    needs:");
        for (size_t j = 0; sets[i].need[j] != NULL; j++) {
            buf_fmt(to, "%s %s", j > 0 ? "," : "", sets[i].need[j]);
        }
        buf_char(to, '\n');
    }
    buf_str(to, "  logrank: JSON in, JSON out; data sets of time, event, arm\n");
}

static enum status one_table(const struct calc_set *set, const char *file, const struct buf *in,
                             struct buf *out, struct err *err)
{
    struct csv *csv = NULL;
    struct calc c = {0};
    enum status st = csv_parse(file, buf_cstr(in), in->len, &csv, err);

    if (st == OK) {
        st = calc_run(set, file, csv, &c, err);
    }
    if (st == OK) {
        calc_write(set, &c, out);
        st = buf_check(out, err);
    }
    calc_done(&c);
    csv_free(csv);
    return st;
}

int ctl_calc(int argc, char **argv)
{
    const struct calc_set *set = NULL;
    struct buf help = {0}, in = {0}, out = {0};
    struct err err = {0};
    const char *file;
    enum status st;
    int at = 0, rc;

    usage(&help);
    rc = ctl_options("calc", buf_cstr(&help), NULL, 0, argc, argv, &at);
    if (rc == 0 && (argc - at < 1 || argc - at > 2)) {
        (void)fputs(buf_cstr(&help), stderr);
        rc = 2;
    }
    buf_done(&help);
    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    set = calc_find(argv[at]);
    if (set == NULL && strcmp(argv[at], "logrank") != 0) {
        (void)fprintf(stderr, "dsmbctl calc: there is no set \"%s\"; dsmbctl calc --help lists them\n",
                      argv[at]);
        return 2;
    }
    file = argc - at == 2 ? argv[at + 1] : "-";
    ctl_progress("calc", 0, 0, "reading and computing");
    st = ctl_read(file, &in, &err);
    if (strcmp(file, "-") == 0) {
        file = "standard input";
    }
    if (st == OK) {
        st = set == NULL ? calc_logrank(file, buf_cstr(&in), in.len, &out, &err)
                         : one_table(set, file, &in, &out, &err);
    }
    if (st == OK) {
        ctl_put(&out);
    }
    buf_done(&in);
    buf_done(&out);
    return st == OK ? 0 : ctl_fail("calc", st, &err);
}
