#include "pg/pg.h"
#include "base/secret.h"
#include "host/host.h"

void *PQconnectdb(const char *);

int pg_open(void)
{
    return PQconnectdb(secret_reveal("")) != 0 ? host_time()
                                               : 0; /* libpq and the secret: allowed; host: not */
}
