/*
 * t.h - what every CMocka test includes: CMocka, a floating comparison that NaN never passes, the shared folder.
 */
#ifndef DSMB_TESTS_T_H
#define DSMB_TESTS_T_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* |got - want| <= tol; equal infinities pass, NaN never does. */
#define assert_near(got, want, tol) t_near((got), (want), (tol), #got, __FILE__, __LINE__)
/* |got - want| <= tol * |want|. */
#define assert_rel(got, want, tol) t_rel((got), (want), (tol), #got, __FILE__, __LINE__)
/* Fails with err's message. */
#define assert_ok(st, e) t_ok((int)(st), (e).msg, #st, __FILE__, __LINE__)

void t_near(double got, double want, double tol, const char *what, const char *file, int line);
void t_rel(double got, double want, double tol, const char *what, const char *file, int line);
void t_ok(int st, const char *msg, const char *what, const char *file, int line);

/* $DSMB_SHARED/rel as a string of the caller (free()), or NULL when it is not there: then skip(), saying so. */
char *t_shared(const char *rel);
/* A whole file, NUL-terminated (free()); fails the test when it cannot be read. */
char *t_slurp(const char *path, size_t *len);

#endif
