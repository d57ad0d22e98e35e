#include "trial/trial.h"

#include <stdlib.h>
#include <string.h>

int trial_count(void)
{
    char *s = strdup("1");                                /* allowed */
    int n = s == NULL ? 0 : getenv("DSMB_TRIAL") != NULL; /* not allowed */

    free(s);
    return n;
}
