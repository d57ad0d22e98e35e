#include "base/hash.h"

#include <string.h>

/* Multiply and fold, eight bytes at a time, FNV-1a for the rest; the top bits are mixed last, for they are what is given. */
uint32_t hash_bytes(uint64_t seed, const char *p, size_t len)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325) ^ seed ^ len;
    size_t i = 0;

    for (; i + 8 <= len; i += 8) {
        uint64_t w;

        memcpy(&w, p + i, 8);
        h = (h ^ w) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 29;
    }
    for (; i < len; i++) {
        h = (h ^ (unsigned char)p[i]) * UINT64_C(0x100000001b3);
    }
    h ^= h >> 32;
    h *= UINT64_C(0xd6e8feb86659fd93);
    return (uint32_t)(h >> 32);
}
