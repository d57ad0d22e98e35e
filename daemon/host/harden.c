#include "host/harden.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

enum status harden(struct err *err)
{
    const struct rlimit none = {0, 0};

    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0) {
        return err_set(err, E_IO, "cannot forbid core dumps: %s", strerror(errno));
    }
    (void)umask(077);
    if (setlocale(LC_ALL, "C") == NULL || setenv("TZ", "UTC0", 1) != 0) {
        return err_set(err, E_IO, "cannot set locale and time zone");
    }
    tzset();
    return OK;
}
