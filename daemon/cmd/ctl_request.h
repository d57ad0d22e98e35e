/*
 * ctl_request.h - asking dsmbd for something and waiting for its answer.
 */
#ifndef DSMB_CMD_CTL_REQUEST_H
#define DSMB_CMD_CTL_REQUEST_H

#include "cmd/ctl.h"

enum { ASK_WAIT_S = 60 };

struct ask {
    const char *verb;
    const char *kind; /* as dsmb.request.kind */
    const char *by, *reason;
    const char *body;                  /* NULL: none */
    const struct adopted_rules *rules; /* NULL: none */
    int64_t wait_s;
    bool blind; /* of a role that knows its requests by a handle, and asks for one kind alone */
};

/*
 * Inserts the request under the caller's own role and waits until dsmbd answered.  Exit code: 0 done; 65 refused by
 * dsmbd (its reason on stderr); 75 no answer in time: the request stays and will be carried out.
 */
int ctl_ask(const struct settings *s, const struct ask *a);

/* 0, or 2 after saying on stderr that who asks (--by) and why (--reason) must be said. */
int ctl_ask_named(const char *verb, const char *by, const char *reason);

#endif
