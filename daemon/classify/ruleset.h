/*
 * ruleset.h - what a ruleset is inside: for the files of classify/ only.
 */
#ifndef DSMB_CLASSIFY_RULESET_H
#define DSMB_CLASSIFY_RULESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "classify/classes.h"
#include "classify/fold.h"
#include "classify/phrase.h"
#include "classify/rules.h"
#include "classify/spell.h"

enum { NO_SUBTYPE = -1, HITS_MAX = 128, CUES_MAX = 128, RULES_MAX = 4096 };

/* What a rule's phrase says of its category. */
enum says {
    SAYS_COUNT,  /* the event counts */
    SAYS_SIGN,   /* shown, not counted */
    SAYS_REVIEW, /* may be one: a person decides */
    SAYS_NONE    /* looks like one and is not: hides the shorter phrases inside it */
};

struct rule {
    char *id;
    int category, subtype;
    enum says says;
    bool beside; /* neither hides nor is hidden: a second subtype of the same words ("fatal stroke") */
};

/* What a cue of context.yaml makes of the words around it. */
enum cue_says {
    CUE_BLOCKS,    /* not an event of this patient now */
    CUE_SUSPECTED, /* counts as suspected, goes to review */
    CUE_NOTHING,   /* looks like a cue and is none: hides the shorter cues inside it */
    CUE_BREAKS,    /* a clause ends here */
    CUE_JOINS      /* "or": commas before it part a list, not clauses */
};

enum cue_place {
    PLACE_BEFORE, /* the cue stands before what it speaks of */
    PLACE_AFTER,
    PLACE_AROUND,
    PLACE_UNLESS, /* with this anywhere in the verbatim the cue says nothing */
    PLACE_ENDED,  /* what the cue says reaches no further */
    PLACE_HEADING /* as before, over the commas of the list it heads */
};

struct cue_group {
    char *name;
    enum cue_says says;
};

/* One compiled phrase and whose it is. */
struct entry {
    struct phrase phrase;
    char lang[8];
    uint16_t owner; /* of rules, or of cue groups */
    enum cue_place place;
};

struct phrase_index;

struct entries {
    struct entry *e;
    size_t n, cap;
    struct phrase_index *index; /* NULL: every phrase is tried */
};

/* How a site's coding speaks for a category. */
enum coded {
    CODED_PT,  /* the PT is read with the category's own phrases and decides */
    CODED_SOC, /* the SOC decides where there is one and it does not leave it to the PT, else the PT */
    CODED_ADDS /* the PT is read and adds; it never contradicts */
};

struct source_terms {
    bool serious_flag, death_flag;
    uint32_t criteria;           /* bit per CRIT_* */
    uint32_t outcomes;           /* bit per enum outcome */
    uint32_t fu_reasons;         /* bit per enum fu_reason */
    int grade;                   /* this grade and above; 0: no */
    uint32_t categories;         /* an event of any of these */
    char *later[CATEGORIES_MAX]; /* their names until all files are read */
    size_t n_later;
};

struct category {
    char *name, *title;
    int residual;            /* the subtype of what has no other; NO_SUBTYPE */
    int unknown_death;       /* subtype of deaths without a known cause, NO_SUBTYPE */
    int takes_unknown_death; /* subtype that such a death gets here when the plan says so */
    enum coded coded;
    struct entries soc;     /* decides */
    struct entries leaves;  /* a SOC under which the PT decides instead */
    struct entries suggest; /* a SOC that sends what is not otherwise known to review */
    struct source_terms from;
};

struct subtype {
    char *name;
    int category;
    uint64_t members; /* composite: any of these; 0 a plain one */
};

/* Of one (verbatim, pt, soc): what its words and codes say, nothing of the event's other columns. */
struct answer {
    struct event_class c; /* flags left to answer_flags() */
    uint32_t suspected;   /* categories counted on suspicion */
    uint32_t conflict;    /* categories where coded and verbatim disagree */
    /* Of an event, by judge(): */
    uint32_t pending; /* the source's adjudication is not done */
    uint32_t again;   /* a review is to be confirmed again */
    bool sign;
};

struct memo;

struct ruleset {
    struct category cat[CATEGORIES_MAX];
    int n_cat;
    uint32_t worded; /* categories that have rules over words */
    struct subtype sub[SUBTYPES_MAX];
    int n_sub;
    struct rule *rules;
    size_t n_rules, cap_rules;
    struct cue_group *groups;
    size_t n_groups, cap_groups;
    struct entries phrases, cues;
    struct spell *spell;
    struct phrase_runner *runner;
    struct memo *memo;
    struct folded folded; /* scratch */
};

/* index.c: of many phrases those that may be in a text, in their order; mark first, e->n after the last. */
enum status phrase_index_new(const struct entries *e, struct phrase_index **ret, struct err *err);
void phrase_index_free(struct phrase_index *ix);
void phrase_index_mark(const struct entries *e, const struct folded *f, const struct pairs *pairs);
size_t phrase_index_next(const struct entries *e, size_t from);

/* rulefile.c */
enum status rulefile_read(struct ruleset *rs, const struct doc *doc, struct err *err);
enum status rulefile_read_more(struct ruleset *rs, const struct doc *doc, struct err *err);
bool rulefile_is_more(const struct doc *doc);
enum status rulefile_resolve(struct ruleset *rs, struct err *err);

/* What was found in one text; positions are bytes of the folded text. */
struct hit {
    uint32_t start, end;
    uint16_t entry; /* of rs->phrases, or of rs->cues */
    int16_t cue;    /* of found.cues: what decided about it; -1 none */
    bool covered;   /* inside a longer phrase of the same category, or torn */
    bool torn;      /* a "no" or a "but" stands in the gap of its "..." */
    bool blocked, suspected;
};

struct found {
    struct hit hits[HITS_MAX];
    size_t n_hits;
    struct hit cues[CUES_MAX];
    size_t n_cues;
    bool limit;     /* a limit was hit: what is not found is not known */
    bool nomem;     /* memory ran out: there is no answer */
    bool corrected; /* a word was read as one of the rules */
};

/* cover.c: marks as covered what does not stand; cues before hits. */
void cover_cues(const struct ruleset *rs, struct found *fd);
void cover_torn(const struct ruleset *rs, struct found *fd);
void cover_hits(const struct ruleset *rs, struct found *fd);

/* match.c: finds phrases and cues, and applies the cues. The folded text stays in rs->folded. */
enum status found_in(struct ruleset *rs, const char *text, size_t len, struct found *ret, struct err *err);

/* decide.c */
enum status answer_of(struct ruleset *rs, const char *term, size_t len, const char *pt, const char *soc,
                      struct answer *ret, struct err *err);
void answer_composites(const struct ruleset *rs, struct event_class *c);
/* Sets REVIEW, SUSPECTED and SIGN from the rest. */
void answer_flags(struct answer *a);

/* classify.c: one pass over a snapshot's events. */
struct pass {
    struct ruleset *rs;
    const struct snapshot *s;
    const struct classify_options *o;
    struct columns {              /* what of the rules its events are held against, gathered once */
        int from[CATEGORIES_MAX]; /* categories that follow from an event's own columns */
        int n_from;
        bool follows;    /* there are categories that follow from others */
        uint32_t deaths; /* categories that a death flag sets */
    } columns;
};

enum status pass_begin(struct ruleset *rs, const struct snapshot *s, const struct classify_options *o,
                       struct pass *ret, struct err *err);
/* All that is known of one event before anyone judged it. */
enum status pass_unjudged(struct pass *p, size_t i, struct answer *ret, struct err *err);

/* judge.c: a snapshot's adjudications and reviews, by event. */
struct judgements {
    const struct adjudication **item; /* borrowed from the snapshot */
    size_t n;
};

enum status judgements_new(const struct snapshot *s, struct judgements *ret, struct err *err);
void judgements_done(struct judgements *j);
/* Applies those of one event, which begin at `at`, to what is known of it; a NULL: skips them.  Where the next begin. */
size_t judge(const struct ruleset *rs, const struct snapshot *s, const struct judgements *j, size_t at,
             struct answer *a);

/* memo.c */
enum status memo_new(struct memo **ret, struct err *err);
void memo_free(struct memo *m);
enum status memo_answer(struct ruleset *rs, const char *term, size_t len, const char *pt, const char *soc,
                        const struct answer **ret, struct err *err);
/*
 * The same for an event of a snapshot, remembered by the numbers of its strings for as long as the snapshot's pool is the
 * one asked about: memo_words_begin before the first event.
 */
enum status memo_words_begin(struct ruleset *rs, const struct pool *pool, struct err *err);
enum status memo_words(struct ruleset *rs, const struct pool *pool, const struct event *e, struct answer *ret,
                       struct err *err);
/* A hint: this event is among the next. */
void memo_words_soon(const struct ruleset *rs, const struct event *e);

#endif
