/* buf, err, pool, secret, sha256, vec: each a page of code. */
#include "support/t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/secret.h"
#include "base/sha256.h"
#include "base/vec.h"

static void a_buffer_grows_and_is_always_terminated(void **state)
{
    struct buf b = {0};
    struct err e = {0};
    char *s;

    (void)state;
    assert_string_equal(buf_cstr(&b), "");
    for (int i = 0; i < 1000; i++) {
        buf_fmt(&b, "%d,", i);
        buf_char(&b, 'x');
        assert_int_equal(strlen(b.data), b.len);
    }
    buf_clear(&b);
    assert_string_equal(buf_cstr(&b), "");
    buf_fill(&b, '-', 3);
    buf_add(&b, "a\0b", 3);
    buf_u32be(&b, 0x01020304);
    buf_u64be(&b, 0x0102030405060708u);
    assert_int_equal(b.len, 18);
    assert_memory_equal(b.data, "---a\0b\1\2\3\4\1\2\3\4\5\6\7\10", 19);
    assert_ok(buf_check(&b, &e), e);
    s = buf_take(&b);
    assert_non_null(s);
    assert_null(b.data);
    free(s);
    s = buf_take(&b); /* an empty one gives "" */
    assert_string_equal(s, "");
    free(s);
    buf_str(&b, "secret");
    buf_wipe(&b);
    assert_null(b.data);
}

static void an_append_that_was_lost_is_remembered(void **state)
{
    struct buf b = {0};
    struct err e = {0};

    (void)state;
    buf_str(&b, "kept");
    buf_fill(&b, 'x', SIZE_MAX / 2); /* more than there can be */
    assert_int_equal(buf_check(&b, &e), E_NOMEM);
    buf_str(&b, "swallowed");
    assert_string_equal(buf_cstr(&b), "kept");
    assert_null(buf_take(&b));
    assert_ok(buf_check(&b, &e), e);
}

static void messages_are_wrapped_cut_and_cleared(void **state)
{
    struct err e = {0};
    char longer[3000];

    (void)state;
    assert_int_equal(err_set(&e, E_IO, "disk %d", 7), E_IO);
    assert_int_equal(err_wrap(&e, E_DATA, "line %d", 3), E_DATA);
    assert_string_equal(e.msg, "line 3: disk 7");
    assert_int_equal(e.code, E_DATA);
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    err_set(&e, E_IO, "%s", longer);
    assert_int_equal(strlen(e.msg), ERR_MSG_MAX - 1);
    err_wrap(&e, E_IO, "%s", longer);
    assert_int_equal(strlen(e.msg), ERR_MSG_MAX - 1);
    err_clear(&e);
    assert_string_equal(e.msg, "");
    assert_int_equal(err_set(NULL, E_IO, "x"), E_IO);
    assert_int_equal(err_wrap(NULL, E_IO, "x"), E_IO);
}

static void every_status_has_a_name_and_a_sysexit_of_its_kind(void **state)
{
    static const struct {
        enum status st;
        const char *name;
        int code;
    } all[] = {{OK, "ok", 0},
               {E_USAGE, "usage", 2},
               {E_DATA, "data", 65},
               {E_CONFIG, "config", 78},
               {E_NOMEM, "memory", 71},
               {E_IO, "io", 74},
               {E_RETRY, "retry", 75},
               {E_DENIED, "denied", 77},
               {E_NOTFOUND, "not-found", 66},
               {E_STATE, "state", 69},
               {E_NUMERIC, "numeric", 70},
               {E_INTERNAL, "internal", 70}};

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        assert_string_equal(status_name(all[i].st), all[i].name);
        assert_int_equal(status_exit_code(all[i].st), all[i].code);
    }
}

static void a_pool_numbers_strings_by_first_appearance(void **state)
{
    struct pool *p = NULL;
    struct err e = {0};
    str_id id = 0, again = 0;
    char s[40];

    (void)state;
    assert_ok(pool_new(&p, &e), e);
    for (int round = 0; round < 2; round++) {
        for (unsigned i = 1; i <= 5000; i++) {
            (void)snprintf(s, sizeof s, "string %u of many", i);
            assert_ok(pool_intern(p, s, strlen(s), &id, &e), e);
            assert_int_equal(id, i);
            assert_string_equal(pool_str(p, id), s);
        }
    }
    assert_int_equal(pool_count(p), 5000);
    assert_ok(pool_intern(p, "", 0, &id, &e), e);
    assert_int_equal(id, 5001);
    assert_string_equal(pool_str(p, id), "");
    assert_ok(pool_intern(p, "a\0b", 3, &id, &e), e);
    assert_ok(pool_intern(p, "a\0c", 3, &again, &e), e);
    assert_int_not_equal(id, again);
    assert_int_equal(pool_len(p, id), 3);
    assert_int_equal(pool_find(p, "a\0b", 3), id);
    assert_int_equal(pool_find(p, "never", 5), 0);
    assert_null(pool_str(p, 0));
    assert_null(pool_str(p, 99999));
    assert_int_equal(pool_len(p, 0), 0);
    pool_free(p);
    pool_free(NULL);
}

static void a_secret_compares_exact_bytes(void **state)
{
    struct secret *s = NULL;
    struct err e = {0};

    (void)state;
    assert_ok(secret_new("MG", 2, &s, &e), e);
    assert_true(secret_is(s, "MG", 2));
    assert_false(secret_is(s, "MGX", 3));
    assert_false(secret_is(s, "mg", 2));
    assert_false(secret_is(s, "", 0));
    assert_string_equal(secret_reveal(s), "MG");
    secret_free(s);
    secret_free(NULL);
}

/* FIPS 180-4 examples (NIST CSRC, SHA256.pdf): "abc" and the two-block message; and the empty one. */
static void digests_are_those_of_the_standard(void **state)
{
    static const struct {
        const char *text, *hex;
    } known[] = {{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
                 {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
                 {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}};
    struct err e = {0};

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct sha256 h, back;
        char hex[SHA256_HEX];

        assert_ok(sha256_of(known[i].text, strlen(known[i].text), &h, &e), e);
        sha256_hex(&h, hex);
        assert_string_equal(hex, known[i].hex);
        assert_true(sha256_parse_hex(hex, 64, &back));
        assert_memory_equal(&h, &back, sizeof h);
    }
}

static void hex_is_64_small_digits(void **state)
{
    char hex[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    struct sha256 h;

    (void)state;
    assert_false(sha256_parse_hex(hex, 63, &h));
    hex[5] = 'g';
    assert_false(sha256_parse_hex(hex, 64, &h));
    hex[5] = 'A';
    assert_false(sha256_parse_hex(hex, 64, &h));
}

static void fields_do_not_run_into_each_other(void **state)
{
    struct sha256_ctx *c = NULL;
    struct sha256 h[5];
    struct err e = {0};

    (void)state;
    assert_ok(sha256_new(&c, &e), e);
    sha256_field(c, "ab", 2);
    sha256_field(c, "c", 1);
    assert_ok(sha256_take(c, &h[0], &e), e);
    sha256_field(c, "a", 1);
    sha256_field(c, "bc", 2);
    assert_ok(sha256_take(c, &h[1], &e), e);
    sha256_field(c, "", 0);
    assert_ok(sha256_take(c, &h[2], &e), e);
    sha256_field(c, NULL, 0);
    assert_ok(sha256_take(c, &h[3], &e), e);
    sha256_field(c, "ab", 2);
    sha256_field(c, "c", 1);
    assert_ok(sha256_take(c, &h[4], &e), e);
    assert_memory_not_equal(&h[0], &h[1], sizeof h[0]);
    assert_memory_not_equal(&h[2], &h[3], sizeof h[0]);
    assert_memory_equal(&h[0], &h[4], sizeof h[0]); /* the context starts afresh */
    sha256_free(c);
    sha256_free(NULL);
}

static void arrays_double_and_keep_what_they_hold(void **state)
{
    int *items = NULL;
    size_t n = 0, cap = 0, before;
    struct err e = {0};

    (void)state;
    for (int i = 0; i < 1000; i++) {
        assert_ok(VEC_PUSH_ROOM(items, n, cap, &e), e);
        items[n++] = i;
    }
    assert_true(cap >= 1000);
    assert_int_equal(items[999], 999);
    before = cap;
    assert_int_equal(vec_reserve(&items, &cap, SIZE_MAX / 2, sizeof *items, &e), E_NOMEM);
    assert_int_equal(vec_reserve(&items, &cap, SIZE_MAX, sizeof *items, &e), E_NOMEM);
    assert_int_equal(cap, before);
    assert_int_equal(items[500], 500);
    free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_grows_and_is_always_terminated),
        cmocka_unit_test(an_append_that_was_lost_is_remembered),
        cmocka_unit_test(messages_are_wrapped_cut_and_cleared),
        cmocka_unit_test(every_status_has_a_name_and_a_sysexit_of_its_kind),
        cmocka_unit_test(a_pool_numbers_strings_by_first_appearance),
        cmocka_unit_test(a_secret_compares_exact_bytes),
        cmocka_unit_test(digests_are_those_of_the_standard),
        cmocka_unit_test(hex_is_64_small_digits),
        cmocka_unit_test(fields_do_not_run_into_each_other),
        cmocka_unit_test(arrays_double_and_keep_what_they_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
