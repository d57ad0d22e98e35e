#include "monitor/simulate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "monitor/judge.h"
#include "monitor/look.h"
#include "stats/rng.h"
#include "tally/span.h"

/* What happens in one trial, in the order in which it becomes known. */
struct occurrence {
    uint32_t subject, cause;
    day_t day, known;
};

struct life {
    day_t end, death, death_known; /* the last day followed, by leaving or completing; DAY_NONE: no death */
    enum fu_reason reason;
};

struct sim {
    const struct plan *p;
    struct ruleset *rules;
    const struct assumed *a;
    const struct scenario *s;
    struct rng rng;
    struct snapshot snap; /* subjects and events as a look sees them: the first n_events */
    struct classes classes;
    struct life *lives;
    struct occurrence *rows; /* n_rows, by the day known */
    size_t n_rows;
    arm_t *arms; /* planned shares of subjects, to be shuffled */
    struct history history[MONITORS_MAX];
    struct known_set known[MONITORS_MAX];
    size_t crossed[MONITORS_MAX]; /* entries up to and with the crossing; 0: has not crossed */
};

/* Days until something that happens to the share `by` of subjects by the end of a whole follow-up; ratio: of hazards. */
static double waiting(struct sim *x, double by, double ratio)
{
    double hazard = -log1p(-by) / x->a->follow_up * ratio;

    return hazard > 0 ? -log(rng_uniform(&x->rng)) / hazard : (double)INFINITY;
}

/* ---- making a trial ---- */

/* The arms' planned shares of all subjects, what is left over to the largest remainders. */
static void share_arms(const struct arms *arms, int64_t n, arm_t *out)
{
    int64_t given = 0, count[ARMS_MAX] = {0};
    double rest[ARMS_MAX] = {0};

    for (int i = 0; i < arms->n; i++) {
        double share = arms->arm[i].allocation * (double)n;

        count[i] = (int64_t)floor(share + 1e-9);
        rest[i] = share - (double)count[i];
        given += count[i];
    }
    for (; given < n; given++) {
        int most = 0;

        for (int i = 1; i < arms->n; i++) {
            most = rest[i] > rest[most] + 1e-9 ? i : most;
        }
        count[most]++;
        rest[most] = -1;
    }
    for (int i = 0; i < arms->n; i++) {
        for (int64_t k = 0; k < count[i]; k++) {
            *out++ = (arm_t)i;
        }
    }
}

static void shuffle(struct sim *x)
{
    for (size_t i = x->snap.n_subjects; i-- > 1;) {
        size_t k = (size_t)(rng_uniform(&x->rng) * (double)(i + 1));
        arm_t swap = x->arms[i];

        x->arms[i] = x->arms[k];
        x->arms[k] = swap;
    }
}

static void live(struct sim *x, uint32_t i)
{
    const struct assumed *a = x->a;
    struct subject *s = &x->snap.subjects[i];
    struct life *l = &x->lives[i];
    int side = x->arms[i] != ARM_CONTROL;
    double leave, death = (double)INFINITY, at[CAUSES_MAX] = {0};

    s->rand = day_from_ymd(2000, 1, 1) + (day_t)(rng_uniform(&x->rng) * a->recruitment);
    s->first_dose = s->rand;
    s->arm_planned = s->arm_actual = x->arms[i];
    leave = waiting(x, a->drop_out[side], 1);
    for (size_t c = 0; c < a->n_causes; c++) {
        at[c] = waiting(x, a->cause[c].control, side ? x->s->ratio[c] : 1);
        death = a->cause[c].fatal && at[c] < death ? at[c] : death;
    }
    *l = (struct life){.death = DAY_NONE, .reason = leave < a->follow_up ? FU_WITHDRAWN : FU_COMPLETED};
    leave = leave < a->follow_up ? leave : a->follow_up;
    l->end = s->rand + (day_t)leave;
    for (size_t c = 0; c < a->n_causes; c++) {
        struct occurrence *o = &x->rows[x->n_rows];

        /* After death nothing happens; two fatal causes: the first. */
        if (!(at[c] < leave) || at[c] > death) {
            continue;
        }
        *o = (struct occurrence){.subject = i, .cause = (uint32_t)c, .day = s->rand + (day_t)at[c]};
        o->known = o->day + (a->lag > 0 ? (day_t)fmin(waiting(x, .5, a->follow_up / a->lag), 1e5) : 0);
        x->n_rows++;
        if (a->cause[c].fatal) {
            l->death = o->day;
            l->death_known = o->known;
        }
    }
}

static int by_known(const void *a, const void *b)
{
    const struct occurrence *x = a, *y = b;

    if (x->known != y->known) {
        return x->known < y->known ? -1 : 1;
    }
    if (x->subject != y->subject) {
        return x->subject < y->subject ? -1 : 1;
    }
    return (x->cause > y->cause) - (x->cause < y->cause);
}

static void make_trial(struct sim *x)
{
    x->n_rows = 0;
    shuffle(x);
    for (uint32_t i = 0; i < x->snap.n_subjects; i++) {
        live(x, i);
    }
    qsort(x->rows, x->n_rows, sizeof *x->rows, by_known);
    for (size_t k = 0; k < x->n_rows; k++) {
        const struct occurrence *o = &x->rows[k];
        const struct cause *c = &x->a->cause[o->cause];
        struct event *e = &x->snap.events[k];

        e->subject = o->subject;
        e->subject_id = x->snap.subjects[o->subject].id;
        e->onset = e->resolved = (struct pdate){o->day, o->day, DATE_DAY};
        e->outcome = c->fatal ? OUT_FATAL : OUT_RECOVERED;
        x->classes.events[k] = (struct event_class){.categories = c->categories, .subtypes = c->subtypes};
    }
}

/* The trial's database as it stood at the cut. */
static void as_of(struct sim *x, day_t cut)
{
    size_t n = x->snap.n_events;

    while (n < x->n_rows && x->rows[n].known <= cut) {
        n++;
    }
    x->snap.n_events = x->classes.n_events = n;
    for (size_t i = 0; i < x->snap.n_subjects; i++) {
        struct subject *s = &x->snap.subjects[i];
        const struct life *l = &x->lives[i];
        bool dead = l->death != DAY_NONE, told = dead && l->death_known <= cut;

        s->death_flag = told;
        s->death_date = told ? (struct pdate){l->death, l->death, DATE_DAY}
                             : (struct pdate){DAY_NONE, DAY_NONE, DATE_ABSENT};
        s->fu_end = told ? l->death : !dead && l->end <= cut ? l->end : DAY_NONE;
        s->fu_reason = told ? FU_DEATH : s->fu_end != DAY_NONE ? l->reason : FU_NONE;
    }
}

/* ---- watching it ---- */

/* The largest E so far is kept in every entry; NaN has not reached. */
static bool reached(const struct monitor *m, const struct entry *e)
{
    return m->e.on && e->log_e_max >= log(m->e.reference);
}

static enum status judge_at(struct sim *x, size_t which, enum look_kind kind, int64_t look, day_t cut,
                            struct err *err)
{
    struct history *h = &x->history[which];
    struct look_input in = {.plan = x->p,
                            .rules = x->rules,
                            .snapshot = &x->snap,
                            .history = x->history,
                            .known = &x->known[which],
                            .kind = kind,
                            .look = look,
                            .cut = cut,
                            .changed = true};
    struct known_set newly = {0};
    enum status st = VEC_PUSH_ROOM(h->entries, h->n, h->cap, err);

    if (st == OK) {
        st = look_judge(&in, &x->classes, which, &h->entries[h->n], &newly, err);
    }
    if (st == OK) {
        h->n++;
        if (x->crossed[which] == 0 && h->entries[h->n - 1].verdict == VERDICT_CROSSED) {
            x->crossed[which] = h->n;
        }
        st = known_set_take(&x->known[which], &newly, err);
    }
    known_set_done(&newly);
    return st;
}

/* Crossed, and nothing more to learn of it: the e-process beside it, which goes on, is there too. */
static bool over(const struct sim *x, size_t which)
{
    const struct monitor *m = &x->p->monitors[which];
    const struct history *h = &x->history[which];

    return x->crossed[which] > 0 && (!m->e.on || reached(m, &h->entries[h->n - 1]));
}

/* Does a calendar date of the monitor lie between two cuts? */
static bool calendar(const struct monitor *m, day_t first_rand, day_t before, day_t cut)
{
    return m->clock == CLOCK_CALENDAR && judge_dates(m->clock_from, first_rand, m->months, cut) >
                                             judge_dates(m->clock_from, first_rand, m->months, before);
}

static enum status watch(struct sim *x, day_t first, day_t last, struct err *err)
{
    int64_t look = 0;
    enum status st = OK;

    for (day_t cut = first; st == OK && cut <= last; cut++) {
        size_t had = x->snap.n_events;
        bool seen = false;

        for (size_t m = 0; st == OK && m < x->p->n_monitors; m++) {
            bool due = calendar(&x->p->monitors[m], first, cut - 1, cut);

            for (size_t k = had; !due && k < x->n_rows && x->rows[k].known <= cut; k++) {
                due = in_target(x->classes.events[k].categories, x->classes.events[k].subtypes,
                                x->p->monitors[m].target);
            }
            if (!due || over(x, m)) {
                continue;
            }
            if (!seen) {
                as_of(x, cut);
                look++;
                seen = true;
            }
            st = judge_at(x, m, LOOK_CUT, look, cut, err);
        }
    }
    as_of(x, last);
    for (size_t m = 0; st == OK && m < x->p->n_monitors; m++) {
        st = over(x, m) ? OK : judge_at(x, m, LOOK_FINAL, look + 1, last, err);
    }
    return st;
}

static void add_up(const struct sim *x, day_t first, struct simulated *r)
{
    bool any = false, family[FAMILIES_MAX] = {false};

    for (size_t i = 0; i < x->p->n_monitors; i++) {
        const struct monitor *m = &x->p->monitors[i];
        const struct history *h = &x->history[i];
        size_t n = x->crossed[i] > 0 ? x->crossed[i] : h->n;
        const struct entry *e = &h->entries[n - 1];
        struct simulated_monitor *sum = &r->monitor[i];

        sum->events += (double)e->events;
        for (size_t k = 0; k < n; k++) {
            sum->looks += h->entries[k].executed;
        }
        sum->e_reached += reached(m, &h->entries[h->n - 1]);
        if (x->crossed[i] == 0) {
            sum->undetermined += e->verdict == VERDICT_UNDETERMINED;
            continue;
        }
        sum->crossed++;
        sum->at_closing += e->kind == LOOK_FINAL;
        sum->events_crossed += (double)e->events;
        sum->days_crossed += e->cut - first;
        if (m->role == ROLE_DECISIVE) {
            any = true;
            if (m->family >= 0) {
                family[m->family] = true;
            }
        }
    }
    for (size_t f = 0; f < x->p->n_families; f++) {
        r->family[f] += family[f];
    }
    r->any += any;
    r->trials++;
}

static void forget(struct sim *x)
{
    for (size_t i = 0; i < x->p->n_monitors; i++) {
        history_done(&x->history[i]);
        known_set_done(&x->known[i]);
        x->crossed[i] = 0;
    }
    x->snap.n_events = x->classes.n_events = 0;
}

static enum status one_trial(struct sim *x, struct simulated *r, struct err *err)
{
    day_t first = DAY_NONE, last = DAY_NONE;
    enum status st;

    make_trial(x);
    for (size_t i = 0; i < x->snap.n_subjects; i++) {
        day_t in = x->snap.subjects[i].rand, out = x->lives[i].end;

        first = first == DAY_NONE || in < first ? in : first;
        last = out > last ? out : last;
    }
    if (x->n_rows > 0 && x->rows[x->n_rows - 1].known > last) {
        last = x->rows[x->n_rows - 1].known;
    }
    st = watch(x, first, last, err);
    if (st == OK) {
        add_up(x, first, r);
    }
    forget(x);
    return st;
}

/* ---- all of them ---- */

/* Ids in the order of the subjects, as a snapshot has them. */
static enum status make_ids(struct sim *x, struct err *err)
{
    enum status st = pool_new(&x->snap.pool, err);

    for (size_t i = 0; st == OK && i < x->snap.n_subjects; i++) {
        char id[] = "S00000000";

        for (size_t v = i, k = sizeof id - 2; v > 0; v /= 10, k--) {
            id[k] = (char)('0' + v % 10);
        }
        st = pool_intern(x->snap.pool, id, sizeof id - 1, &x->snap.subjects[i].id, err);
    }
    return st;
}

static enum status sim_open(struct sim *x, struct err *err)
{
    size_t n = (size_t)x->a->subjects, rows = n * x->a->n_causes;

    x->snap.subjects = calloc(n, sizeof *x->snap.subjects);
    x->classes.subjects = calloc(n, sizeof *x->classes.subjects);
    x->lives = calloc(n, sizeof *x->lives);
    x->arms = calloc(n, sizeof *x->arms);
    x->rows = calloc(rows, sizeof *x->rows);
    x->snap.events = calloc(rows, sizeof *x->snap.events);
    x->classes.events = calloc(rows, sizeof *x->classes.events);
    if (x->snap.subjects == NULL || x->classes.subjects == NULL || x->lives == NULL || x->arms == NULL ||
        x->rows == NULL || x->snap.events == NULL || x->classes.events == NULL) {
        return err_set(err, E_NOMEM, "simulating trials of %zu subjects", n);
    }
    x->snap.n_subjects = x->classes.n_subjects = n;
    x->snap.data_cutoff = INSTANT_NONE;
    for (size_t i = 0; i < n; i++) {
        x->snap.subjects[i].last_dose = DAY_NONE; /* treated as long as followed */
    }
    for (size_t k = 0; k < rows; k++) {
        x->snap.events[k].form = FORM_COMPLETE;
        x->snap.events[k].entered = x->snap.events[k].updated = INSTANT_NONE;
    }
    return make_ids(x, err);
}

static void sim_done(struct sim *x)
{
    classes_done(&x->classes);
    free(x->snap.subjects);
    free(x->snap.events);
    pool_free(x->snap.pool);
    free(x->lives);
    free(x->arms);
    free(x->rows);
}

enum status simulate(const struct plan *p, struct ruleset *rules, size_t scenario, uint64_t seed,
                     int64_t first, int64_t n, struct simulated *ret, struct err *err)
{
    struct sim x = {.p = p, .rules = rules, .a = p->assumed, .s = &p->assumed->scenario[scenario]};
    struct simulated r = {0};
    enum status st = plan_assumed_check(p, err);

    if (st == OK) {
        st = sim_open(&x, err);
    }
    for (int64_t i = first; st == OK && i < first + n; i++) {
        rng_init(&x.rng, seed ^ (uint64_t)scenario << 56);
        rng_init(&x.rng, rng_bits(&x.rng) + (uint64_t)i);
        share_arms(&p->arms, x.a->subjects, x.arms);
        st = one_trial(&x, &r, err);
    }
    sim_done(&x);
    if (st == OK) {
        *ret = r;
    }
    return st;
}

void simulated_add(struct simulated *to, const struct simulated *more)
{
    to->trials += more->trials;
    to->any += more->any;
    for (size_t f = 0; f < FAMILIES_MAX; f++) {
        to->family[f] += more->family[f];
    }
    for (size_t i = 0; i < MONITORS_MAX; i++) {
        struct simulated_monitor *a = &to->monitor[i];
        const struct simulated_monitor *b = &more->monitor[i];

        a->crossed += b->crossed;
        a->at_closing += b->at_closing;
        a->undetermined += b->undetermined;
        a->e_reached += b->e_reached;
        a->looks += b->looks;
        a->events += b->events;
        a->events_crossed += b->events_crossed;
        a->days_crossed += b->days_crossed;
    }
}
