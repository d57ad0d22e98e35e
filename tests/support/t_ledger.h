/*
 * t_ledger.h - a trial as one monitor sees it: events are added, corrected and retracted; each look is judged and kept.
 */
#ifndef DSMB_TESTS_T_LEDGER_H
#define DSMB_TESTS_T_LEDGER_H

#include "monitor/ledger.h"

enum { LOOKS_MAX = 400, EVENTS_MAX = 400 };

struct trial {
    struct monitor m;
    struct entry past[LOOKS_MAX];
    size_t n_past;
    struct known_event ev[EVENTS_MAX];
    size_t n_ev;
    int64_t y1, y0; /* at risk at every event */
    int64_t n1, n0;
    double pi_star;
    day_t day;    /* of the newest event and of the next cut */
    bool touched; /* a row changed since the last look */
};

/* A monitor of each method, as the example plan has them; B1 with OBF-like spending, from 10 events on. */
struct monitor b2(double alpha, int64_t max_events);
struct monitor b1(double alpha, int64_t max_events);
struct monitor b4(double alpha);

/* 75 v 73 randomised, all at risk at every event. */
void trial_open(struct trial *t, struct monitor m);
void trial_close(struct trial *t);

/* A first event on a day of its own; several, '1' in the experimental arm. */
void event(struct trial *t, int exp);
void events(struct trial *t, const char *arms);
void retract(struct trial *t, size_t i);
void correct_arm(struct trial *t, size_t i);

/* What a look sees; rows: room for EVENTS_MAX. */
struct monitor_data view(const struct trial *t, struct logrank_row *rows, enum look_kind kind);
/* One look at the next cut. */
const struct entry *look_at(struct trial *t, enum look_kind kind);
const struct entry *look(struct trial *t);
/* A look after every event; the last entry. */
const struct entry *run(struct trial *t, const char *arms);

#endif
