#include "cmd/keys.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cms/issue.h"
#include "config/file.h"

enum { TELL_DAYS = 60, TRUSTED_MAX = 2 * 1024 * 1024 };

void keys_usual_dir(const struct settings *s, struct buf *dir)
{
    buf_fmt(dir, "/etc/dsmbd/%s.keys", s->trial);
}

/* keys_dir; or what systemd made of LoadCredential=keys:DIR, where "keys_" stands before each name; or that DIR. */
static enum status place(const struct settings *s, const char *name, struct buf *path, struct err *err)
{
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");

    buf_clear(path);
    if (s->keys_dir != NULL) {
        buf_fmt(path, "%s/%s", s->keys_dir, name);
    } else if (credentials != NULL && credentials[0] == '/') {
        buf_fmt(path, "%s/keys_%s", credentials, name);
    } else {
        keys_usual_dir(s, path);
        buf_fmt(path, "/%s", name);
    }
    return buf_check(path, err);
}

/* optional: a missing file leaves nothing. */
static enum status load(const struct settings *s, const char *name, bool optional, struct buf *to,
                        struct err *err)
{
    struct buf path = {0};
    struct err why = {0};
    enum status st = place(s, name, &path, err);

    if (st == OK) {
        st = file_read(buf_cstr(&path), KEYS_FILE_MAX, to, &why);
        if (st == E_NOTFOUND && optional) {
            st = OK;
        } else if (st == E_NOTFOUND) {
            st = err_set(
                err, E_CONFIG,
                "%s: mail.encryption: smime needs a key that signs; dsmbctl keys init makes it, or keys_dir "
                "says where it is",
                why.msg);
        } else if (st != OK) {
            st = err_set(err, st, "%s", why.msg);
        }
    }
    buf_done(&path);
    return st;
}

static enum status private_key(const struct settings *s, struct buf *to, struct err *err)
{
    struct buf path = {0};
    struct stat sb;
    enum status st = place(s, KEYS_SIGNING, &path, err);

    if (st == OK && stat(buf_cstr(&path), &sb) == 0 && (sb.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        st = err_set(err, E_CONFIG, "%s: others may read the signing key; chmod 600, and dsmbctl keys rotate",
                     buf_cstr(&path));
    }
    if (st == OK) {
        st = load(s, KEYS_SIGNING, false, to, err);
    }
    buf_done(&path);
    return st;
}

/* What the former key said of the present one, for two months; it must be true. */
static enum status rotation_note(const struct settings *s, const struct buf *signing, instant_t now,
                                 struct buf *note, struct err *err)
{
    struct buf pem = {0}, former = {0}, text = {0};
    char was[65], is[65], present[65], when[11];
    day_t day = DAY_NONE;
    enum status st = load(s, KEYS_ROTATION, true, &pem, err);

    if (st == OK) {
        st = load(s, KEYS_PREVIOUS, true, &former, err);
    }
    if (st != OK || pem.len == 0 || former.len == 0) {
        goto out;
    }
    st = issue_read_text(&former, &pem, &text, err);
    if (st == OK) {
        st = issue_rotation_read(&text, was, is, &day, err);
    }
    if (st == OK) {
        st = issue_fingerprint(signing, present, err);
    }
    if (st != OK) {
        st = err_wrap(err, E_CONFIG, "%s or %s in keys_dir", KEYS_ROTATION, KEYS_PREVIOUS);
    } else if (strcmp(is, present) == 0 && instant_day(now) <= day + TELL_DAYS) {
        day_format(day, when);
        buf_fmt(note,
                "The certificate that signs these messages was renewed on %s. Now SHA-256 %s; the change is "
                "signed "
                "under the former one, SHA-256 %s.",
                when, present, was);
        st = buf_check(note, err);
    }
out:
    buf_done(&pem);
    buf_done(&former);
    buf_done(&text);
    return st;
}

static enum status trusted(const struct settings *s, struct buf *to, struct err *err)
{
    enum status st = load(s, KEYS_CA, true, to, err);

    if (st == OK && s->mail.members_ca != NULL) {
        buf_char(to, '\n');
        st = file_read(s->mail.members_ca, TRUSTED_MAX, to, err);
    }
    return st;
}

enum status keys_sealer(const struct settings *s, instant_t now, struct sealer *port, struct cms_sealer **ret,
                        struct err *err)
{
    struct buf signing = {0}, ca = {0}, note = {0};
    struct cms_sealer_opts o;
    enum status st;

    if (s->mail.encryption == SETTINGS_NO_ENCRYPTION) {
        *ret = NULL;
        return OK;
    }
    st = private_key(s, &signing, err);
    if (st == OK) {
        st = trusted(s, &ca, err);
    }
    if (st == OK) {
        st = rotation_note(s, &signing, now, &note, err);
    }
    if (st == OK) {
        /* What follows the key: reading certificates must not pass over it. */
        const char *cert = strstr(buf_cstr(&signing), "-----BEGIN CERTIFICATE-----");

        o = (struct cms_sealer_opts){.key = signing.data,
                                     .key_len = signing.len,
                                     .certificate = cert == NULL ? "" : cert,
                                     .certificate_len = cert == NULL ? 0 : strlen(cert),
                                     .trusted = ca.data,
                                     .trusted_len = ca.len,
                                     .from = s->mail.from,
                                     .note = buf_cstr(&note),
                                     .size = s->mail.sealed_size};
        st = cms_sealer_new(&o, port, ret, err);
    }
    buf_wipe(&signing);
    buf_done(&ca);
    buf_done(&note);
    return st;
}
