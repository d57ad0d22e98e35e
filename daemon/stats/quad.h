/*
 * quad.h - Gauss-Legendre quadrature: nodes and weights on (-1, 1) to the last bit or two, and an adaptive rule.
 */
#ifndef DSMB_STATS_QUAD_H
#define DSMB_STATS_QUAD_H

#include <stddef.h>

#include "base/err.h"

/* n >= 1; x and w hold n. */
void quad_legendre(size_t n, double *x, double *w);

typedef double quad_fn(const void *ctx, double x);

/*
 * Integral of f over the pieces break[0] < break[1] < ... < break[n-1]: 16 points against twice 16, halved until they
 * agree to abs_tol / n, or to rounding.  E_NUMERIC for a value that is no number, and where 40000 pieces are not enough.
 */
enum status quad_adaptive(quad_fn *f, const void *ctx, const double *breaks, size_t n, double abs_tol,
                          double *ret, struct err *err);

#endif
