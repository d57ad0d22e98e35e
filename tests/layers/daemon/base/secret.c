#include "base/secret.h"

extern int trial_count(void); /* no include gives it away: the symbol must */

const char *secret_reveal(const void *s)
{
    return s;
}

int base_calls_up(void)
{
    return trial_count();
}
