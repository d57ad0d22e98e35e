/*
 * What each member gets, and what operations are told of certificates, with a sealer that only marks what it closes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/enclose.h"
#include "app/letters.h"
#include "render/notice.h"
#include "support/fake_world.h"
#include "support/t.h"
#include "support/t_render.h"

/* The sealer of the tests: a certificate is a word. */
struct marks {
    enum seal_fault signer;
    int days_left;
    char plain_subject[200];
    bool saw_arm, saw_note;
    size_t room; /* longer messages are too long; 0: none is */
    int tried;
    bool saw_pdf, saw_picture, saw_html, saw_listing;
};

static enum status check(void *ctx, const struct seal_recipient *who, instant_t now, struct seal_check *ret,
                         struct err *err)
{
    const struct marks *m = ctx;

    (void)now, (void)err;
    *ret = (struct seal_check){.fault = who->certificate == NULL ? SEAL_NONE : SEAL_VALID,
                               .days_left = m->days_left};
    if (ret->fault != SEAL_VALID) {
        (void)snprintf(ret->why, sizeof ret->why, "there is none");
    }
    return OK;
}

static enum status check_signer(void *ctx, instant_t now, struct seal_check *ret, struct err *err)
{
    const struct marks *m = ctx;

    (void)now, (void)err;
    *ret = (struct seal_check){.fault = m->signer, .days_left = 500};
    return OK;
}

static enum status seal(void *ctx, const struct seal_job *job, struct buf *out, struct err *err)
{
    struct marks *m = ctx;

    m->tried++;
    if (m->room > 0 && job->plain_len > m->room) {
        return err_set(err, E_STATE, "too long");
    }
    m->saw_pdf = memmem(job->plain, job->plain_len, "application/pdf", 15) != NULL;
    m->saw_picture = memmem(job->plain, job->plain_len, "image/png", 9) != NULL;
    m->saw_html = memmem(job->plain, job->plain_len, "text/html", 9) != NULL;
    m->saw_listing = memmem(job->plain, job->plain_len, "As reported", 11) != NULL;
    m->saw_arm = memmem(job->plain, job->plain_len, "Magnesium", 9) != NULL;
    m->saw_note = memmem(job->plain, job->plain_len, "The key is new.", 15) != NULL;
    (void)snprintf(m->plain_subject, sizeof m->plain_subject, "%s", job->subject);
    buf_fmt(out, "SEALED for %s as %s", job->to.address, job->outer_subject);
    return OK;
}

struct bench {
    struct synthetic syn;
    struct marks marks;
    struct sealer sealer;
    struct fake_world *w;
    char certificate[8];
};

static void open_bench(struct bench *b)
{
    struct synthetic_options o = {0};

    memset(b, 0, sizeof *b);
    synthetic_make(&b->syn, &o);
    b->marks.days_left = 400;
    b->sealer = (struct sealer){.ctx = &b->marks,
                                .size = 16384,
                                .note = "The key is new.",
                                .seal = seal,
                                .check = check,
                                .check_signer = check_signer};
    b->w = fake_new(NULL, NULL);
    b->w->cycle.sealer = &b->sealer;
    memcpy(b->certificate, "good", 5);
    b->syn.board.members[0].certificate = b->certificate;
    b->syn.board.members[1].certificate = b->certificate;
}

static void close_bench(struct bench *b)
{
    fake_free(b->w);
    synthetic_done(&b->syn);
}

static void a_member_with_a_valid_certificate_gets_the_message_sealed(void **state)
{
    struct bench b;
    struct mail_input in;
    struct buf out = {0};
    struct err err = {0};

    (void)state;
    open_bench(&b);
    in = synthetic_mail(&b.syn);
    in.to = &b.syn.board.members[0];
    assert_ok(letters_write(&b.w->cycle, &in, &out, &err), err);
    assert_non_null(
        strstr(buf_cstr(&out), "SEALED for ada.berg@board.example as [MAGiCAL-CKD] DSMB message "));
    assert_true(b.marks.saw_arm);
    assert_true(b.marks.saw_note);
    assert_string_equal(b.marks.plain_subject, "[MAGiCAL-CKD] BOUNDARY CROSSED: Cardiovascular events");
    buf_done(&out);
    close_bench(&b);
}

static void a_member_without_one_gets_a_notice_without_content_of_the_same_size(void **state)
{
    struct bench b;
    struct mail_input in;
    struct buf out = {0}, other = {0};
    struct err err = {0};

    (void)state;
    open_bench(&b);
    b.syn.board.members[0].certificate = NULL;
    in = synthetic_mail(&b.syn);
    in.to = &b.syn.board.members[0];
    assert_ok(letters_write(&b.w->cycle, &in, &out, &err), err);
    assert_int_equal(out.len, b.sealer.size);
    assert_non_null(strstr(buf_cstr(&out), "+45 00 00 00 00"));
    assert_null(strstr(buf_cstr(&out), "Magnesium"));
    assert_null(strstr(buf_cstr(&out), "rdiovascular"));
    assert_null(strstr(buf_cstr(&out), "rossed"));
    b.syn.alert.kind = ALERT_AMENDED_BELOW; /* whatever it stands for, it says the same */
    assert_ok(letters_write(&b.w->cycle, &in, &other, &err), err);
    assert_string_equal(buf_cstr(&out), buf_cstr(&other));
    buf_done(&out);
    buf_done(&other);
    close_bench(&b);
}

static void a_board_that_cannot_be_reached_is_not_adopted(void **state)
{
    struct bench b;
    struct err err = {0};

    (void)state;
    open_bench(&b);
    assert_ok(letters_may_adopt(&b.w->cycle, &b.syn.board, 0, &err), err);
    b.syn.board.members[1].certificate = NULL;
    assert_int_equal(letters_may_adopt(&b.w->cycle, &b.syn.board, 0, &err), E_CONFIG);
    assert_non_null(strstr(err.msg, "at least two members"));
    assert_non_null(strstr(err.msg, "soren@board.example: there is none"));
    b.w->cycle.sealer = NULL;
    assert_ok(letters_may_adopt(&b.w->cycle, &b.syn.board, 0, &err), err);
    close_bench(&b);
}

static void operations_hear_of_each_certificate_once_a_stage(void **state)
{
    struct bench b;
    struct err err = {0};
    instant_t now = day_start(day_from_ymd(2030, 1, 10));
    int64_t days = -1;

    (void)state;
    open_bench(&b);
    assert_ok(letters_watch(&b.w->cycle, &b.syn.board, now, &days, &err), err);
    assert_int_equal(b.w->n_messages, 0); /* nothing to see to */
    b.marks.days_left = 60;
    assert_ok(letters_watch(&b.w->cycle, &b.syn.board, now, &days, &err), err);
    assert_int_equal(b.w->n_messages, 2);
    assert_string_equal(b.w->messages[0].address, "operations@trial.example");
    assert_non_null(strstr(b.w->messages[0].bytes, "60 days"));
    assert_int_equal(days, 60);
    b.marks.days_left = 31;
    assert_ok(letters_watch(&b.w->cycle, &b.syn.board, now + 29 * US_PER_DAY, &days, &err), err);
    assert_int_equal(b.w->n_messages, 2); /* still the same stage, also after a restart */
    b.marks.days_left = 30;
    assert_ok(letters_watch(&b.w->cycle, &b.syn.board, now, &days, &err), err);
    b.marks.days_left = 7;
    assert_ok(letters_watch(&b.w->cycle, &b.syn.board, now, &days, &err), err);
    assert_int_equal(b.w->n_messages, 6);
    b.marks.days_left = 400;
    b.marks.signer = SEAL_EXPIRED;
    b.syn.board.members[0].certificate = NULL;
    assert_ok(letters_watch(&b.w->cycle, &b.syn.board, now, &days, &err), err);
    assert_int_equal(b.w->n_messages, 8);
    assert_ok(letters_watch(&b.w->cycle, &b.syn.board, now + US_PER_DAY / 2, &days, &err), err);
    assert_int_equal(b.w->n_messages, 8);
    assert_ok(letters_watch(&b.w->cycle, &b.syn.board, now + 7 * US_PER_DAY, &days, &err), err);
    assert_int_equal(b.w->n_messages, 10); /* what is not valid is told again each week */
    assert_int_equal(days, 0);
    b.w->cycle.sealer = NULL;
    assert_ok(letters_watch(&b.w->cycle, &b.syn.board, now, &days, &err), err);
    assert_int_equal(days, -1); /* nothing is sealed: no certificate is needed */
    close_bench(&b);
}

static void a_notice_fits_any_size_exactly(void **state)
{
    struct notice n = {.trial = "t",
                       .from = "a@b.example",
                       .to = "c@d.example",
                       .to_name = "S\xc3\xb8ren",
                       .message_id = "00000000-0000-4000-8000-000000000001"};
    struct err err = {0};

    (void)state;
    for (size_t size = 2000; size < 2200; size++) {
        struct buf out = {0};

        assert_ok(notice_member(&n, 7, "112", size, &out, &err), err);
        assert_int_equal(out.len, size);
        assert_memory_equal(out.data + out.len - 2, "\r\n", 2);
        buf_done(&out);
    }
    {
        struct buf out = {0};

        assert_int_equal(notice_member(&n, 7, "112", 300, &out, &err), E_CONFIG);
        assert_int_equal(out.len, 0);
        n.to_name = "x\r\nBcc: evil@x.example";
        assert_int_equal(notice_member(&n, 7, "112", 9000, &out, &err), E_DATA);
    }
}

static int drawings;
static enum status draw_fails;

static enum status draw(const struct mail_input *in, struct enclosure *ret, struct err *err)
{
    drawings++;
    return draw_fails != OK ? err_set(err, draw_fails, "no fonts")
                            : enclosure_draw(in, ENCLOSED_WHOLE, ret, err);
}

static void whatever_there_is_to_say_the_letter_fits(void **state)
{
    struct synthetic_options o = {.many = 3000};
    struct drawn drawn = {0};
    struct bench b;
    struct mail_input in;
    struct buf out = {0};
    struct err err = {0};
    int last = 0;

    (void)state;
    open_bench(&b);
    synthetic_done(&b.syn);
    synthetic_make(&b.syn, &o);
    b.syn.board.members[0].certificate = b.certificate;
    b.w->cycle.enclose = draw;
    draw_fails = OK;
    in = synthetic_mail(&b.syn);
    in.to = &b.syn.board.members[0];
    enclose(&b.w->cycle, &drawn, &in);
    assert_false(in.undrawn);
    for (size_t room = 300000; room > 4500; room -= room / 9) {
        buf_clear(&out);
        b.marks.room = room;
        b.marks.tried = 0;
        assert_ok(letters_write(&b.w->cycle, &in, &out, &err), err);
        assert_non_null(strstr(buf_cstr(&out), "SEALED for ada.berg@board.example"));
        assert_true(b.marks.saw_arm);
        assert_true(b.marks.tried >= last); /* each is given up before the next */
        assert_int_equal(b.marks.saw_pdf, b.marks.tried < 2);
        assert_int_equal(b.marks.saw_picture, b.marks.tried < 3);
        assert_int_equal(b.marks.saw_listing, b.marks.tried < 5);
        assert_int_equal(b.marks.saw_html, b.marks.tried < 7);
        last = b.marks.tried;
    }
    assert_int_equal(last, EXTENTS);
    buf_clear(&out);
    b.marks.room = 500;
    assert_int_equal(letters_write(&b.w->cycle, &in, &out, &err), E_DATA);
    assert_int_equal(out.len, 0);
    drawn_done(&drawn);
    buf_done(&out);
    close_bench(&b);
}

static void what_is_enclosed_is_drawn_once_for_the_same_alerts(void **state)
{
    struct drawn drawn = {0};
    struct bench b;
    struct mail_input in;
    struct alert other;

    (void)state;
    open_bench(&b);
    b.w->cycle.enclose = draw;
    draw_fails = OK;
    drawings = 0;
    other = synthetic_other(&b.syn);
    in = synthetic_mail(&b.syn);
    for (size_t i = 0; i < b.syn.board.n; i++) {
        in.to = &b.syn.board.members[i];
        enclose(&b.w->cycle, &drawn, &in);
        assert_ptr_equal(in.enclosed, &drawn.e);
    }
    assert_int_equal(drawings, 1);
    in.also = &other;
    in.n_also = 1;
    enclose(&b.w->cycle, &drawn, &in);
    assert_int_equal(drawings, 2);
    assert_int_equal(in.enclosed->n, 2 * ENCLOSED_EACH);
    drawn_done(&drawn);
    close_bench(&b);
}

static void an_alert_does_not_wait_for_a_drawing(void **state)
{
    struct drawn drawn = {0};
    struct bench b;
    struct mail_input in;
    struct buf out = {0};
    struct err err = {0};

    (void)state;
    open_bench(&b);
    b.w->cycle.enclose = draw;
    draw_fails = E_NOMEM;
    drawings = 0;
    in = synthetic_mail(&b.syn);
    in.to = &b.syn.board.members[0];
    enclose(&b.w->cycle, &drawn, &in);
    enclose(&b.w->cycle, &drawn, &in);
    assert_int_equal(drawings, 1); /* nor does the next member's */
    assert_true(in.undrawn);
    assert_null(in.enclosed);
    assert_ok(letters_write(&b.w->cycle, &in, &out, &err), err);
    assert_true(b.marks.saw_arm);
    assert_false(b.marks.saw_picture);
    assert_int_equal(b.w->n_log, 0); /* a line in the journal would tell of the alert */
    drawn_done(&drawn);
    buf_done(&out);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_with_a_valid_certificate_gets_the_message_sealed),
        cmocka_unit_test(a_member_without_one_gets_a_notice_without_content_of_the_same_size),
        cmocka_unit_test(a_board_that_cannot_be_reached_is_not_adopted),
        cmocka_unit_test(operations_hear_of_each_certificate_once_a_stage),
        cmocka_unit_test(a_notice_fits_any_size_exactly),
        cmocka_unit_test(whatever_there_is_to_say_the_letter_fits),
        cmocka_unit_test(what_is_enclosed_is_drawn_once_for_the_same_alerts),
        cmocka_unit_test(an_alert_does_not_wait_for_a_drawing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
