/*
 * rmath_quiet.h - what libRmath calls in place of printf: nothing is printed.
 *
 * packaging/build/link.mk renames the calls inside libRmath; nobody else calls these.
 */
#ifndef DSMB_STATS_RMATH_QUIET_H
#define DSMB_STATS_RMATH_QUIET_H

int rmath_quiet_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int rmath_quiet_printf_chk(int flag, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
