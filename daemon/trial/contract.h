/*
 * contract.h - the source contract, version 1: the views a trial database offers, as one table.
 *
 * Who reads the source (pg/), who builds the snapshot (trial/) and who checks it (dsmbctl source check) all take view,
 * column, type and key from here.  A row travels as an array of `struct field` in the order of the view's columns,
 * every value in its canonical text: text as it is (UTF-8, repaired), dates YYYY-MM-DD, booleans t|f, integers in
 * decimal, instants as instant_format() writes them.  That text is what is hashed, stored and read back.
 */
#ifndef DSMB_TRIAL_CONTRACT_H
#define DSMB_TRIAL_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CONTRACT_VERSION = 1, SRC_COLUMNS_MAX = 24 };

/*
 * SRC_REVIEW is no view of the source: what people decided by `dsmbctl review decide`, out of the store.  It comes with
 * every reading like a view's rows, so that it is stored with the look that first knew it, and a look taken again has it.
 */
enum src_view { SRC_SUBJECT, SRC_ARM, SRC_AE, SRC_META, SRC_ADJUDICATION, SRC_REVIEW, SRC_VIEWS };
enum { SRC_OFFERED = SRC_REVIEW }; /* the views before it are the source's */

enum src_type { TYPE_TEXT, TYPE_DATE, TYPE_BOOL, TYPE_INT2, TYPE_INSTANT };

struct src_column {
    const char *name;
    enum src_type type;
    bool not_null; /* a NULL here is a data query */
    bool optional; /* the view may lack the column: every value is then NULL */
};

struct src_view_def {
    const char *name;
    bool optional; /* the schema may lack the view */
    size_t n_columns;
    struct src_column column[SRC_COLUMNS_MAX];
    size_t n_keys; /* the first n_keys columns are the key */
};

extern const struct src_view_def contract_views[SRC_VIEWS];

/* Column numbers, in the table's order. */
enum {
    SUB_ID,
    SUB_SITE,
    SUB_STRATUM,
    SUB_RAND,
    SUB_FIRST_DOSE,
    SUB_LAST_DOSE,
    SUB_FU_END,
    SUB_FU_REASON,
    SUB_DEATH_DATE,
    SUB_DEATH_FLAG,
    SUB_UPDATED,
    SUB_COLUMNS
};
enum { ARM_SUBJECT, ARM_CODE, ARM_ACTUAL, ARM_COLUMNS };
enum {
    AE_ID,
    AE_SUBJECT,
    AE_EPISODE,
    AE_TERM,
    AE_PT,
    AE_SOC,
    AE_ONSET,
    AE_RESOLVED,
    AE_SERIOUS,
    AE_S_DEATH,
    AE_S_LIFE,
    AE_S_HOSP,
    AE_S_DISAB,
    AE_S_CONG,
    AE_S_OTHER,
    AE_OUTCOME,
    AE_GRADE,
    AE_RELATED,
    AE_EXPECTED,
    AE_FORM,
    AE_DELETED,
    AE_ENTERED,
    AE_UPDATED,
    AE_COLUMNS
};
enum { META_NAME, META_VALUE, META_COLUMNS };
enum { ADJ_AE, ADJ_CATEGORY, ADJ_VERDICT, ADJ_DECIDED, ADJ_COLUMNS };
enum {
    REV_AE,
    REV_CATEGORY,
    REV_VERDICT,
    REV_DECIDED,
    REV_STANDS,
    REV_COLUMNS
}; /* begins as an adjudication */

struct field {
    const char *p; /* borrowed for the call; not NUL-terminated */
    int32_t len;   /* -1: NULL */
    bool repaired; /* bytes that were no text were replaced by U+FFFD */
};

#endif
