/*
 * ctl_status.c - what dsmbd is doing.  Every role may ask; nothing here tells an arm, an alert or a verdict.
 */
#include <string.h>

#include "base/csv.h"
#include "base/text.h"
#include "cmd/ctl.h"
#include "cmd/ctl_json.h"
#include "cmd/ctl_opts.h"
#include "sql_catalog.h"

static const char help[] = "usage: dsmbctl status [--config FILE] [--format text|csv|json]\n\n"
                           "What dsmbd is doing.  Exit status 1 while there is a DATA FAULT.\n\n"
                           "  --format   default: text on a terminal, csv in a pipe\n";

struct line {
    const char *name, *title;
    char value[1200];
    bool absent;
};

static const char *const names[STATUS_COLUMNS][2] = {{"cut", "counted to"},
                                                     {"read_at", "source read at"},
                                                     {"data_cutoff", "data current to"},
                                                     {"subjects", "subjects"},
                                                     {"events", "adverse event rows"},
                                                     {"data_fault", "DATA FAULT"},
                                                     {"fault", "why"},
                                                     {"beat_at", "last sign of dsmbd"},
                                                     {"state", "state"},
                                                     {"requests_waiting", "requests waiting"},
                                                     {"schema_version", "store schema"}};

static enum status read_status(struct pgconn *c, struct line l[STATUS_COLUMNS], struct err *err)
{
    struct pgrows *rows = NULL;
    enum status st = pgconn_exec_one(c, SQL_CTL_STATUS, NULL, &rows, err);

    for (int i = 0; st == OK && i < STATUS_COLUMNS; i++) {
        const char *text = NULL;
        struct buf shown = {0};

        l[i] = (struct line){.name = names[i][0], .title = names[i][1]};
        st = pgrows_text_null(rows, 0, i, &text, err);
        l[i].absent = text == NULL;
        if (st == OK && text != NULL) {
            text_show(&shown, text, strlen(text), 1000);
            (void)snprintf(l[i].value, sizeof l[i].value, "%s", buf_cstr(&shown));
        }
        buf_done(&shown);
    }
    if (st == OK) {
        (void)snprintf(l[STATUS_FAULT].value, sizeof l[STATUS_FAULT].value, "%s",
                       l[STATUS_FAULT].value[0] == 't' ? "yes" : "no");
        l[STATUS_WHY].absent = l[STATUS_WHY].absent || l[STATUS_FAULT].value[0] == 'n';
    }
    pgrows_free(rows);
    return st;
}

static enum status print_json(const struct line l[STATUS_COLUMNS], struct err *err)
{
    json_t *o = json_object();
    struct buf out = {0};
    enum status st;

    for (int i = 0; i < STATUS_COLUMNS; i++) {
        ctl_json_set(&o, l[i].name, l[i].absent ? json_null() : json_string(l[i].value));
    }
    st = ctl_json(o, JSON_INDENT(2), &out, err);
    if (st == OK) {
        ctl_put(&out);
    }
    buf_done(&out);
    return st;
}

int ctl_status(int argc, char **argv)
{
    static const int queries[] = {SQL_CTL_STATUS};
    const char *config = NULL;
    int format = ctl_format("status", NULL);
    const struct ctl_opt opts[] = {{"config", CTL_TEXT, &config}, {"format", CTL_FORMAT, &format}};
    struct settings *s = NULL;
    struct pgconn *c = NULL;
    struct line l[STATUS_COLUMNS];
    struct err err = {0};
    int at = 0, rc = ctl_options("status", help, opts, sizeof opts / sizeof opts[0], argc, argv, &at);
    enum status st;

    if (rc == 0) {
        rc = ctl_no_operand("status", argc, argv, at);
    }
    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    st = ctl_settings(config, &s, &err);
    if (st == OK) {
        st = ctl_store(s, queries, 1, &c, &err);
    }
    if (st == OK) {
        st = read_status(c, l, &err);
    }
    pgconn_free(c);
    settings_free(s);
    if (st != OK) {
        return ctl_fail("status", st, &err);
    }
    if (format == CTL_FORM_JSON) {
        st = print_json(l, &err);
        if (st != OK) {
            return ctl_fail("status", st, &err);
        }
    }
    if (format == CTL_FORM_CSV) {
        (void)printf("name,value\n");
    }
    for (int i = 0; format != CTL_FORM_JSON && i < STATUS_COLUMNS; i++) {
        if (!l[i].absent && format == CTL_FORM_TEXT) {
            (void)printf("%-20s %s\n", l[i].title, l[i].value);
        } else if (format == CTL_FORM_CSV) {
            struct buf b = {0};

            csv_put(&b, true, l[i].name, strlen(l[i].name));
            csv_put(&b, false, l[i].value, l[i].absent ? 0 : strlen(l[i].value));
            csv_end(&b);
            ctl_put(&b);
            buf_done(&b);
        }
    }
    return l[STATUS_FAULT].value[0] == 'y' ? 1 : 0;
}
