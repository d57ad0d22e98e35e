#include "host/killpoint.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const char *at; /* NULL: off */
static size_t at_len;
static long left;

void killpoint_init(void)
{
    const char *spec = getenv("DSMB_KILL_AT");
    const char *colon;

    if (spec == NULL || spec[0] == '\0' || getenv("INVOCATION_ID") != NULL) {
        return;
    }
    colon = strchr(spec, ':');
    at_len = colon == NULL ? strlen(spec) : (size_t)(colon - spec);
    left = colon == NULL ? 1 : strtol(colon + 1, NULL, 10);
    at = spec;
}

void killpoint(const char *name)
{
    if (at == NULL || strlen(name) != at_len || memcmp(name, at, at_len) != 0) {
        return;
    }
    if (--left <= 0) {
        (void)raise(SIGKILL);
    }
}
