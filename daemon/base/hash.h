/*
 * hash.h - 32 bits of bytes, for tables in memory.  Not for what is stored, and no defence against chosen keys: a table that
 * outsiders could fill on purpose takes reading.c's keyed hash.
 */
#ifndef DSMB_BASE_HASH_H
#define DSMB_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* seed: what else tells two keys apart. */
uint32_t hash_bytes(uint64_t seed, const char *p, size_t len);

#endif
