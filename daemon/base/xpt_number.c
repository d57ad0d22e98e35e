#include <float.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "base/xpt.h"

/*
 * 56 bits of fraction and a power of 16: more digits than a double holds.  A number of 53 bits or fewer came from a double
 * (or is one), and is written as that double would be.  What is longer needs a type with room for its 56 bits.
 */
_Static_assert(LDBL_MANT_DIG >= 64, "a long double must hold 56 bits and the rounding of a decimal");

enum { FRACTION_BITS = 56 };

/* ldexp() by steps that are exact: |e| is at most 320. */
static long double scaled(long double v, int e)
{
    for (; e > 0; e--) {
        v *= 2.0L;
    }
    for (; e < 0; e++) {
        v /= 2.0L;
    }
    return v;
}

bool xpt_number(const unsigned char *p, size_t n, char out[XPT_NUMBER_MAX])
{
    uint64_t fraction = 0;
    int step, e; /* powers of 2 */
    char *digits = out;

    for (size_t i = 1; i < n; i++) {
        fraction |= (uint64_t)p[i] << (8 * (7 - i));
    }
    if (fraction == 0) {
        if (p[0] == '.' || p[0] == '_' || (p[0] >= 'A' && p[0] <= 'Z')) {
            return false;
        }
        memcpy(out, "0", 2);
        return true;
    }
    step = e = ((p[0] & 0x7f) - 64) * 4 - FRACTION_BITS;
    while ((fraction & 1) == 0) {
        fraction >>= 1;
        e++;
    }
    if ((p[0] & 0x80) != 0) {
        *digits++ = '-';
    }
    if (fraction < UINT64_C(1) << DBL_MANT_DIG) {
        text_put_double((double)scaled((long double)fraction, e), digits);
    } else {
        text_put_near(scaled((long double)fraction, e), scaled(0.5L, step), digits);
    }
    return true;
}
