/*
 * report_layout.c - the two reports laid out: which facts stand in which table.  What both have reads the same in both.
 */
#include "render/report_parts.h"

#define EVENT_COLUMNS                                                                       \
    {                                                                                       \
        {"arm", "Arm"}, {"onset", "Onset"}, {"term", "As reported"}, {"coded_pt", "Coded"}, \
            {"outcome", "Outcome"},                                                         \
        {                                                                                   \
            "form", "Form"                                                                  \
        }                                                                                   \
    }

/* What both reports have; a list leaves out what has no fact. */
#define DISPOSITION                                                                                          \
    {                                                                                                        \
        .section = "disposition", .kind = LAYOUT_BY_GROUP, .heading = "Subjects", .caption = "", .item = "", \
        .stat = {                                                                                            \
            {"subjects", ""}                                                                                 \
        }                                                                                                    \
    }
#define QUALITY                                                                                \
    {                                                                                          \
        .section = "quality", .kind = LAYOUT_LIST, .heading = "Data", .caption = "", .stat = { \
            {"subjects_read", "Subjects read"},                                                \
            {"events_read", "Events read"},                                                    \
            {"events_deleted", "Events deleted by the sites"},                                 \
            {"forms_incomplete", "Events on incomplete forms"},                                \
            {"to_review", "Events to review"},                                                 \
            {"arm_unknown", "Randomised subjects whose arm is unknown"}                        \
        }                                                                                      \
    }
#define QUERIES                                                                       \
    {                                                                                 \
        .section = "queries", .kind = LAYOUT_LIST, .caption = "Data queries by kind", \
        .stat = {{"count", ""}}, .empty = "No data queries."                          \
    }
#define STATEMENTS                                                                               \
    {                                                                                            \
        .section = "statements", .kind = LAYOUT_LINES, .heading = "About this report", .stat = { \
            {"statement", ""}                                                                    \
        }                                                                                        \
    }

const struct layout *report_closed_layout(size_t *n)
{
    static const struct layout l[] = {
        {.section = "about",
         .kind = LAYOUT_LIST,
         .caption = "",
         .stat = {{"report", "Report"},
                  {"trial", "Trial"},
                  {"title", "Title"},
                  {"look", "Look"},
                  {"counted_to", "Counted to"},
                  {"data_current_to", "Data current to"},
                  {"population", "Population"},
                  {"treatment_emergent", "Treatment-emergent"}}},
        {.section = "about", .kind = LAYOUT_LINES, .stat = {{"note_of_the_plan", ""}}},
        {.section = "monitors",
         .kind = LAYOUT_BY_STAT,
         .heading = "Where each monitor stands",
         .caption = "",
         .item = "Monitor",
         .right = 0x1eU,
         .stat = {{"standing", "Boundary"},
                  {"experimental_events", "Experimental"},
                  {"fraction_of_maximum", "Of maximum"},
                  {"alpha_spent", "Alpha spent"},
                  {"e_value", "e-value"}},
         .empty = "The plan has no monitors."},
        {.section = "monitors", .kind = LAYOUT_LINES, .stat = {{"design", ""}}},
        {.section = "families",
         .kind = LAYOUT_BY_STAT,
         .caption = "Families of monitors: one-sided alpha; the sum bounds the chance of any false alarm in "
                    "the family, "
                    "however its monitors overlap (Bonferroni)",
         .item = "Family",
         .right = 0x3eU,
         .drop_empty = true,
         .stat = {{"monitors", "Monitors"},
                  {"alpha_declared", "Declared"},
                  {"alpha_of_monitors", "Sum"},
                  {"alpha_reserve", "Reserve"},
                  {"simulated_rate", "Rate by simulation, as the plan states it"},
                  {"alpha_spent", "Spent"}}},
        {.section = "monitors",
         .kind = LAYOUT_BY_STAT,
         .caption = "What the exact verdicts hang on: the experimental side's share of those at risk "
                    "(geometric mean)",
         .item = "Monitor",
         .stat = {{"share_at_risk", "Share at risk"}, {"sensitivity", "Sensitivity"}}},
        {.section = "monitors",
         .kind = LAYOUT_BY_STAT,
         .caption =
             "Since the crossing: p of all first events until now, with the looks before the crossing kept "
             "(over-running, deletion method)",
         .item = "Monitor",
         .right = 0x3U,
         .stat = {{"overrun_events", "First events since"}, {"overrun_p", "p, one-sided"}}},
        {.section = "inference",
         .kind = LAYOUT_BY_STAT,
         .caption = "What the looks say together: adjusted for having been taken one after another, at the "
                    "look that "
                    "crossed or the newest that tested (stage-wise ordering; hazard ratio median-unbiased; "
                    "repeated interval: bound and statistic of that look)",
         .item = "Monitor",
         .right = 0x3fU,
         .stat = {{"at_look", "At look"},
                  {"stagewise_p", "p, one-sided"},
                  {"confidence", "Level"},
                  {"hazard_ratio", "Hazard ratio"},
                  {"repeated_ratio", "Repeated interval"},
                  {"repeated_p", "Repeated p"}},
         .drop_empty = true},
        {.section = "power",
         .kind = LAYOUT_BY_STAT,
         .caption = "Probability to cross by the maximum number of events, from here",
         .item = "Monitor",
         .right = 0x7U,
         .stat = {{"no_effect", "If there is no effect"},
                  {"as_estimated", "At the hazard ratio above"},
                  {"predictive", "Predictive"}},
         .drop_empty = true},
        {.section = "ledger", .kind = LAYOUT_FIGURES, .figures = figures_monitors},
        DISPOSITION,
        {.section = "conduct",
         .kind = LAYOUT_BY_GROUP,
         .caption = "How the data came in",
         .item = "",
         .stat = {{"value", ""}}},
        {.section = "categories",
         .kind = LAYOUT_BY_GROUP,
         .heading = "Subjects with at least one event, n/N (%)",
         .caption = "All events",
         .item = "Category",
         .stat = {{"subjects", ""}}},
        {.section = "categories_treatment_emergent",
         .kind = LAYOUT_BY_GROUP,
         .caption = "Treatment-emergent events",
         .item = "Category",
         .stat = {{"subjects", ""}}},
        {.section = "categories_on_treatment",
         .kind = LAYOUT_BY_GROUP,
         .caption = "On treatment: onset from the first dose to the last",
         .item = "Category",
         .stat = {{"subjects", ""}}},
        {.section = "categories",
         .kind = LAYOUT_BY_GROUP,
         .heading = "Episodes and rates, all events",
         .caption = "Episodes",
         .item = "Category",
         .stat = {{"episodes", ""}}},
        {.section = "categories",
         .kind = LAYOUT_BY_GROUP,
         .caption = "First events per 100 person-years at risk",
         .item = "Category",
         .stat = {{"rate_per_100py", ""}}},
        {.section = "comparisons",
         .kind = LAYOUT_BY_STAT,
         .heading = "Differences and ratios, 95 % confidence intervals, all events",
         .caption = "Risk difference in percentage points (Miettinen-Nurminen), risk ratio (Koopman), "
                    "Fisher's exact p",
         .item = "Category",
         .group = "Comparison",
         .one_group = true,
         .right = 0xfU,
         .stat = {{"risk_difference", "Difference"},
                  {"risk_ratio", "Risk ratio"},
                  {"fisher_one_sided", "p one-sided"},
                  {"fisher_two_sided", "p two-sided"}}},
        {.section = "comparisons",
         .kind = LAYOUT_BY_STAT,
         .caption = "Odds ratio (exact) and ratio of first-event rates (exact)",
         .item = "Category",
         .group = "Comparison",
         .one_group = true,
         .right = 3U,
         .stat = {{"odds_ratio", "Odds ratio"}, {"rate_ratio", "Rate ratio"}}},
        {.section = "comparisons",
         .kind = LAYOUT_BY_STAT,
         .caption =
             "Difference with Newcombe's interval, number needed to harm (Miettinen-Nurminen), mid-p of "
             "Fisher's test, exact p of the ratio of first-event rates",
         .item = "Category",
         .group = "Comparison",
         .one_group = true,
         .right = 0x1fU,
         .stat = {{"risk_difference_newcombe", "Newcombe"},
                  {"needed_to_harm", "Needed to harm"},
                  {"mid_p_one_sided", "mid-p one-sided"},
                  {"mid_p_two_sided", "mid-p two-sided"},
                  {"rate_p_one_sided", "Rates, p one-sided"}}},
        {.section = "comparisons", .kind = LAYOUT_FIGURES, .figures = figures_ratios},
        {.section = "hazards",
         .kind = LAYOUT_BY_STAT,
         .heading = "Hazard ratios of first events, by time since entry",
         .caption = "Cox (Efron, profile-likelihood limits), Peto, logrank p (one-sided), and whether the "
                    "hazards are "
                    "proportional (Grambsch and Therneau)",
         .item = "Category",
         .group = "Comparison",
         .one_group = true,
         .right = 0x3fU,
         .stat = {{"hazard_ratio", "Hazard ratio"},
                  {"peto_ratio", "Peto"},
                  {"logrank_one_sided", "Logrank p"},
                  {"hazard_ratio_stratified", "Stratified"},
                  {"logrank_stratified_one_sided", "Stratified p"},
                  {"proportional_p", "Proportional, p"}},
         .drop_empty = true},
        {.section = "robustness",
         .kind = LAYOUT_BY_STAT,
         .heading = "What the differences rest on",
         .caption =
             "Fisher's one-sided p at 0.025: the fewest subjects with an event that, taken away or credited "
             "to "
             "the other arm, change whether it is reached; and its largest and smallest value with one "
             "site left out",
         .item = "Category",
         .group = "Comparison",
         .one_group = true,
         .right = 0x6U,
         .stat = {{"fisher_crosses", "Reached"},
                  {"fragility_removed", "Taken away"},
                  {"fragility_moved", "Other arm"},
                  {"weakest_without_site", "Largest p"},
                  {"strongest_without_site", "Smallest p"}},
         .drop_empty = true},
        {.section = "episode_means",
         .kind = LAYOUT_BY_STAT,
         .heading = "Episodes per subject",
         .caption =
             "Mean number since entry (the dead stay in the mean; Ghosh and Lin), 95 % confidence limits",
         .item = "Category",
         .group = "Arm",
         .right = 0xffU,
         .stat = {MONTH_COLUMNS},
         .drop_empty = true},
        {.section = "episode_rates",
         .kind = LAYOUT_BY_STAT,
         .caption = "Ratio of episode rates, robust for subjects with several (Lin, Wei, Yang and Ying)",
         .item = "Category",
         .group = "Comparison",
         .one_group = true,
         .right = 0x3U,
         .stat = {{"episode_rate_ratio", "Rate ratio"}, {"episode_rate_one_sided", "p one-sided"}}},
        {.section = "incidence",
         .kind = LAYOUT_BY_STAT,
         .heading = "Cumulative incidence of first events, all events",
         .caption = "Percent since entry (Aalen-Johansen, death competing), 95 % confidence limits",
         .item = "Category",
         .group = "Arm",
         .right = 0xffU,
         .stat = {MONTH_COLUMNS},
         .drop_empty = true},
        {.section = "incidence_at_risk",
         .kind = LAYOUT_BY_STAT,
         .caption = "Subjects still at risk of a first event",
         .item = "Category",
         .group = "Arm",
         .right = 0x1ffU,
         .stat = {{"month_0", "Entry"}, MONTH_COLUMNS},
         .drop_empty = true},
        {.section = "incidence_curve", .kind = LAYOUT_FIGURES, .figures = figures_incidence},
        {.section = "terms",
         .kind = LAYOUT_BY_STAT,
         .heading = "Terms",
         .caption = "Subjects with each term, 95 % confidence intervals, Fisher's exact p (two-sided)",
         .item = "Term",
         .group = "Comparison",
         .one_group = true,
         .right = 0x3fU,
         .stat = {{"experimental", "Experimental"},
                  {"control", "Control"},
                  {"risk_difference", "Difference"},
                  {"risk_ratio", "Risk ratio"},
                  {"fisher_two_sided", "p"},
                  {"fdr_adjusted", "False discovery"}},
         .empty = "No adverse events."},
        {.section = "terms_note", .kind = LAYOUT_LINES, .stat = {{"statement", ""}}},
        {.section = "terms", .kind = LAYOUT_FIGURES, .figures = figures_terms},
        {.section = "ledger",
         .kind = LAYOUT_PER_ITEM,
         .heading = "Ledger of looks",
         .caption = "", /* each table is named after its monitor */
         .item = "Monitor",
         .group = "Look",
         .right = 0x7eU,
         .stat = {{"cut", "To"},
                  {"events", "Events"},
                  {"statistic", "Statistic"},
                  {"bound", "Boundary"},
                  {"alpha_spent", "Alpha spent"},
                  {"nominal_p", "p"},
                  {"e_value", "e-value"},
                  {"verdict", "Verdict"}}},
        {.section = "deaths",
         .kind = LAYOUT_BY_STAT,
         .heading = "Deaths",
         .caption = "",
         .item = "Subject",
         .group = "Event",
         .stat = EVENT_COLUMNS,
         .empty = "No deaths."},
        {.section = "serious_events",
         .kind = LAYOUT_BY_STAT,
         .heading = "Serious adverse events",
         .caption = "",
         .item = "Subject",
         .group = "Event",
         .stat = EVENT_COLUMNS,
         .empty = "No serious adverse events."},
        {.section = "review",
         .kind = LAYOUT_BY_STAT,
         .heading = "Events for a person to review",
         .caption = "",
         .item = "Subject",
         .group = "Event",
         .stat = EVENT_COLUMNS,
         .empty = "The review queue is empty."},
        QUALITY,
        QUERIES,
        {.section = "query_listing",
         .kind = LAYOUT_BY_STAT,
         .caption = "Data queries",
         .item = "Row",
         .stat = {{"problem", "Problem"}, {"column", "Column"}, {"value", "Value"}}},
        STATEMENTS,
        {.section = "about",
         .kind = LAYOUT_LIST,
         .caption = "",
         .stat = {{"read_at", "Read at"},
                  {"written", "Written"},
                  {"snapshot_sha256", "Snapshot SHA-256"},
                  {"plan_sha256", "Plan SHA-256"}}}};

    *n = sizeof(l) / sizeof(l[0]);
    return l;
}

const struct layout *report_open_layout(size_t *n)
{
    static const struct layout l[] = {
        {.section = "about",
         .kind = LAYOUT_LIST,
         .caption = "",
         .stat = {{"report", "Report"},
                  {"trial", "Trial"},
                  {"title", "Title"},
                  {"population", "Population"},
                  {"counted_to", "Counted to"},
                  {"data_current_to", "Data current to"},
                  {"written", "Written"}}},
        DISPOSITION,
        {.section = "categories",
         .kind = LAYOUT_BY_STAT,
         .heading = "Adverse events, all subjects together",
         .caption = "",
         .item = "Category",
         .right = 7,
         .stat = {{"subjects", "Subjects n/N (%)"},
                  {"episodes", "Episodes"},
                  {"rate_per_100py", "First per 100 y"}}},
        {.section = "incidence",
         .kind = LAYOUT_BY_STAT,
         .heading = "Cumulative incidence of first events, all subjects together",
         .caption = "Percent since entry (Aalen-Johansen, death competing)",
         .item = "Category",
         .right = 0xffU,
         .stat = {MONTH_COLUMNS},
         .drop_empty = true},
        {.section = "incidence_at_risk",
         .kind = LAYOUT_BY_STAT,
         .caption = "Subjects still at risk of a first event, rounded down to a multiple of 5",
         .item = "Category",
         .right = 0x1ffU,
         .stat = {{"month_0", "Entry"}, MONTH_COLUMNS},
         .drop_empty = true},
        {.section = "incidence", .kind = LAYOUT_FIGURES, .figures = figures_incidence},
        {.section = "terms",
         .kind = LAYOUT_BY_STAT,
         .heading = "Terms, all subjects together",
         .caption = "As the sites code or report them, one spelling for many",
         .item = "Term",
         .right = 1,
         .stat = {{"subjects", "Subjects n/N (%)"}}},
        QUALITY,
        QUERIES,
        STATEMENTS};

    *n = sizeof(l) / sizeof(l[0]);
    return l;
}
