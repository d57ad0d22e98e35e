/*
 * dsmbctl board issue - certificates for members who have no S/MIME from elsewhere, by a CA of the trial's own.
 *
 * One PKCS#12 file per member, to be handed over by one way and its password by another (by letter, by telephone).  The
 * board with the certificates in it is written beside them, ready to be adopted.
 */
#include <stdio.h>
#include <string.h>

#include "alert/board.h"
#include "app/adopt.h"
#include "cmd/ctl.h"
#include "cmd/ctl_keys.h"
#include "cmd/ctl_opts.h"
#include "cms/issue.h"
#include "config/file.h"
#include "config/yaml.h"
#include "host/harden.h"
#include "host/host.h"

enum { CA_DAYS = 3650, MEMBER_DAYS = 1095, BOARD_MAX = 1024 * 1024 };

static const char USAGE[] =
    "usage: dsmbctl board issue BOARD.yaml --out DIR [--config FILE]\n\n"
    "Issues an S/MIME certificate to each member of BOARD.yaml who has none, by a CA of the trial's own.  "
    "DIR gets,\n"
    "with mode 0600: ADDRESS.p12 (key and certificate, for the member's mail program and phone), "
    "board-ca.pem and\n"
    "board-ca-key.pem (the CA, made at the first call; keep its key away from this machine afterwards), and "
    "board.yaml\n"
    "with the certificates in it, to be adopted.  The passwords of the files are printed once and kept "
    "nowhere.\n"
    "  --out DIR       where; made if missing; nothing in it is overwritten but board.yaml\n"
    "  --config FILE   deployment settings (default $DSMBD_CONFIG, /etc/dsmbd/dsmbd.yaml)\n";

struct issuing {
    const char *dir;
    struct board *board;
    struct buf ca_key, ca_cert;
    instant_t now;
    size_t n;
};

static enum status open_ca(struct issuing *in, struct err *err)
{
    struct issue_order o = {.kind = ISSUE_CA, .now = in->now, .days = CA_DAYS};
    struct buf name = {0};
    enum status st = keys_read(in->dir, KEYS_CA_KEY, &in->ca_key, err);

    if (st == OK) {
        return keys_read(in->dir, KEYS_CA, &in->ca_cert, err);
    }
    if (st != E_NOTFOUND) {
        return st;
    }
    buf_fmt(&name, "dsmbd board CA of %s", in->board->trial);
    o.name = buf_cstr(&name);
    st = buf_check(&name, err);
    if (st == OK) {
        st = issue_make(&o, &in->ca_key, &in->ca_cert, err);
    }
    if (st == OK) {
        st = keys_write(in->dir, KEYS_CA, &in->ca_cert, false, err);
    }
    if (st == OK) {
        st = keys_write(in->dir, KEYS_CA_KEY, &in->ca_key, false, err);
    }
    buf_done(&name);
    return st;
}

static enum status issue_to(struct issuing *in, struct member *m, struct err *err)
{
    struct issue_order o = {.kind = ISSUE_MEMBER,
                            .name = m->name,
                            .address = m->address,
                            .now = in->now,
                            .days = MEMBER_DAYS,
                            .ca_key = &in->ca_key,
                            .ca_cert = &in->ca_cert};
    struct buf key = {0}, cert = {0}, p12 = {0}, name = {0};
    char password[PASSWORD_LEN + 1] = "";
    enum status st = issue_make(&o, &key, &cert, err);

    if (st == OK) {
        st = issue_password(password, err);
    }
    if (st == OK) {
        st = issue_p12(&key, &cert, &in->ca_cert, m->name, password, &p12, err);
    }
    if (st == OK) {
        st = issue_fingerprint(&cert, m->certificate_sha256, err);
    }
    /* '/' may stand before the @, and a file must not leave its folder. */
    for (const char *p = m->address; st == OK && *p != '\0'; p++) {
        buf_char(&name, *p == '/' ? '_' : *p);
    }
    buf_str(&name, ".p12");
    if (st == OK && (st = buf_check(&name, err)) == OK) {
        st = keys_write(in->dir, buf_cstr(&name), &p12, false, err);
    }
    if (st == OK) {
        (void)printf("%-40s %s\n", buf_cstr(&name), password);
        in->n++;
        m->certificate = buf_take(&cert);
        st = m->certificate == NULL ? err_set(err, E_NOMEM, "issuing certificates") : OK;
    }
    explicit_bzero(password, sizeof password);
    buf_wipe(&key);
    buf_wipe(&p12);
    buf_done(&cert);
    buf_done(&name);
    return st;
}

/* Names hold neither quotes nor backslashes nor control characters: board_read() has seen to it. */
static enum status write_board(const struct issuing *in, struct err *err)
{
    const struct board *b = in->board;
    struct buf y = {0};
    enum status st;

    buf_fmt(&y,
            "# Written by dsmbctl board issue; adopt it with dsmbctl board adopt.\nformat: 1\ntrial: %s\n",
            b->trial);
    buf_fmt(&y, "chair_phone: \"%s\"\nmembers:\n", b->chair_phone);
    for (size_t i = 0; i < b->n; i++) {
        const struct member *m = &b->members[i];

        buf_fmt(&y, "  - name: \"%s\"\n    address: \"%s\"\n    role: %s\n", m->name, m->address,
                member_role_name(m->role));
        if (m->cipher == MEMBER_AES256_GCM) {
            buf_str(&y, "    cipher: aes256-gcm\n");
        }
        if (m->certificate_sha256[0] != '\0') {
            buf_fmt(&y, "    certificate_sha256: \"%s\"\n", m->certificate_sha256);
        }
        buf_str(&y, "    certificate: |\n");
        for (const char *p = m->certificate; *p != '\0';) {
            size_t n = strcspn(p, "\n");

            buf_str(&y, "      ");
            buf_add(&y, p, n);
            buf_char(&y, '\n');
            p += n + (p[n] == '\n');
        }
    }
    st = keys_write(in->dir, "board.yaml", &y, true, err);
    buf_done(&y);
    return st;
}

static enum status issue_all(struct issuing *in, struct err *err)
{
    enum status st = keys_folder(in->dir, err);

    if (st == OK) {
        st = open_ca(in, err);
    }
    for (size_t i = 0; st == OK && i < in->board->n; i++) {
        if (in->board->members[i].certificate == NULL) {
            st = issue_to(in, &in->board->members[i], err);
        }
    }
    if (st == OK) {
        st = write_board(in, err);
    }
    if (st == OK) {
        (void)printf(
            "%zu issued in %s; these passwords are shown this once. Next: dsmbctl keys init --ca %s, then "
            "dsmbctl board adopt %s/board.yaml\n",
            in->n, in->dir, in->dir, in->dir);
    }
    return st;
}

int ctl_board_issue(int argc, char **argv)
{
    struct issuing in = {0};
    const char *config = NULL;
    const struct ctl_opt opts[] = {{"config", CTL_TEXT, &config}, {"out", CTL_TEXT, &in.dir}};
    struct settings *s = NULL;
    struct buf text = {0};
    struct clock clock;
    struct err err = {0};
    enum status st;
    int at = 0, rc = ctl_options("board issue", USAGE, opts, sizeof opts / sizeof opts[0], argc, argv, &at);

    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    if (in.dir == NULL || at + 1 != argc) {
        (void)fputs(USAGE, stderr);
        return 2;
    }
    host_clock(&clock);
    in.now = clock.wall(clock.ctx);
    st = harden(&err);
    if (st == OK) {
        st = ctl_settings(config, &s, &err);
    }
    if (st == OK) {
        st = file_read(argv[at], BOARD_MAX, &text, &err);
    }
    if (st == OK) {
        st = adopt_read_board(yaml_parse, s->trial, text.data, text.len, &in.board, &err);
    }
    if (st == OK) {
        st = issue_all(&in, &err);
    }
    board_free(in.board);
    buf_wipe(&in.ca_key);
    buf_done(&in.ca_cert);
    buf_done(&text);
    settings_free(s);
    return st == OK ? 0 : ctl_fail("board issue", st, &err);
}
