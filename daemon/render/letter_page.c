#include "render/letter_page.h"

#include <string.h>

#include "base/text.h"
#include "render/format.h"
#include "render/names.h"
#include "render/words.h"

enum { BOARD_CHANGES_MAX = 4096 };

static void shown(struct buf *out, const char *s, size_t max)
{
    text_show(out, s, strlen(s), max);
}

static void chair(struct buf *out, const struct board *board)
{
    for (size_t i = 0; i < board->n; i++) {
        if (board->members[i].role == MEMBER_CHAIR) {
            buf_str(out, "Chair: ");
            shown(out, board->members[i].name, sizeof(board->members[i].name));
            buf_str(out, ", ");
            shown(out, board->chair_phone, sizeof(board->chair_phone));
            buf_char(out, '.');
        }
    }
}

/* Anyone may have the token who can read the message: it says that this mailbox answered, and is good for once. */
static void links(struct page *p, const struct mail_input *in)
{
    static const char *const label[] = {"Noted", "Call a meeting", "I need more data"};
    const struct mail_post *post = in->post;

    page_add(p, BLOCK_HEADING, "Your answer");
    page_add(
        p, BLOCK_NOTE,
        "Each of these opens an empty mail whose subject is all that is read: send it as it is. It records "
        "your name, the time and this decision. Each works once.");
    for (size_t i = 0; i < ACK_DECISIONS; i++) {
        struct buf url = {0};

        buf_fmt(&url, "mailto:%s?subject=DSMB%%20ack%%20%s", post->ack_to, post->token[i]);
        page_link(p, label[i], buf_cstr(&url));
        buf_wipe(&url);
    }
}

void letter_answer(struct page *p, const struct mail_input *in)
{
    const struct mail_post *post = in->post;
    struct buf b = {0};

    if (post == NULL) {
        return;
    }
    if (post->ack_to != NULL) {
        links(p, in);
    }
    if (post->board_changes != NULL && post->board_changes[0] != '\0') {
        page_add(p, BLOCK_HEADING, "The board was changed");
        shown(&b, post->board_changes, BOARD_CHANGES_MAX);
        page_take(p, BLOCK_PARA, &b);
        buf_str(&b, "If you did not expect this, call ");
        shown(&b, in->board->chair_phone, sizeof(in->board->chair_phone));
        buf_str(&b, ", and a member whose telephone you know from before.");
        page_take(p, BLOCK_PARA, &b);
    }
    page_add(p, BLOCK_HEADING, "Mail to the board");
    if (post->unreached != NULL && post->unreached[0] != '\0') {
        buf_str(&b, "Could not be reached by mail: ");
        shown(&b, post->unreached, 1024);
        buf_str(&b, ". Please tell them by telephone.");
        page_take(p, BLOCK_PARA, &b);
    }
    if (post->doubled > 0) {
        buf_fmt(&b,
                "Message %lld may have reached you twice: the connection broke after it was handed over, "
                "so it was sent again, with the same content.",
                (long long)post->doubled);
        page_take(p, BLOCK_NOTE, &b);
    }
    if (post->next_before != INSTANT_NONE) {
        buf_str(&b, "The next message comes before ");
        fmt_instant(&b, post->next_before);
        buf_str(&b, "; if it does not, call ");
        shown(&b, in->board->chair_phone, sizeof(in->board->chair_phone));
        buf_char(&b, '.');
    } else {
        buf_str(&b, "Messages come when there is cause for one.");
    }
    page_take(p, BLOCK_NOTE, &b);
}

void letter_shortened(struct page *p, const struct mail_input *in)
{
    static const char *const gone[EXTENTS] = {[EXTENT_WHOLE] = "",
                                              [EXTENT_NO_PDF] = "the PDF",
                                              [EXTENT_NO_PICTURES] = "the PDF and the figures",
                                              [EXTENT_FEW_EVENTS] = "part of what is listed",
                                              [EXTENT_NO_EVENTS] = "what is listed",
                                              [EXTENT_DECISIONS] = "all but what matters most",
                                              [EXTENT_FIRST] = "all but what matters most"};
    struct buf b = {0};

    if (in->undrawn) {
        page_add(p, BLOCK_NOTE, "The figures and the PDF could not be drawn: their numbers are in the text.");
    }
    if (in->extent != EXTENT_WHOLE) {
        buf_str(&b, "Left out, because all messages have one size: ");
        if (in->enclosed != NULL && in->extent > EXTENT_NO_PICTURES && in->extent < EXTENT_DECISIONS) {
            buf_str(&b, "the PDF, the figures and ");
        }
        buf_fmt(&b, "%s; see the closed report.", gone[in->extent]);
        page_take(p, BLOCK_NOTE, &b);
    }
}

void letter_foot(struct page *p, const struct mail_input *in)
{
    struct buf b = {0};

    if (in->to == NULL) {
        buf_str(&b, "For the members of the board of ");
    } else {
        buf_fmt(&b, "Message %lld for ", (long long)in->number);
        shown(&b, in->to->name, sizeof(in->to->name));
        buf_fmt(&b, " (%s of the board of ", member_role_name(in->to->role));
    }
    shown(&b, in->plan->title[0] == '\0' ? in->plan->trial : in->plan->title, TITLE_MAX_LEN);
    buf_str(&b, in->to == NULL ? ". Written " : "). Written ");
    fmt_instant(&b, in->now);
    buf_char(&b, '.');
    if (in->ledger_head != NULL && in->ledger_head[0] != '\0') {
        buf_str(&b, " Head of the unblinding ledger: ");
        shown(&b, in->ledger_head, 64);
        buf_char(&b, '.');
    }
    page_take(p, BLOCK_NOTE, &b);
    if (in->note != NULL && in->note[0] != '\0') {
        shown(&b, in->note, 400);
        page_take(p, BLOCK_NOTE, &b);
    }
    page_add(
        p, BLOCK_NOTE,
        in->to == NULL
            ? "Unblinded: for the data and safety monitoring board only. Do not file it where trial staff "
              "can read it."
            : "Unblinded: for the data and safety monitoring board only. Do not forward this message, do not "
              "reply with a"
              " quote of it, and do not file it where trial staff can read it.");
}

static void headline(struct page *p, const struct mail_input *in)
{
    struct buf b = {0};

    switch (in->kind) {
    case LETTER_ESCALATION:
        buf_str(&b, "NOT ACKNOWLEDGED: members of the board are silent - ");
        break;
    case LETTER_REMINDER:
        buf_str(&b, "REMINDER: an alert waits for your answer - ");
        break;
    case LETTER_TEST:
        buf_str(&b, "TEST: nothing happened - ");
        break;
    case LETTER_QUIET:
    case LETTER_ALERT:
    case LETTER_AMENDMENT:
        buf_str(&b, "NOTHING NEW: no boundary was crossed since the last message - ");
        break;
    }
    shown(&b, in->plan->trial, NAME_MAX_LEN);
    page_take(p, in->kind == LETTER_QUIET || in->kind == LETTER_TEST ? BLOCK_NOTICE : BLOCK_ALARM, &b);
}

/* How far the watch has come: said in every message, so that silence of the data is seen too. */
static void standing(struct page *p, const struct mail_input *in)
{
    struct buf b = {0};

    if (in->look == 0) {
        buf_str(&b, "No look has been done yet.");
    } else {
        buf_str(&b, "Data current to ");
        fmt_instant(&b, in->data_cutoff);
        buf_str(&b, "; counted to ");
        fmt_day(&b, in->cut);
        buf_fmt(&b, "; looks done: %lld.", (long long)in->look);
    }
    page_take(p, BLOCK_LEAD, &b);
    if (in->kind == LETTER_TEST) {
        page_add(
            p, BLOCK_LEAD,
            "This message tests the way to you and back: no boundary was crossed since the last message.");
    }
    if (in->kind == LETTER_QUIET || in->kind == LETTER_TEST) {
        page_add(p, BLOCK_LEAD,
                 in->n_items == 0 ? "All is quiet: no alert was ever raised, or every one was acknowledged."
                                  : "Not all is quiet: what follows was told before and still stands.");
    }
}

static void item(struct page *p, const struct mail_input *in, const struct arm_names *names,
                 const struct mail_item *it)
{
    struct buf b = {0};

    switch (it->alert->kind) {
    case ALERT_RAISED:
        buf_str(&b, "Boundary crossed: ");
        break;
    case ALERT_AMENDED_BELOW:
        buf_str(&b, "Amendment, below the boundary on corrected data: ");
        break;
    case ALERT_AMENDED_AGAIN:
        buf_str(&b, "Amendment, crossed again on corrected data: ");
        break;
    }
    shown(&b, it->monitor == NULL ? it->alert->monitor : it->monitor->title, TITLE_MAX_LEN);
    buf_fmt(&b, " (alert %lld, look %lld)", (long long)it->alert->id, (long long)it->alert->look);
    page_take(p, BLOCK_HEADING, &b);
    if (it->monitor != NULL && it->entry != NULL) {
        words_test(&b, it->monitor, it->entry, names);
        page_take(p, BLOCK_PARA, &b);
    }
    if (in->kind == LETTER_ESCALATION) {
        buf_str(&b, "Not acknowledged by ");
        shown(&b, it->about, 80);
    } else if (in->kind == LETTER_REMINDER) {
        buf_str(&b, "You have not acknowledged it");
    } else {
        buf_str(&b, "Not acknowledged by you yet");
    }
    if (it->since != INSTANT_NONE) {
        buf_str(&b, in->kind == LETTER_ESCALATION ? ", told at " : "; you were told at ");
        fmt_instant(&b, it->since);
    }
    buf_char(&b, '.');
    page_take(p, BLOCK_PARA, &b);
}

static void items(struct page *p, const struct mail_input *in, const struct arm_names *names)
{
    static const size_t most[EXTENTS] = {SIZE_MAX, SIZE_MAX, SIZE_MAX, 12, 6, 3, 1};
    size_t n = in->n_items < most[in->extent] ? in->n_items : most[in->extent];
    struct buf b = {0};

    for (size_t i = 0; i < n; i++) {
        item(p, in, names, &in->items[i]);
    }
    if (n < in->n_items) {
        buf_fmt(&b, "%zu more: see the closed report.", in->n_items - n);
        page_take(p, BLOCK_PARA, &b);
    }
}

static void action(struct page *p, const struct mail_input *in)
{
    struct buf b = {0};

    switch (in->kind) {
    case LETTER_ESCALATION:
        buf_str(&b,
                "What to do: call the members named below, and decide without those who cannot be reached. ");
        break;
    case LETTER_REMINDER:
        buf_str(&b, "What to do: read what the alert says (it was sent to you before), then answer below. ");
        break;
    case LETTER_TEST:
        buf_str(
            &b,
            in->post != NULL && in->post->ack_to != NULL
                ? "What to do: answer with one of the links below, whichever you like: that shows that this "
                  "mail reaches you and that your answer comes back. "
                : "What to do: tell the chair that it reached you. ");
        break;
    case LETTER_QUIET:
    case LETTER_ALERT:
    case LETTER_AMENDMENT:
        return;
    }
    chair(&b, in->board);
    page_take(p, BLOCK_ACTION, &b);
}

enum status letter_page(const struct mail_input *in, struct page **ret, struct err *err)
{
    struct arm_names names = {0};
    struct page *p = NULL;
    enum status st = arm_names_reveal(&in->plan->arms, false, &names, err);

    if (st == OK) {
        st = page_new(&p, err);
    }
    if (st == OK) {
        headline(p, in);
        standing(p, in);
        action(p, in);
        items(p, in, &names);
        letter_shortened(p, in);
        letter_answer(p, in);
        page_add(p, BLOCK_HEADING, "About this message");
        letter_foot(p, in);
        st = page_check(p, err);
    }
    if (st == OK) {
        *ret = p;
        p = NULL;
    }
    page_free(p);
    arm_names_done(&names);
    return st;
}
