#include "render/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { NAME_SHOWN_MAX = 60 };

static void wipe(char **s)
{
    if (*s != NULL) {
        explicit_bzero(*s, strlen(*s));
        free(*s);
        *s = NULL;
    }
}

void arm_names_done(struct arm_names *n)
{
    for (int i = 0; i < ARMS_MAX; i++) {
        wipe(&n->arm[i]);
        wipe(&n->versus[i].name);
    }
    wipe(&n->experimental);
    wipe(&n->unknown);
    n->n = n->n_versus = 0;
}

static bool name_versus(struct arm_names *n)
{
    bool lost = false;

    for (int arm = ARM_CONTROL + 1; arm < n->n + (n->n > 2); arm++) {
        struct versus *v = &n->versus[n->n_versus++];
        struct buf b = {0};

        v->arm = arm < n->n ? (arm_t)arm : (arm_t)ARM_NONE;
        buf_fmt(&b, "%s v %s", arm < n->n ? n->arm[arm] : n->experimental, n->arm[ARM_CONTROL]);
        v->name = buf_take(&b);
        lost = lost || v->name == NULL;
        buf_wipe(&b);
    }
    return !lost;
}

enum status arm_names_reveal(const struct arms *arms, bool coded, struct arm_names *ret, struct err *err)
{
    struct arm_names x = {.n = arms->n};
    bool lost = false;

    for (int i = 0; i < arms->n; i++) {
        struct buf b = {0};

        if (coded) {
            buf_fmt(&b, "Arm %c", 'A' + i);
        } else {
            const char *label = secret_reveal(arms->arm[i].label);

            text_show(&b, label, strlen(label), NAME_SHOWN_MAX);
        }
        x.arm[i] = buf_take(&b);
        lost = lost || x.arm[i] == NULL;
        buf_wipe(&b);
    }
    x.experimental = lost ? NULL : strdup(arms->n == 2 ? x.arm[1] : "Experimental arms");
    x.unknown = strdup("Arm unknown");
    if (lost || x.experimental == NULL || x.unknown == NULL || !name_versus(&x)) {
        arm_names_done(&x);
        return err_set(err, E_NOMEM, "a closed document");
    }
    *ret = x;
    return OK;
}

const char *arm_names_side(const struct arm_names *n, const struct monitor *m)
{
    return m->comparison == ARM_NONE || m->comparison >= n->n ? n->experimental : n->arm[m->comparison];
}

const char *arm_names_of(const struct arm_names *n, int arm)
{
    return arm >= 0 && arm < n->n ? n->arm[arm] : arm == ROW_ARM_UNKNOWN ? n->unknown : "All";
}
