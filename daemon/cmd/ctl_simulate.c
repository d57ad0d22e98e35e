/* dsmbctl simulate: the operating characteristics of a plan. */
#include "cmd/ctl_simulate.h"

#include <string.h>
#include <unistd.h>

#include "cmd/ctl.h"
#include "cmd/ctl_opts.h"
#include "cmd/ctl_past.h"
#include "host/apart.h"

static const char help[] =
    "usage: dsmbctl simulate [--plan FILE|adopted [--rules DIR]] [--trials N] [--seed N] [--scenario NAME]\n"
    "                        [--format text|csv|json] [--config FILE]\n\n"
    "Trials as the plan's section `simulation` assumes them, judged look by look by the code that watches "
    "the\n"
    "trial: how often each monitor and each family errs without harm, and finds harm where there is some.\n\n"
    "  --plan FILE      the plan (default: adopted)\n"
    "  --rules DIR      with --plan FILE: its rules; then no settings are needed\n"
    "  --trials N       in each scenario (default 2000; the standard error of a rate of .05 is then .005)\n"
    "  --seed N         the same number gives the same trials (default 1)\n"
    "  --scenario NAME  this one only; \"no harm\" is always there\n\n"
    "Exit status 1: without harm a monitor or a family errs more often than its alpha, or not as often as "
    "the\n"
    "plan's simulated_rate says, beyond three standard errors.\n";

/* Trials of one child before the next ones start, so that progress shows; and how long they may take. */
enum { CHUNK = 25, CHUNK_SECONDS = 3600, TRIALS_MAX = 1000000 };

struct args {
    const char *config, *plan, *rules, *scenario;
    int64_t trials, seed;
    int format;
};

struct job {
    const struct past_plan *p;
    size_t scenario;
    int64_t seed, first, n;
};

/* What a child says: the numbers, or why there are none. */
struct said {
    enum status st;
    struct err err;
    struct simulated r;
};

static enum status child(const void *ctx, struct buf *out, struct err *err)
{
    const struct job *j = ctx;
    struct said s = {.st = OK};

    s.st = simulate(j->p->plan, j->p->rules, j->scenario, (uint64_t)j->seed, j->first, j->n, &s.r, &s.err);
    buf_add(out, &s, sizeof s);
    return buf_check(out, err);
}

/* As many children at once as there are processors; trials from..to - 1. */
static enum status chunk(struct job *job, size_t n, struct simulated *sum, struct err *err)
{
    struct apart_job jobs[APART_MAX] = {0};
    enum status st;

    for (size_t i = 0; i < n; i++) {
        jobs[i] = (struct apart_job){.fn = child, .ctx = &job[i]};
    }
    st = apart_run(jobs, n, sizeof(struct said), CHUNK_SECONDS * INT64_C(1000000), err);
    for (size_t i = 0; st == OK && i < n; i++) {
        struct said s;

        if (jobs[i].out.len != sizeof s) {
            st = err_set(err, E_INTERNAL, "a process of our own said too little");
            break;
        }
        memcpy(&s, jobs[i].out.data, sizeof s);
        st = s.st;
        if (st == OK) {
            simulated_add(sum, &s.r);
        } else {
            *err = s.err;
        }
    }
    for (size_t i = 0; i < n; i++) {
        buf_done(&jobs[i].out);
    }
    return st;
}

static enum status scenario(const struct past_plan *p, const struct args *a, size_t which, int64_t done,
                            int64_t total, struct simulated *ret, struct err *err)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t at_once = processors < 1 ? 1 : processors > APART_MAX ? APART_MAX : (size_t)processors;
    enum status st = OK;

    *ret = (struct simulated){0};
    for (int64_t from = 0; st == OK && from < a->trials;) {
        struct job job[APART_MAX];
        size_t n = 0;

        ctl_progress("simulate", (size_t)(done + from), (size_t)total, "trials");
        while (n < at_once && from < a->trials) {
            int64_t left = a->trials - from, take = left < CHUNK ? left : CHUNK;

            job[n++] = (struct job){p, which, a->seed, from, take};
            from += take;
        }
        st = chunk(job, n, ret, err);
    }
    return st;
}

static enum status choose(const struct assumed *as, const struct args *a, struct simulation_item *item,
                          size_t *n, struct err *err)
{
    for (size_t i = 0; i < as->n_scenarios; i++) {
        if (i == 0 || a->scenario == NULL || strcmp(a->scenario, as->scenario[i].name) == 0) {
            item[(*n)++] = (struct simulation_item){.scenario = &as->scenario[i], .no_harm = i == 0};
        }
    }
    if (a->scenario != NULL && strcmp(a->scenario, as->scenario[0].name) != 0 && *n == 1) {
        return err_set(err, E_USAGE, "--scenario: the plan's simulation has no scenario \"%s\"", a->scenario);
    }
    return OK;
}

static enum status run(const struct args *a, struct buf *out, struct buf *wrong, int *n_wrong,
                       struct err *err)
{
    static struct simulation_item item[SCENARIOS_MAX]; /* large, and dsmbctl runs one verb */
    struct past_plan p = {0};
    size_t n = 0;
    enum status st = past_plan_asked(a->config, a->plan, a->rules, &p, err);

    if (st == OK && p.plan->assumed == NULL) {
        st =
            err_set(err, E_CONFIG,
                    "the plan has no section `simulation`: it says how many subjects, for how long, and what "
                    "happens how often; see dsmbd-plan(5)");
    }
    if (st == OK) {
        st = choose(p.plan->assumed, a, item, &n, err);
    }
    for (size_t i = 0; st == OK && i < n; i++) {
        st = scenario(&p, a, (size_t)(item[i].scenario - p.plan->assumed->scenario), (int64_t)i * a->trials,
                      (int64_t)n * a->trials, &item[i].r, err);
    }
    ctl_progress_end();
    if (st == OK) {
        st = simulation_write(p.plan, item, n, a->seed, (enum ctl_form)a->format, out, err);
    }
    if (st == OK) {
        *n_wrong = simulation_contradicts(p.plan, &item[0], wrong);
        st = buf_check(wrong, err);
    }
    past_plan_done(&p);
    return st;
}

int ctl_simulate(int argc, char **argv)
{
    struct args a = {.trials = 2000, .seed = 1, .format = ctl_format("simulate", NULL)};
    const struct ctl_opt opts[] = {{"config", CTL_TEXT, &a.config},   {"plan", CTL_TEXT, &a.plan},
                                   {"rules", CTL_TEXT, &a.rules},     {"scenario", CTL_TEXT, &a.scenario},
                                   {"trials", CTL_NUMBER, &a.trials}, {"seed", CTL_COUNT, &a.seed},
                                   {"format", CTL_FORMAT, &a.format}};
    struct buf out = {0}, wrong = {0};
    struct err err = {0};
    int at = 0, n_wrong = 0,
        rc = ctl_options("simulate", help, opts, sizeof opts / sizeof opts[0], argc, argv, &at);
    enum status st;

    if (rc == 0) {
        rc = ctl_no_operand("simulate", argc, argv, at);
    }
    if (rc == 0 && a.trials > TRIALS_MAX) {
        (void)fprintf(stderr, "dsmbctl simulate: --trials takes 1 to %d\n", TRIALS_MAX);
        rc = 2;
    }
    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    st = run(&a, &out, &wrong, &n_wrong, &err);
    if (st == OK) {
        ctl_put(&out);
        (void)fputs(buf_cstr(&wrong), stderr);
        rc = n_wrong > 0;
    } else {
        rc = ctl_fail("simulate", st, &err);
    }
    buf_done(&out);
    buf_done(&wrong);
    return rc;
}
