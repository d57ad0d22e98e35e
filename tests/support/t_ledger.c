#include "support/t_ledger.h"

#include <string.h>

#include "support/t.h"

struct monitor b2(double alpha, int64_t max_events)
{
    struct monitor m = {.name = "cv", .category = "cardiovascular", .comparison = ARM_NONE};

    m.method = METHOD_EXACT_BINOMIAL;
    m.spending.kind = SPEND_POCOCK;
    m.alpha = alpha;
    m.max_events = max_events;
    m.min_events = 1;
    m.clock = CLOCK_EVERY_EVENT;
    m.closing_look = true;
    m.family = -1;
    m.e = (struct eprocess_plan){true, 1, 1, 20};
    m.clock_from = DAY_NONE;
    m.daily_cut = true;
    return m;
}

struct monitor b1(double alpha, int64_t max_events)
{
    struct monitor m = b2(alpha, max_events);

    m.method = METHOD_SPENDING_Z;
    m.spending.kind = SPEND_OBF;
    m.min_events = 10;
    return m;
}

struct monitor b4(double alpha)
{
    struct monitor m = b2(alpha, 0);

    m.method = METHOD_E_PROCESS;
    m.min_events = 1;
    m.closing_look = false;
    return m;
}

void trial_open(struct trial *t, struct monitor m)
{
    memset(t, 0, sizeof *t);
    t->m = m;
    t->y1 = t->n1 = 75;
    t->y0 = t->n0 = 73;
    t->pi_star = 75.0 / 148;
    t->day = 16000;
}

void trial_close(struct trial *t)
{
    for (size_t i = 0; i < t->n_past; i++) {
        entry_done(&t->past[i]);
    }
    t->n_past = 0;
}

void event(struct trial *t, int exp)
{
    t->day++;
    t->ev[t->n_ev++] = (struct known_event){(uint32_t)t->n_ev, t->day, (int8_t)exp, true, t->y1, t->y0};
    t->touched = true;
}

void events(struct trial *t, const char *arms)
{
    for (; *arms != '\0'; arms++) {
        event(t, *arms == '1');
    }
}

void retract(struct trial *t, size_t i)
{
    memmove(&t->ev[i], &t->ev[i + 1], (t->n_ev - i - 1) * sizeof t->ev[0]);
    t->n_ev--;
    t->touched = true;
}

void correct_arm(struct trial *t, size_t i)
{
    t->ev[i].exp = (int8_t)!t->ev[i].exp;
    t->touched = true;
}

struct monitor_data view(const struct trial *t, struct logrank_row *rows, enum look_kind kind)
{
    for (size_t i = 0; i < t->n_ev; i++) {
        rows[i] = (struct logrank_row){t->ev[i].y1, t->ev[i].y0, t->ev[i].exp, !t->ev[i].exp};
    }
    return (struct monitor_data){.events = t->ev,
                                 .n_events = t->n_ev,
                                 .days = rows,
                                 .n_days = t->n_ev,
                                 .cut = t->day + 1,
                                 .first_rand = 15900,
                                 .changed = t->touched,
                                 .kind = kind,
                                 .look = (int64_t)t->n_past + 1,
                                 .pi_star = t->pi_star,
                                 .n1 = t->n1,
                                 .n0 = t->n0};
}

const struct entry *look_at(struct trial *t, enum look_kind kind)
{
    struct logrank_row rows[EVENTS_MAX];
    struct monitor_data d = view(t, rows, kind);
    struct err err = {0};

    assert_true(t->n_past < LOOKS_MAX);
    assert_ok(monitor_judge(&t->m, t->past, t->n_past, &d, &t->past[t->n_past], &err), err);
    t->n_past++;
    t->day++;
    t->touched = false;
    for (size_t i = 0; i < t->n_ev; i++) {
        t->ev[i].is_new = false;
    }
    return &t->past[t->n_past - 1];
}

const struct entry *look(struct trial *t)
{
    return look_at(t, LOOK_CUT);
}

const struct entry *run(struct trial *t, const char *arms)
{
    const struct entry *e = NULL;

    for (; *arms != '\0'; arms++) {
        event(t, *arms == '1');
        e = look(t);
    }
    return e;
}
