#include "app/enclose.h"

#include <stdlib.h>
#include <string.h>

void drawn_done(struct drawn *d)
{
    enclosure_done(&d->e);
    free(d->of);
    *d = (struct drawn){0};
}

static bool is_of(const struct drawn *d, const struct mail_input *in)
{
    bool same = d->n == in->n_also + 1 && d->of[0].id == in->alert->id;

    for (size_t i = 0; same && i < in->n_also; i++) {
        same = d->of[i + 1].id == in->also[i].id;
    }
    return same;
}

static enum status draw(const struct cycle_world *w, struct drawn *d, const struct mail_input *in,
                        struct err *err)
{
    d->of = calloc(in->n_also + 1, sizeof *d->of);
    if (d->of == NULL) {
        return err_set(err, E_NOMEM, "figures of a message");
    }
    d->of[0] = *in->alert;
    if (in->n_also > 0) {
        memcpy(d->of + 1, in->also, in->n_also * sizeof *d->of);
    }
    d->n = in->n_also + 1;
    return w->enclose(in, &d->e, err);
}

void enclose(const struct cycle_world *w, struct drawn *d, struct mail_input *in)
{
    struct err why = {0};

    if (w->enclose == NULL) {
        return;
    }
    if (!is_of(d, in)) {
        drawn_done(d);
        /* Why stays here: a line in the journal would tell that there is an alert. */
        d->failed = draw(w, d, in, &why) != OK;
    }
    in->undrawn = d->failed;
    in->enclosed = d->failed ? NULL : &d->e;
}
