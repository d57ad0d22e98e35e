/*
 * facts.h - a report as a list of facts, and the writers that only write facts.  Pure.
 *
 * One fact is one number or one text: section, item, group, statistic, value, text.  CSV and JSON write every fact; the
 * text report lays the same facts out as tables.  Strings are copied and must be fit to be shown.
 */
#ifndef DSMB_RENDER_FACTS_H
#define DSMB_RENDER_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "render/page.h"
#include "stats/twobytwo.h"

enum fact_kind { FACT_TEXT, FACT_INT, FACT_REAL };

struct fact {
    const char *section, *item, *group, *statistic; /* "" where it has none */
    enum fact_kind kind;
    int64_t i;
    double r;         /* NaN: not estimable */
    bool detail;      /* in CSV and JSON only: the text report leaves it out */
    const char *text; /* as a person reads it; never NULL in the list */
};

struct facts;

/* Where a run of facts belongs. */
struct place {
    const char *section, *item, *group;
};

enum status facts_new(struct facts **ret, struct err *err);
void facts_free(struct facts *f); /* overwrites */
/* Memory that was lost shows in facts_check and in every writer. text NULL: the value as it is. */
void facts_text(struct facts *f, struct place at, const char *statistic, const char *text);
void facts_int(struct facts *f, struct place at, const char *statistic, int64_t v, const char *text);
void facts_real(struct facts *f, struct place at, const char *statistic, double v, const char *text);
/* As above with the text of a buffer, which is then empty. */
void facts_text_take(struct facts *f, struct place at, const char *statistic, struct buf *text);
void facts_int_take(struct facts *f, struct place at, const char *statistic, int64_t v, struct buf *text);
void facts_real_take(struct facts *f, struct place at, const char *statistic, double v, struct buf *text);
/* Three facts: the value with that text, and the interval's ends as STATISTIC_low and STATISTIC_high. */
void facts_estimate_take(struct facts *f, struct place at, const char *statistic, const struct estimate *e,
                         struct buf *text);
/* A place or label was made in this buffer: when it lost bytes, so did the report. */
void facts_lost(struct facts *f, const struct buf *b);
/* Facts that follow are details, until it is called with false. */
void facts_detail(struct facts *f, bool detail);
/* What the text report calls an item: "Cardiovascular events" for "cardiovascular". */
void facts_label(struct facts *f, const char *item, const char *label);
const char *facts_label_of(const struct facts *f, const char *item);
size_t facts_count(const struct facts *f);
const struct fact *facts_at(const struct facts *f, size_t i);
enum status facts_check(const struct facts *f, struct err *err);

/* Header section,item,group,statistic,value,text; NA for what is not estimable; texts cannot be formulas. */
enum status facts_csv(const struct facts *f, struct buf *out, struct err *err);
/* {"format": "dsmb-report-1", "facts": [...]}; value null where it is no finite number. */
enum status facts_json(const struct facts *f, struct buf *out, struct err *err);

enum layout_kind {
    LAYOUT_LIST,     /* a line a fact: statistic, text */
    LAYOUT_BY_GROUP, /* rows are items, columns groups, of one statistic */
    LAYOUT_BY_STAT,  /* rows are (item, group), columns statistics */
    LAYOUT_PER_ITEM, /* as BY_STAT, a table for each item */
    LAYOUT_LINES,    /* a paragraph a fact, its text alone */
    LAYOUT_FIGURES   /* drawn from the facts; needs no fact of the section to be asked */
};

enum { LAYOUT_STATS_MAX = 12 };

/* How one section is laid out as text. */
struct layout {
    const char *section;
    enum layout_kind kind;
    const char *heading;      /* NULL: stands under the heading before it */
    const char *caption;      /* may be "" */
    const char *item, *group; /* column headings; NULL: the column is left out */
    unsigned right;           /* of the statistics or groups: bit i set, column i holds numbers */
    struct {
        const char *name, *label;
    } stat[LAYOUT_STATS_MAX];
    bool drop_empty; /* BY_STAT: columns that no fact fills are left out */
    bool one_group;  /* BY_STAT: a single group stands in the caption instead of a column */
    enum status (*figures)(const struct facts *f, struct page *p, struct err *err); /* FIGURES */
    /* What stands there when the section has no fact; NULL: nothing, not even the heading. */
    const char *empty;
};

enum status facts_page(const struct facts *f, const struct layout *l, size_t n, struct page *p,
                       struct err *err);

#endif
