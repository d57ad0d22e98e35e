#include "trial/arms.h"

void arms_done(struct arms *a)
{
    for (int i = 0; i < a->n; i++) {
        secret_free(a->arm[i].code);
        secret_free(a->arm[i].label);
    }
    *a = (struct arms){0};
}

arm_t arms_find(const struct arms *a, const char *code, size_t len)
{
    for (int i = 0; i < a->n; i++) {
        if (secret_is(a->arm[i].code, code, len)) {
            return (arm_t)i;
        }
    }
    return ARM_NONE;
}
