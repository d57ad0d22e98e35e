#include "support/t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/file.h"
#include "config/yaml.h"

static struct doc *parse(const char *s)
{
    struct doc *d = NULL;
    struct err e = {0};

    assert_ok(yaml_parse("t.yaml", s, strlen(s), &d, &e), e);
    assert_non_null(d);
    return d;
}

static void refuse_n(const char *s, size_t len, const char *want)
{
    struct doc *d = NULL;
    struct err e = {0};
    enum status st = yaml_parse("t.yaml", s, len, &d, &e);

    if (st != E_CONFIG || d != NULL) {
        print_error("accepted or wrong status %d: %.60s\n", (int)st, s);
        doc_free(d);
        fail();
    }
    assert_string_equal(e.msg, want);
}

static void refuse(const char *s, const char *want)
{
    refuse_n(s, strlen(s), want);
}

static const char *str(const struct node *map, const char *key)
{
    const char *s = NULL;
    struct err e = {0};

    assert_ok(node_get_str(map, key, &s, &e), e);
    return s;
}

static void maps_lists_and_scalars_keep_their_places(void **state)
{
    struct doc *d = parse("# comment\ntrial: magical-ckd\nlist:\n  - a\n  - {b: 1}\n");
    const struct node *root = doc_root(d), *list = node_get(root, "list");

    (void)state;
    assert_int_equal(node_kind(root), NODE_MAP);
    assert_int_equal(node_count(root), 2);
    assert_string_equal(str(root, "trial"), "magical-ckd");
    assert_string_equal(node_where(node_get(root, "trial")), "t.yaml:2:8");
    assert_int_equal(node_kind(list), NODE_LIST);
    assert_string_equal(node_where(node_item(list, 1)), "t.yaml:5:5");
    assert_string_equal(node_path(node_get(node_item(list, 1), "b")), "list[2].b");
    doc_free(d);
}

static void no_is_norway_and_12e3_is_text_until_asked(void **state)
{
    struct doc *d = parse("country: no\ncode: 12e3\ntime: 12:30\noctal: 010\nversion: 1.10\n");
    const struct node *root = doc_root(d);
    struct err e = {0};
    int64_t v = 0;
    bool b = true;

    (void)state;
    assert_string_equal(str(root, "country"), "no");
    assert_string_equal(str(root, "code"), "12e3");
    assert_string_equal(str(root, "time"), "12:30");
    assert_string_equal(str(root, "version"), "1.10");
    assert_ok(node_get_int(root, "octal", 0, 100, &v, &e), e);
    assert_int_equal(v, 10);
    assert_int_equal(node_get_bool(root, "country", &b, &e), E_CONFIG);
    assert_string_equal(e.msg, "t.yaml:1:10: country: 'no' is not taken for a truth value; write false");
    assert_true(b);
    doc_free(d);
}

static void quotes_are_remembered(void **state)
{
    struct doc *d = parse("a: '5'\nb: 5\nc: \"5\"\nd: |\n  two\n  lines\n");
    const struct node *root = doc_root(d);

    (void)state;
    assert_true(node_quoted(node_get(root, "a")));
    assert_false(node_quoted(node_get(root, "b")));
    assert_true(node_quoted(node_get(root, "c")));
    assert_string_equal(str(root, "d"), "two\nlines\n");
    doc_free(d);
}

static void empty_files_have_no_root(void **state)
{
    static const char *const empty[] = {"", "\n\n", "# only a comment\n", "\xef\xbb\xbf"};

    (void)state;
    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++) {
        struct doc *d = parse(empty[i]);

        assert_null(doc_root(d));
        doc_free(d);
    }
}

static void a_byte_order_mark_moves_no_column(void **state)
{
    struct doc *d = parse("\xef\xbb\xbf"
                          "a: 1\n");

    (void)state;
    assert_string_equal(node_where(node_get(doc_root(d), "a")), "t.yaml:1:4");
    doc_free(d);
}

static void columns_count_characters_not_bytes(void **state)
{
    (void)state;
    refuse("\xc3\xa6\xc3\xb8\xc3\xa5: *x\n",
           "t.yaml:1:6: an alias (*); write the value out, or put it in quotes");
}

static void duplicate_keys_name_both_places(void **state)
{
    (void)state;
    refuse("a: 1\nb: 2\na: 3\n", "t.yaml:3:1: the key 'a' is here twice, first at t.yaml:1:1; remove one");
    refuse("x:\n  a: 1\n  'a': 3\n",
           "t.yaml:3:3: the key 'a' is here twice, first at t.yaml:2:3; remove one");
}

static void anchors_aliases_and_tags_are_refused(void **state)
{
    (void)state;
    refuse("a: &x 1\n", "t.yaml:1:4: an anchor (&); write the value out in each place, or put it in quotes");
    refuse("a: &x\n  b: 1\n",
           "t.yaml:1:4: an anchor (&); write the value out in each place, or put it in quotes");
    refuse("a: &x [1]\nb: *x\n",
           "t.yaml:1:4: an anchor (&); write the value out in each place, or put it in quotes");
    refuse("a: *x\n", "t.yaml:1:4: an alias (*); write the value out, or put it in quotes");
    refuse("a: {b: 1, <<: *x}\n", "t.yaml:1:15: an alias (*); write the value out, or put it in quotes");
    refuse("a: !!str 1\n", "t.yaml:1:4: a tag (!); leave it out, or put the value in quotes");
    refuse("a: !mine {b: 1}\n", "t.yaml:1:4: a tag (!); leave it out, or put the value in quotes");
    refuse("a: ! 1\n", "t.yaml:1:4: a tag (!); leave it out, or put the value in quotes");
    refuse("\xc3\xa6: \xc3\xb8\nb: ! '1'\n",
           "t.yaml:2:4: a tag (!); leave it out, or put the value in quotes");
}

static void one_document_without_directives(void **state)
{
    struct doc *d = parse("---\na: 1\n...\n");

    (void)state;
    doc_free(d);
    refuse("a: 1\n---\nb: 2\n", "t.yaml:2:1: a second document begins here; keep one document in a file");
    refuse("%YAML 1.1\n---\na: 1\n", "t.yaml:1:1: a directive (%); remove the line");
    refuse("%TAG ! tag:x,2024:\n---\na: 1\n", "t.yaml:1:1: a directive (%); remove the line");
}

static void tabs_and_bad_indentation_name_the_cure(void **state)
{
    (void)state;
    refuse("a:\n\tb: 1\n", "t.yaml:2:1: a tab; indent with blanks, not tabs");
    refuse("a: b: 1\n",
           "t.yaml:1:5: mapping values are not allowed in this context; put a value that holds ': ' in "
           "quotes, and check the indentation");
    refuse("a: 1\n  b: 2\n",
           "t.yaml:2:4: mapping values are not allowed in this context; put a value that holds ': ' "
           "in quotes, and check the indentation");
    refuse("a: @x\n",
           "t.yaml:1:4: found character that cannot start any token while scanning for the next token; put "
           "the value in quotes");
    refuse("a: \"x\nb: 1\n",
           "t.yaml:1:4: found unexpected end of stream while scanning a quoted scalar; close the "
           "quotes that were opened above");
    refuse("a: [1, 2\nb: 1\n",
           "t.yaml:2:2: did not find expected ',' or ']' while parsing a flow sequence; close the "
           "list with ]");
    refuse("a: \"\\q\"\n",
           "t.yaml:1:5: found unknown escape character while parsing a quoted scalar; in double "
           "quotes write a backslash twice, or use single quotes");
    refuse("? [a]\n: 1\n", "t.yaml:1:3: a key must be a word; write 'key: value'");
    refuse("? {a: b}\n: 1\n", "t.yaml:1:3: a key must be a word; write 'key: value'");
}

static void hostile_bytes_are_refused_with_their_place(void **state)
{
    (void)state;
    refuse_n("a: 1\nb: \0\n", 10, "t.yaml:2:4: a control character (0x00); delete it");
    refuse("a: \x1b[31m\n", "t.yaml:1:4: a control character (0x1b); delete it");
    refuse("a: caf\xe9\n", "t.yaml:1:7: not UTF-8 (byte 0xe9); save the file as UTF-8");
    refuse("a: \xc0\xaf\n", "t.yaml:1:4: not UTF-8 (byte 0xc0); save the file as UTF-8");
    refuse("a: \xed\xa0\x80\n", "t.yaml:1:4: not UTF-8 (byte 0xed); save the file as UTF-8");
    refuse("a: \xe2\x80\xae"
           "txt\n",
           "t.yaml:1:4: an invisible character that turns the reading direction; delete it");
    refuse_n("\xff\xfe"
             "a\0:\0 \0001\0",
             10, "t.yaml:1:1: not UTF-8 (byte 0xff); save the file as UTF-8");
    refuse("a: \"\\0\"\n", "t.yaml:1:4: a NUL character (\\0); remove it");
    refuse("a: \"\\x00b\"\n", "t.yaml:1:4: a NUL character (\\0); remove it");
}

static void libyaml_never_hands_over_a_surrogate(void **state)
{
    struct doc *d = NULL;
    struct err e = {0};
    const char *s = "a: \"\\uD800\"\n";

    (void)state;
    assert_int_equal(yaml_parse("t.yaml", s, strlen(s), &d, &e), E_CONFIG);
    assert_memory_equal(e.msg, "t.yaml:1:", 9);
}

static void nesting_ends_at_32_levels(void **state)
{
    char s[200];
    struct doc *d;

    (void)state;
    memset(s, 0, sizeof s);
    memset(s, '[', 32);
    memset(s + 32, ']', 32);
    d = parse(s);
    doc_free(d);
    memset(s, '[', 33);
    memset(s + 33, ']', 33);
    refuse(s, "t.yaml:1:33: more than 32 levels deep; flatten it");
}

static void a_million_brackets_end_soon(void **state)
{
    size_t n = 1000000;
    char *s = malloc(n);

    (void)state;
    assert_non_null(s);
    memset(s, '[', n);
    refuse_n(s, n, "t.yaml:1:33: more than 32 levels deep; flatten it");
    memset(s, '{', n);
    refuse_n(s, n, "t.yaml:1:2: a key must be a word; write 'key: value'");
    free(s);
}

static void four_mebibytes_are_the_end(void **state)
{
    size_t n = YAML_SIZE_MAX + 1;
    char *s = malloc(n);

    (void)state;
    assert_non_null(s);
    memset(s, '#', n);
    refuse_n(s, n, "t.yaml:1:1: longer than 4194304 bytes; is it the right file?");
    free(s);
}

static void cut_anywhere_a_file_never_crashes_the_parser(void **state)
{
    static const char s[] =
        "trial: \"a\\x41b\"\nlist:\n  - {a: [1, 'two', \"\xc3\xa6\"]}\n  - |\n    block\nend: ~\n";
    struct err e = {0};

    (void)state;
    for (size_t n = 0; n < sizeof s - 1; n++) {
        char *copy = malloc(n + 1); /* exactly n readable bytes under ASan */
        struct doc *d = NULL;

        assert_non_null(copy);
        memcpy(copy, s, n);
        (void)yaml_parse("t.yaml", copy, n, &d, &e);
        doc_free(d);
        free(copy);
    }
    for (size_t at = 0; at < sizeof s - 1; at++) {
        for (int byte = 1; byte < 256; byte += 7) {
            char copy[sizeof s];
            struct doc *d = NULL;

            memcpy(copy, s, sizeof s);
            copy[at] = (char)byte;
            (void)yaml_parse("t.yaml", copy, sizeof s - 1, &d, &e);
            doc_free(d);
        }
    }
}

static void loading_says_what_is_wrong_with_the_file(void **state)
{
    struct doc *d = NULL;
    struct err e = {0};
    struct buf b = {0};
    char path[] = "/tmp/dsmbd-yaml-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "a: 1\n", 5), 5);
    close(fd);
    assert_ok(yaml_load(path, &d, &e), e);
    assert_string_equal(doc_file(d), path);
    doc_free(d);
    assert_int_equal(file_read(path, 4, &b, &e), E_CONFIG);
    assert_non_null(strstr(e.msg, "longer than 4 bytes"));
    buf_done(&b);
    unlink(path);
    d = NULL;
    assert_int_equal(yaml_load("/nowhere/x.yaml", &d, &e), E_NOTFOUND);
    assert_string_equal(e.msg, "/nowhere/x.yaml: there is no such file");
    assert_int_equal(yaml_load("/tmp", &d, &e), E_CONFIG);
    assert_string_equal(e.msg, "/tmp: not a regular file");
    assert_null(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_lists_and_scalars_keep_their_places),
        cmocka_unit_test(no_is_norway_and_12e3_is_text_until_asked),
        cmocka_unit_test(quotes_are_remembered),
        cmocka_unit_test(empty_files_have_no_root),
        cmocka_unit_test(a_byte_order_mark_moves_no_column),
        cmocka_unit_test(columns_count_characters_not_bytes),
        cmocka_unit_test(duplicate_keys_name_both_places),
        cmocka_unit_test(anchors_aliases_and_tags_are_refused),
        cmocka_unit_test(one_document_without_directives),
        cmocka_unit_test(tabs_and_bad_indentation_name_the_cure),
        cmocka_unit_test(hostile_bytes_are_refused_with_their_place),
        cmocka_unit_test(libyaml_never_hands_over_a_surrogate),
        cmocka_unit_test(nesting_ends_at_32_levels),
        cmocka_unit_test(a_million_brackets_end_soon),
        cmocka_unit_test(four_mebibytes_are_the_end),
        cmocka_unit_test(cut_anywhere_a_file_never_crashes_the_parser),
        cmocka_unit_test(loading_says_what_is_wrong_with_the_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
