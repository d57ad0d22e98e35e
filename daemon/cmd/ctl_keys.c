/*
 * dsmbctl keys - the key with which dsmbd signs mail to the board.
 *
 * Made here and nowhere else; it leaves the folder never.  A new one is announced under the old: the announcement is
 * kept beside it, and dsmbd tells the board in its messages for the first two months.
 */
#include "cmd/ctl_keys.h"

#include <stdio.h>
#include <string.h>

#include "cmd/ctl.h"
#include "cmd/ctl_opts.h"
#include "cmd/keys.h"
#include "cms/issue.h"
#include "host/harden.h"
#include "host/host.h"

enum { SIGNER_DAYS = 1095 };

static const char USAGE[] =
    "usage: dsmbctl keys init [--ca DIR] [--dir DIR] [--config FILE]\n"
    "       dsmbctl keys rotate [--ca DIR] [--dir DIR] [--config FILE]\n"
    "       dsmbctl keys show [--dir DIR] [--config FILE]\n\n"
    "init makes the key that signs mail to the board, and its certificate, in keys_dir.  rotate makes a new "
    "one and\n"
    "announces it under the old; reload dsmbd then.  The folder is for dsmbd's user alone (mode 0700).\n"
    "  --ca DIR        issue by the trial's own CA that dsmbctl board issue made in DIR; else self-signed\n"
    "  --dir DIR       in place of keys_dir, and of /etc/dsmbd/TRIAL.keys where the settings have none\n"
    "  --config FILE   deployment settings (default $DSMBD_CONFIG, /etc/dsmbd/dsmbd.yaml)\n";

struct made {
    struct buf key, cert, ca, ca_key;
    char fingerprint[65];
};

static void made_done(struct made *m)
{
    buf_wipe(&m->key);
    buf_wipe(&m->ca_key);
    buf_done(&m->cert);
    buf_done(&m->ca);
}

static instant_t wall(void)
{
    struct clock c;

    host_clock(&c);
    return c.wall(c.ctx);
}

static enum status make(const struct settings *s, const char *ca_dir, instant_t now, struct made *m,
                        struct err *err)
{
    struct issue_order o = {.kind = ISSUE_SIGNER,
                            .name = s->mail.from_name,
                            .address = s->mail.from,
                            .now = now,
                            .days = SIGNER_DAYS};
    enum status st = OK;

    if (ca_dir != NULL) {
        st = keys_read(ca_dir, KEYS_CA, &m->ca, err);
        if (st == OK) {
            st = keys_read(ca_dir, KEYS_CA_KEY, &m->ca_key, err);
        }
        o.ca_cert = &m->ca;
        o.ca_key = &m->ca_key;
    }
    if (st == OK) {
        st = issue_make(&o, &m->key, &m->cert, err);
    }
    return st == OK ? issue_fingerprint(&m->cert, m->fingerprint, err) : st;
}

/* The signing file comes last: until it is there, what was before holds. */
static enum status store_keys(const char *dir, const struct made *m, bool replace, struct err *err)
{
    struct buf all = {0};
    enum status st = OK;

    buf_add(&all, m->key.data, m->key.len);
    buf_add(&all, m->cert.data, m->cert.len);
    if (m->ca.len > 0) {
        buf_add(&all, m->ca.data, m->ca.len);
        st = keys_write(dir, KEYS_CA, &m->ca, true, err);
    }
    if (st == OK) {
        st = keys_write(dir, KEYS_SIGNING, &all, replace, err);
    }
    if (st == OK) {
        st = keys_write(dir, KEYS_PUBLIC, &m->cert, true, err);
    }
    buf_wipe(&all);
    return st;
}

static enum status init(const struct settings *s, const char *dir, const char *ca_dir, struct err *err)
{
    struct made m = {0};
    enum status st = keys_folder(dir, err);

    if (st == OK) {
        st = make(s, ca_dir, wall(), &m, err);
    }
    if (st == OK) {
        st = store_keys(dir, &m, false, err);
    }
    if (st == E_STATE) {
        st = err_wrap(err, st, "there is a key already; dsmbctl keys rotate renews it");
    }
    if (st == OK) {
        (void)printf(
            "%s/%s: signs mail of %s\nSHA-256 %s\nMembers get %s/%s and this SHA-256 by another way than "
            "mail.\n",
            dir, KEYS_SIGNING, s->mail.from, m.fingerprint, dir, KEYS_PUBLIC);
    }
    made_done(&m);
    return st;
}

static enum status announce(const char *dir, const struct buf *old, const struct made *m, instant_t now,
                            struct err *err)
{
    struct buf text = {0}, pem = {0}, former = {0};
    char fingerprint[65];
    enum status st = issue_fingerprint(old, fingerprint, err);

    if (st == OK) {
        issue_rotation_text(fingerprint, m->fingerprint, instant_day(now), &text);
        st = buf_check(&text, err);
    }
    if (st == OK) {
        st = issue_sign_text(old, old, buf_cstr(&text), now, &pem, err);
    }
    if (st == OK) {
        st = keys_read(dir, KEYS_PUBLIC, &former, err);
    }
    if (st == OK) {
        st = keys_write(dir, KEYS_PREVIOUS, &former, true, err);
    }
    if (st == OK) {
        st = keys_write(dir, KEYS_ROTATION, &pem, true, err);
    }
    if (st == OK) {
        (void)printf("former SHA-256 %s\n", fingerprint);
    }
    buf_done(&text);
    buf_done(&pem);
    buf_done(&former);
    return st;
}

static enum status rotate(const struct settings *s, const char *dir, const char *ca_dir, struct err *err)
{
    struct made m = {0};
    struct buf old = {0};
    instant_t now = wall();
    enum status st = keys_read(dir, KEYS_SIGNING, &old, err);

    if (st == E_NOTFOUND) {
        st = err_wrap(err, st, "no key to rotate; dsmbctl keys init makes the first");
    }
    if (st == OK) {
        st = make(s, ca_dir, now, &m, err);
    }
    if (st == OK) {
        st = announce(dir, &old, &m, now, err);
    }
    if (st == OK) {
        st = store_keys(dir, &m, true, err);
    }
    if (st == OK) {
        (void)printf(
            "present SHA-256 %s\nThe change is signed under the former key (%s/%s) and told in the messages "
            "of the next 60 days.\nReload dsmbd now.\n",
            m.fingerprint, dir, KEYS_ROTATION);
    }
    made_done(&m);
    buf_wipe(&old);
    return st;
}

static enum status show(const char *dir, struct err *err)
{
    struct buf cert = {0};
    char fingerprint[65];
    enum status st = keys_read(dir, KEYS_PUBLIC, &cert, err);

    if (st == OK) {
        st = issue_fingerprint(&cert, fingerprint, err);
    }
    if (st == OK) {
        (void)printf("SHA-256 %s\n", fingerprint);
        ctl_put(&cert);
    }
    buf_done(&cert);
    return st;
}

static int run(const char *what, const char *config, const char *dir, const char *ca_dir)
{
    struct settings *s = NULL;
    struct buf usual = {0};
    struct err err = {0};
    enum status st = harden(&err);

    if (st == OK) {
        st = ctl_settings(config, &s, &err);
    }
    if (st == OK && dir == NULL) {
        keys_usual_dir(s, &usual);
        st = buf_check(&usual, &err);
        dir = s->keys_dir != NULL ? s->keys_dir : buf_cstr(&usual);
    }
    if (st == OK) {
        st = strcmp(what, "init") == 0     ? init(s, dir, ca_dir, &err)
             : strcmp(what, "rotate") == 0 ? rotate(s, dir, ca_dir, &err)
                                           : show(dir, &err);
    }
    settings_free(s);
    buf_done(&usual);
    return st == OK ? 0 : ctl_fail("keys", st, &err);
}

int ctl_keys(int argc, char **argv)
{
    const char *config = NULL, *dir = NULL, *ca_dir = NULL;
    const struct ctl_opt opts[] = {
        {"config", CTL_TEXT, &config}, {"dir", CTL_TEXT, &dir}, {"ca", CTL_TEXT, &ca_dir}};
    const char *what = argc > 1 ? argv[1] : "";
    bool known = strcmp(what, "init") == 0 || strcmp(what, "rotate") == 0 || strcmp(what, "show") == 0;
    int at = 0, rc;

    if (!known && strcmp(what, "--help") != 0) {
        (void)fputs(USAGE, stderr);
        return 2;
    }
    rc = ctl_options("keys", USAGE, opts, sizeof opts / sizeof opts[0], known ? argc - 1 : argc,
                     known ? argv + 1 : argv, &at);
    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    if (at < (known ? argc - 1 : argc)) {
        (void)fputs(USAGE, stderr);
        return 2;
    }
    return run(what, config, dir, ca_dir);
}
