#include "base/secret.h"
#include "pg/pg.h"
#include "leaks.h"

#include <stdlib.h>

const char *app_leaks(const void *s)
{
    void *p = malloc(1);

    free(p);
    return pg_open() == 0 ? secret_reveal(s) : "";
}
