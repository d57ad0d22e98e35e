/*
 * rng.h - random numbers for simulation: xoshiro256** (Blackman & Vigna 2018), the same on every machine.
 *
 * The seed is an argument: nothing here asks the system for one.  Not for secrets.
 */
#ifndef DSMB_STATS_RNG_H
#define DSMB_STATS_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
    uint64_t s[4];
    double spare; /* the second of a pair of normals */
    bool has_spare;
};

void rng_init(struct rng *r, uint64_t seed);
uint64_t rng_bits(struct rng *r);
/* In (0, 1), never an end. */
double rng_uniform(struct rng *r);
double rng_normal(struct rng *r);

#endif
