#include "config/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "config/checks.h"
#include "config/yaml.h"

#define MS   INT64_C(1000)
#define SEC  (1000 * MS)
#define MIN  (60 * SEC)
#define HOUR (60 * MIN)

/* One section being read: the first error stops all that follows. */
struct section {
    const struct node *map;
    struct settings *s;
    enum status st;
    struct err *err;
};

static void fault(struct section *in, const struct node *n, const char *say)
{
    in->st = node_error(n, in->err, "%s", say);
}

/* KEY must pass the check; NULL or the default stays when it is absent and not needed. */
static void read_text(struct section *in, const char *key, bool needed, check_fn *check, const char **ret)
{
    struct node *n = NULL;
    const char *s = NULL, *say;

    if (in->st != OK) {
        return;
    }
    if (needed) {
        in->st = node_need(in->map, key, &n, in->err);
    } else {
        n = node_get(in->map, key);
    }
    if (n == NULL || in->st != OK) {
        return;
    }
    in->st = node_str(n, &s, in->err);
    if (in->st != OK) {
        return;
    }
    say = check(s);
    if (say != NULL) {
        fault(in, n, say); /* without the text: it may be a connection string */
        return;
    }
    *ret = s;
}

static void read_duration(struct section *in, const char *key, int64_t lo, int64_t hi, int64_t *ret)
{
    if (in->st == OK) {
        in->st = node_get_duration(in->map, key, lo, hi, ret, in->err);
    }
}

/* Whole KiB in the file, bytes here. */
static void read_size(struct section *in, const char *key, int64_t lo, int64_t hi, size_t *ret)
{
    int64_t kib = (int64_t)(*ret / 1024);

    if (in->st == OK) {
        in->st = node_get_int(in->map, key, lo, hi, &kib, in->err);
    }
    if (in->st == OK) {
        *ret = (size_t)kib * 1024;
    }
}

static void read_enum(struct section *in, const char *key, const char *const words[], int *ret)
{
    if (in->st == OK) {
        in->st = node_get_enum(in->map, key, words, ret, in->err);
    }
}

static struct section open_section(struct section *top, const char *key)
{
    struct section in = {.s = top->s, .st = top->st, .err = top->err};

    struct node *map = NULL;

    if (in.st == OK) {
        in.st = node_need(top->map, key, &map, in.err);
    }
    if (in.st == OK) {
        in.st = node_expect(map, NODE_MAP, in.err);
    }
    in.map = map;
    return in;
}

static enum status close_section(struct section *in)
{
    return in->st == OK ? node_end(in->map, in->err) : in->st;
}

/* A text of our own; owned by the settings. */
static const char *keep(struct section *in, char *made)
{
    size_t i = 0;

    if (made == NULL) {
        in->st = err_set(in->err, E_NOMEM, "%s: out of memory", in->s->path);
        return NULL;
    }
    while (in->s->made[i] != NULL) {
        i++;
    }
    in->s->made[i] = made;
    return made;
}

static enum status read_source(struct section *top)
{
    struct section in = open_section(top, "source");
    struct settings *s = in.s;

    s->source.schema = "dsmb_source";
    s->source.poll_us = MIN;
    s->source.full_look_us = HOUR;
    s->source.statement_timeout_us = 10 * MIN;
    s->source.max_shrink_percent = 2;
    read_text(&in, "conninfo", true, check_conninfo, &s->source.conninfo);
    read_text(&in, "schema", false, check_identifier, &s->source.schema);
    read_duration(&in, "poll", 100 * MS, 24 * HOUR, &s->source.poll_us);
    read_duration(&in, "full_look", SEC, 7 * 24 * HOUR, &s->source.full_look_us);
    read_duration(&in, "statement_timeout", SEC, 6 * HOUR, &s->source.statement_timeout_us);
    if (in.st == OK) {
        in.st = node_get_double(in.map, "max_shrink_percent", 0, 100, &s->source.max_shrink_percent, in.err);
    }
    read_text(&in, "listen", false, check_identifier, &s->source.listen);
    if (in.st == OK && s->source.full_look_us < s->source.poll_us) {
        const struct node *n = node_get(in.map, "full_look");

        fault(&in, n == NULL ? in.map : n,
              "full_look is shorter than poll; write a longer full_look or a shorter poll");
    }
    return close_section(&in);
}

static enum status read_store(struct section *top)
{
    struct section in = open_section(top, "store");
    struct settings *s = in.s;

    s->store.statement_timeout_us = MIN;
    read_text(&in, "conninfo", true, check_conninfo, &s->store.conninfo);
    read_text(&in, "mailer_conninfo", true, check_conninfo, &s->store.mailer_conninfo);
    read_text(&in, "ctl_conninfo", false, check_conninfo, &s->store.ctl_conninfo);
    read_duration(&in, "statement_timeout", SEC, HOUR, &s->store.statement_timeout_us);
    if (in.st == OK && strcmp(s->store.conninfo, s->store.mailer_conninfo) == 0) {
        fault(&in, node_get(in.map, "mailer_conninfo"),
              "is the daemon's own connection; write the one of the mailer's role, which may call five "
              "functions only");
    }
    return close_section(&in);
}

/* relay, tls and encryption belong together: what leaves the host in clear is refused here. */
static void read_route(struct section *in)
{
    static const char *const tls_words[] = {"starttls", "smtps", "none", NULL};
    static const char *const encryption_words[] = {"smime", "none", NULL};
    struct settings *s = in->s;
    struct node *relay = NULL;
    const char *say, *host = NULL;
    size_t host_len = 0;
    bool smtps = false, loopback;
    int tls, encryption = SETTINGS_SMIME;

    in->st = in->st == OK ? node_need(in->map, "relay", &relay, in->err) : in->st;
    in->st = in->st == OK ? node_str(relay, &s->mail.relay, in->err) : in->st;
    if (in->st != OK) {
        return;
    }
    say = check_relay(s->mail.relay, &smtps, &host, &host_len, &s->mail.port);
    if (say != NULL) {
        fault(in, relay, say);
        return;
    }
    s->mail.host = keep(in, strndup(host, host_len));
    tls = smtps ? SETTINGS_SMTPS : SETTINGS_STARTTLS;
    read_enum(in, "tls", tls_words, &tls);
    read_enum(in, "encryption", encryption_words, &encryption);
    if (in->st != OK) {
        return;
    }
    s->mail.tls = (enum settings_tls)tls;
    s->mail.encryption = (enum settings_encryption)encryption;
    loopback = host_is_loopback(s->mail.host);
    if (smtps != (s->mail.tls == SETTINGS_SMTPS)) {
        fault(in, node_get(in->map, "tls"),
              smtps ? "does not go with smtps://; write tls: smtps, or a relay of smtp://"
                    : "does not go with smtp://; write tls: starttls, or a relay of smtps://");
    } else if (s->mail.tls == SETTINGS_NO_TLS && !loopback) {
        fault(in, node_get(in->map, "tls"),
              "none is taken only for a relay on this host (127.0.0.1, ::1, localhost); write tls: starttls");
    } else if (s->mail.encryption == SETTINGS_NO_ENCRYPTION && !loopback) {
        fault(in, node_get(in->map, "encryption"),
              "none is taken only for a relay on this host (127.0.0.1, ::1, localhost); write encryption: "
              "smime");
    }
}

static void read_times(struct section *in)
{
    struct settings *s = in->s;
    const struct node *n;

    s->mail.connect_timeout_us = 30 * SEC;
    s->mail.response_timeout_us = 600 * SEC;
    s->mail.lease_us = 15 * MIN;
    s->mail.backoff_min_us = 30 * SEC;
    s->mail.backoff_max_us = HOUR;
    s->mail.silence_after_us = HOUR;
    read_duration(in, "connect_timeout", 100 * MS, 10 * MIN, &s->mail.connect_timeout_us);
    read_duration(in, "response_timeout", 100 * MS, HOUR, &s->mail.response_timeout_us);
    read_duration(in, "lease", 100 * MS, 24 * HOUR, &s->mail.lease_us);
    read_duration(in, "backoff_min", 10 * MS, HOUR, &s->mail.backoff_min_us);
    read_duration(in, "backoff_max", 10 * MS, 24 * HOUR, &s->mail.backoff_max_us);
    read_duration(in, "silence_after", 100 * MS, 7 * 24 * HOUR, &s->mail.silence_after_us);
    if (in->st != OK) {
        return;
    }
    if (s->mail.lease_us <= s->mail.connect_timeout_us + s->mail.response_timeout_us) {
        n = node_get(in->map, "lease");
        fault(in, n == NULL ? in->map : n,
              "lease must outlast connect_timeout and response_timeout together, or two mailers may send one "
              "message; "
              "write a longer lease");
    } else if (s->mail.backoff_max_us < s->mail.backoff_min_us) {
        n = node_get(in->map, "backoff_max");
        fault(in, n == NULL ? in->map : n, "backoff_max is shorter than backoff_min; write a longer one");
    }
}

static const char *check_imap(const char *s)
{
    size_t scheme = strncmp(s, "imaps://", 8) == 0 ? 8 : strncmp(s, "imap://", 7) == 0 ? 7 : 0;
    const char *path = scheme == 0 ? NULL : strchr(s + scheme, '/');

    if (path == NULL || path == s + scheme || path[1] == '\0' || path[strlen(path) - 1] == '/') {
        return "is no mailbox; write imaps://host/INBOX";
    }
    for (const char *p = s; *p != '\0'; p++) {
        if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f || *p == ';' || *p == '@' || *p == '"') {
            return "holds a character that has no place there; write imaps://host/INBOX, with the user name "
                   "under "
                   "username";
        }
    }
    return NULL;
}

/* The mailbox that answers come to. */
static enum status read_imap(struct section *top)
{
    struct settings *s = top->s;
    struct section in;

    s->mail.imap.every_us = MIN;
    if (top->st != OK || node_get(top->map, "imap") == NULL) {
        return top->st;
    }
    in = open_section(top, "imap");
    read_text(&in, "url", true, check_imap, &s->mail.imap.url);
    read_text(&in, "ca_file", false, check_path, &s->mail.imap.ca_file);
    read_text(&in, "username", true, check_line, &s->mail.imap.username);
    read_text(&in, "password_file", true, check_path, &s->mail.imap.password_file);
    read_duration(&in, "every", SEC, HOUR, &s->mail.imap.every_us);
    if (in.st == OK && s->mail.acknowledge_to == NULL) {
        fault(&in, in.map,
              "comes without acknowledge_to; add mail.acknowledge_to, the address of this mailbox");
    }
    return close_section(&in);
}

static enum status read_mail(struct section *top)
{
    struct section in = open_section(top, "mail");
    struct settings *s = in.s;

    s->mail.from_name = "dsmbd";
    s->mail.sealed_size = (size_t)256 * 1024;
    read_route(&in);
    read_text(&in, "ca_file", false, check_path, &s->mail.ca_file);
    read_text(&in, "username", false, check_line, &s->mail.username);
    read_text(&in, "password_file", false, check_path, &s->mail.password_file);
    if (in.st == OK && s->mail.username != NULL && s->mail.password_file == NULL) {
        fault(&in, node_get(in.map, "username"),
              "comes without password_file; add mail.password_file: /path");
    } else if (in.st == OK && s->mail.username == NULL && s->mail.password_file != NULL) {
        fault(&in, node_get(in.map, "password_file"), "comes without username; add mail.username");
    }
    read_text(&in, "from", true, check_address, &s->mail.from);
    read_text(&in, "from_name", false, check_line, &s->mail.from_name);
    read_text(&in, "members_ca", false, check_path, &s->mail.members_ca);
    read_size(&in, "sealed_size_kib", 16, 8192, &s->mail.sealed_size);
    read_text(&in, "operations", true, check_address, &s->mail.operations);
    read_text(&in, "acknowledge_to", false, check_address, &s->mail.acknowledge_to);
    in.st = read_imap(&in);
    read_text(&in, "hello", false, check_hello, &s->mail.hello);
    read_times(&in);
    return close_section(&in);
}

static enum status read_all(struct settings *s, struct err *err)
{
    struct section top = {.s = s, .err = err};
    char *state = NULL;

    top.map = doc_root(s->doc);
    if (top.map == NULL) {
        return err_set(err, E_CONFIG, "%s:1:1: the file is empty; begin with 'trial: NAME'", s->path);
    }
    top.st = node_expect(top.map, NODE_MAP, err);
    read_text(&top, "trial", true, check_trial, &s->trial);
    top.st = top.st == OK ? read_source(&top) : top.st;
    top.st = top.st == OK ? read_store(&top) : top.st;
    top.st = top.st == OK ? read_mail(&top) : top.st;
    s->rules_dir = "/usr/share/dsmbd/rules";
    read_text(&top, "state_dir", false, check_path, &s->state_dir);
    read_text(&top, "rules_dir", false, check_path, &s->rules_dir);
    read_text(&top, "keys_dir", false, check_path, &s->keys_dir);
    read_text(&top, "metrics_file", false, check_path, &s->metrics_file);
    if (top.st == OK && s->state_dir == NULL) {
        s->state_dir = keep(&top, asprintf(&state, "/var/lib/dsmbd/%s", s->trial) < 0 ? NULL : state);
    }
    return close_section(&top);
}

/* Takes the doc. */
static enum status from_doc(const char *path, struct doc *doc, struct settings **ret, struct err *err)
{
    struct settings *s = calloc(1, sizeof *s);
    enum status st;

    if (s == NULL) {
        doc_free(doc);
        return err_set(err, E_NOMEM, "%s: out of memory", path);
    }
    s->doc = doc;
    s->path = doc_file(doc);
    st = read_all(s, err);
    if (st != OK) {
        settings_free(s);
        return st;
    }
    *ret = s;
    return OK;
}

enum status settings_parse(const char *name, const char *bytes, size_t len, struct settings **ret,
                           struct err *err)
{
    struct doc *doc = NULL;
    enum status st = yaml_parse(name, bytes, len, &doc, err);

    return st == OK ? from_doc(name, doc, ret, err) : st;
}

enum status settings_load(const char *path, struct settings **ret, struct err *err)
{
    struct doc *doc = NULL;
    enum status st = yaml_load(path, &doc, err);

    return st == OK ? from_doc(path, doc, ret, err) : st;
}

void settings_free(struct settings *s)
{
    if (s == NULL) {
        return;
    }
    for (size_t i = 0; i < sizeof s->made / sizeof s->made[0]; i++) {
        free(s->made[i]);
    }
    doc_free(s->doc);
    free(s);
}

static bool same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

enum status settings_accept(const struct settings *cur, const struct settings *next, struct err *err)
{
    const struct {
        const char *key, *was, *will;
    } fixed[] = {
        {"trial", cur->trial, next->trial},
        {"store.conninfo", cur->store.conninfo, next->store.conninfo},
        {"store.mailer_conninfo", cur->store.mailer_conninfo, next->store.mailer_conninfo},
        {"source.schema", cur->source.schema, next->source.schema},
        {"state_dir", cur->state_dir, next->state_dir},
    };

    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        if (!same(fixed[i].was, fixed[i].will)) {
            return err_set(err, E_STATE,
                           "%s: %s: may not change while the programs run; put it back, or restart both",
                           next->path, fixed[i].key);
        }
    }
    return OK;
}
