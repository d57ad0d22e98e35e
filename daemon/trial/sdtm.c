#include "trial/sdtm.h"

#include <string.h>
#include <strings.h>

enum { VARIABLES_MAX = 12 };

struct domain {
    const char *name, *what;
    bool required;
    const char *variables[VARIABLES_MAX]; /* required ones */
};

static const struct domain domains[SDTM_DOMAINS] = {
    [SDTM_DM] = {"dm",
                 "demographics: who was randomised, to which arm",
                 true,
                 {"STUDYID", "USUBJID", "SITEID", "ARMCD", "RFSTDTC", "DTHDTC", "DTHFL"}},
    [SDTM_AE] = {"ae",
                 "adverse events",
                 true,
                 {"USUBJID", "AESEQ", "AETERM", "AEDECOD", "AEBODSYS", "AESER", "AEREL", "AESTDTC",
                  "AEENDTC"}},
    [SDTM_DS] = {"ds",
                 "disposition: how follow-up ended",
                 true,
                 {"USUBJID", "DSSEQ", "DSDECOD", "DSCAT", "DSSTDTC"}},
    [SDTM_EX] = {"ex", "exposure: first and last dose", true, {"USUBJID", "EXSTDTC", "EXENDTC"}},
    [SDTM_SUPPAE] = {"suppae",
                     "supplemental qualifiers of ae",
                     false,
                     {"USUBJID", "IDVAR", "IDVARVAL", "QNAM", "QVAL"}},
};

const struct sdtm_feed sdtm_feeds[] = {
    {"subject", "subject_id", SDTM_DM, "USUBJID", NULL, NULL},
    {"subject", "site_id", SDTM_DM, "SITEID", NULL, NULL},
    {"subject", "rand_date", SDTM_DM, "RFSTDTC", NULL, NULL},
    {"subject", "first_dose", SDTM_EX, "EXSTDTC", NULL, NULL},
    {"subject", "last_dose", SDTM_EX, "EXENDTC", NULL, NULL},
    {"subject", "fu_end", SDTM_DM, "RFPENDTC", NULL, "the day of the disposition event stands in"},
    {"subject", "fu_reason", SDTM_DS, "DSDECOD", NULL, NULL},
    {"subject", "death_date", SDTM_DM, "DTHDTC", NULL, NULL},
    {"subject", "death_flag", SDTM_DM, "DTHFL", NULL, NULL},
    {"arm", "arm_code", SDTM_DM, "ARMCD", NULL, NULL},
    {"arm", "actual_arm_code", SDTM_DM, "ACTARMCD", NULL, "everybody counts as treated as planned"},
    {"ae", "ae_id", SDTM_AE, "AESEQ", NULL, NULL},
    {"ae", "episode_id", SDTM_AE, "AESPID", NULL, "every report counts as an episode of its own"},
    {"ae", "term", SDTM_AE, "AETERM", NULL, NULL},
    {"ae", "coded_pt", SDTM_AE, "AEDECOD", NULL, NULL},
    {"ae", "coded_soc", SDTM_AE, "AESOC", "AEBODSYS", NULL},
    {"ae", "onset", SDTM_AE, "AESTDTC", NULL, NULL},
    {"ae", "resolved", SDTM_AE, "AEENDTC", NULL, NULL},
    {"ae", "serious", SDTM_AE, "AESER", NULL, NULL},
    {"ae", "s_death", SDTM_AE, "AESDTH", NULL, NULL},
    {"ae", "s_life", SDTM_AE, "AESLIFE", NULL, NULL},
    {"ae", "s_hosp", SDTM_AE, "AESHOSP", NULL, NULL},
    {"ae", "s_disab", SDTM_AE, "AESDISAB", NULL, NULL},
    {"ae", "s_cong", SDTM_AE, "AESCONG", NULL, NULL},
    {"ae", "s_other", SDTM_AE, "AESMIE", NULL, NULL},
    {"ae", "outcome", SDTM_AE, "AEOUT", NULL, "no event reads as fatal by its outcome"},
    {"ae", "grade", SDTM_AE, "AETOXGR", "AESEV", NULL},
    {"ae", "related", SDTM_AE, "AEREL", NULL, NULL},
    {"ae", "expected", SDTM_SUPPAE, "QVAL", NULL, "where QNAM is AEEXPCT (--set supp_expected)"},
    {"ae", "entered_at", SDTM_AE, "AEDTC", NULL, "a replay takes an event as known when it began"},
    {"meta", "trial_id", SDTM_DM, "STUDYID", NULL, NULL},
};
const size_t sdtm_n_feeds = sizeof sdtm_feeds / sizeof sdtm_feeds[0];

const char *sdtm_name(enum sdtm_domain d)
{
    return domains[d].name;
}

bool sdtm_required(enum sdtm_domain d)
{
    return domains[d].required;
}

static bool has(const struct sdtm_columns *c, const char *name)
{
    for (size_t i = 0; i < c->n; i++) {
        if (strcasecmp(c->names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

bool sdtm_is_text(enum sdtm_domain d, const char *column)
{
    size_t n = strlen(column);

    if (n > 3 && strcasecmp(column + n - 3, "SEQ") == 0) {
        return false;
    }
    if (n > 3 && strcasecmp(column + n - 3, "DTC") == 0) {
        return true;
    }
    for (size_t i = 0; i < VARIABLES_MAX && domains[d].variables[i] != NULL; i++) {
        if (strcasecmp(column, domains[d].variables[i]) == 0) {
            return true;
        }
    }
    return false;
}

enum status sdtm_check(enum sdtm_domain d, const struct sdtm_columns *c, struct err *err)
{
    if (c->names == NULL) {
        return err_set(err, E_DATA,
                       "%s: no %s.csv and no %s.xpt there (%s); the mapping cannot do without it", c->file,
                       domains[d].name, domains[d].name, domains[d].what);
    }
    for (size_t i = 0; i < VARIABLES_MAX && domains[d].variables[i] != NULL; i++) {
        if (!has(c, domains[d].variables[i])) {
            return err_set(err, E_DATA,
                           "%s: no column %s, which the mapping needs; add it, empty where nothing is known",
                           c->file, domains[d].variables[i]);
        }
    }
    return OK;
}

const char *sdtm_fed_by(const struct sdtm_feed *f, const struct sdtm_columns files[SDTM_DOMAINS])
{
    const struct sdtm_columns *c = &files[f->domain];

    if (has(c, f->variable)) {
        return f->variable;
    }
    return f->instead != NULL && has(c, f->instead) ? f->instead : NULL;
}
