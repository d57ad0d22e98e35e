/* An alert's message once more, because a person asked for it. */
#include <stdlib.h>
#include <string.h>

#include "app/slot_priv.h"

/* --- what leaves at once ------------------------------------------------------------------------------------------ */

static const struct post_original *original_of(const struct post *p, int64_t alert, const char *member)
{
    for (size_t i = 0; i < p->n_originals; i++) {
        if (p->originals[i].alert == alert && strcmp(p->originals[i].member, member) == 0) {
            return &p->originals[i];
        }
    }
    return NULL;
}

/* One message may have told of several alerts: it goes once. */
static bool is_there(const struct slot_batch *b, const char *message)
{
    for (size_t i = 0; i < b->n; i++) {
        if (strcmp(b->out[i].again, message) == 0) {
            return true;
        }
    }
    return false;
}

static enum status same_bytes(const struct occasion *o, size_t member, const struct post_original *from,
                              struct slot_batch *b, struct err *err)
{
    const struct member *to = &o->v->board->members[member];
    struct outgoing *out = &b->out[b->n];
    enum status st = OK;

    if (is_there(b, from->message)) {
        return OK;
    }
    *out = (struct outgoing){.address = to->address, .member = to->name, .board = o->v->board};
    memcpy(out->again, from->message, sizeof out->again);
    st = o->v->w->uuid(out->id, err);
    b->n++;
    return st;
}

/* No bytes are good for him: he came later, or the board, his certificate or his address with it, was changed since. */
static enum status anew(const struct occasion *o, size_t member, int64_t alert, struct slot_batch *b,
                        struct err *err)
{
    struct slot_item item = {alert, member};
    const struct slot_choice c = {.kind = LETTER_REMINDER, .items = &item, .n = 1};

    return slot_write(o, member, &c, b, err);
}

enum status slot_again(const struct occasion *o, struct slot_batch *b, struct err *err)
{
    enum status st = slot_batch_reserve(b, o->lives.n, err);

    for (size_t i = 0; st == OK && i < o->lives.n; i++) {
        const struct life *l = &o->lives.life[i];
        const struct post_original *from;

        if (!life_asked(l) || slot_waiting(o, l->member) != NULL) {
            continue; /* what waits for its slot tells him then */
        }
        from = original_of(&o->post, l->alert, o->v->board->members[l->member].name);
        st = from != NULL ? same_bytes(o, l->member, from, b, err) : anew(o, l->member, l->alert, b, err);
    }
    return st;
}

/* --- by request --------------------------------------------------------------------------------------------------- */

/* The alert's number, and behind a blank a member, NULL for all. */
static enum status read_body(const char *body, int64_t *alert, const char **member, struct err *err)
{
    char *end = NULL;
    long long id = body == NULL ? 0 : strtoll(body, &end, 10);

    if (body == NULL || end == body || (*end != ' ' && *end != '\0')) {
        return err_set(err, E_DATA, "what is sent again is an alert's number, and perhaps a member's name");
    }
    *alert = id;
    *member = *end == ' ' ? end + 1 : NULL;
    return OK;
}

static int64_t newest_of(const struct slot_view *v, const char *monitor)
{
    int64_t id = 0;

    for (size_t i = 0; i < v->n_alerts; i++) {
        id = strcmp(v->alerts[i].monitor, monitor) == 0 ? v->alerts[i].id : id;
    }
    return id;
}

static void say(const struct slot_view *v, size_t n, instant_t now, struct buf *said)
{
    char at[28];

    buf_fmt(said, "goes again to %zu of the board's %zu members", n, v->board->n);
    if (slot_at_once(v)) {
        buf_str(said, ", at once; what waits for its slot goes then");
    } else {
        instant_format(slot_start(slot_at(now, v->plan->messages.slot_us) + 1, v->plan->messages.slot_us),
                       at);
        buf_fmt(
            said,
            ", as a reminder in place of the quiet message, at the latest in the slot that begins at %.16sZ",
            at);
    }
}

static enum status choose(const struct slot_view *v, const struct lives *lives, size_t place,
                          const char *member, const char *names[MEMBERS_MAX], size_t *n, struct err *err)
{
    const struct life *of = &lives->life[place * v->board->n];
    bool found = false;

    for (size_t m = 0; m < v->board->n; m++) {
        const char *name = v->board->members[m].name;

        if (member != NULL && strcmp(member, name) != 0) {
            continue;
        }
        found = true;
        if (of[m].state == LIFE_AMENDED) {
            return err_set(err, E_DATA, "a later alert of its monitor took its place: alert %lld",
                           (long long)newest_of(v, v->alerts[place].monitor));
        }
        if (life_open(&of[m])) {
            names[(*n)++] = name;
        }
    }
    if (!found) {
        return slot_not_a_member(v->board, "a message goes again to a member of the board: --to", err);
    }
    return *n > 0           ? OK
           : member == NULL ? err_set(err, E_DATA, "every member has acknowledged it")
                            : err_set(err, E_DATA, "%s has acknowledged it", member);
}

enum status slot_resend(const struct slot_view *v, const struct request *r, instant_t now, struct err *err)
{
    const struct store *s = v->w->store;
    const char *member = NULL, *names[MEMBERS_MAX];
    struct buf said = {0};
    struct occasion o;
    int64_t alert = 0;
    size_t place = 0, n = 0;
    enum status st = read_body(r->body, &alert, &member, err);

    if (st == OK && slot_alert(v, alert, &place) == NULL) {
        st = err_set(err, E_DATA, "there is no alert of this number (dsmbctl alert list)");
    }
    if (st == OK) {
        st = s->take_acks(s->ctx, err); /* who answered a moment ago is left in peace */
    }
    if (st != OK) {
        return st;
    }
    st = occasion_begin(v, now, &o, err);
    if (st != OK) {
        return st;
    }
    st = choose(v, &o.lives, place, member, names, &n, err);
    occasion_done(&o);
    if (st == OK) {
        say(v, n, now, &said);
        st = buf_check(&said, err);
    }
    if (st == OK) {
        st = s->resend(s->ctx, r, alert, names, n, buf_cstr(&said), err);
    }
    buf_done(&said);
    return st;
}
