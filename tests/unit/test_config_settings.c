#include "support/t.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/checks.h"
#include "config/settings.h"

#define SECOND INT64_C(1000000)

static struct settings *load(const char *path)
{
    struct settings *s = NULL;
    struct err e = {0};

    assert_ok(settings_load(path, &s, &e), e);
    return s;
}

static struct settings *parse(const char *text)
{
    struct settings *s = NULL;
    struct err e = {0};

    assert_ok(settings_parse("t.yaml", text, strlen(text), &s, &e), e);
    return s;
}

static void the_least_a_file_must_say_gets_the_defaults(void **state)
{
    struct settings *s = load("tests/config/good.yaml");

    (void)state;
    assert_string_equal(s->path, "tests/config/good.yaml");
    assert_string_equal(s->trial, "magical-ckd");
    assert_string_equal(s->source.conninfo, "host=/run/postgresql dbname=trial user=reader");
    assert_string_equal(s->source.schema, "dsmb_source");
    assert_int_equal(s->source.poll_us, 30 * SECOND);
    assert_int_equal(s->source.full_look_us, 3600 * SECOND);
    assert_int_equal(s->source.statement_timeout_us, 600 * SECOND);
    assert_near(s->source.max_shrink_percent, 2.0, 0);
    assert_null(s->source.listen);
    assert_null(s->store.ctl_conninfo);
    assert_int_equal(s->store.statement_timeout_us, 60 * SECOND);
    assert_string_equal(s->mail.host, "mail.example.org");
    assert_int_equal(s->mail.port, 587);
    assert_int_equal(s->mail.tls, SETTINGS_STARTTLS);
    assert_int_equal(s->mail.encryption, SETTINGS_SMIME);
    assert_string_equal(s->mail.from_name, "dsmbd");
    assert_null(s->mail.ca_file);
    assert_null(s->mail.username);
    assert_null(s->mail.hello);
    assert_null(s->mail.members_ca);
    assert_null(s->keys_dir);
    assert_int_equal(s->mail.sealed_size, 262144);
    assert_int_equal(s->mail.connect_timeout_us, 30 * SECOND);
    assert_int_equal(s->mail.response_timeout_us, 600 * SECOND);
    assert_int_equal(s->mail.lease_us, 900 * SECOND);
    assert_int_equal(s->mail.backoff_min_us, 30 * SECOND);
    assert_int_equal(s->mail.backoff_max_us, 3600 * SECOND);
    assert_string_equal(s->state_dir, "/var/lib/dsmbd");
    assert_string_equal(s->rules_dir, "/usr/share/dsmbd/rules");
    settings_free(s);
}

static void the_commented_example_loads(void **state)
{
    struct settings *s = load("packaging/examples/dsmbd.yaml");

    (void)state;
    assert_string_equal(s->mail.username, "dsmb-magical");
    assert_string_equal(s->mail.hello, "surveillance.example.org");
    assert_string_equal(s->state_dir, "/var/lib/dsmbd/magical-ckd");
    settings_free(s);
}

static void a_state_directory_is_named_after_the_trial(void **state)
{
    struct settings *s =
        parse("trial: t1\nsource: {conninfo: dbname=a}\n"
              "store: {conninfo: dbname=b, mailer_conninfo: dbname=b user=m}\n"
              "mail: {relay: 'smtps://[2001:db8::1]:465', from: a@b.example, operations: o@b.example}\n");

    (void)state;
    assert_string_equal(s->state_dir, "/var/lib/dsmbd/t1");
    assert_string_equal(s->mail.host, "2001:db8::1");
    assert_int_equal(s->mail.tls, SETTINGS_SMTPS);
    settings_free(s);
}

static void a_loopback_relay_may_go_without_tls_and_encryption(void **state)
{
    static const char *const hosts[] = {"127.0.0.1", "127.9.8.7", "[::1]", "localhost", "LOCALHOST"};
    char text[600];

    (void)state;
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        struct settings *s;

        (void)snprintf(
            text, sizeof text,
            "trial: t1\nsource: {conninfo: dbname=a}\n"
            "store: {conninfo: dbname=b, mailer_conninfo: dbname=b user=m}\n"
            "mail: {relay: 'smtp://%s:2525', tls: none, encryption: none, from: a@b.example, operations: "
            "o@b.example}\n",
            hosts[i]);
        s = parse(text);
        assert_int_equal(s->mail.tls, SETTINGS_NO_TLS);
        assert_int_equal(s->mail.encryption, SETTINGS_NO_ENCRYPTION);
        assert_int_equal(s->mail.port, 2525);
        settings_free(s);
    }
}

static void loopback_is_judged_by_the_address_not_by_its_looks(void **state)
{
    (void)state;
    assert_true(host_is_loopback("127.255.0.1"));
    assert_true(host_is_loopback("0:0:0:0:0:0:0:1"));
    assert_false(host_is_loopback("128.0.0.1"));
    assert_false(host_is_loopback("127.0.0.1.example.org"));
    assert_false(host_is_loopback("localhost.example.org"));
    assert_false(host_is_loopback("localhost."));
    assert_false(host_is_loopback("::2"));
    assert_false(host_is_loopback("0.0.0.0"));
    assert_false(host_is_loopback("2130706433"));
    assert_false(host_is_loopback(""));
}

static void addresses_are_plain_ascii_and_one(void **state)
{
    static const char *const good[] = {"a@b.example", "first.last+tag@sub.b.example", "o'hara@b.example",
                                       "x@localhost"};
    static const char *const bad[] = {"",
                                      "a",
                                      "@b.example",
                                      "a@",
                                      "a@b..example",
                                      "a@-b.org",
                                      "a@b-.org",
                                      "a@b.org.",
                                      "a b@c.org",
                                      "a@b.org\n",
                                      "a@b.org\r",
                                      "<a@b.org>",
                                      "a@b.org,c@d.e",
                                      ".a@b.org",
                                      "a.@b.org",
                                      "a..b@c.org",
                                      "\"a\"@b.org",
                                      "a@b@c.org",
                                      "a@[1.2.3.4]",
                                      "a\x7f@b.org",
                                      "\xc3\xa6@b.org"};
    char longlocal[80];

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_null(check_address(good[i]));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (check_address(bad[i]) == NULL) {
            print_error("accepted: %s\n", bad[i]);
            fail();
        }
    }
    memset(longlocal, 'a', 65);
    memcpy(longlocal + 65, "@b.org", 7);
    assert_non_null(check_address(longlocal));
    assert_null(check_address(longlocal + 1));
}

static void connection_strings_hold_no_password(void **state)
{
    (void)state;
    assert_null(check_conninfo("dbname=x"));
    assert_null(check_conninfo("dbname=x passfile=/etc/dsmbd/p user=y"));
    assert_null(check_conninfo("postgresql://user@host/db"));
    assert_null(check_conninfo("postgresql://user@host:5432/db?sslmode=verify-full"));
    assert_null(check_conninfo("postgresql:///db?host=/run/postgresql"));
    assert_null(check_conninfo("dbname=password_audit"));
    assert_non_null(check_conninfo("dbname=x password=y"));
    assert_non_null(check_conninfo("dbname=x sslpassword=y"));
    assert_non_null(check_conninfo("dbname=password password='y'"));
    assert_non_null(check_conninfo("postgres://u:p@h/db"));
    assert_non_null(check_conninfo("postgres://u:p@rt@h/db"));
    assert_non_null(check_conninfo("postgres://h/db?password=p"));
    assert_non_null(check_conninfo("x"));
}

static void hello_names_are_names_or_bracketed_addresses(void **state)
{
    (void)state;
    assert_null(check_hello("host.example.org"));
    assert_null(check_hello("[192.0.2.1]"));
    assert_null(check_hello("[IPv6:2001:db8::1]"));
    assert_non_null(check_hello("[2001:db8::1]"));
    assert_non_null(check_hello("[]"));
    assert_non_null(check_hello("a b"));
    assert_non_null(check_hello(""));
    assert_non_null(check_hello("host\r\nRSET"));
}

static void paths_and_names_are_checked(void **state)
{
    (void)state;
    assert_null(check_path("/"));
    assert_null(check_path("/a/..b/c.."));
    assert_non_null(check_path("a/b"));
    assert_non_null(check_path("/a/../b"));
    assert_non_null(check_path("/a/.."));
    assert_non_null(check_path(""));
    assert_non_null(check_path("/a\nb"));
    assert_null(check_trial("a"));
    assert_null(check_trial("a23456789_123456789-1234567890a"));
    assert_non_null(check_trial("a23456789_123456789-1234567890ab"));
    assert_non_null(check_trial(""));
    assert_non_null(check_trial("9a"));
    assert_non_null(check_trial("a.b"));
    assert_null(check_identifier("_x9"));
    assert_non_null(check_identifier("x-y"));
    assert_non_null(check_identifier("X"));
    assert_null(check_line("\xc3\xa6 b"));
    assert_non_null(check_line(""));
    assert_non_null(check_line("a\nb"));
}

/* tests/config/broken/EXPECTED holds the one message of every broken file, in order of file name. */
static char *expected_of(const char *all, const char *file)
{
    size_t n = strlen(file);

    for (const char *line = all; *line != '\0'; line = strchr(line, '\n') + 1) {
        if (strncmp(line, file, n) == 0 && line[n] == ':') {
            return strndup(line, strcspn(line, "\n"));
        }
    }
    return NULL;
}

static void every_broken_file_gets_its_message_with_the_cure(void **state)
{
    char *all = t_slurp("tests/config/broken/EXPECTED", NULL);
    DIR *dir = opendir("tests/config/broken");
    struct dirent *ent;
    size_t files = 0, lines = 0;
    int wrong = 0;

    (void)state;
    assert_non_null(dir);
    while ((ent = readdir(dir)) != NULL) {
        const char *dot = strrchr(ent->d_name, '.');
        char path[600], *bytes, *want;
        struct settings *s = NULL;
        struct err e = {0};
        size_t len = 0;
        enum status st;

        if (dot == NULL || strcmp(dot, ".yaml") != 0) {
            continue;
        }
        (void)snprintf(path, sizeof path, "tests/config/broken/%s", ent->d_name);
        bytes = t_slurp(path, &len);
        st = settings_parse(ent->d_name, bytes, len, &s, &e);
        want = expected_of(all, ent->d_name);
        if (st != E_CONFIG || s != NULL || want == NULL || strcmp(want, e.msg) != 0) {
            print_error("%s:\n  got  %s\n  want %s\n", ent->d_name, e.msg, want == NULL ? "(no line)" : want);
            wrong++;
        }
        /* What looks like a password stands in several of them, and in no message. */
        if (strstr(e.msg, "Canary1") != NULL || strpbrk(e.msg, ";?") == NULL) {
            print_error("%s: a password, or no remedy: %s\n", ent->d_name, e.msg);
            wrong++;
        }
        settings_free(s);
        free(bytes);
        free(want);
        files++;
    }
    (void)closedir(dir);
    for (const char *p = all; *p != '\0'; p++) {
        lines += *p == '\n' ? 1 : 0;
    }
    free(all);
    assert_int_equal(wrong, 0);
    assert_int_equal(files, lines);
    assert_true(files >= 30);
}

static void a_missing_file_is_not_found(void **state)
{
    struct settings *s = NULL;
    struct err e = {0};

    (void)state;
    assert_int_equal(settings_load("/nowhere/t.yaml", &s, &e), E_NOTFOUND);
    assert_null(s);
}

static void reload(const char *what, const char *with, enum status want, const char *key)
{
    char *text = t_slurp("tests/config/good.yaml", NULL), *at = strstr(text, what), *changed = NULL;
    struct settings *cur = load("tests/config/good.yaml"), *next;
    struct err e = {0};

    assert_non_null(at);
    assert_true(asprintf(&changed, "%.*s%s%s", (int)(at - text), text, with, at + strlen(what)) > 0);
    next = parse(changed);
    assert_int_equal(settings_accept(cur, next, &e), want);
    if (want != OK) {
        char msg[200];

        (void)snprintf(msg, sizeof msg,
                       "t.yaml: %s: may not change while the programs run; put it back, or restart both",
                       key);
        assert_string_equal(e.msg, msg);
    }
    settings_free(cur);
    settings_free(next);
    free(text);
    free(changed);
}

static void a_reload_may_change_ways_but_not_what_history_hangs_on(void **state)
{
    (void)state;
    reload("poll: 30 s", "poll: 31 s", OK, NULL);
    reload("mail.example.org:587", "other.example.org:25", OK, NULL);
    reload("dbname=trial", "dbname=trial_replica", OK, NULL);
    reload("magical-ckd", "other", E_STATE, "trial");
    reload("user=daemon", "user=daemon2", E_STATE, "store.conninfo");
    reload("user=mailer", "user=mailer2", E_STATE, "store.mailer_conninfo");
    reload("poll: 30 s", "schema: other", E_STATE, "source.schema");
    reload("/var/lib/dsmbd", "/var/lib/other", E_STATE, "state_dir");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_a_file_must_say_gets_the_defaults),
        cmocka_unit_test(the_commented_example_loads),
        cmocka_unit_test(a_state_directory_is_named_after_the_trial),
        cmocka_unit_test(a_loopback_relay_may_go_without_tls_and_encryption),
        cmocka_unit_test(loopback_is_judged_by_the_address_not_by_its_looks),
        cmocka_unit_test(addresses_are_plain_ascii_and_one),
        cmocka_unit_test(connection_strings_hold_no_password),
        cmocka_unit_test(hello_names_are_names_or_bracketed_addresses),
        cmocka_unit_test(paths_and_names_are_checked),
        cmocka_unit_test(every_broken_file_gets_its_message_with_the_cure),
        cmocka_unit_test(a_missing_file_is_not_found),
        cmocka_unit_test(a_reload_may_change_ways_but_not_what_history_hangs_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
