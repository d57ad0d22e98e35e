/*
 * machine.h - what dsmbctl check asks of the machine: free space, swap, whether a mail server answers.
 */
#ifndef DSMB_HOST_MACHINE_H
#define DSMB_HOST_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Bytes that may still be written under a folder. */
enum status machine_free_space(const char *dir, int64_t *ret, struct err *err);
/* The first swap area of a file such as /proc/swaps; "" where there is none.  On a device mapper it may be encrypted. */
enum status machine_swap(const char *swaps, char *area, size_t size, bool *mapped, struct err *err);
/*
 * Connects over TCP; with `greeting` also waits for a mail server's first word, 220.  Sends nothing, so TLS and login stay
 * untried.  E_RETRY says what was tried and what came of it.
 */
enum status machine_reach(const char *host, int port, bool greeting, int64_t timeout_us, struct err *err);

#endif
