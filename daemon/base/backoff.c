#include "base/backoff.h"

int64_t backoff_delay(int32_t attempt, int64_t min_us, int64_t max_us, double u)
{
    int64_t us = min_us < max_us ? min_us : max_us, half;

    for (int32_t i = 1; i < attempt && us < max_us; i++) {
        us = us > max_us / 2 ? max_us : us * 2;
    }
    half = us / 2;
    return half + (int64_t)((double)(us - half) * u);
}
