/*
 * sdtm.h - what sql/source/sdtm.sql needs of CDISC SDTM tables, and what of the source contract it feeds from them.
 *
 * Pure.  Required and Expected variables of SDTM that the mapping uses are required here, and so are the domains dm, ae, ds
 * and ex.  What is Permissible may be missing: its column of the contract then reads "not answered".
 */
#ifndef DSMB_TRIAL_SDTM_H
#define DSMB_TRIAL_SDTM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum sdtm_domain { SDTM_DM, SDTM_AE, SDTM_DS, SDTM_EX, SDTM_SUPPAE, SDTM_DOMAINS };

const char *sdtm_name(enum sdtm_domain d); /* lower case: of the table, and of the file without its ending */
bool sdtm_required(enum sdtm_domain d);
/* Is it a variable that the mapping reads as text?  An XPT file that has it as a number is not SDTM (dates above all). */
bool sdtm_is_text(enum sdtm_domain d, const char *column);

/* The columns of one domain's file; names NULL: there is none. */
struct sdtm_columns {
    const char *file; /* for messages */
    const char *const *names;
    size_t n;
};
/* E_DATA names the file and the column that is missing; letters of either case. */
enum status sdtm_check(enum sdtm_domain d, const struct sdtm_columns *c, struct err *err);

struct sdtm_feed {
    const char *view, *column; /* of the contract */
    enum sdtm_domain domain;   /* what it comes from */
    const char *variable,
        *instead;     /* and the variable that does when there is none of the first; may be NULL */
    const char *note; /* what its lack means (NULL: "not answered"); of suppae: which rows */
};
extern const struct sdtm_feed sdtm_feeds[];
extern const size_t sdtm_n_feeds;

/* The variable that feeds it from these files, or NULL. */
const char *sdtm_fed_by(const struct sdtm_feed *f, const struct sdtm_columns files[SDTM_DOMAINS]);

#endif
