#include "stats/rng.h"

#include <math.h>

static uint64_t rotate(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

/* splitmix64 spreads the seed: any seed will do, 0 too. */
void rng_init(struct rng *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        uint64_t z = (seed += 0x9e3779b97f4a7c15u);

        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        r->s[i] = z ^ (z >> 31);
    }
    r->spare = 0;
    r->has_spare = false;
}

uint64_t rng_bits(struct rng *r)
{
    uint64_t *s = r->s, ret = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return ret;
}

double rng_uniform(struct rng *r)
{
    return ((double)(rng_bits(r) >> 11) + 0.5) * 0x1p-53;
}

/* Marsaglia's polar method: two at a time. */
double rng_normal(struct rng *r)
{
    double u, v, q, f;

    if (r->has_spare) {
        r->has_spare = false;
        return r->spare;
    }
    do {
        u = 2 * rng_uniform(r) - 1;
        v = 2 * rng_uniform(r) - 1;
        q = u * u + v * v;
    } while (q >= 1 || q == 0);
    f = sqrt(-2 * log(q) / q);
    r->spare = v * f;
    r->has_spare = true;
    return u * f;
}
