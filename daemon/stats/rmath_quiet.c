#include "stats/rmath_quiet.h"

int rmath_quiet_printf(const char *fmt, ...)
{
    (void)fmt;
    return 0;
}

int rmath_quiet_printf_chk(int flag, const char *fmt, ...)
{
    (void)flag;
    (void)fmt;
    return 0;
}
