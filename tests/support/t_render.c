#include "support/t_render.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/doc.h"
#include "config/yaml.h"
#include "support/t.h"
#include "support/t_trial.h"

enum { N1 = 75, N0 = 73, LOOK = 14 };

static const struct {
    const char *name, *yaml;
} rule_files[] = {
    {"context.yaml",
     "context: shared\ngroups:\n  - {name: negation, says: \"no event\", before: [\"no\"]}\n"},
    {"gastrointestinal.yaml", "category: gastrointestinal\ntitle: Gastrointestinal adverse effects\n"
                              "rules:\n  - {id: gi.x, terms: {en: [diarrhoea]}}\n"},
    {"death.yaml", "category: death\ntitle: Deaths\nfrom: {death_flag: true}\n"},
    {"cardiovascular.yaml", "category: cardiovascular\ntitle: Cardiovascular events\nsubtypes: [MI, STROKE]\n"
                            "rules:\n  - {id: cv.mi, subtype: MI, terms: {en: [infarction]}}\n"
                            "  - {id: cv.stroke, subtype: STROKE, terms: {en: [stroke]}}\n"},
    {"serious.yaml", "category: serious\ntitle: Serious adverse events\nfrom: {serious_flag: true}\n"}};

enum { FILES = sizeof(rule_files) / sizeof(rule_files[0]) };

static struct ruleset *make_rules(void)
{
    const struct doc *docs[FILES];
    struct doc *owned[FILES];
    struct ruleset *rs = NULL;
    struct err err = {0};

    for (size_t i = 0; i < FILES; i++) {
        owned[i] = NULL;
        assert_ok(
            yaml_parse(rule_files[i].name, rule_files[i].yaml, strlen(rule_files[i].yaml), &owned[i], &err),
            err);
        docs[i] = owned[i];
    }
    assert_ok(ruleset_new(docs, FILES, &rs, &err), err);
    for (size_t i = 0; i < FILES; i++) {
        doc_free(owned[i]);
    }
    return rs;
}

static struct monitor make_monitor(const struct ruleset *rs, const char *name, const char *title,
                                   const char *category)
{
    struct monitor m = {.comparison = ARM_NONE,
                        .window = WINDOW_ALL,
                        .method = METHOD_EXACT_BINOMIAL,
                        .role = ROLE_DECISIVE,
                        .spending = {.kind = SPEND_POCOCK},
                        .alpha = 0.05,
                        .max_events = 20,
                        .min_events = 1,
                        .clock = CLOCK_EVERY_EVENT,
                        .closing_look = true,
                        .urgency = ALERT_URGENT,
                        .family = -1,
                        .e = {.on = true, .prior_a = 1, .prior_b = 1, .reference = 20},
                        .clock_from = DAY_NONE,
                        .daily_cut = true};

    (void)snprintf(m.name, sizeof(m.name), "%s", name);
    (void)snprintf(m.title, sizeof(m.title), "%s", title);
    (void)snprintf(m.category, sizeof(m.category), "%s", category);
    m.target = (struct tally_target){ruleset_find_category(rs, category), 0};
    return m;
}

static struct secret *make_secret(const char *s)
{
    struct secret *x = NULL;
    struct err err = {0};

    assert_ok(secret_new(s, strlen(s), &x, &err), err);
    return x;
}

static void make_plan(struct synthetic *s, const struct synthetic_options *o)
{
    struct plan *p = &s->plan;

    (void)snprintf(p->trial, sizeof(p->trial), "MAGiCAL-CKD");
    (void)snprintf(p->title, sizeof(p->title),
                   "Magnesium in chronic kidney disease (synthetic re-enactment)");
    (void)snprintf(p->note, sizeof(p->note),
                   "Illustrative: the alphas were chosen knowing the results. All subjects are synthetic.");
    p->arms.n = 2;
    p->arms.arm[0].code = make_secret("PLAC");
    p->arms.arm[0].label = make_secret(o->label[0] == NULL ? "Placebo" : o->label[0]);
    p->arms.arm[1].code = make_secret("MGOH");
    p->arms.arm[1].label = make_secret(o->label[1] == NULL ? "Magnesium" : o->label[1]);
    p->arms.arm[0].allocation = p->arms.arm[1].allocation = 0.5;
    if (o->third_arm) {
        p->arms.n = 3;
        p->arms.arm[2].code = make_secret("MGLO");
        p->arms.arm[2].label = make_secret("Low dose");
        p->arms.arm[2].allocation = 0.25;
        p->arms.arm[1].allocation = 0.25;
    }
    p->population = POP_RANDOMISED;
    p->basis = BASIS_PLANNED;
    p->te_days = 30;
    p->trial_clock = TRIAL_CLOCK_SOURCE;
    p->first_look = DAY_NONE;
    p->n_monitors = SYN_MONITORS;
    p->monitors[SYN_GI] =
        make_monitor(s->rules, "gi", "Gastrointestinal adverse effects", "gastrointestinal");
    p->monitors[SYN_GI].method = METHOD_SPENDING_Z;
    p->monitors[SYN_GI].spending.kind = SPEND_OBF;
    p->monitors[SYN_GI].alpha = 0.025;
    p->monitors[SYN_GI].max_events = 60;
    p->monitors[SYN_GI].min_events = 10;
    p->monitors[SYN_GI].clock = CLOCK_CALENDAR;
    p->monitors[SYN_GI].months = 6;
    p->monitors[SYN_GI].urgency = ALERT_NEXT_REPORT;
    p->monitors[SYN_DEATHS] = make_monitor(s->rules, "deaths", "Deaths", "death");
    p->monitors[SYN_CV] = make_monitor(s->rules, "cv", "Cardiovascular events", "cardiovascular");
    p->n_families = 2;
    p->families[0] = (struct family){.name = "harm", .alpha = 0.15, .reserve = 0.05};
    p->families[1] = (struct family){.name = "tolerability", .alpha = 0.025};
    p->monitors[SYN_DEATHS].family = p->monitors[SYN_CV].family = 0;
    p->monitors[SYN_GI].family = 1;
}

static void make_board(struct board *b)
{
    static const struct member m[] = {
        {"Ada Berg", "ada.berg@board.example", MEMBER_CHAIR, "", NULL, MEMBER_AES256_CBC},
        {"S\xc3\xb8ren \xc3\x86gir Thorvaldsen", "soren@board.example", MEMBER_STATISTICIAN, "", NULL,
         MEMBER_AES256_CBC}};

    (void)snprintf(b->trial, sizeof(b->trial), "MAGiCAL-CKD");
    (void)snprintf(b->chair_phone, sizeof(b->chair_phone), "+45 00 00 00 00");
    b->n = 2;
    memcpy(b->members, m, sizeof(m));
}

/* Subjects 0..74 are experimental, 75..147 control; in the database the order says nothing, so ids are scrambled. */
static void subject_id(int i, char out[16])
{
    (void)snprintf(out, 16, "S%03d", 1 + (i * 59) % (N1 + N0));
}

static void date_of(int day, char out[11])
{
    day_format(day_from_ymd(2023, 1, 9) + day, out);
}

static void event(struct builder *b, const char *id, int subject, const char *term, size_t len, int day,
                  bool serious, const char *form, bool deleted)
{
    char who[16], onset[11];
    const char *v[AE_COLUMNS] = {[AE_ID] = id,
                                 [AE_SUBJECT] = who,
                                 [AE_TERM] = term,
                                 [AE_ONSET] = onset,
                                 [AE_FORM] = form,
                                 [AE_DELETED] = deleted ? "t" : "f",
                                 [AE_SERIOUS] = serious ? "t" : "f"};
    struct field f[SRC_COLUMNS_MAX];
    struct err err = {0};

    subject_id(subject, who);
    date_of(day, onset);
    t_fields(SRC_AE, v, f);
    f[AE_TERM].len = (int32_t)len;
    assert_ok(builder_row(b, SRC_AE, f, &err), err);
}

static void add_subject(struct builder *b, int i, const struct synthetic_options *o)
{
    static const int died[] = {3, 20, 31, 47, 66, N1 + 12, N1 + 40};
    char id[16], rand[11], death[11], end[11];
    const char *v[SUB_COLUMNS] = {[SUB_ID] = id,
                                  [SUB_SITE] = i % 3 == 0   ? "DK1"
                                               : i % 3 == 1 ? "DK2"
                                                            : "NO1",
                                  [SUB_RAND] = rand,
                                  [SUB_FIRST_DOSE] = i == 74 ? NULL : rand,
                                  [SUB_DEATH_FLAG] = "f"};
    bool exp = i < N1;

    subject_id(i, id);
    date_of((i * 37) % 300, rand);
    for (size_t k = 0; k < sizeof(died) / sizeof(died[0]); k++) {
        if (died[k] == i) {
            date_of(330 + (int)k * 20, death);
            v[SUB_DEATH_FLAG] = "t";
            v[SUB_DEATH_DATE] = v[SUB_FU_END] = death;
            v[SUB_FU_REASON] = "DEATH";
        }
    }
    if (v[SUB_FU_END] == NULL && i % 9 == 4) {
        date_of(400 + i, end);
        v[SUB_FU_END] = end;
        v[SUB_FU_REASON] = i % 2 == 0 ? "WITHDRAWN" : "COMPLETED";
    }
    t_row(b, SRC_SUBJECT, v);
    if (o->third_arm && exp && i >= N1 - 6) {
        t_arm(b, id, "MGLO", NULL);
    } else {
        t_arm(b, id, exp != o->swap_arms ? "MGOH" : "PLAC", NULL);
    }
}

static void add_events(struct builder *b, const struct synthetic_options *o)
{
    static const char *const gut[] = {"Diarrhoea", "l\xc3\xb8s mave", "Kvalme", "Nausea"};
    static const char *const heart[] = {
        "Myokardieinfarkt", "Apopleksi",          "Acute myocardial infarction",
        "Hjerneslag",       "Stroke, left sided", "AMI"};
    char id[16];

    for (int k = 0; k < 35 + 9; k++) {
        const char *t = gut[k % 4];

        (void)snprintf(id, sizeof(id), "GI%03d", k);
        event(b, id, k < 35 ? 2 * k : N1 + 5 * (k - 35), t, strlen(t), 310 + 3 * k, false, "COMPLETE", false);
    }
    for (int k = 0; k < 6; k++) {
        const char *t = k == 5 && o->term != NULL ? o->term : heart[k];

        (void)snprintf(id, sizeof(id), "CV%03d", k);
        event(b, id, 5 + 11 * k, t, k == 5 && o->term != NULL ? o->term_len : strlen(t), 320 + 31 * k, true,
              k == 4 ? "INCOMPLETE" : "COMPLETE", o->retracted && k == 5);
    }
    for (int k = 0; k < 9; k++) {
        (void)snprintf(id, sizeof(id), "OT%03d", k);
        event(b, id, 1 + 16 * k, "Pneumoni", 8, 315 + 13 * k, k % 2 == 0, "LOCKED", false);
    }
    event(b, "QQ001", 2, "blodprop?", 9, 390, false, "COMPLETE", false);
}

/* Their verbatims are as long as a site can make them, and need escaping in every format. */
static void add_many(struct builder *b, int many)
{
    char who[16], id[16], term[600];
    const char *v[SUB_COLUMNS] = {
        [SUB_ID] = who, [SUB_SITE] = "DK1", [SUB_RAND] = "2023-01-09", [SUB_DEATH_FLAG] = "f"};

    for (size_t i = 0; i < sizeof term; i++) {
        term[i] = "<&=\"'. A"[i % 9];
    }
    for (int k = 0; k < many; k++) {
        const char *ae[AE_COLUMNS] = {
            [AE_ID] = id,           [AE_SUBJECT] = who, [AE_TERM] = term, [AE_ONSET] = "2024-01-01",
            [AE_FORM] = "COMPLETE", [AE_DELETED] = "f"};
        struct field f[SRC_COLUMNS_MAX];
        struct err err = {0};

        (void)snprintf(who, sizeof who, "X%05d", k);
        (void)snprintf(id, sizeof id, "CVX%05d", k);
        t_row(b, SRC_SUBJECT, v);
        t_arm(b, who, "MGOH", NULL);
        t_fields(SRC_AE, ae, f);
        f[AE_TERM].len = (int32_t)sizeof term;
        assert_ok(builder_row(b, SRC_AE, f, &err), err);
    }
}

static void classify_by_hand(struct synthetic *s)
{
    const struct ruleset *rs = s->rules;
    int gi = ruleset_find_category(rs, "gastrointestinal"), death = ruleset_find_category(rs, "death");
    int cv = ruleset_find_category(rs, "cardiovascular"), sae = ruleset_find_category(rs, "serious");
    int mi = ruleset_find_subtype(rs, cv, "MI"), stroke = ruleset_find_subtype(rs, cv, "STROKE");
    struct classes *c = &s->result.classes;

    c->n_events = s->snapshot->n_events;
    c->n_subjects = s->snapshot->n_subjects;
    c->events = calloc(c->n_events, sizeof(*c->events));
    c->subjects = calloc(c->n_subjects, sizeof(*c->subjects));
    assert_non_null(c->events);
    assert_non_null(c->subjects);
    for (size_t i = 0; i < c->n_events; i++) {
        const struct event *e = &s->snapshot->events[i];
        const char *id = t_str(s->snapshot, e->id);
        struct event_class *x = &c->events[i];

        if (e->deleted) {
            continue;
        }
        if (strncmp(id, "GI", 2) == 0) {
            x->categories |= 1U << gi;
        } else if (strncmp(id, "CV", 2) == 0) {
            x->categories |= 1U << cv;
            x->subtypes |= UINT64_C(1) << (id[4] % 2 == 0 ? mi : stroke);
        } else if (strncmp(id, "QQ", 2) == 0) {
            x->review = 1U << cv;
            x->flags = CLASS_REVIEW;
        }
        if (e->serious == TRI_YES) {
            x->categories |= 1U << sae;
        }
        if (e->form == FORM_INCOMPLETE) {
            x->flags |= CLASS_UNVERIFIED;
        }
    }
    for (size_t i = 0; i < c->n_subjects; i++) {
        const struct subject *who = &s->snapshot->subjects[i];

        c->subjects[i] = (struct subject_class){.first = DAY_NONE, .last = DAY_NONE};
        if (who->death_flag) {
            c->subjects[i] =
                (struct subject_class){1U << death, 0, who->death_date.first, who->death_date.last};
        }
    }
}

static void make_tallies(struct synthetic *s, day_t cut)
{
    int category[SUBTYPES_MAX] = {0};
    struct tally_shape shape = {s->plan.arms.n, ruleset_categories(s->rules), ruleset_subtypes(s->rules),
                                category};
    struct tally_options o = tally_defaults(cut);
    struct err err = {0};

    for (int i = 0; i < shape.n_subtypes; i++) {
        category[i] = ruleset_subtype_category(s->rules, i);
    }
    o.te_days = s->plan.te_days;
    o.death_category = ruleset_find_category(s->rules, "death");
    assert_ok(tally_counts(s->snapshot, &s->result.classes, &shape, &o, &s->result.tallies,
                           &s->result.n_tallies, &err),
              err);
}

/* What a ledger could hold; the figures of the sixth cardiovascular event are methods' 6 v 0 with p0 = 75/148. */
static struct entry make_entry(int look, enum verdict v, int64_t events, int64_t x1)
{
    struct entry e = {.look = look,
                      .cut = day_from_ymd(2023, 1, 9) + 310 + 15 * look,
                      .kind = LOOK_CUT,
                      .verdict = v,
                      .executed = v == VERDICT_BELOW || v == VERDICT_CROSSED,
                      .events = events,
                      .x1 = x1,
                      .info = (double)NAN,
                      .statistic = (double)x1,
                      .bound = (double)NAN,
                      .nominal_p = (double)NAN,
                      .log_e = (double)NAN,
                      .log_e_max = (double)NAN,
                      .max_events = 20,
                      .overrun_p = (double)NAN};

    return e;
}

/* The first events that came with a look, on one day: m, x of them in the experimental arm, among all. */
static void with_events(struct entry *e, int64_t m, int64_t x)
{
    e->b2 = calloc(1, sizeof(*e->b2));
    assert_non_null(e->b2);
    e->b2[0] = (struct block){.day = e->cut - 3, .y1 = 75, .y0 = 73, .m = m, .x = x};
    e->n_b2 = 1;
}

static void push(struct history *h, struct entry e)
{
    h->entries = realloc(h->entries, (h->n + 1) * sizeof(*h->entries));
    assert_non_null(h->entries);
    h->entries[h->n++] = e;
    h->cap = h->n;
}

static void make_ledger(struct synthetic *s)
{
    /* cumulative Pocock-like alpha .05 at n/20 = .05 ln(1 + (e-1) n/20) */
    static const double e_cv[] = {1.507, 2.366, 3.823, 6.309, 10.43, 16.958};
    struct entry e;

    for (int n = 1; n <= 6; n++) {
        double target = 0.05 * log(1 + (exp(1) - 1) * n / 20);

        e = make_entry(2 * n + 2, n < 6 ? VERDICT_BELOW : VERDICT_CROSSED, n, n);
        e.t = n / 20.0;
        e.alpha_target = target;
        e.alpha_spent = n < 6 ? 0 : 0.016948;
        e.bound = n < 6 ? n + 1 : 6;
        e.nominal_p = pow(75.0 / 148, n);
        e.log_e = e.log_e_max = log(e_cv[n - 1]);
        e.current_crosses = n == 6;
        with_events(&e, 1, 1);
        if (n < 6) {
            push(&s->history[SYN_CV], e);
        } else {
            s->result.entries[SYN_CV] = e;
        }
    }
    for (int n = 2; n <= 7; n++) {
        e = make_entry(2 * n, VERDICT_BELOW, n, n - n / 3);
        e.t = n / 20.0;
        e.alpha_target = 0.05 * log(1 + (exp(1) - 1) * n / 20);
        e.alpha_spent = n < 6 ? 0 : 0.0081;
        e.bound = n < 6 ? n + 1 : n;
        e.nominal_p = n == 7 ? 0.238 : 0.5;
        e.log_e = e.log_e_max = log(n == 7 ? 1.26 : 1.1);
        with_events(&e, n == 2 ? 2 : 1, n == 2 ? 2 : n % 3 != 0);
        if (n < 7) {
            push(&s->history[SYN_DEATHS], e);
        } else {
            e.look = LOOK;
            s->result.entries[SYN_DEATHS] = e;
        }
    }
    e = make_entry(6, VERDICT_UNDETERMINED, 8, 6);
    e.statistic = (double)NAN;
    (void)snprintf(e.reason, sizeof(e.reason), "fewer events than the plan's minimum: nothing is spent");
    push(&s->history[SYN_GI], e);
    e = make_entry(12, VERDICT_CROSSED, 30, 24);
    e.t = 0.5;
    e.alpha_target = e.alpha_spent = 0.00153;
    e.info = 7.48;
    e.statistic = 3.29;
    e.bound = 2.963;
    e.nominal_p = 0.0005;
    e.log_e = e.log_e_max = log(96.4);
    e.current_crosses = true;
    push(&s->history[SYN_GI], e);
    e = make_entry(LOOK, VERDICT_CROSSED, 44, 35);
    e.executed = false;
    e.t = 0.5;
    e.alpha_target = e.alpha_spent = 0.00153;
    e.info = 10.9;
    e.statistic = 4.42;
    e.bound = 2.963;
    e.nominal_p = 4.9e-6;
    e.log_e = e.log_e_max = log(790.2);
    e.overrun_p = 4.9e-6; /* no look before the crossing: the fixed-sample p */
    e.current_crosses = true;
    (void)snprintf(e.reason, sizeof(e.reason), "crossed at an earlier look: descriptive since");
    s->result.entries[SYN_GI] = e;
}

static void retract(struct synthetic *s)
{
    struct entry *e = &s->result.entries[SYN_CV];

    push(&s->history[SYN_CV], *e);
    *e = make_entry(LOOK + 1, VERDICT_CROSSED, 5, 5);
    e->executed = false;
    e->t = 0.3;
    e->alpha_spent = 0.016948;
    e->bound = (double)NAN;
    e->nominal_p = pow(75.0 / 148, 5);
    e->log_e = e->log_e_max = log(16.958);
    (void)snprintf(e->reason, sizeof(e->reason), "crossed at an earlier look: descriptive since");
    s->result.entries[SYN_GI].look = s->result.entries[SYN_DEATHS].look = LOOK + 1;
}

void synthetic_make(struct synthetic *s, const struct synthetic_options *o)
{
    struct builder *b = NULL;
    struct err err = {0};

    *s = (struct synthetic){.rules = make_rules()};
    make_plan(s, o);
    make_board(&s->board);
    assert_ok(builder_new(&s->plan.arms, &b, &err), err);
    for (int i = 0; i < N1 + N0; i++) {
        add_subject(b, i, o);
    }
    add_events(b, o);
    add_many(b, o->many);
    t_row(b, SRC_META, (const char *const[META_COLUMNS]){"data_cutoff", "2024-06-17 12:00:00Z"});
    s->snapshot = t_finish(b);
    classify_by_hand(s);
    s->result.n_entries = SYN_MONITORS;
    s->result.entries = calloc(SYN_MONITORS, sizeof(*s->result.entries));
    assert_non_null(s->result.entries);
    make_ledger(s);
    if (o->retracted) {
        retract(s);
    }
    make_tallies(s, s->result.entries[SYN_CV].cut);
    for (size_t i = 0; i < SYN_MONITORS; i++) {
        memcpy(s->history[i].monitor, s->plan.monitors[i].name, sizeof(s->history[i].monitor));
    }
    s->alert = (struct alert){.look = s->result.entries[SYN_CV].look,
                              .kind = o->retracted ? ALERT_AMENDED_BELOW : ALERT_RAISED,
                              .urgency = ALERT_URGENT};
    (void)snprintf(s->alert.monitor, sizeof(s->alert.monitor), "cv");
}

void synthetic_done(struct synthetic *s)
{
    ruleset_free(s->rules);
    arms_done(&s->plan.arms);
    snapshot_free(s->snapshot);
    look_result_done(&s->result);
    for (size_t i = 0; i < SYN_MONITORS; i++) {
        history_done(&s->history[i]);
    }
}

struct mail_input synthetic_mail(const struct synthetic *s)
{
    return (struct mail_input){.plan = &s->plan,
                               .rules = s->rules,
                               .board = &s->board,
                               .to = &s->board.members[1],
                               .alert = &s->alert,
                               .result = &s->result,
                               .history = s->history,
                               .snapshot = s->snapshot,
                               .look = s->alert.look,
                               .cut = s->result.entries[SYN_CV].cut,
                               .data_cutoff = s->snapshot->data_cutoff,
                               .now = s->snapshot->data_cutoff + 90 * INT64_C(1000000),
                               .number = 7,
                               .message_id = "0f8fad5b-d9cb-469f-a165-70867728950e",
                               .from = "dsmbd@trial.example",
                               .from_name = "MAGiCAL-CKD safety monitoring",
                               .ledger_head =
                                   "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"};
}

struct report_input synthetic_report(const struct synthetic *s)
{
    struct report_input in = {.plan = &s->plan,
                              .rules = s->rules,
                              .snapshot = s->snapshot,
                              .result = &s->result,
                              .history = s->history,
                              .look = s->alert.look,
                              .cut = s->result.entries[SYN_CV].cut,
                              .read_at = s->snapshot->data_cutoff + 60 * INT64_C(1000000),
                              .data_cutoff = s->snapshot->data_cutoff,
                              .now = s->snapshot->data_cutoff + 90 * INT64_C(1000000)};

    memset(in.snapshot_hash, 'a', 64);
    memset(in.plan_hash, 'b', 64);
    return in;
}

struct alert synthetic_other(const struct synthetic *s)
{
    struct alert a = s->alert;

    a.id = 4;
    (void)snprintf(a.monitor, sizeof a.monitor, "gi");
    a.urgency = ALERT_NEXT_REPORT;
    return a;
}

void synthetic_decode(const struct buf *mail, struct buf *out)
{
    for (size_t i = 0; i < mail->len; i++) {
        if (mail->data[i] == '=' && i + 2 < mail->len &&
            (isxdigit((unsigned char)mail->data[i + 1]) || mail->data[i + 1] == '\r')) {
            if (mail->data[i + 1] != '\r') {
                char hex[3] = {mail->data[i + 1], mail->data[i + 2], '\0'};

                buf_char(out, (char)strtol(hex, NULL, 16));
            }
            i += 2;
        } else if (mail->data[i] != '\r') {
            buf_char(out, mail->data[i]);
        }
    }
}

void golden(const char *name, const struct buf *got)
{
    const char *mode = getenv("DSMB_GOLDEN");
    char path[256];
    size_t len = 0, line = 1;
    char *want;

    (void)snprintf(path, sizeof(path), "tests/golden/%s", name);
    if (mode != NULL && strcmp(mode, "write") == 0) {
        FILE *f = fopen(path, "wb");

        assert_non_null(f);
        assert_int_equal(fwrite(got->data, 1, got->len, f), got->len);
        assert_int_equal(fclose(f), 0);
        return;
    }
    want = t_slurp(path, &len);
    for (size_t i = 0; i < len || i < got->len; i++) {
        if (i >= len || i >= got->len || want[i] != got->data[i]) {
            fail_msg("%s: line %zu differs (%zu bytes, %zu expected); tests/golden/README.md tells how to "
                     "write it "
                     "anew",
                     path, line, got->len, len);
        }
        line += want[i] == '\n';
    }
    free(want);
}
