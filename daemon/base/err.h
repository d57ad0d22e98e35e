/*
 * err.h - what went wrong, for decisions (the code) and for people (the message).
 *
 * A fallible function returns enum status, writes its outputs last and takes `struct err *err` at the very end.
 * On failure its outputs are untouched.  Lower layers fill err; only app/ and cmd/ log it, once.
 * A message never holds an arm label, an arm-level count, a boundary or subject data: it may reach the journal.
 */
#ifndef DSMB_BASE_ERR_H
#define DSMB_BASE_ERR_H

enum status {
    OK = 0,
    E_USAGE,    /* the command line is wrong: tell the person how to call */
    E_DATA,     /* what was read breaks its contract: alarm, keep the last good state */
    E_CONFIG,   /* a file a person wrote is wrong: refuse it, keep the old one */
    E_NOMEM,    /* out of memory */
    E_IO,       /* the system refused: file, socket, disk */
    E_RETRY,    /* a passing fault (connection lost, conflict): back off and try again */
    E_DENIED,   /* a right is missing, or present where it must not be */
    E_NOTFOUND, /* the thing asked for is not there */
    E_STATE,    /* not now: another holder, a closed monitor, a newer schema */
    E_NUMERIC,  /* no convergence, or outside the domain: the answer is "do not know" */
    E_INTERNAL  /* a defect of ours */
};

enum { ERR_MSG_MAX = 1024 };

struct err {
    enum status code;
    char msg[ERR_MSG_MAX];
};

/* Both return st so that a caller can write `return err_set(...)`.  err may be NULL. */
enum status err_set(struct err *err, enum status st, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Prefixes the message that is there: "PREFIX: message". */
enum status err_wrap(struct err *err, enum status st, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void err_clear(struct err *err);

const char *status_name(enum status st);
/* sysexits.h, as the man pages promise: 0, 2 usage, 65 data, 69 unavailable, 77 denied, 78 config, ... */
int status_exit_code(enum status st);

#endif
