/* A look's letters. */
#include <stdlib.h>
#include <string.h>

#include "app/enclose.h"
#include "app/slot_priv.h"

static bool amended_by(const struct alert *alerts, size_t n, const struct alert *old)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(alerts[i].monitor, old->monitor) == 0) {
            return true;
        }
    }
    return false;
}

/* All that this member has not been told of: crossings first. */
static size_t untold(const struct occasion *o, size_t member, const struct alert *alerts, size_t n,
                     struct alert *list)
{
    const struct slot_view *v = o->v;
    size_t k = 0;

    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < n; i++) {
            if ((alerts[i].kind == ALERT_RAISED) == (pass == 0)) {
                list[k++] = alerts[i];
            }
        }
        for (size_t i = 0; i < v->n_alerts; i++) {
            if ((v->alerts[i].kind == ALERT_RAISED) == (pass == 0) &&
                o->lives.life[i * v->board->n + member].state == LIFE_RAISED &&
                !amended_by(alerts, n, &v->alerts[i]) &&
                plan_monitor(v->plan, v->alerts[i].monitor) != NULL) {
                list[k++] = v->alerts[i];
            }
        }
    }
    return k;
}

static enum status letter(const struct occasion *o, const struct mail_input *in, size_t member,
                          const struct alert *list, size_t n, int64_t number, bool held, struct drawn *drawn,
                          struct slot_batch *b, struct err *err)
{
    struct slot_item *items = calloc(n, sizeof *items);
    struct mail_input m = *in;
    enum status st;

    if (items == NULL) {
        return err_set(err, E_NOMEM, "messages to the board");
    }
    for (size_t i = 0; i < n; i++) {
        items[i] = (struct slot_item){list[i].id, member};
    }
    m.kind = list[0].kind == ALERT_RAISED ? LETTER_ALERT : LETTER_AMENDMENT;
    m.alert = &list[0];
    m.also = &list[1];
    m.n_also = n - 1;
    m.number = number;
    occasion_common(o, &m);
    enclose(o->v->w, drawn, &m);
    st = occasion_add(o, &m, member, items, n, held, b, err);
    free(items);
    return st;
}

enum status slot_letters(const struct slot_view *v, const struct mail_input *in, const struct alert *alerts,
                         size_t n, struct slot_batch *ret, struct err *err)
{
    struct slot_batch b = {0};
    struct drawn drawn = {0};
    struct occasion o;
    struct alert *list;
    bool held = slot_used(v);
    enum status st;

    if (n == 0) {
        return OK;
    }
    st = occasion_begin(v, in->now, &o, err);
    if (st != OK) {
        return st;
    }
    for (size_t i = 0; i < n; i++) {
        held = held && !(v->plan->messages.urgent_immediate && alerts[i].urgency == ALERT_URGENT);
    }
    list = calloc(n + v->n_alerts + 1, sizeof *list);
    st = list == NULL ? err_set(err, E_NOMEM, "messages to the board")
                      : slot_batch_reserve(&b, n * v->board->n, err);
    if (slot_used(v)) {
        for (size_t m = 0; st == OK && m < v->board->n; m++) {
            st = letter(&o, in, m, list, untold(&o, m, alerts, n, list), 0, held, &drawn, &b, err);
        }
    } else {
        for (size_t i = 0; st == OK && i < n * v->board->n; i++) {
            size_t a = i / v->board->n;

            st = letter(&o, in, i % v->board->n, &alerts[a], 1, alerts[a].id, false, &drawn, &b, err);
        }
    }
    free(list);
    drawn_done(&drawn);
    occasion_done(&o);
    if (st != OK) {
        slot_batch_done(&b);
        return st;
    }
    *ret = b;
    return OK;
}
