/* The engine with small rules of its own: phrases, context, coding, columns, adjudication, hostile text. */
#include "support/t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/pool.h"
#include "classify/review.h"
#include "classify/rules.h"
#include "config/yaml.h"

static const char context_yaml[] =
    "context: shared\n"
    "groups:\n"
    "  - {name: negation, says: no event, before: [\"no\", without], after: [ruled out]}\n"
    "  - {name: history, says: no event, before: [previous, known], ended_by: [\"now\"],\n"
    "     unless: [worsening]}\n"
    "  - {name: family, says: no event, around: [mother]}\n"
    "  - {name: suspicion, says: suspected, before: [possible, poss], after: [not ruled out]}\n"
    "  - {name: denial, says: no event, heading: [denies], ended_by: [reports]}\n"
    "  - {name: none, says: nothing, around: [no improvement]}\n"
    "joins: [or]\n"
    "breaks: [but]\n"
    "known_words: [infection]\n";

static const char heart_yaml[] =
    "category: heart\n"
    "title: Heart events\n"
    "subtypes: [MI, HF, OTHER, DEATH]\n"
    "composites: {MAJOR: [MI, DEATH]}\n"
    "residual: OTHER\n"
    "takes_unknown_death: DEATH\n"
    "soc_suggests: [cardiac disorders]\n"
    "rules:\n"
    "  - {id: h.mi, subtype: MI, terms: {en: [\"myocardial infarct*\", \"heart~attack\"], da: "
    "[\"hjerte~(infarkt*|svigt)\", "
    "\"akut hjerte*\", \"hjertekarsygdom*\"]}}\n"
    "  - {id: h.mi.review, subtype: MI, says: review, terms: {any: [\"=MI\"]}}\n"
    "  - {id: h.hf, subtype: HF, terms: {en: [heart failure]}}\n"
    "  - {id: h.other, subtype: OTHER, terms: {en: [heart trouble, oedema of heart, \"ødem\", \"væske om "
    "hjertet\"]}}\n"
    "  - {id: h.sign, says: sign, terms: {en: [chest pain]}}\n"
    "  - {id: h.not, says: nothing, terms: {en: [heart failure clinic visit]}}\n";

static const char gut_yaml[] =
    "category: gut\n"
    "title: Gut\n"
    "subtypes: [RUNS, OTHER]\n"
    "residual: OTHER\n"
    "coded: soc\n"
    "soc: [\"gastro~intestinal disorders\"]\n"
    "rules:\n"
    "  - {id: g.runs, subtype: RUNS, terms: {en: [\"diarrhoea*\"], da: [\"diaré*\", \"løs mave\", "
    "\"(mave|tarm)~blødning*\", loose ... but not ... watery]}}\n"
    "  - {id: g.pain, terms: {en: [\"pain ... stomach\", \"pain, stomach [ache]\"]}}\n";

static const char leaving_yaml[] = "category: belly\n"
                                   "title: Belly\n"
                                   "coded: soc\n"
                                   "soc: [\"gastro~intestinal disorders\"]\n"
                                   "soc_leaves_to_pt: [infections and infestations]\n"
                                   "rules:\n"
                                   "  - {id: b, terms: {en: [gastroenteritis, vomiting]}}\n";

static const char salt_yaml[] = "category: salt\n"
                                "title: Salt\n"
                                "rules:\n"
                                "  - {id: s, terms: {en: [k increased, increased k]}}\n";

static const char death_yaml[] =
    "category: death\n"
    "title: Deaths\n"
    "subtypes: [UNKNOWN]\n"
    "unknown_death: UNKNOWN\n"
    "coded: adds\n"
    "from: {criteria: [death], outcome: [fatal], grade_at_least: 5, fu_reason: [death],\n"
    "       death_flag: true}\n"
    "rules:\n"
    "  - {id: d.unknown, subtype: UNKNOWN, terms: {en: [\"^death$\", found dead]}}\n"
    "  - {id: d, terms: {en: [died, dead]}}\n";

static const char serious_yaml[] =
    "category: serious\n"
    "title: Serious\n"
    "from: {serious_flag: true, outcome: [fatal],\n"
    "       criteria: [death, life-threatening, hospitalisation, disability, congenital, other]}\n";

static const char major_yaml[] = "category: major\n"
                                 "title: Heart or death\n"
                                 "from: {categories: [heart, death]}\n";

static enum status rules_of(const char *const texts[], size_t n, struct ruleset **ret, struct err *err)
{
    struct doc *docs[8] = {NULL};
    const struct doc *given[8];
    enum status st = OK;

    for (size_t i = 0; st == OK && i < n; i++) {
        st = yaml_parse("test.yaml", texts[i], strlen(texts[i]), &docs[i], err);
        given[i] = docs[i];
    }
    st = st != OK ? st : ruleset_new(given, n, ret, err);
    for (size_t i = 0; i < n; i++) {
        doc_free(docs[i]);
    }
    return st;
}

static int setup(void **state)
{
    const char *const texts[] = {context_yaml, heart_yaml,   gut_yaml,  death_yaml,
                                 serious_yaml, leaving_yaml, salt_yaml, major_yaml};
    struct ruleset *rs;
    struct err err = {OK, ""};

    assert_ok(rules_of(texts, sizeof texts / sizeof texts[0], &rs, &err), err);
    *state = rs;
    return 0;
}

static int teardown(void **state)
{
    ruleset_free(*state);
    return 0;
}

static uint32_t cat(const struct ruleset *rs, const char *name)
{
    int i = ruleset_find_category(rs, name);

    assert_true(i >= 0);
    return UINT32_C(1) << i;
}

static uint64_t sub(const struct ruleset *rs, const char *category, const char *name)
{
    int i = ruleset_find_subtype(rs, ruleset_find_category(rs, category), name);

    assert_true(i >= 0);
    return UINT64_C(1) << i;
}

static struct event_class coded(struct ruleset *rs, const char *term, const char *pt, const char *soc)
{
    struct event_class c;
    struct err err = {OK, ""};

    assert_ok(classify_term(rs, term, strlen(term), pt, soc, &c, &err), err);
    return c;
}

static bool is(struct ruleset *rs, const char *term, const char *category)
{
    return (coded(rs, term, NULL, NULL).categories & cat(rs, category)) != 0;
}

static void one_spelling_stands_for_all(void **state)
{
    static const char *const runs[] = {
        "diarrhoea",           "DIARRHEA",     "Diarrhœa",           "diaré",      "diare",
        "DIARE\xcc\x81",       "løs mave",     "los mave",           "loes mave",  "LØS  MAVE",
        "l\xef\xbf\xbds mave", "diar&eacute;", "ｄｉａｒｒｈｏｅａ", "diarrhoeas", "<b>diarrhoea</b>",
        "l\xf8s mave"};

    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        if (!is(*state, runs[i], "gut")) {
            fail_msg("%s", runs[i]);
        }
    }
    assert_true(is(*state, "hjerte-infarkt", "heart") && is(*state, "hjerteinfarkten", "heart"));
    assert_true(is(*state,
                   "\xc3\x98"
                   "DEM",
                   "heart") &&
                is(*state,
                   "\x4f\xcc\x88"
                   "dem",
                   "heart"));
    assert_false(is(*state, "antidiarrhoea", "gut"));
}

static void one_slip_in_a_long_word_is_forgiven_and_a_known_word_is_left(void **state)
{
    assert_true(is(*state, "diarhoea", "gut"));
    assert_true(is(*state, "myocardial infarctoin", "heart"));
    assert_true(is(*state, "miocardial infarction", "heart"));
    assert_true(is(*state, "heart faliure", "heart"));
    assert_true(is(*state, "heart failur", "heart"));  /* seven letters were meant */
    assert_false(is(*state, "hert failure", "heart")); /* too short to tell */
    assert_true(is(*state, "pain stomac", "gut"));
    assert_false(is(*state, "myocardial infection", "heart"));
}

/* "hjerte~(infarkt*|svigt)" names hjerteinfarkt and hjertesvigt. */
static void one_slip_in_a_compound_word_is_forgiven(void **state)
{
    assert_true(is(*state, "hjerteifarkt", "heart"));
    assert_true(is(*state, "hjertesivgt", "heart"));
    assert_true(
        is(*state, "hjertekarsydom", "heart")); /* "hjerte*" alone does not make it a word of the rules */
    assert_false(is(*state, "hjertelige", "heart"));
    assert_true(is(*state, "hjerteinfrakten", "heart"));
    assert_true(is(*state, "maveblodning", "gut") && is(*state, "mavebloedninng", "gut"));
    assert_false(is(*state, "hjertebarn", "heart"));
}

static void gaps_hold_five_words_and_no_comma(void **state)
{
    assert_true(is(*state, "pain in the left part of stomach", "gut"));
    assert_false(is(*state, "pain one two three four five six stomach", "gut"));
    assert_false(is(*state, "pain, left stomach", "gut"));
    assert_true(is(*state, "pain, stomach", "gut")); /* a phrase that writes the comma */
}

static void negation_ends_with_its_clause(void **state)
{
    assert_false(is(*state, "no diarrhoea", "gut"));
    assert_false(is(*state, "heart attack without diarrhoea", "gut"));
    assert_true(is(*state, "no chest pain, diarrhoea", "gut"));
    assert_true(is(*state, "no heart attack but diarrhoea", "gut"));
    assert_true(is(*state, "no heart attack\ndiarrhoea", "gut"));
    assert_true(is(*state, "no improvement of diarrhoea", "gut"));
    assert_false(is(*state, "heart attack, ruled out", "heart"));
    assert_false(is(*state, "heart attack (ruled out)", "heart"));
    assert_true(is(*state, "diarrhoea, heart attack ruled out", "gut"));
    assert_false(is(*state, "diarrhoea, heart attack ruled out", "heart"));
    assert_true(is(*state, "diarrhoea (no chest pain) and heart failure", "heart"));
    assert_true(is(*state, "No chest pain. Diarrhoea since Monday", "gut"));
    assert_false(is(*state, "No chest pain. DIARRHOEA", "gut")); /* may be an abbreviation: "obs. AMI" */
    assert_true((coded(*state, "Possible. Heart attack", NULL, NULL).flags & CLASS_REVIEW) == 0);
    assert_true((coded(*state, "poss. Heart attack", NULL, NULL).flags & CLASS_REVIEW) != 0);
}

/* Commas of a list that "or" ends part no clauses; nor do those after a context word with a colon. */
static void a_list_is_denied_as_one(void **state)
{
    assert_false(is(*state, "no heart failure, chest pain or diarrhoea", "gut"));
    assert_false(is(*state, "no chest pain, heart attack, or diarrhoea", "heart"));
    assert_true(is(*state, "no chest pain, heart attack", "heart"));
    assert_true(is(*state, "no chest pain, but heart attack or diarrhoea", "gut"));
    assert_true(is(*state, "(no chest pain), heart attack or diarrhoea", "gut"));
    assert_true(is(*state, "no chest pain, he fell off a ladder and had a heart attack or so", "heart"));
    assert_true(is(*state, "diarrhoea without heart attack, chest pain or so", "gut"));
    assert_false(is(*state, "previous: heart failure, heart attack 2004", "heart"));
    assert_true(is(*state, "previous: heart failure; heart attack", "heart"));
    assert_true(is(*state, "previous: chest pain, now heart attack", "heart"));
    assert_true(is(*state, "previous: ", "heart") == false);
}

static void what_heads_a_list_speaks_of_all_of_it(void **state)
{
    assert_false(is(*state, "denies chest pain, heart attack, diarrhoea", "gut"));
    assert_false(is(*state, "denies diarrhoea", "gut"));
    assert_true(is(*state, "denies chest pain. diarrhoea", "gut") ==
                false); /* an abbreviation's dot, for all it knows */
    assert_true(is(*state, "denies chest pain; diarrhoea", "gut"));
    assert_true(is(*state, "denies chest pain but diarrhoea", "gut"));
    assert_true(is(*state, "denies chest pain, reports diarrhoea", "gut"));
    assert_true(is(*state, "denies chest pain, diarrhoea five times since monday", "gut"));
    assert_true(is(*state, "diarrhoea, denies chest pain", "gut"));
}

static void a_gap_does_not_pass_over_a_no(void **state)
{
    assert_true(is(*state, "pain in the stomach", "gut"));
    assert_false(is(*state, "pain, not in stomach", "gut"));
    assert_false(is(*state, "pain, no stomach", "gut"));
    assert_false(is(*state, "pain no stomach", "gut"));
    assert_false(is(*state, "pain without stomach", "gut"));
    assert_false(is(*state, "pain but stomach", "gut"));
    assert_false(is(*state, "pain of back / wound of stomach", "gut"));
    assert_true(is(*state, "pain of back/stomach", "gut"));
    assert_true(is(*state, "pain with no improvement of stomach", "gut")); /* that is no "no" */
    assert_true(is(*state, "loose but not watery", "gut"));                /* the phrase's own words */
}

static void ae_is_written_in_every_way(void **state)
{
    static const char *const ways[] = {"væske om hjertet", "vaeske om hjertet",   "veske om hjertet",
                                       "vaske om hjertet", "v\xe6ske om hjertet", "VÆSKE OM HJERTET"};

    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        assert_true(is(*state, ways[i], "heart"));
    }
    assert_false(is(*state, "voske om hjertet", "heart"));
}

static void arrows_and_daggers_are_words(void **state)
{
    assert_true(is(*state, "K\u2191", "salt"));
    assert_true(is(*state, "\u2191 K", "salt"));
    assert_true(is(*state, "K \u21D1 6.1", "salt"));
    assert_false(is(*state, "K \u2193", "salt"));
    assert_true(is(*state, "\u2020 12/3", "death"));
    assert_false(is(*state, "diarrhoea \u2190 \u2021", "death"));
}

static void initials_are_an_abbreviation(void **state)
{
    assert_true((coded(*state, "M.I.", NULL, NULL).review & cat(*state, "heart")) != 0);
    assert_true((coded(*state, "seen for M.I", NULL, NULL).review & cat(*state, "heart")) ==
                0); /* two letters, one dot */
    assert_true((coded(*state, "had a M.I. at home", NULL, NULL).review & cat(*state, "heart")) != 0);
    assert_int_equal(coded(*state, "m.i. at home", NULL, NULL).review,
                     0); /* small ones among small ones are words */
    assert_int_equal(coded(*state, "a.m.i. b.c", NULL, NULL).review, 0);
    assert_int_equal(coded(*state, "M..I. M.I.X M.I.5", NULL, NULL).review, 0);
}

static void history_ends_where_the_present_begins(void **state)
{
    assert_false(is(*state, "previous heart attack", "heart"));
    assert_true(is(*state, "previous diarrhoea now heart attack", "heart"));
    assert_true(is(*state, "worsening of known heart failure", "heart"));
    assert_false(is(*state, "mother died", "death"));
}

static void suspicion_counts_and_goes_to_review(void **state)
{
    struct event_class c = coded(*state, "possible heart attack", NULL, NULL);

    assert_true((c.categories & cat(*state, "heart")) != 0);
    assert_true((c.flags & CLASS_SUSPECTED) != 0 && (c.flags & CLASS_REVIEW) != 0);
    c = coded(*state, "heart attack not ruled out", NULL, NULL);
    assert_true((c.categories & cat(*state, "heart")) != 0 && (c.flags & CLASS_SUSPECTED) != 0);
    c = coded(*state, "?MI", NULL, NULL);
    assert_true((c.categories & cat(*state, "heart")) != 0 && (c.flags & CLASS_REVIEW) != 0);
    c = coded(*state, "heart attack (?) at home", NULL, NULL);
    assert_true((c.flags & CLASS_SUSPECTED) != 0);
    c = coded(*state, "heart attack (?cause)", NULL, NULL);
    assert_true((c.flags & CLASS_SUSPECTED) == 0);
    c = coded(*state, "diarrhoea ?MI", NULL, NULL); /* it asks of the MI */
    assert_true((c.categories & cat(*state, "heart")) != 0 && c.review == 0);
    c = coded(*state, "diarrhoea ?cause", NULL, NULL);
    assert_true((c.categories & cat(*state, "gut")) != 0 && (c.flags & CLASS_REVIEW) == 0);
}

static void what_was_suspected_may_be_ruled_out_later(void **state)
{
    assert_false(is(*state, "possible heart attack but ruled out by ecg", "heart"));
    assert_false(is(*state, "possible heart attack, ecg, troponin, ruled out", "heart"));
    assert_true(is(*state, "diarrhoea but ruled out infection", "gut"));
    assert_true(is(*state, "diarrhoea, stool sample sent, ruled out", "gut"));
    assert_true(is(*state, "heart attack, possible diarrhoea but ruled out", "heart"));
    assert_true(is(*state, "heart attack, x, y, z, ruled out", "heart"));
}

static void an_ambiguous_abbreviation_is_never_dropped(void **state)
{
    struct event_class c = coded(*state, "MI", NULL, NULL);

    assert_int_equal(c.categories & cat(*state, "heart"), 0);
    assert_true((c.review & cat(*state, "heart")) != 0 && (c.flags & CLASS_REVIEW) != 0);
    c = coded(*state, "mi", NULL, NULL); /* alone, small letters do */
    assert_true((c.review & cat(*state, "heart")) != 0);
    c = coded(*state, "do re mi fa", NULL, NULL);
    assert_int_equal(c.review, 0);
    c = coded(*state, "MI (myocardial infarction)", NULL, NULL);
    assert_int_equal(c.flags & CLASS_REVIEW, 0);
}

static void longer_phrases_hide_shorter_ones(void **state)
{
    struct event_class c = coded(*state, "heart failure clinic visit", NULL, NULL);

    assert_int_equal(c.categories & cat(*state, "heart"), 0);
    c = coded(*state, "heart trouble: heart failure", NULL, NULL);
    assert_true((c.subtypes & sub(*state, "heart", "HF")) != 0);
    assert_int_equal(c.subtypes & sub(*state, "heart", "OTHER"), 0); /* the rest gives way */
}

static void signs_are_shown_and_not_counted(void **state)
{
    struct event_class c = coded(*state, "chest pain", NULL, NULL);

    assert_true((c.flags & CLASS_SIGN) != 0);
    assert_int_equal(c.categories, 0);
}

static void composites_follow_their_members(void **state)
{
    assert_true((coded(*state, "heart attack", NULL, NULL).subtypes & sub(*state, "heart", "MAJOR")) != 0);
    assert_int_equal(coded(*state, "heart failure", NULL, NULL).subtypes & sub(*state, "heart", "MAJOR"), 0);
}

static void coded_wins_and_disagreement_goes_to_review(void **state)
{
    uint32_t heart = cat(*state, "heart"), gut = cat(*state, "gut");
    struct event_class c = coded(*state, "heart attack", "Nausea", NULL);

    assert_int_equal(c.categories & heart, 0);
    assert_true((c.review & heart) != 0 && (c.flags & CLASS_REVIEW) != 0);
    c = coded(*state, "MI", "Myocardial infarction", NULL);
    assert_true((c.categories & heart) != 0);
    assert_int_equal(c.flags & CLASS_REVIEW, 0);
    c = coded(*state, "heart attack ruled out", "Myocardial infarction", NULL);
    assert_true((c.categories & heart) != 0 && (c.flags & CLASS_REVIEW) != 0);
    c = coded(*state, "heart attack", "Heart failure", NULL);
    assert_true((c.subtypes & sub(*state, "heart", "HF")) != 0 && (c.flags & CLASS_REVIEW) != 0);
    c = coded(*state, "something", "Diarrhoea", "Infections and infestations");
    assert_int_equal(c.categories & gut, 0);
    c = coded(*state, "diarrhoea", NULL, "Infections and infestations");
    assert_int_equal(c.categories & gut, 0);
    assert_true((c.review & gut) != 0);
    c = coded(*state, "xyz", NULL, "GASTROINTESTINAL DISORDERS");
    assert_true((c.categories & gut) != 0 && (c.subtypes & sub(*state, "gut", "OTHER")) != 0);
    c = coded(*state, "xyz", NULL, "Cardiac disorders");
    assert_true((c.review & heart) != 0);
    c = coded(*state, "died of sepsis", "Sepsis",
              NULL); /* a PT that says something else contradicts no death */
    assert_true((c.categories & cat(*state, "death")) != 0);
}

static void a_soc_of_many_organs_leaves_it_to_the_pt(void **state)
{
    static const char infections[] = "Infections and infestations";
    uint32_t belly = cat(*state, "belly");
    struct event_class c = coded(*state, "something", "Gastroenteritis", infections);

    assert_int_equal(c.categories & belly, belly);
    assert_int_equal(c.flags & CLASS_REVIEW, 0);
    c = coded(*state, "vomiting", "Urinary tract infection", infections);
    assert_int_equal(c.categories & belly, 0);
    assert_int_equal(c.review & belly, belly);
    c = coded(*state, "vomiting", NULL, infections); /* no PT: the words decide */
    assert_int_equal(c.categories & belly, belly);
    c = coded(*state, "something", NULL, infections);
    assert_int_equal((c.categories | c.review) & belly, 0);
    c = coded(*state, "vomiting", "Gastroenteritis", "Nervous system disorders"); /* a SOC that decides */
    assert_int_equal(c.categories & belly, 0);
    assert_int_equal(c.review & belly, belly);
}

/* A snapshot built by hand: one subject each, its single event. */
struct world {
    struct snapshot s;
    struct subject subjects[8];
    struct event events[8];
    struct adjudication adj[8];
};

static str_id word(struct world *w, const char *s)
{
    struct err err = {OK, ""};
    str_id id;

    if (s == NULL) {
        return 0;
    }
    assert_ok(pool_intern(w->s.pool, s, strlen(s), &id, &err), err);
    return id;
}

static void world_new(struct world *w, size_t n)
{
    struct err err = {OK, ""};

    memset(w, 0, sizeof *w);
    assert_ok(pool_new(&w->s.pool, &err), err);
    w->s.subjects = w->subjects;
    w->s.events = w->events;
    w->s.adjudications = w->adj;
    w->s.n_subjects = w->s.n_events = n;
    for (size_t i = 0; i < n; i++) {
        w->events[i].subject = (uint32_t)i;
        w->events[i].term = word(w, "headache");
        w->events[i].form = FORM_COMPLETE;
    }
}

static void run(struct ruleset *rs, struct world *w, bool unknown_is_heart, struct classes *out)
{
    struct classify_options o = {.unknown_death_is_cv = unknown_is_heart};
    struct err err = {OK, ""};

    assert_ok(classify_snapshot(rs, &w->s, &o, out, &err), err);
}

static void serious_comes_from_flag_criterion_or_fatal_outcome(void **state)
{
    uint32_t serious = cat(*state, "serious"), death = cat(*state, "death");
    struct classes c;
    struct world w;

    world_new(&w, 6);
    w.events[0].serious = TRI_YES;
    w.events[1].crit[CRIT_HOSP] = TRI_YES; /* and the flag says no */
    w.events[2].outcome = OUT_FATAL;
    w.events[3].serious = TRI_UNKNOWN;
    w.events[4].grade = 5;
    w.events[5].serious = TRI_YES;
    w.events[5].deleted = true;
    run(*state, &w, false, &c);
    assert_int_equal(c.events[0].categories, serious);
    assert_int_equal(c.events[1].categories, serious);
    assert_true((c.events[2].categories & serious) != 0 && (c.events[2].categories & death) != 0);
    assert_int_equal(c.events[3].categories & serious, 0);
    assert_true((c.events[3].flags & CLASS_UNKNOWN) != 0);
    assert_int_equal(c.events[0].flags & CLASS_UNKNOWN, 0);
    assert_true((c.events[4].categories & death) != 0);
    assert_int_equal(c.events[5].categories | c.events[5].flags, 0);
    classes_done(&c);
    pool_free(w.s.pool);
}

static void death_is_the_union_of_event_flag_and_disposition(void **state)
{
    uint32_t death = cat(*state, "death"), heart = cat(*state, "heart");
    struct classes c;
    struct world w;

    world_new(&w, 4);
    w.subjects[0].death_flag = true;
    w.subjects[0].death_date = (struct pdate){100, 130, DATE_MONTH};
    w.subjects[1].fu_reason = FU_DEATH;
    w.events[2].term = word(&w, "found dead");
    w.events[3].term = word(&w, "died of sepsis");
    w.subjects[3].death_flag = true;
    run(*state, &w, false, &c);
    assert_true((c.subjects[0].categories & death) != 0 && c.subjects[0].first == 100 &&
                c.subjects[0].last == 130);
    assert_true((c.subjects[1].categories & death) != 0 && c.subjects[1].first == DAY_NONE);
    assert_int_equal(c.subjects[2].categories, 0);
    assert_true((c.events[2].categories & death) != 0);
    assert_int_equal(c.events[2].categories & heart, 0);
    classes_done(&c);
    run(*state, &w, true, &c); /* the plan counts unexplained deaths as cardiovascular */
    assert_true((c.subjects[0].categories & heart) != 0 && (c.events[2].categories & heart) != 0);
    assert_true((c.events[2].subtypes & sub(*state, "heart", "MAJOR")) != 0);
    assert_int_equal((c.subjects[3].categories | c.events[3].categories) & heart, 0); /* sepsis explains it */
    classes_done(&c);
    pool_free(w.s.pool);
}

static void adjudication_decides_whatever_was_coded(void **state)
{
    uint32_t heart = cat(*state, "heart"), major = cat(*state, "major");
    struct classes c;
    struct world w;

    world_new(&w, 5);
    w.events[0].term = word(&w, "heart attack");
    w.adj[0] = (struct adjudication){0, word(&w, "heart"), ADJ_REFUTED, false, false};
    w.adj[1] = (struct adjudication){1, word(&w, "MI"), ADJ_CONFIRMED, false, false};
    w.events[2].term = word(&w, "?MI");
    w.adj[2] = (struct adjudication){2, word(&w, "Heart"), ADJ_CONFIRMED, false, false};
    w.events[3].term = word(&w, "heart attack");
    w.adj[3] = (struct adjudication){3, word(&w, "heart"), ADJ_PENDING, false, false};
    w.events[4].term = word(&w, "heart attack, heart failure");
    w.adj[4] = (struct adjudication){4, word(&w, "MI"), ADJ_REFUTED, false, false};
    w.adj[5] = (struct adjudication){4, word(&w, "no such category"), ADJ_CONFIRMED, false, false};
    w.adj[6] = (struct adjudication){77, word(&w, "heart"), ADJ_CONFIRMED, false, false};
    w.s.n_adjudications = 7;
    run(*state, &w, false, &c);
    assert_int_equal(c.events[0].categories & heart, 0);
    assert_int_equal(c.events[0].subtypes, 0);
    assert_true((c.events[1].categories & heart) != 0 &&
                (c.events[1].subtypes & sub(*state, "heart", "MAJOR")) != 0);
    assert_true((c.events[2].categories & heart) != 0);
    assert_int_equal(c.events[2].flags & (CLASS_REVIEW | CLASS_SUSPECTED), 0);
    assert_true((c.events[3].categories & heart) != 0 && (c.events[3].categories & major) != 0);
    assert_true((c.events[3].flags & CLASS_REVIEW) != 0);
    assert_true((c.events[4].categories & heart) != 0);
    assert_int_equal(c.events[4].subtypes, sub(*state, "heart", "HF"));
    classes_done(&c);
    pool_free(w.s.pool);
}

/* Why an event waits in a category: the words, "" where it does not; a mark says whether it counts meanwhile. */
static void waits(struct ruleset *rs, struct world *w, uint32_t event, const char *category, const char *want)
{
    struct classify_options o = {0};
    struct err err = {OK, ""};
    struct review_list l = {0};
    struct classes c;
    struct buf got = {0};

    run(rs, w, false, &c);
    assert_ok(review_list_of(rs, &w->s, &o, &c, NULL, NULL, &l, &err), err);
    for (size_t i = 0; i < l.n; i++) {
        if (l.item[i].event == event && l.item[i].category == ruleset_find_category(rs, category)) {
            buf_str(&got, l.item[i].counted ? "+" : "-");
            review_why_text(l.item[i].why, &got);
        }
    }
    assert_string_equal(buf_cstr(&got), want);
    buf_done(&got);
    review_list_done(&l);
    classes_done(&c);
}

static bool is_event_2(const void *ctx, const char *ae_id)
{
    return strcmp(ae_id, ctx) == 0;
}

static void the_review_queue_says_why_and_what_counts_meanwhile(void **state)
{
    struct classify_options o = {0};
    struct err err = {OK, ""};
    struct review_list l = {0};
    struct classes c;
    struct world w;

    world_new(&w, 7);
    w.events[0].term = word(&w, "heart attack");
    w.events[1].term = word(&w, "MI");
    w.events[2].term = word(&w, "possible heart attack");
    w.events[3].term = word(&w, "heart attack");
    w.events[3].pt = word(&w, "Nausea");
    w.adj[0] = (struct adjudication){4, word(&w, "heart"), ADJ_PENDING, false, false};
    w.adj[1] = (struct adjudication){5, word(&w, "heart"), ADJ_PENDING, false, false};
    w.events[5].term = word(&w, "possible heart attack");
    w.events[6].term = word(&w, "heart attack ruled out");
    w.events[6].pt = word(&w, "Myocardial infarction");
    w.s.n_adjudications = 2;
    for (uint32_t i = 0; i < 7; i++) {
        char id[8];

        (void)snprintf(id, sizeof id, "A%u", (unsigned)i);
        w.events[i].id = word(&w, id);
    }
    waits(*state, &w, 0, "heart", "");
    waits(*state, &w, 1, "heart", "-words leave it open");
    waits(*state, &w, 2, "heart", "+suspected");
    waits(*state, &w, 3, "heart", "-coded against verbatim");
    waits(*state, &w, 4, "heart", "-adjudication pending");
    waits(*state, &w, 5, "heart", "+adjudication pending; suspected");
    waits(*state, &w, 6, "heart", "+coded against verbatim");
    waits(*state, &w, 2, "gut", ""); /* only the category that is in doubt */
    run(*state, &w, false, &c);
    assert_ok(review_list_of(*state, &w.s, &o, &c, is_event_2, "A2", &l, &err), err);
    assert_int_equal(l.n, 1);
    review_list_done(&l);
    classes_done(&c);
    pool_free(w.s.pool);
}

static void a_review_decides_until_the_source_does_or_the_event_changes(void **state)
{
    uint32_t heart = cat(*state, "heart");
    struct classes c;
    struct world w;

    world_new(&w, 8);
    for (uint32_t i = 0; i < 8; i++) {
        w.events[i].term = word(&w, i == 3 || i == 5 ? "headache" : "heart attack");
    }
    w.adj[0] = (struct adjudication){0, word(&w, "heart"), ADJ_REFUTED, true, false};
    w.adj[1] = (struct adjudication){1, word(&w, "heart"), ADJ_CONFIRMED, false, false}; /* the source's */
    w.adj[2] = (struct adjudication){1, word(&w, "heart"), ADJ_REFUTED, true, false};
    w.adj[3] = (struct adjudication){2, word(&w, "heart"), ADJ_REFUTED, true, true}; /* changed since */
    w.adj[4] = (struct adjudication){3, word(&w, "heart"), ADJ_CONFIRMED, true, true};
    w.adj[5] = (struct adjudication){4, word(&w, "heart"), ADJ_PENDING, false, false};
    w.adj[6] = (struct adjudication){4, word(&w, "heart"), ADJ_REFUTED, true, false};
    w.adj[7] = (struct adjudication){5, word(&w, "heart"), ADJ_REFUTED, true, true};
    w.s.n_adjudications = 8;
    run(*state, &w, false, &c);
    assert_int_equal(c.events[0].categories & heart, 0);
    assert_int_equal(c.events[0].flags & CLASS_REVIEW, 0);
    assert_true((c.events[1].categories & heart) != 0); /* the source's own verdict wins */
    assert_int_equal(c.events[1].flags & CLASS_REVIEW, 0);
    assert_true((c.events[2].categories & heart) != 0);  /* a new text does not stay refuted unseen */
    assert_true((c.events[3].categories & heart) != 0);  /* and what was confirmed still counts */
    assert_int_equal(c.events[4].categories & heart, 0); /* the source has not decided yet */
    assert_int_equal(c.events[4].flags & CLASS_REVIEW, 0);
    assert_int_equal(c.events[5].categories & heart, 0);
    assert_true((c.events[5].review & heart) != 0);
    waits(*state, &w, 0, "heart", "");
    waits(*state, &w, 1, "heart", "");
    waits(*state, &w, 2, "heart", "+changed since it was decided");
    waits(*state, &w, 3, "heart", "+changed since it was decided");
    waits(*state, &w, 4, "heart", "");
    waits(*state, &w, 5, "heart", "-changed since it was decided");
    classes_done(&c);
    pool_free(w.s.pool);
}

static void an_adjudication_names_a_category_or_a_plain_subtype(void **state)
{
    int c = -2, s = -2;

    assert_true(ruleset_judged(*state, "HEART", &c, &s));
    assert_true(c == ruleset_find_category(*state, "heart") && s == -1);
    assert_true(ruleset_judged(*state, "mi", &c, &s));
    assert_true(c == ruleset_find_category(*state, "heart") && s == ruleset_find_subtype(*state, c, "MI"));
    assert_true(ruleset_judged(*state, "MAJOR", &c, &s)); /* the category of that name, not the composite */
    assert_true(c == ruleset_find_category(*state, "major") && s == -1);
    assert_false(ruleset_judged(*state, "no such", &c, &s));
}

static void an_unverified_form_counts_and_is_flagged(void **state)
{
    struct classes c;
    struct world w;

    world_new(&w, 1);
    w.events[0].term = word(&w, "diarrhoea");
    w.events[0].form = FORM_INCOMPLETE;
    run(*state, &w, false, &c);
    assert_int_equal(c.events[0].categories, cat(*state, "gut"));
    assert_int_equal(c.events[0].flags, CLASS_UNVERIFIED);
    classes_done(&c);
    pool_free(w.s.pool);
}

static void hostile_text_takes_bounded_time_and_ends_in_review(void **state)
{
    static const char *const bits[] = {"a",      "pain ", "no ",  "(",  "diarrhoe",
                                       "heart-", "\n",    "\xff", "i ", "pain stomac "};
    struct err err = {OK, ""};
    clock_t start = clock();
    size_t n = 1000000;
    char *text = malloc(n + 1);
    struct event_class c;

    assert_non_null(text);
    for (size_t k = 0; k < sizeof bits / sizeof bits[0]; k++) {
        size_t len = strlen(bits[k]);

        for (size_t i = 0; i < n; i++) {
            text[i] = bits[k][i % len];
        }
        text[n] = '\0';
        assert_ok(classify_term(*state, text, n, NULL, NULL, &c, &err), err);
        assert_true((c.flags & CLASS_REVIEW) != 0); /* what was not read is not a "no" */
        assert_ok(classify_term(*state, text, TERM_MAX, NULL, NULL, &c, &err), err);
    }
    free(text);
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 20); /* it takes a tenth of a second */
    assert_int_equal(coded(*state, "", NULL, NULL).categories, 0);
    assert_ok(classify_term(*state, NULL, 0, NULL, NULL, &c, &err), err);
    assert_ok(classify_term(*state, "diarrhoea\0x", 11, NULL, NULL, &c, &err), err);
    assert_true((c.categories & cat(*state, "gut")) != 0);
}

static void explain_names_rule_phrase_words_and_place(void **state)
{
    struct buf out = {0};
    struct err err = {OK, ""};
    const char *t = "no heart attack, diarhoea \x1b[31m";

    assert_ok(classify_explain(*state, t, strlen(t), "Diarrhoea", "Gastrointestinal disorders", &out, &err),
              err);
    assert_non_null(strstr(out.data,
                           "rule h.mi (event, MI) phrase en: heart~attack matched \"heart attack\" at 4; "
                           "blocked: negation \"no\" at 1"));
    assert_non_null(strstr(out.data, "read as"));
    assert_non_null(strstr(out.data, "is of gut"));
    assert_null(strchr(out.data, '\x1b'));
    buf_done(&out);
}

static void the_memo_gives_the_same_answer_twice(void **state)
{
    struct event_class a = coded(*state, "heart attack", "Nausea", NULL),
                       b = coded(*state, "heart attack", "Nausea", NULL);
    struct event_class c = coded(*state, "heart attack", NULL, NULL),
                       d = coded(*state, "heart attack", "", NULL);

    assert_memory_equal(&a, &b, sizeof a);
    assert_int_not_equal(a.categories, c.categories);
    assert_int_equal(c.categories, d.categories); /* an empty code is no code */
}

static void faults_in_rules_name_the_place(void **state)
{
    static const struct {
        const char *yaml, *says;
    } bad[] = {
        {"category: x\ntitle: X\nrulez: []\n", "test.yaml:3:1"},
        {"category: x\ntitle: X\nrules:\n  - {id: a, terms: {en: [\"(open\"]}}\n", "not closed"},
        {"category: x\ntitle: X\nrules:\n  - {id: a, terms: {en: [\"/a(b/\"]}}\n", "test.yaml:4"},
        {"category: x\ntitle: X\nrules:\n  - {id: a, subtype: NO, terms: {en: [a]}}\n", "no subtype NO"},
        {"category: x\ntitle: X\nrules:\n  - {id: a, terms: {en: [a]}}\n  - {id: a, terms: {en: [b]}}\n",
         "twice"},
        {"category: x\ntitle: X\nrules:\n  - {id: a}\n", "no terms"},
        {"category: x\ntitle: X\ncoded: soc\n", "soc"},
        {"category: x\ntitle: X\nfrom: {categories: [y]}\n", "no other category y"},
        {"category: gut\ntitle: X\n", "adds_to"},
        {"adds_to: nowhere\nrules: []\n", "no category nowhere"},
        {"category: x\ntitle: X\nrules:\n  - {id: a, terms: {en: [\"\"]}}\n", "empty phrase"},
        {"", "empty rules file"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const char *const texts[] = {context_yaml, gut_yaml, bad[i].yaml};
        struct ruleset *rs = NULL;
        struct err err = {OK, ""};

        assert_int_equal(rules_of(texts, 3, &rs, &err), E_CONFIG);
        assert_null(rs);
        if (strstr(err.msg, bad[i].says) == NULL) {
            fail_msg("\"%s\" does not say \"%s\"", err.msg, bad[i].says);
        }
    }
}

static void rules_without_context_words_are_refused(void **state)
{
    const char *const texts[] = {gut_yaml};
    struct ruleset *rs = NULL;
    struct err err = {OK, ""};

    (void)state;
    assert_int_equal(rules_of(texts, 1, &rs, &err), E_CONFIG);
    assert_non_null(strstr(err.msg, "context"));
}

static void a_site_adds_rules_and_categories_of_its_own(void **state)
{
    const char *const texts[] = {
        "adds_to: gut\nrules:\n  - {id: site.1, terms: {smq: [Blue stools]}}\n", context_yaml, gut_yaml,
        "category: falls\ntitle: Falls\nrules:\n  - {id: f, terms: {en: [\"fall*\"]}}\n"};
    struct ruleset *rs;
    struct err err = {OK, ""};

    (void)state;
    assert_ok(rules_of(texts, 4, &rs, &err), err);
    assert_true(is(rs, "blue stools", "gut"));
    assert_true(is(rs, "no pain, falls often", "falls"));
    assert_string_equal(ruleset_category_title(rs, ruleset_find_category(rs, "falls")), "Falls");
    assert_string_equal(ruleset_rule(rs, coded(rs, "blue stools", NULL, NULL).rule), "site.1");
    assert_string_equal(ruleset_rule(rs, 0), "");
    ruleset_free(rs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_spelling_stands_for_all),
        cmocka_unit_test(one_slip_in_a_long_word_is_forgiven_and_a_known_word_is_left),
        cmocka_unit_test(one_slip_in_a_compound_word_is_forgiven),
        cmocka_unit_test(gaps_hold_five_words_and_no_comma),
        cmocka_unit_test(negation_ends_with_its_clause),
        cmocka_unit_test(a_list_is_denied_as_one),
        cmocka_unit_test(history_ends_where_the_present_begins),
        cmocka_unit_test(suspicion_counts_and_goes_to_review),
        cmocka_unit_test(what_was_suspected_may_be_ruled_out_later),
        cmocka_unit_test(an_ambiguous_abbreviation_is_never_dropped),
        cmocka_unit_test(longer_phrases_hide_shorter_ones),
        cmocka_unit_test(signs_are_shown_and_not_counted),
        cmocka_unit_test(composites_follow_their_members),
        cmocka_unit_test(coded_wins_and_disagreement_goes_to_review),
        cmocka_unit_test(a_soc_of_many_organs_leaves_it_to_the_pt),
        cmocka_unit_test(what_heads_a_list_speaks_of_all_of_it),
        cmocka_unit_test(a_gap_does_not_pass_over_a_no),
        cmocka_unit_test(ae_is_written_in_every_way),
        cmocka_unit_test(arrows_and_daggers_are_words),
        cmocka_unit_test(initials_are_an_abbreviation),
        cmocka_unit_test(serious_comes_from_flag_criterion_or_fatal_outcome),
        cmocka_unit_test(death_is_the_union_of_event_flag_and_disposition),
        cmocka_unit_test(adjudication_decides_whatever_was_coded),
        cmocka_unit_test(the_review_queue_says_why_and_what_counts_meanwhile),
        cmocka_unit_test(a_review_decides_until_the_source_does_or_the_event_changes),
        cmocka_unit_test(an_adjudication_names_a_category_or_a_plain_subtype),
        cmocka_unit_test(an_unverified_form_counts_and_is_flagged),
        cmocka_unit_test(hostile_text_takes_bounded_time_and_ends_in_review),
        cmocka_unit_test(explain_names_rule_phrase_words_and_place),
        cmocka_unit_test(the_memo_gives_the_same_answer_twice),
        cmocka_unit_test(faults_in_rules_name_the_place),
        cmocka_unit_test(rules_without_context_words_are_refused),
        cmocka_unit_test(a_site_adds_rules_and_categories_of_its_own)};

    return cmocka_run_group_tests(tests, setup, teardown);
}
