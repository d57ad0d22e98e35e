/* Figures and PDF beside the message: what they show, that they are the same each time, how they travel, what gives way. */
#include "support/t.h"

#include <cairo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "render/enclosure.h"
#include "support/t_render.h"

struct letter {
    struct synthetic s;
    struct alert also;
    struct mail_post post;
    struct enclosure e;
    struct mail_input in;
};

static void letter_make(struct letter *l, const struct synthetic_options *o)
{
    struct err err = {0};

    *l = (struct letter){0};
    synthetic_make(&l->s, o);
    l->also = synthetic_other(&l->s);
    l->post = (struct mail_post){.ack_to = "answers@trial.example",
                                 .unreached = "",
                                 .next_before = day_start(day_from_ymd(2024, 6, 19))};
    for (int d = 0; d < ACK_DECISIONS; d++) {
        memset(l->post.token[d], "a5f"[d], 32);
    }
    l->in = synthetic_mail(&l->s);
    l->in.post = &l->post;
    assert_ok(enclosure_draw(&l->in, ENCLOSED_WHOLE, &l->e, &err), err);
    l->in.enclosed = &l->e;
}

static void letter_done(struct letter *l)
{
    enclosure_done(&l->e);
    synthetic_done(&l->s);
}

static void render(const struct mail_input *in, struct buf *mail)
{
    struct err err = {0};

    buf_clear(mail);
    assert_ok(mail_render(in, mail, &err), err);
}

static void has(const struct buf *b, const char *what)
{
    if (strstr(buf_cstr(b), what) == NULL) {
        fail_msg("\"%s\" is not in\n%.4000s", what, buf_cstr(b));
    }
}

static void lacks(const struct buf *b, const char *what)
{
    const char *at = strstr(buf_cstr(b), what);

    if (at != NULL) {
        fail_msg("\"%s\" is in it: %.200s", what, at);
    }
}

/* The message with "[base64]" for each body of base64: what does not depend on the versions of cairo, pango and fonts. */
static void structure(const struct buf *mail, struct buf *out)
{
    bool coded = false, inside = false;

    for (const char *p = mail->data, *nl; (nl = strstr(p, "\r\n")) != NULL; p = nl + 2) {
        if (strncmp(p, "--=_", 4) == 0) {
            coded = inside = false;
        }
        coded = coded || strncmp(p, "Content-Transfer-Encoding: base64", 33) == 0;
        if (!inside) {
            buf_add(out, p, (size_t)(nl + 2 - p));
        }
        if (coded && !inside && nl == p) {
            buf_str(out, "[base64]\r\n");
            inside = true;
        }
    }
}

struct bytes {
    const char *at;
    size_t left;
};

static cairo_status_t next_bytes(void *from, unsigned char *to, unsigned n)
{
    struct bytes *b = from;

    if (n > b->left) {
        return CAIRO_STATUS_READ_ERROR;
    }
    memcpy(to, b->at, n);
    b->at += n;
    b->left -= n;
    return CAIRO_STATUS_SUCCESS;
}

static cairo_surface_t *pixels_of(const char *png, size_t len)
{
    struct bytes b = {png, len};
    cairo_surface_t *s = cairo_image_surface_create_from_png_stream(next_bytes, &b);

    assert_int_equal(cairo_surface_status(s), CAIRO_STATUS_SUCCESS);
    return s;
}

/* Letters may be smoothed otherwise, a line or a word may not be elsewhere: at most one pixel in a hundred differs. */
static void is_picture(const struct buf *png, const char *name)
{
    const char *mode = getenv("DSMB_GOLDEN");
    char path[128];
    size_t len = 0, off = 0, n;
    cairo_surface_t *got = pixels_of(png->data, png->len), *want;
    char *file;

    if (mode != NULL && strcmp(mode, "write") == 0) {
        golden(name, png);
        cairo_surface_destroy(got);
        return;
    }
    (void)snprintf(path, sizeof path, "tests/golden/%s", name);
    file = t_slurp(path, &len);
    want = pixels_of(file, len);
    assert_int_equal(cairo_image_surface_get_width(got), cairo_image_surface_get_width(want));
    assert_in_range(cairo_image_surface_get_height(got), cairo_image_surface_get_height(want) - 4,
                    cairo_image_surface_get_height(want) + 4);
    n = (size_t)cairo_image_surface_get_stride(want) *
        (size_t)(cairo_image_surface_get_height(want) < cairo_image_surface_get_height(got)
                     ? cairo_image_surface_get_height(want)
                     : cairo_image_surface_get_height(got));
    for (size_t i = 0; i < n; i += 4) {
        int most = 0;

        for (size_t k = 0; k < 3; k++) {
            most = abs(cairo_image_surface_get_data(got)[i + k] - cairo_image_surface_get_data(want)[i + k]) >
                           most
                       ? abs(cairo_image_surface_get_data(got)[i + k] -
                             cairo_image_surface_get_data(want)[i + k])
                       : most;
        }
        off += most > 64;
    }
    if (off * 100 > n / 4) {
        fail_msg("%s: %zu of %zu pixels differ; tests/golden/README.md tells how to write it anew", name, off,
                 n / 4);
    }
    cairo_surface_destroy(got);
    cairo_surface_destroy(want);
    free(file);
}

/* What pdftotext finds in it; false where there is none. */
static bool words_of(const struct buf *pdf, struct buf *out)
{
    char path[] = "/tmp/dsmb-test-XXXXXX", command[128], chunk[4096];
    int fd = mkstemp(path);
    FILE *f;
    size_t n;
    bool ok;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, pdf->data, pdf->len), (ssize_t)pdf->len);
    (void)close(fd);
    (void)snprintf(command, sizeof command, "pdftotext -enc UTF-8 -nopgbrk %s - 2>/dev/null", path);
    f = popen(command, "r");
    assert_non_null(f);
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0) {
        buf_add(out, chunk, n);
    }
    ok = pclose(f) == 0;
    (void)unlink(path);
    return ok;
}

static void the_message_with_its_enclosures_is_the_golden_one(void **state)
{
    struct letter l;
    struct synthetic_options o = {0};
    struct buf mail = {0}, shape = {0};
    size_t col = 0;

    (void)state;
    letter_make(&l, &o);
    render(&l.in, &mail);
    for (size_t i = 0; i < mail.len; i++) {
        assert_true(mail.data[i] != '\n' || (i > 0 && mail.data[i - 1] == '\r'));
        assert_true((unsigned char)mail.data[i] < 0x80);
        col = mail.data[i] == '\n' ? 0 : col + 1;
        assert_true(col <= 78);
    }
    structure(&mail, &shape);
    golden("alert-cv-enclosed.eml", &shape);
    buf_done(&mail);
    buf_done(&shape);
    letter_done(&l);
}

static void figures_look_as_they_did(void **state)
{
    struct letter l;
    struct synthetic_options o = {0};

    (void)state;
    letter_make(&l, &o);
    assert_int_equal(l.e.n, ENCLOSED_EACH);
    is_picture(&l.e.picture[0].png, "alert-cv-figure-1.png");
    is_picture(&l.e.picture[1].png, "alert-cv-figure-2.png");
    letter_done(&l);
}

static void the_pdf_says_what_it_said_and_names_no_reader(void **state)
{
    struct letter l;
    struct synthetic_options o = {0};
    struct buf words = {0};

    (void)state;
    letter_make(&l, &o);
    if (!words_of(&l.e.pdf, &words)) {
        print_message("no pdftotext here (Debian: poppler-utils): skipped\n");
        letter_done(&l);
        skip();
    }
    has(&words, "BOUNDARY CROSSED: Cardiovascular events");
    has(&words, "Magnesium 6/75 (8.0 %)");
    has(&words, "Unblinded: for the data and safety monitoring board only");
    lacks(&words, "Thorvaldsen"); /* the reader; the chair's telephone is in it */
    lacks(&words, "mailto:");
    lacks(&words, "aaaaaaaa");
    golden("alert-cv-pdf.txt", &words);
    buf_done(&words);
    letter_done(&l);
}

static void the_same_look_gives_the_same_bytes(void **state)
{
    struct letter a, b;
    struct synthetic_options o = {0};

    (void)state;
    letter_make(&a, &o);
    letter_make(&b, &o);
    assert_int_equal(a.e.pdf.len, b.e.pdf.len);
    assert_memory_equal(a.e.pdf.data, b.e.pdf.data, a.e.pdf.len);
    for (size_t i = 0; i < a.e.n; i++) {
        assert_int_equal(a.e.picture[i].png.len, b.e.picture[i].png.len);
        assert_memory_equal(a.e.picture[i].png.data, b.e.picture[i].png.data, a.e.picture[i].png.len);
        assert_null(memmem(a.e.picture[i].png.data, a.e.picture[i].png.len, "tIME", 4));
    }
    letter_done(&a);
    letter_done(&b);
}

static void each_picture_has_words_in_its_place(void **state)
{
    struct letter l;
    struct synthetic_options o = {.label = {"<i>\"Placebo\"</i>", "Mag & Co"}};
    struct buf mail = {0}, plain = {0};

    (void)state;
    letter_make(&l, &o);
    render(&l.in, &mail);
    synthetic_decode(&mail, &plain);
    has(&plain,
        "<img src=\"cid:figure-1.0f8fad5b-d9cb-469f-a165-70867728950e@trial.example\" width=\"480\" alt=\"");
    has(&plain, "Mag &amp; Co: 6/75 (8.0&nbsp;%), 8.36 per 100 person-years.");
    has(&plain, "&lt;i&gt;&quot;Placebo&quot;&lt;/i&gt;: 0/73");
    has(&plain, "Content-ID: <figure-2.0f8fad5b-d9cb-469f-a165-70867728950e@trial.example>");
    assert_non_null(strstr(plain.data, "<!DOCTYPE"));
    assert_null(strstr(strstr(plain.data, "<!DOCTYPE"), "<i>"));
    buf_done(&mail);
    buf_done(&plain);
    letter_done(&l);
}

static void a_combined_message_names_how_many_and_is_the_golden_one(void **state)
{
    struct letter l;
    struct synthetic_options o = {0};
    struct buf mail = {0}, subject = {0}, shape = {0};
    struct enclosure both = {0};
    struct err err = {0};

    (void)state;
    letter_make(&l, &o);
    l.in.also = &l.also;
    l.in.n_also = 1;
    l.in.enclosed = NULL;
    assert_ok(mail_subject(&l.in, &subject, &err), err);
    assert_string_equal(subject.data, "[MAGiCAL-CKD] BOUNDARY CROSSED: Cardiovascular events (and 1 more)");
    assert_ok(enclosure_draw(&l.in, ENCLOSED_WHOLE, &both, &err), err);
    assert_int_equal(both.n, 2 * ENCLOSED_EACH);
    l.in.enclosed = &both;
    render(&l.in, &mail);
    structure(&mail, &shape);
    golden("alert-combined.eml", &shape);
    is_picture(&both.picture[2].png, "alert-gi-figure-1.png");
    is_picture(&both.picture[3].png, "alert-gi-figure-2.png");
    enclosure_done(&both);
    buf_done(&mail);
    buf_done(&shape);
    buf_done(&subject);
    letter_done(&l);
}

static void a_message_gives_way_step_by_step_and_says_so(void **state)
{
    static const char *const says[EXTENTS] = {
        NULL,
        "one size: the PDF; see",
        "one size: the PDF and the figures; see",
        "one size: the PDF, the figures and part of what is listed; see",
        "one size: the PDF, the figures and what is listed; see",
        "one size: all but what matters most; see",
        "one size: all but what matters most; see"};
    struct letter l;
    struct synthetic_options o = {.many = 2500};
    struct alert many[20];
    struct buf mail = {0}, plain = {0};
    size_t before = SIZE_MAX;

    (void)state;
    letter_make(&l, &o);
    for (size_t i = 0; i < 20; i++) {
        many[i] = i % 2 == 0 ? l.also : l.s.alert;
    }
    l.in.also = many;
    l.in.n_also = 20;
    for (int x = EXTENT_WHOLE; x < EXTENTS; x++) {
        l.in.extent = (enum mail_extent)x;
        render(&l.in, &mail);
        buf_clear(&plain);
        synthetic_decode(&mail, &plain);
        for (char *p = plain.data; (p = strchr(p, '\n')) != NULL;) {
            *p = ' '; /* paragraphs are wrapped */
        }
        has(&plain, "BOUNDARY CROSSED: Cardiovascular events - MAGiCAL-CKD");
        has(&plain, "What to do: the board meets in closed session without delay.");
        has(&plain, "mailto:answers@trial.example?subject=DSMB%20ack%20aaaaaaaa");
        if (says[x] != NULL) {
            has(&plain, says[x]);
        } else {
            lacks(&plain, "Left out, because");
        }
        assert_true(mail.len < before);
        before = mail.len;
        switch ((enum mail_extent)x) {
        case EXTENT_WHOLE:
        case EXTENT_NO_PDF:
        case EXTENT_NO_PICTURES:
            has(&plain, "12 of 2506. 2494 more: see the closed report.");
            break;
        case EXTENT_FEW_EVENTS:
            has(&plain, "3 of 2506. 2503 more: see the closed report.");
            break;
        case EXTENT_NO_EVENTS:
            has(&plain, "2506 subjects with an event: see the closed report.");
            break;
        case EXTENT_DECISIONS:
            lacks(&plain, "The events behind the count");
            has(&plain, "Gastrointestinal adverse effects");
            break;
        case EXTENT_FIRST:
            has(&plain, "Also in this message: boundary crossed: Gastrointestinal adverse effects;");
            has(&plain, " 14 more: see the closed report.");
            lacks(&plain, "text/html");
            break;
        }
    }
    /* The smallest sealed message is 16 KiB; base64 and signature leave 9. */
    assert_true(before < 9000);
    buf_done(&mail);
    buf_done(&plain);
    letter_done(&l);
}

static void a_reminder_of_many_alerts_gives_way_too(void **state)
{
    struct letter l;
    struct synthetic_options o = {0};
    struct mail_item items[64];
    struct buf mail = {0};
    size_t first = 0;

    (void)state;
    letter_make(&l, &o);
    l.in.kind = LETTER_REMINDER;
    l.in.enclosed = NULL;
    for (size_t i = 0; i < 64; i++) {
        items[i] = (struct mail_item){.alert = &l.s.alert,
                                      .entry = &l.s.result.entries[SYN_CV],
                                      .monitor = &l.s.plan.monitors[SYN_CV],
                                      .about = "x",
                                      .since = l.in.now};
    }
    l.in.items = items;
    l.in.n_items = 64;
    render(&l.in, &mail);
    first = mail.len;
    l.in.extent = EXTENT_FIRST;
    render(&l.in, &mail);
    has(&mail, "63 more: see the closed report.");
    assert_true(mail.len < 6000 && mail.len < first / 5);
    buf_done(&mail);
    letter_done(&l);
}

static void what_could_not_be_drawn_is_said(void **state)
{
    struct letter l;
    struct synthetic_options o = {0};
    struct buf mail = {0};

    (void)state;
    letter_make(&l, &o);
    l.in.enclosed = NULL;
    l.in.undrawn = true;
    render(&l.in, &mail);
    has(&mail, "The figures and the PDF could not be drawn");
    lacks(&mail, "cid:");
    buf_done(&mail);
    letter_done(&l);
}

static void enclosures_travel_between_processes_whole_or_not(void **state)
{
    struct letter l;
    struct synthetic_options o = {0};
    struct buf bytes = {0};
    struct enclosure e = {0};
    struct err err = {0};

    (void)state;
    letter_make(&l, &o);
    enclosure_write(&l.e, &bytes);
    assert_ok(enclosure_read(bytes.data, bytes.len, &e, &err), err);
    assert_int_equal(e.n, l.e.n);
    assert_memory_equal(e.pdf.data, l.e.pdf.data, l.e.pdf.len);
    assert_string_equal(e.picture[1].alt.data, l.e.picture[1].alt.data);
    assert_int_equal(enclosure_read(bytes.data, bytes.len, &e, &err), E_DATA); /* it has them */
    assert_int_equal(e.n, l.e.n);
    enclosure_done(&e);
    for (size_t cut = 0; cut < bytes.len; cut += cut < 64 ? 1 : 997) {
        assert_int_equal(enclosure_read(bytes.data, cut, &e, &err), E_DATA);
    }
    buf_char(&bytes, 'x');
    assert_int_equal(enclosure_read(bytes.data, bytes.len, &e, &err), E_DATA);
    memset(bytes.data, 0xff, 64);
    assert_int_equal(enclosure_read(bytes.data, bytes.len, &e, &err), E_DATA);
    buf_done(&bytes);
    letter_done(&l);
}

static void parts_drawn_apart_are_the_whole(void **state)
{
    struct letter l;
    struct synthetic_options o = {0};
    struct buf whole = {0}, bytes = {0};
    struct enclosure part = {0}, e = {0};
    struct err err = {0};

    (void)state;
    letter_make(&l, &o);
    enclosure_write(&l.e, &whole);
    for (int p = ENCLOSED_PDF; p >= ENCLOSED_PICTURES; p--) {
        assert_ok(enclosure_draw(&l.in, (enum enclosed_part)p, &part, &err), err);
        assert_int_equal(part.n, p == ENCLOSED_PDF ? 0 : l.e.n);
        buf_clear(&bytes);
        enclosure_write(&part, &bytes);
        assert_ok(enclosure_read(bytes.data, bytes.len, &e, &err), err);
        enclosure_done(&part);
    }
    buf_clear(&bytes);
    enclosure_write(&e, &bytes);
    assert_int_equal(bytes.len, whole.len);
    assert_memory_equal(bytes.data, whole.data, whole.len);
    enclosure_done(&e);
    buf_done(&bytes);
    buf_done(&whole);
    letter_done(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_drawn_apart_are_the_whole),
        cmocka_unit_test(the_message_with_its_enclosures_is_the_golden_one),
        cmocka_unit_test(figures_look_as_they_did),
        cmocka_unit_test(the_pdf_says_what_it_said_and_names_no_reader),
        cmocka_unit_test(the_same_look_gives_the_same_bytes),
        cmocka_unit_test(each_picture_has_words_in_its_place),
        cmocka_unit_test(a_combined_message_names_how_many_and_is_the_golden_one),
        cmocka_unit_test(a_message_gives_way_step_by_step_and_says_so),
        cmocka_unit_test(a_reminder_of_many_alerts_gives_way_too),
        cmocka_unit_test(what_could_not_be_drawn_is_said),
        cmocka_unit_test(enclosures_travel_between_processes_whole_or_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
