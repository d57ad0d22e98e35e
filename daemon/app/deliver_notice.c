#include "app/deliver_notice.h"

#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/buf.h"
#include "base/date.h"

static const int64_t GRACE_US = INT64_C(90000000);

struct notices {
    struct notices_world w;
    struct notices_mark mark;
    bool apart;
    int64_t heard_mono_us; /* the store: reached again, on the monotonic clock */
    int64_t apart_mono_us; /* since when, on the monotonic clock; may lie before its start */
    int32_t attempts;      /* of the notices that are due, in a row */
    int64_t not_before_us;
    bool file_told; /* that the file cannot be written */
};

/* The fixed list.  %s is the trial's name. */
struct text {
    const char *subject, *body;
};
static const struct text dsmbd_silent = {
    "dsmbd is silent",
    "dsmbd has given no sign of life in its store for two slots. It does not run, or it cannot read the "
    "trial\r\n"
    "database. Until it does, nobody watches, and members of the board get no messages; each message they "
    "had\r\n"
    "names the number to call when the next one does not come.\r\n"
    "\r\n"
    "What to do: systemctl status dsmbd@TRIAL, journalctl -u dsmbd@TRIAL, dsmbctl check.\r\n"
    "\r\n"
    "Another notice follows when dsmbd is heard again.\r\n"};
static const struct text store_silent = {"the store of dsmbd cannot be reached",
                                         "dsmb-mailer has not been able to reach the store of dsmbd for some "
                                         "time. What waits there cannot leave, and\r\n"
                                         "dsmbd, which needs the same database, does not watch.\r\n"
                                         "\r\n"
                                         "What to do: see to PostgreSQL and the connection to it; journalctl "
                                         "-u dsmb-mailer@TRIAL says what fails.\r\n"
                                         "\r\n"
                                         "Another notice follows when all is heard again.\r\n"};
static const struct text heard_again = {
    "dsmbd is heard again",
    "dsmb-mailer reaches the store, and dsmbd gives signs of life there. What waited leaves now.\r\n"};
static const struct text came_back = {
    "mail to a member of the board was refused",
    "A message to a member of the data and safety monitoring board was refused by the mail system, or came "
    "back.\r\n"
    "Every member gets messages at regular times, whatever the data of the trial say.\r\n"
    "\r\n"
    "What to do: journalctl -u dsmb-mailer@TRIAL names the message and what the mail system said. See to "
    "the\r\n"
    "address and the mailbox with the board's coordinator; a new address is adopted with dsmbctl board "
    "adopt.\r\n"
    "The other members read in their next message who could not be reached.\r\n"};

static void say(const struct notices *n, enum journal_level level, const char *text)
{
    n->w.journal->write(n->w.journal->ctx, level, text, NULL, 0);
}

static void save(struct notices *n)
{
    struct err err = {0};
    enum status st = n->w.file->save(n->w.file->ctx, &n->mark, &err);

    if (st != OK && !n->file_told) {
        say(n, JOURNAL_ERROR, err.msg);
    }
    n->file_told = st != OK;
}

enum status notices_new(const struct notices_world *w, struct notices **ret, struct err *err)
{
    struct notices *n = calloc(1, sizeof *n);
    struct err why = {0};

    if (n == NULL) {
        return err_set(err, E_NOMEM, "starting notices");
    }
    n->w = *w;
    n->heard_mono_us = INT64_MIN / 2;
    if (w->file->load(w->file->ctx, &n->mark, &why) != OK) {
        n->mark = (struct notices_mark){.apart_since = INSTANT_NONE};
        say(n, JOURNAL_ERROR, why.msg);
    }
    if (n->mark.apart_since != INSTANT_NONE) {
        int64_t gone = w->clock->wall(w->clock->ctx) - n->mark.apart_since;

        n->apart = true;
        n->apart_mono_us = w->clock->monotonic_us(w->clock->ctx) - (gone > 0 ? gone : 0);
    }
    *ret = n;
    return OK;
}

void notices_free(struct notices *n)
{
    free(n);
}

void notices_set_world(struct notices *n, const struct notices_world *w)
{
    n->w = *w;
}

static bool new_id(struct notices *n, char id[MESSAGE_ID_LEN])
{
    struct err err = {0};

    if (n->w.uuid(id, &err) != OK) {
        id[0] = '\0'; /* the next step asks again */
        return false;
    }
    n->attempts = 0;
    n->not_before_us = n->w.clock->monotonic_us(n->w.clock->ctx);
    return true;
}

static void told(const struct notices *n, enum silence s)
{
    switch (s) {
    case SILENCE_NONE:
        say(n, JOURNAL_NOTICE, "dsmbd and the store are heard again");
        break;
    case SILENCE_DSMBD:
        say(n, JOURNAL_ERROR, "dsmbd has given no sign for two slots; operations is told");
        break;
    case SILENCE_STORE:
        say(n, JOURNAL_ERROR, "the store has been out of reach for mail.silence_after; operations is told");
        break;
    }
}

/* Who is silent now, as far as it can be known; *wait_us: until it may be known better. */
static enum silence judge(struct notices *n, const struct deliver_sight *s, int64_t now, int64_t *wait_us)
{
    enum silence is = n->mark.told;
    int64_t left;

    if (!s->reached) {
        if (!n->apart) {
            n->apart = true;
            n->apart_mono_us = now;
            n->mark.apart_since = n->w.clock->wall(n->w.clock->ctx);
            save(n);
        }
        left = n->apart_mono_us + n->w.patience_us - now;
        if (left <= 0) {
            return SILENCE_STORE;
        }
        *wait_us = *wait_us > left ? left : *wait_us;
        return is;
    }
    if (n->apart) {
        n->apart = false;
        n->heard_mono_us = now;
        n->mark.apart_since = INSTANT_NONE;
        save(n);
    }
    if (s->judged && s->silent) {
        /* What kept this mailer from the store may have kept dsmbd: it may take a while to come back. */
        left = n->heard_mono_us + (n->w.patience_us < GRACE_US ? n->w.patience_us : GRACE_US) - now;
        *wait_us = left > 0 && *wait_us > left ? left : *wait_us;
        return left > 0 ? is : SILENCE_DSMBD;
    }
    if (s->judged) {
        return SILENCE_NONE;
    }
    return is == SILENCE_STORE ? SILENCE_NONE : is;
}

static void headers(const struct notices *n, const struct text *t, const char *id, struct buf *out)
{
    const char *at = strrchr(n->w.from, '@');
    char date[INSTANT_RFC5322];

    instant_rfc5322(n->w.clock->wall(n->w.clock->ctx), date);
    buf_fmt(out, "From: dsmb-mailer <%s>\r\nTo: <%s>\r\nSubject: [%s] %s\r\n", n->w.from, n->w.operations,
            n->w.trial, t->subject);
    buf_fmt(out, "Date: %s\r\nMessage-ID: <%s%s>\r\n", date, id, at == NULL ? "" : at);
    buf_str(out, "MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n"
                 "Content-Type: text/plain; charset=us-ascii\r\n\r\n");
}

static enum status nothing_to_record(void *ctx, struct err *err)
{
    (void)ctx;
    (void)err;
    return OK;
}

/* One notice to the relay; true: taken. */
static bool hand_over(struct notices *n, const struct text *t, const char *id)
{
    struct delivery how = {.verdict = DELIVERY_RETRY};
    struct buf mail = {0};
    struct err err = {0};
    const char *rest = t->body, *name;
    enum status st;

    headers(n, t, id, &mail);
    buf_fmt(&mail, "Trial: %s\r\n\r\n", n->w.trial);
    for (; (name = strstr(rest, "TRIAL")) != NULL; rest = name + strlen("TRIAL")) {
        buf_add(&mail, rest, (size_t)(name - rest));
        buf_str(&mail, n->w.trial);
    }
    buf_str(&mail, rest);
    st = buf_check(&mail, &err);
    if (st == OK) {
        st = n->w.transport->send(n->w.transport->ctx, n->w.operations, mail.data, mail.len,
                                  nothing_to_record, NULL, &how, &err);
        n->w.transport->finish(n->w.transport->ctx);
    }
    buf_done(&mail);
    if (st == OK && how.verdict == DELIVERY_SENT) {
        return true;
    }
    if (n->attempts == 0) {
        const struct journal_field f = {"REPLY", st == OK ? how.reply : err.msg};

        n->w.journal->write(n->w.journal->ctx, JOURNAL_WARNING,
                            "a notice to operations was not taken; it will be tried again", &f, 1);
    }
    return false;
}

static const struct text *silence_text(enum silence s)
{
    switch (s) {
    case SILENCE_NONE:
        return &heard_again;
    case SILENCE_DSMBD:
        return &dsmbd_silent;
    case SILENCE_STORE:
        return &store_silent;
    }
    return &heard_again;
}

void notices_step(struct notices *n, const struct deliver_sight *s, double u, int64_t *wait_us)
{
    int64_t now = n->w.clock->monotonic_us(n->w.clock->ctx);
    enum silence is = judge(n, s, now, wait_us);
    char *due;

    if (is != n->mark.told && new_id(n, n->mark.silence_id)) {
        n->mark.told = is;
        save(n);
        told(n, is);
    }
    if (s->returned && n->mark.return_id[0] == '\0' && new_id(n, n->mark.return_id)) {
        save(n);
    }
    due = n->mark.silence_id[0] != '\0' ? n->mark.silence_id : n->mark.return_id;
    if (due[0] == '\0') {
        return;
    }
    if (now >= n->not_before_us) {
        if (hand_over(n, due == n->mark.silence_id ? silence_text(n->mark.told) : &came_back, due)) {
            due[0] = '\0';
            n->attempts = 0;
            save(n);
            *wait_us = n->mark.return_id[0] != '\0' ? 0 : *wait_us;
            return;
        }
        n->attempts++;
        n->not_before_us = n->w.clock->monotonic_us(n->w.clock->ctx) +
                           backoff_delay(n->attempts, n->w.backoff_min_us, n->w.backoff_max_us, u);
    }
    now = n->w.clock->monotonic_us(n->w.clock->ctx);
    if (*wait_us > n->not_before_us - now) {
        *wait_us = n->not_before_us > now ? n->not_before_us - now : 0;
    }
}
