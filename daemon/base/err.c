#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum status err_set(struct err *err, enum status st, const char *fmt, ...)
{
    va_list ap;

    if (err == NULL) {
        return st;
    }
    err->code = st;
    va_start(ap, fmt);
    (void)vsnprintf(err->msg, sizeof err->msg, fmt, ap); /* a message cut at 1 kB is still a message */
    va_end(ap);
    return st;
}

enum status err_wrap(struct err *err, enum status st, const char *fmt, ...)
{
    char old[ERR_MSG_MAX];
    va_list ap;
    int n;

    if (err == NULL) {
        return st;
    }
    memcpy(old, err->msg, sizeof old);
    err->code = st;
    va_start(ap, fmt);
    n = vsnprintf(err->msg, sizeof err->msg, fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n + 3 < sizeof err->msg) {
        char *at = err->msg + n;

        *at++ = ':';
        *at++ = ' ';
        (void)memccpy(at, old, '\0',
                      (size_t)(err->msg + sizeof err->msg - at)); /* cut at the end, which is NUL */
        err->msg[sizeof err->msg - 1] = '\0';
    }
    return st;
}

void err_clear(struct err *err)
{
    err->code = OK;
    err->msg[0] = '\0';
}

const char *status_name(enum status st)
{
    switch (st) {
    case OK:
        return "ok";
    case E_USAGE:
        return "usage";
    case E_DATA:
        return "data";
    case E_CONFIG:
        return "config";
    case E_NOMEM:
        return "memory";
    case E_IO:
        return "io";
    case E_RETRY:
        return "retry";
    case E_DENIED:
        return "denied";
    case E_NOTFOUND:
        return "not-found";
    case E_STATE:
        return "state";
    case E_NUMERIC:
        return "numeric";
    case E_INTERNAL:
        return "internal";
    }
    return "?";
}

int status_exit_code(enum status st)
{
    switch (st) {
    case OK:
        return EX_OK;
    case E_USAGE:
        return 2;
    case E_DATA:
        return EX_DATAERR;
    case E_CONFIG:
        return EX_CONFIG;
    case E_NOMEM:
        return EX_OSERR;
    case E_IO:
        return EX_IOERR;
    case E_RETRY:
        return EX_TEMPFAIL;
    case E_DENIED:
        return EX_NOPERM;
    case E_NOTFOUND:
        return EX_NOINPUT;
    case E_STATE:
        return EX_UNAVAILABLE;
    case E_NUMERIC:
        return EX_SOFTWARE;
    case E_INTERNAL:
        return EX_SOFTWARE;
    }
    return EX_SOFTWARE;
}
