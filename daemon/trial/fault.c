#include "trial/fault.h"

#include <inttypes.h>

enum { SHRINK_ROWS = 5 };

static bool shrank(size_t before, size_t now, double max_percent)
{
    double allowed = (double)before * max_percent / 100.0;

    if (now >= before) {
        return false;
    }
    if (!(allowed >= SHRINK_ROWS)) { /* a NaN is no licence to shrink */
        allowed = SHRINK_ROWS;
    }
    return (double)(before - now) > allowed;
}

enum status fault_check(const struct snapshot *s, const struct shrink *sh, struct err *err)
{
    const char *what = NULL;
    size_t before = 0, now = 0;

    if (s->contract_version == 0) {
        return err_set(err, E_DATA,
                       "the source does not say which contract it keeps: view meta wants a row with name "
                       "contract_version and value %d",
                       (int)CONTRACT_VERSION);
    }
    if (s->contract_version != CONTRACT_VERSION) {
        return err_set(err, E_DATA,
                       "the source keeps contract version %" PRId64
                       " and this program reads version %d: install "
                       "the mapping of that version, or the program that reads the source's",
                       s->contract_version, (int)CONTRACT_VERSION);
    }
    if (shrank(sh->subjects_before, sh->subjects_now, sh->max_percent)) {
        what = "subjects";
        before = sh->subjects_before;
        now = sh->subjects_now;
    } else if (shrank(sh->events_before, sh->events_now, sh->max_percent)) {
        what = "events";
        before = sh->events_before;
        now = sh->events_now;
    }
    if (what == NULL) {
        return OK;
    }
    return err_set(
        err, E_DATA,
        "%s shrank from %zu to %zu since the last look, more than max_shrink_percent allows: if the rows "
        "were meant to go, `dsmbctl source accept` takes the smaller source; otherwise restore them",
        what, before, now);
}
