/*
 * t_render.h - a SYNTHETIC look to render: 148 invented subjects, 75 and 73, whose totals are those that a trial
 * published (gastrointestinal 35 v 9, deaths 5 v 2, cardiovascular 6 v 0); every date, term and subject is made up, and
 * so are the serious events.  Categories and ledger entries are set by hand, so that rules and tests may change without
 * changing one rendered byte.
 */
#ifndef DSMB_TESTS_T_RENDER_H
#define DSMB_TESTS_T_RENDER_H

#include <stdbool.h>

#include "alert/board.h"
#include "monitor/look.h"
#include "render/mail.h"
#include "render/report.h"

enum { SYN_GI, SYN_DEATHS, SYN_CV, SYN_MONITORS };

struct synthetic {
    struct ruleset *rules;
    struct plan plan;
    struct board board;
    struct snapshot *snapshot;
    struct look_result result;
    struct history history[SYN_MONITORS];
    struct alert alert; /* the cardiovascular crossing */
};

struct synthetic_options {
    bool swap_arms;       /* each subject is given the other arm */
    const char *label[2]; /* control, experimental; NULL: "Placebo", "Magnesium" */
    const char *term;     /* verbatim of the newest cardiovascular event; NULL: an ordinary one */
    size_t term_len;
    int many; /* so many more experimental subjects, each with a cardiovascular event and a long verbatim */
    bool
        third_arm; /* the last six subjects of the experimental arm are a second experimental arm, "Low dose" */
    bool
        retracted; /* at the next look the newest cardiovascular event is deleted, and the alert is its amendment */
};

/* Frees nothing of what it was before: pair with synthetic_done(). */
void synthetic_make(struct synthetic *s, const struct synthetic_options *o);
void synthetic_done(struct synthetic *s);
struct mail_input synthetic_mail(const struct synthetic *s);
struct report_input synthetic_report(const struct synthetic *s);
/* A second alert of that look, of the gastrointestinal monitor, for messages that tell of both. */
struct alert synthetic_other(const struct synthetic *s);
/* What a reader sees of quoted-printable: CRLF becomes LF. */
void synthetic_decode(const struct buf *mail, struct buf *out);
/*
 * Compares bytes with tests/golden/NAME; with DSMB_GOLDEN=write in the environment writes them there instead.
 * Fails naming the first line that differs.
 */
void golden(const char *name, const struct buf *got);

#endif
