#include "app/letters.h"

#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"
#include "port/sealer.h"
#include "render/notice.h"

enum { REACHABLE_MIN = 2, DAYS_PER_WEEK = 7 };

static struct seal_recipient recipient(const struct member *m)
{
    return (struct seal_recipient){.address = m->address,
                                   .certificate = m->certificate,
                                   .fingerprint = m->certificate_sha256,
                                   .cipher =
                                       m->cipher == MEMBER_AES256_GCM ? SEAL_AES256_GCM : SEAL_AES256_CBC};
}

static struct notice notice_to(const struct cycle_world *w, const char *address, const char *name,
                               const char *id, instant_t now)
{
    return (struct notice){.trial = w->trial,
                           .from = w->mail_from,
                           .from_name = w->mail_from_name,
                           .to = address,
                           .to_name = name,
                           .message_id = id,
                           .now = now};
}

/* Nothing that was decided waits because there is too much to say of it: what does not fit is left out, step by step. */
static enum mail_extent next_extent(const struct mail_input *in)
{
    if (in->enclosed == NULL && in->extent < EXTENT_NO_PICTURES) {
        return EXTENT_FEW_EVENTS;
    }
    return (enum mail_extent)((int)in->extent + 1);
}

static enum status seal_one(const struct cycle_world *w, const struct mail_input *in,
                            const struct seal_recipient *to, struct buf *out, struct err *err)
{
    struct buf plain = {0}, subject = {0}, outer = {0};
    struct seal_job job;
    enum status st;

    buf_fmt(&outer, "[%s] DSMB message %lld", in->plan->trial, (long long)in->number);
    st = mail_render(in, &plain, err);
    if (st == OK) {
        st = mail_subject(in, &subject, err);
    }
    if (st == OK) {
        st = buf_check(&outer, err);
    }
    if (st == OK) {
        job = (struct seal_job){.to = *to,
                                .plain = plain.data,
                                .plain_len = plain.len,
                                .subject = buf_cstr(&subject),
                                .outer_subject = buf_cstr(&outer),
                                .now = in->now};
        st = w->sealer->seal(w->sealer->ctx, &job, out, err);
    }
    buf_wipe(&plain);
    buf_wipe(&subject);
    buf_done(&outer);
    return st;
}

static enum status sealed(const struct cycle_world *w, const struct mail_input *in,
                          const struct seal_recipient *to, struct buf *out, struct err *err)
{
    struct mail_input shorter = *in;
    enum status st = seal_one(w, &shorter, to, out, err);

    while (st == E_STATE && shorter.extent < EXTENT_FIRST) {
        shorter.extent = next_extent(&shorter);
        err_clear(err);
        st = seal_one(w, &shorter, to, out, err);
    }
    return st == E_STATE ? err_wrap(err, E_DATA, "the shortest message that there is") : st;
}

enum status letters_write(const struct cycle_world *w, const struct mail_input *in, struct buf *out,
                          struct err *err)
{
    struct seal_recipient to = recipient(in->to);
    struct mail_input noted = *in;
    struct seal_check c;
    enum status st;

    if (w->sealer == NULL) {
        return mail_render(in, out, err);
    }
    noted.note = w->sealer->note;
    st = w->sealer->check(w->sealer->ctx, &to, in->now, &c, err);
    if (st != OK) {
        return st;
    }
    if (c.fault != SEAL_VALID) {
        struct notice n = notice_to(w, in->to->address, in->to->name, in->message_id, in->now);

        return notice_member(&n, in->number, in->board->chair_phone, w->sealer->size, out, err);
    }
    return sealed(w, &noted, &to, out, err);
}

enum status letters_may_adopt(const struct cycle_world *w, const struct board *b, instant_t now,
                              struct err *err)
{
    struct buf bad = {0};
    size_t good = 0;
    enum status st = OK;

    if (w->sealer == NULL) {
        return OK;
    }
    for (size_t i = 0; st == OK && i < b->n; i++) {
        struct seal_recipient to = recipient(&b->members[i]);
        struct seal_check c;

        st = w->sealer->check(w->sealer->ctx, &to, now, &c, err);
        if (st == OK && c.fault == SEAL_VALID) {
            good++;
        } else if (st == OK) {
            buf_fmt(&bad, "; %s: %s", to.address, c.why);
        }
    }
    if (st == OK) {
        st = buf_check(&bad, err);
    }
    if (st == OK && good < REACHABLE_MIN) {
        st = err_set(
            err, E_CONFIG,
            "a board needs at least two members with a valid certificate, because mail.encryption is smime; "
            "this one has %zu%s",
            good, buf_cstr(&bad));
    }
    buf_done(&bad);
    return st;
}

enum status letters_removed(const struct cycle_world *w, const struct board *was, const struct board *is,
                            const char *by, instant_t now, struct outgoing *out, struct buf *bodies,
                            size_t *n, struct err *err)
{
    enum status st = OK;

    *n = 0;
    for (size_t i = 0; st == OK && was != NULL && i < was->n; i++) {
        const struct member *m = &was->members[i];
        struct outgoing *o = &out[*n];
        struct notice notice = notice_to(w, m->address, m->name, o->id, now);

        if (board_member(is, m->name) != NULL) {
            continue;
        }
        *o = (struct outgoing){.address = m->address, .member = m->name};
        bodies[*n] = (struct buf){0};
        st = w->uuid(o->id, err);
        if (st == OK) {
            st = notice_removed(&notice, by, was->chair_phone, &bodies[*n], err);
        }
        o->bytes = bodies[*n].data;
        o->len = bodies[*n].len;
        ++*n;
    }
    return st;
}

/* NULL: nothing to see to. */
static const char *finding(const struct seal_check *c, struct buf *why, int64_t *stage, instant_t now)
{
    static const int warn[] = {7, 30, 60};

    if (c->fault != SEAL_VALID) {
        *stage = 1000 + instant_day(now) / DAYS_PER_WEEK; /* told again each week */
        buf_fmt(why, "not valid: %s", c->why);
        return buf_cstr(why);
    }
    for (size_t i = 0; i < sizeof warn / sizeof warn[0]; i++) {
        if (c->days_left <= warn[i]) {
            *stage = warn[i];
            buf_fmt(why, "it ends in %d days", c->days_left);
            return buf_cstr(why);
        }
    }
    return NULL;
}

/* The id follows from what is told, so that a restart tells nothing twice. */
static enum status stage_id(const char *trial, const char *whose, const struct seal_check *c, int64_t stage,
                            char id[37], struct err *err)
{
    struct buf b = {0};
    struct sha256 h;
    char hex[SHA256_HEX];
    enum status st;

    buf_fmt(&b, "dsmbd certificate notice\n%s\n%s\n%s\n%d\n%lld\n", trial, whose, c->fingerprint,
            (int)c->fault, (long long)stage);
    st = buf_check(&b, err);
    if (st == OK) {
        st = sha256_of(b.data, b.len, &h, err);
    }
    buf_done(&b);
    if (st != OK) {
        return st;
    }
    h.b[6] = (unsigned char)((h.b[6] & 0x0fU) | 0x80U); /* version 8 (RFC 9562): of our own making */
    h.b[8] = (unsigned char)((h.b[8] & 0x3fU) | 0x80U);
    sha256_hex(&h, hex);
    for (size_t i = 0, k = 0; i < 36; i++) {
        id[i] = i == 8 || i == 13 || i == 18 || i == 23 ? '-' : hex[k++];
    }
    id[36] = '\0';
    return OK;
}

static enum status tell(const struct cycle_world *w, const char *whose, const struct seal_check *c,
                        instant_t now, struct err *err)
{
    struct outgoing o = {.address = w->operations, .member = ""};
    struct notice n = notice_to(w, w->operations, NULL, o.id, now);
    struct journal_field f = {"TRIAL", w->trial};
    struct buf why = {0}, line = {0}, mail = {0};
    int64_t stage = 0;
    const char *what = finding(c, &why, &stage, now);
    enum status st = OK;

    if (what == NULL) {
        goto out;
    }
    buf_fmt(&line, "certificate of %s: %s", whose, what);
    st = buf_check(&line, err);
    if (st == OK) {
        st = stage_id(w->trial, whose, c, stage, o.id, err);
    }
    if (st != OK) {
        goto out;
    }
    w->journal->write(w->journal->ctx, c->fault == SEAL_VALID ? JOURNAL_WARNING : JOURNAL_ERROR,
                      buf_cstr(&line), &f, 1);
    st = notice_operations(&n, whose, what, &mail, err);
    if (st == OK) {
        st = sha256_of(mail.data, mail.len, &o.hash, err);
    }
    if (st == OK) {
        o.bytes = mail.data;
        o.len = mail.len;
        st = w->store->post(w->store->ctx, &o, err);
    }
out:
    buf_done(&why);
    buf_done(&line);
    buf_done(&mail);
    return st;
}

static int64_t days_of(const struct seal_check *c)
{
    return c->fault == SEAL_VALID && c->days_left > 0 ? c->days_left : 0;
}

enum status letters_watch(const struct cycle_world *w, const struct board *b, instant_t now, int64_t *days,
                          struct err *err)
{
    struct seal_check c;
    int64_t least;
    enum status st;

    if (w->sealer == NULL) {
        *days = -1;
        return OK;
    }
    st = w->sealer->check_signer(w->sealer->ctx, now, &c, err);
    if (st != OK) {
        return st;
    }
    least = days_of(&c);
    st = tell(w, "the signing key", &c, now, err);
    for (size_t i = 0; st == OK && i < b->n; i++) {
        struct seal_recipient to = recipient(&b->members[i]);

        st = w->sealer->check(w->sealer->ctx, &to, now, &c, err);
        if (st == OK) {
            least = days_of(&c) < least ? days_of(&c) : least;
            st = tell(w, to.address, &c, now, err);
        }
    }
    if (st == OK) {
        *days = least;
    }
    return st;
}
