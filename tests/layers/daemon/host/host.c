#include "host/host.h"

#include <stdlib.h>
#include <time.h>

int host_time(void)
{
    struct timespec t;

    return clock_gettime(CLOCK_MONOTONIC, &t) == 0 ? (int)t.tv_sec
                                                   : system("date"); /* clock: allowed; system: not */
}
