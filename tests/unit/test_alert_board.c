/* Who may be written to: the board's file, good and bad. */
#include "support/t.h"

#include <stdio.h>
#include <string.h>

#include "alert/board.h"
#include "config/yaml.h"

#define HEAD   "format: 1\ntrial: MAGiCAL-CKD\nchair_phone: \"+45 35 45 00 00\"\nmembers:\n"
#define CHAIR  "  - {name: Ada Berg, address: ada@board.example, role: chair}\n"
#define MEMBER "  - {name: Bo Dahl, address: bo@board.example, role: member}\n"

static enum status read_text(const char *yaml, struct board **b, struct err *err)
{
    struct doc *d = NULL;
    enum status st = yaml_parse("board.yaml", yaml, strlen(yaml), &d, err);

    if (st == OK) {
        st = board_read(d, b, err);
    }
    doc_free(d);
    return st;
}

static void refused(const char *yaml, const char *says)
{
    struct board *b = NULL;
    struct err err = {0};
    enum status st = read_text(yaml, &b, &err);

    if (st != E_CONFIG || strstr(err.msg, says) == NULL || strncmp(err.msg, "board.yaml:", 11) != 0) {
        fail_msg("wanted E_CONFIG board.yaml:...%s..., got %s: %s\nfor\n%s", says, status_name(st), err.msg,
                 yaml);
    }
    assert_null(b);
}

static void a_good_board_is_read_with_all_its_parts(void **state)
{
    struct board *b = NULL;
    struct err err = {0};

    (void)state;
    assert_ok(
        read_text(
            HEAD CHAIR
            "  - name: S\xc3\xb8ren \xc3\x86gir Thorvaldsen\n"
            "    address: s.thorvaldsen+dsmb@hospital.example\n"
            "    role: statistician\n"
            "    certificate_sha256: \"AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:"
            "67:89:AB:CD:EF:01:23:45:67:89\"\n",
            &b, &err),
        err);
    assert_string_equal(b->trial, "MAGiCAL-CKD");
    assert_string_equal(b->chair_phone, "+45 35 45 00 00");
    assert_int_equal(b->n, 2);
    assert_int_equal(b->members[0].role, MEMBER_CHAIR);
    assert_string_equal(b->members[0].certificate_sha256, "");
    assert_string_equal(b->members[1].name, "S\xc3\xb8ren \xc3\x86gir Thorvaldsen");
    assert_string_equal(b->members[1].address, "s.thorvaldsen+dsmb@hospital.example");
    assert_string_equal(member_role_name(b->members[1].role), "statistician");
    assert_string_equal(b->members[1].certificate_sha256,
                        "abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789");
    board_free(b);
}

static void a_board_needs_two_members_and_exactly_one_chair(void **state)
{
    (void)state;
    refused(HEAD CHAIR, "at least two members");
    refused(HEAD MEMBER "  - {name: C, address: c@board.example, role: deputy}\n", "exactly one");
    refused(HEAD CHAIR "  - {name: C, address: c@board.example, role: chair}\n", "second chair");
    refused(HEAD CHAIR "  - {name: C, address: ADA@Board.Example, role: member}\n",
            "already that of member 1");
    refused("format: 1\ntrial: T\nchair_phone: \"112\"\nmembers: none\n", "members");
    refused("", "empty");
}

static void an_address_that_could_forge_a_header_is_refused(void **state)
{
    static const char *const bad[] = {"\"bo@board.example\\r\\nBcc: spy@evil.example\"",
                                      "\"bo@board.example\\n\"",
                                      "\"bo@board.example\\0\"",
                                      "\"bo board@board.example\"",
                                      "\"<bo@board.example>\"",
                                      "\"Bo <bo@board.example>\"",
                                      "\"bo@board.example, spy@evil.example\"",
                                      "\"bo@board.example;spy@evil.example\"",
                                      "\"bo@@board.example\"",
                                      "\"bo@\"",
                                      "\"@board.example\"",
                                      "board.example",
                                      "\"bo@-board.example\"",
                                      "\"bo@board..example\"",
                                      "\"bo.@board.example\"",
                                      "\".bo@board.example\"",
                                      "\"b..o@board.example\"",
                                      "\"bo@board.example.\"",
                                      "\"bo@[127.0.0.1]\"",
                                      "\"\\\"bo\\\"@board.example\"",
                                      "\"b\xc3\xb8@board.example\"",
                                      "\"bo@b\\u00f8ard.example\"",
                                      "\"bo(x)@board.example\"",
                                      "\"bo\\t@board.example\"",
                                      "\"bo@board.example\\x7f\"",
                                      "\"\""};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char yaml[512];

        (void)snprintf(yaml, sizeof(yaml), HEAD CHAIR "  - {name: Bo, address: %s, role: member}\n", bad[i]);
        refused(yaml, ":6:");
    }
}

static void a_name_that_could_deceive_is_refused(void **state)
{
    static const char *const bad[] = {
        "\"Bo\\r\\nBcc: x\"",
        "\"Bo\\e[31m\"",
        "\"Bo\\u202Ednuh\"",
        "\"Bo\\u2066x\"",
        "\"Bo\\u200B\"",
        "\"Bo\\u00AD\"",
        "\"\\uFEFFBo\"",
        "\"Bo\\u2028x\"",
        "\"Bo <spy@evil.example>\"",
        "\"spy@evil.example\"",
        "\" Bo\"",
        "\"Bo \"",
        "\"Bo\\u00A0\"",
        "\"\"",
        "\"Bo \\\\\"",
        "\"Bo\\U000E0041\"",
        "\"Bo\\uE000\"",
        "\"Bo\\x85\"",
        "\"123456789012345678901234567890123456789012345678901234567890123456789012345678901\""};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char yaml[512];

        (void)snprintf(yaml, sizeof(yaml),
                       HEAD CHAIR "  - {name: %s, address: bo@board.example, role: member}\n", bad[i]);
        refused(yaml, ":6:");
    }
}

static void what_is_unknown_or_missing_is_named(void **state)
{
    (void)state;
    refused(HEAD CHAIR "  - {name: Bo, address: bo@board.example, role: boss}\n", "role");
    refused(HEAD CHAIR "  - {name: Bo, address: bo@board.example}\n", "role");
    refused(HEAD CHAIR "  - {name: Bo, adress: bo@board.example, role: member}\n", "address");
    refused(HEAD CHAIR "  - {name: Bo, address: bo@board.example, role: member, fax: \"1\"}\n", "fax");
    refused(HEAD CHAIR "  - {name: Bo, address: bo@board.example, role: member, certificate_sha256: ab}\n",
            "fingerprint");
    refused("format: 2\n" CHAIR, "board.yaml:");
    refused(HEAD CHAIR MEMBER "extra: 1\n", "extra");
    refused("format: 1\ntrial: \"A B\"\nchair_phone: \"112\"\nmembers:\n" CHAIR MEMBER, "trial");
    refused("format: 1\ntrial: \"A\\nB\"\nchair_phone: \"112\"\nmembers:\n" CHAIR MEMBER, "trial");
    refused("format: 1\ntrial: A\nchair_phone: \"call me\"\nmembers:\n" CHAIR MEMBER, "telephone");
    refused("format: 1\ntrial: A\nchair_phone: \"112\\n\"\nmembers:\n" CHAIR MEMBER, "telephone");
}

static const char pem[] = "    certificate: |\n      -----BEGIN CERTIFICATE-----\n      MIIBAQ==\n"
                          "      -----END CERTIFICATE-----\n";

static void a_certificate_is_kept_as_it_was_adopted(void **state)
{
    char yaml[1024];
    struct board *b = NULL;
    struct err err = {0};

    (void)state;
    (void)snprintf(yaml, sizeof yaml,
                   "%s%s  - name: Bo\n    address: bo@board.example\n    role: member\n%s%s", HEAD, CHAIR,
                   pem, "    cipher: aes256-gcm\n");
    assert_ok(read_text(yaml, &b, &err), err);
    assert_null(b->members[0].certificate);
    assert_int_equal(b->members[0].cipher, MEMBER_AES256_CBC);
    assert_string_equal(b->members[1].certificate,
                        "-----BEGIN CERTIFICATE-----\nMIIBAQ==\n-----END CERTIFICATE-----\n");
    assert_int_equal(b->members[1].cipher, MEMBER_AES256_GCM);
    board_free(b);
}

static void what_is_no_certificate_is_refused(void **state)
{
    (void)state;
    refused(HEAD CHAIR "  - {name: Bo, address: bo@board.example, role: member, certificate: /etc/bo.pem}\n",
            "certificate is PEM");
    refused(HEAD CHAIR "  - name: Bo\n    address: bo@board.example\n    role: member\n    certificate: |\n"
                       "      -----BEGIN CERTIFICATE-----\n      MIIB\n",
            "certificate is PEM");
    refused(HEAD CHAIR "  - name: Bo\n    address: bo@board.example\n    role: member\n    certificate: |\n"
                       "      -----BEGIN PRIVATE KEY-----\n      MIIB\n      -----END PRIVATE KEY-----\n",
            "private key");
    refused(HEAD CHAIR "  - {name: Bo, address: bo@board.example, role: member, cipher: rc2}\n",
            "aes256-cbc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_board_is_read_with_all_its_parts),
        cmocka_unit_test(a_board_needs_two_members_and_exactly_one_chair),
        cmocka_unit_test(an_address_that_could_forge_a_header_is_refused),
        cmocka_unit_test(a_name_that_could_deceive_is_refused),
        cmocka_unit_test(what_is_unknown_or_missing_is_named),
        cmocka_unit_test(a_certificate_is_kept_as_it_was_adopted),
        cmocka_unit_test(what_is_no_certificate_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
