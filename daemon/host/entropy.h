/*
 * entropy.h - random numbers of the kernel, fit for tokens and ids.
 */
#ifndef DSMB_HOST_ENTROPY_H
#define DSMB_HOST_ENTROPY_H

#include <stddef.h>

#include "base/err.h"

enum status entropy_bytes(void *out, size_t n, struct err *err);
/* A random UUID, version 4, lower case. */
enum status entropy_uuid(char out[37], struct err *err);
/* Uniform in [0, 1); 0.5 when the kernel gives none: for jitter only. */
double entropy_uniform(void);

#endif
