#include "app/deliver_left.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

struct left {
    const struct left_file *file;
    const struct journal *journal;
    struct buf ids;
    bool told;
};

static bool whole(const struct buf *b)
{
    for (size_t i = 0; i < b->len; i += LEFT_LINE) {
        if (b->len - i < LEFT_LINE || b->data[i + LEFT_LINE - 1] != '\n' ||
            strspn(b->data + i, "0123456789abcdef-") != LEFT_LINE - 1) {
            return false;
        }
    }
    return true;
}

enum status left_new(const struct left_file *file, const struct journal *journal, struct left **ret,
                     struct err *err)
{
    struct left *l = calloc(1, sizeof *l);
    struct err why = {0};

    if (l == NULL) {
        return err_set(err, E_NOMEM, "remembering what left");
    }
    l->file = file;
    l->journal = journal;
    if (file->load(file->ctx, &l->ids, &why) != OK) {
        journal->write(journal->ctx, JOURNAL_ERROR, why.msg, NULL, 0);
    }
    if (l->ids.failed || !whole(&l->ids)) {
        buf_done(&l->ids);
    }
    *ret = l;
    return OK;
}

void left_free(struct left *l)
{
    if (l != NULL) {
        buf_done(&l->ids);
        free(l);
    }
}

void left_add(struct left *l, const char *id)
{
    struct err err = {0};
    enum status st;

    if (strlen(id) != LEFT_LINE - 1) {
        return;
    }
    if (l->ids.len >= (size_t)LEFT_LINE * LEFT_MAX) {
        memmove(l->ids.data, l->ids.data + LEFT_LINE, l->ids.len - LEFT_LINE + 1);
        l->ids.len -= LEFT_LINE;
    }
    buf_str(&l->ids, id);
    buf_char(&l->ids, '\n');
    st = buf_check(&l->ids, &err);
    if (st == OK) {
        st = l->file->save(l->file->ctx, l->ids.data, l->ids.len, &err);
    } else {
        buf_done(&l->ids); /* half an id is none */
    }
    if (st != OK && !l->told) {
        l->journal->write(l->journal->ctx, JOURNAL_WARNING, err.msg, NULL, 0);
    }
    l->told = st != OK;
}

const char *left_ids(const struct left *l)
{
    return buf_cstr(&l->ids);
}
