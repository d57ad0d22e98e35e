/*
 * facts_page.c - facts laid out as tables for people.
 */
#include <stdlib.h>
#include <string.h>

#include "render/facts.h"

enum { GROUPS_MAX = 24 };

static bool same(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static bool belongs(const struct fact *x, const struct layout *l)
{
    return !x->detail && same(x->section, l->section);
}

static size_t stats_of(const struct layout *l)
{
    size_t n = 0;

    while (n < LAYOUT_STATS_MAX && l->stat[n].name != NULL) {
        n++;
    }
    return n;
}

/* Column of a statistic, or -1 when the layout does not show it. */
static int stat_column(const struct layout *l, size_t n, const char *statistic)
{
    for (size_t i = 0; i < n; i++) {
        if (same(l->stat[i].name, statistic)) {
            return (int)i;
        }
    }
    return -1;
}

static void list(const struct facts *f, const struct layout *l, struct page *p)
{
    size_t n = stats_of(l);

    page_table(p, l->caption, 2, 0);
    page_cell(p, l->item == NULL ? "" : l->item);
    page_cell(p, "");
    for (size_t i = 0; i < facts_count(f); i++) {
        const struct fact *x = facts_at(f, i);
        int c = belongs(x, l) ? stat_column(l, n, x->statistic) : -1;

        if (c >= 0) {
            page_cell(p, x->item[0] == '\0' ? l->stat[c].label : facts_label_of(f, x->item));
            page_cell(p, x->text);
        }
    }
}

/* The facts of one item stand together, and each item has the same groups. */
static void by_group(const struct facts *f, const struct layout *l, struct page *p)
{
    const char *group[GROUPS_MAX], *cell[GROUPS_MAX], *item = NULL;
    size_t n = 0;

    for (size_t i = 0; i < facts_count(f); i++) {
        const struct fact *x = facts_at(f, i);
        bool known = false;

        if (!belongs(x, l) || !same(x->statistic, l->stat[0].name)) {
            continue;
        }
        for (size_t g = 0; g < n; g++) {
            known = known || same(group[g], x->group);
        }
        if (!known && n < GROUPS_MAX) {
            group[n++] = x->group;
        }
    }
    page_table(p, l->caption, n + 1, ~1U);
    page_cell(p, l->item);
    for (size_t g = 0; g < n; g++) {
        page_cell(p, group[g]);
        cell[g] = "";
    }
    for (size_t i = 0; i <= facts_count(f); i++) {
        const struct fact *x = i < facts_count(f) ? facts_at(f, i) : NULL;

        if (x != NULL && (!belongs(x, l) || !same(x->statistic, l->stat[0].name))) {
            continue;
        }
        if (item != NULL && (x == NULL || !same(item, x->item))) {
            page_cell(p, facts_label_of(f, item));
            for (size_t g = 0; g < n; g++) {
                page_cell(p, cell[g]);
                cell[g] = "";
            }
        }
        if (x == NULL) {
            break;
        }
        item = x->item;
        for (size_t g = 0; g < n; g++) {
            if (same(group[g], x->group)) {
                cell[g] = x->text;
            }
        }
    }
}

static void stat_header(const struct layout *l, size_t n, bool with_item, const char *caption, struct page *p)
{
    size_t lead = (with_item && l->item != NULL ? 1U : 0U) + (l->group != NULL ? 1U : 0U);

    page_table(p, caption, lead + n, l->right << lead);
    if (with_item && l->item != NULL) {
        page_cell(p, l->item);
    }
    if (l->group != NULL) {
        page_cell(p, l->group);
    }
    for (size_t s = 0; s < n; s++) {
        page_cell(p, l->stat[s].label);
    }
}

static bool fills(const struct facts *f, const struct layout *l, const char *statistic)
{
    for (size_t i = 0; i < facts_count(f); i++) {
        const struct fact *x = facts_at(f, i);

        if (belongs(x, l) && same(x->statistic, statistic)) {
            return true;
        }
    }
    return false;
}

/* The layout without the columns that no fact fills. */
static struct layout filled(const struct facts *f, const struct layout *l)
{
    struct layout r = *l;
    size_t n = 0;

    r.right = 0;
    memset(r.stat, 0, sizeof(r.stat));
    for (size_t i = 0; i < stats_of(l); i++) {
        if (fills(f, l, l->stat[i].name)) {
            r.right |= (l->right >> i & 1U) << n;
            r.stat[n++] = l->stat[i];
        }
    }
    return r;
}

/* The facts of one (item, group) stand together; a change of either begins a row. */
static void by_stat(const struct facts *f, const struct layout *l, struct page *p)
{
    const char *cell[LAYOUT_STATS_MAX], *item = NULL, *group = NULL;
    bool per_item = l->kind == LAYOUT_PER_ITEM;
    size_t n = stats_of(l);

    for (size_t s = 0; s < n; s++) {
        cell[s] = "";
    }
    if (!per_item) {
        stat_header(l, n, true, l->caption, p);
    }
    for (size_t i = 0; i <= facts_count(f); i++) {
        const struct fact *x = i < facts_count(f) ? facts_at(f, i) : NULL;
        int c = x != NULL && belongs(x, l) ? stat_column(l, n, x->statistic) : -1;

        if (x != NULL && c < 0) {
            continue;
        }
        if (item != NULL && (x == NULL || !same(item, x->item) || !same(group, x->group))) {
            if (!per_item && l->item != NULL) {
                page_cell(p, facts_label_of(f, item));
            }
            if (l->group != NULL) {
                page_cell(p, group);
            }
            for (size_t s = 0; s < n; s++) {
                page_cell(p, cell[s]);
                cell[s] = "";
            }
        }
        if (x == NULL) {
            break;
        }
        if (per_item && (item == NULL || !same(item, x->item))) {
            stat_header(l, n, false, facts_label_of(f, x->item), p);
        }
        item = x->item;
        group = x->group;
        cell[c] = x->text;
    }
}

/* The only group of what the layout shows; NULL: there are several. */
static const char *only_group(const struct facts *f, const struct layout *l)
{
    size_t n = stats_of(l);
    const char *group = NULL;

    for (size_t i = 0; i < facts_count(f); i++) {
        const struct fact *x = facts_at(f, i);

        if (belongs(x, l) && stat_column(l, n, x->statistic) >= 0) {
            if (group != NULL && !same(group, x->group)) {
                return NULL;
            }
            group = x->group;
        }
    }
    return group;
}

static enum status stat_table(const struct facts *f, const struct layout *l, struct page *p, struct err *err)
{
    struct layout shown = l->drop_empty ? filled(f, l) : *l;
    const char *group = l->one_group ? only_group(f, l) : NULL;
    struct buf caption = {0};
    enum status st = OK;

    if (group != NULL) {
        buf_fmt(&caption, "%s. %s", group, l->caption);
        st = buf_check(&caption, err);
        shown.group = NULL;
        shown.caption = buf_cstr(&caption);
    }
    by_stat(f, &shown, p);
    buf_wipe(&caption);
    return st;
}

static void lines(const struct facts *f, const struct layout *l, struct page *p)
{
    for (size_t i = 0; i < facts_count(f); i++) {
        const struct fact *x = facts_at(f, i);

        if (belongs(x, l) && stat_column(l, stats_of(l), x->statistic) >= 0) {
            page_add(p, BLOCK_NOTE, x->text);
        }
    }
}

static bool shows(const struct facts *f, const struct layout *l)
{
    size_t n = stats_of(l);

    for (size_t i = 0; i < facts_count(f); i++) {
        const struct fact *x = facts_at(f, i);

        if (belongs(x, l) && stat_column(l, n, x->statistic) >= 0) {
            return true;
        }
    }
    return false;
}

enum status facts_page(const struct facts *f, const struct layout *l, size_t n, struct page *p,
                       struct err *err)
{
    enum status st = facts_check(f, err);

    for (size_t i = 0; st == OK && i < n; i++, l++) {
        bool any = shows(f, l);

        if (l->kind == LAYOUT_FIGURES) {
            st = l->figures(f, p, err);
            continue;
        }
        if (!any && l->empty == NULL) {
            continue;
        }
        if (l->heading != NULL) {
            page_add(p, BLOCK_HEADING, l->heading);
        }
        if (!any) {
            page_add(p, BLOCK_PARA, l->empty);
            continue;
        }
        switch (l->kind) {
        case LAYOUT_LIST:
            list(f, l, p);
            break;
        case LAYOUT_BY_GROUP:
            by_group(f, l, p);
            break;
        case LAYOUT_BY_STAT:
        case LAYOUT_PER_ITEM:
            st = stat_table(f, l, p, err);
            break;
        case LAYOUT_FIGURES:
            break;
        case LAYOUT_LINES:
            lines(f, l, p);
            break;
        }
    }
    return st;
}
