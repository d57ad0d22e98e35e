/*
 * settings.h - the deployment file /etc/dsmbd/TRIAL.yaml: where things are, never what is decided.
 *
 * One file for dsmbd, dsmb-mailer and dsmbctl; nothing statistical and no recipient of results stands in it.  It holds
 * no password: libpq takes its own from passfile=, the relay's is in a file of its own.  Every error names
 * file:line:col, key and remedy, and never a connection string.  Durations are microseconds.
 * Strings belong to the settings; NULL where an optional key is absent.
 */
#ifndef DSMB_CONFIG_SETTINGS_H
#define DSMB_CONFIG_SETTINGS_H

#include <stddef.h>
#include <stdint.h>

#include "base/doc.h"
#include "base/err.h"

enum settings_tls { SETTINGS_STARTTLS, SETTINGS_SMTPS, SETTINGS_NO_TLS };
enum settings_encryption { SETTINGS_SMIME, SETTINGS_NO_ENCRYPTION };

struct settings {
    const char *path;
    const char *trial; /* [a-z][a-z0-9_-]{0,30} */

    struct {
        const char *conninfo;
        const char *schema;           /* an SQL identifier that needs no quotes; "dsmb_source" */
        int64_t poll_us;              /* 60 s */
        int64_t full_look_us;         /* 60 min; at least poll */
        int64_t statement_timeout_us; /* 10 min */
        double max_shrink_percent;    /* 2: fewer rows than this below the last look are a data fault */
        const char *listen;           /* channel; optional */
    } source;

    struct {
        const char *conninfo; /* of dsmbd */
        const char *mailer_conninfo;
        const char *ctl_conninfo;     /* optional: dsmbctl --store */
        int64_t statement_timeout_us; /* 60 s */
    } store;

    struct {
        const char *relay; /* smtp://host:port or smtps://host:port, as written */
        const char *host;  /* without brackets */
        int port;
        enum settings_tls tls; /* none only where host is loopback */
        const char *ca_file;   /* optional: the system's certificates */
        const char *username;  /* optional; with it comes password_file */
        const char *password_file;
        const char *from;
        const char *from_name;               /* "dsmbd" */
        enum settings_encryption encryption; /* none only where host is loopback */
        const char *members_ca;              /* optional: PEM, issuers of members' certificates */
        size_t sealed_size;                  /* of every sealed message; 256 KiB */
        const char *operations;              /* gets content-free notices */
        const char *acknowledge_to; /* optional: the mailbox that mail.imap reads; no links without */
        struct {
            /* imaps://host[:port]/MAILBOX, or imap:// with STARTTLS; NULL: no imap section */
            const char *url;
            const char *ca_file; /* optional */
            const char *username, *password_file;
            int64_t every_us;        /* 60 s */
        } imap;                      /* the mailbox of acknowledge_to */
        const char *hello;           /* optional: EHLO name */
        int64_t connect_timeout_us;  /* 30 s */
        int64_t response_timeout_us; /* 600 s: to the reply after the final dot */
        int64_t lease_us;            /* 15 min; outlasts both timeouts */
        int64_t backoff_min_us;      /* 30 s */
        int64_t backoff_max_us;      /* 1 h */
        int64_t silence_after_us;    /* 1 h: the store may be away so long before operations hears of it */
    } mail;

    const char *state_dir;    /* the anchor file lives there; "/var/lib/dsmbd/TRIAL" */
    const char *rules_dir;    /* "/usr/share/dsmbd/rules" */
    const char *keys_dir;     /* optional: signing key, signing certificate, the trial's own CA */
    const char *metrics_file; /* optional: for node_exporter's textfile collector */

    struct doc *doc; /* owns what was read */
    char *made[3];   /* what was put together here */
};

enum status settings_load(const char *path, struct settings **ret, struct err *err);
/* `name` stands for the file in messages. */
enum status settings_parse(const char *name, const char *bytes, size_t len, struct settings **ret,
                           struct err *err);
void settings_free(struct settings *s); /* overwrites */
/*
 * May a running program go from cur to next?  E_STATE names what only a restart may change: the trial, the store, the
 * schema of the source, the state directory.  Changes nothing.
 */
enum status settings_accept(const struct settings *cur, const struct settings *next, struct err *err);

#endif
