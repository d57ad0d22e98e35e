/*
 * migrate.h - brings a store to this version's schema.
 *
 * sql/schema/NNN_*.sql are embedded; each is applied in a transaction of its own as the trial's owner role and recorded
 * with its SHA-256.  Tokens @owner@ @daemon@ @mailer@ @closed@ @open@ @audit@ @review@ become the trial's roles, quoted.
 * A store that a newer version has migrated, or a migration that was changed after it was applied, is refused (E_STATE).
 */
#ifndef DSMB_PG_MIGRATE_H
#define DSMB_PG_MIGRATE_H

#include "base/err.h"
#include "pg/pgconn.h"

typedef void migrate_say_fn(void *ctx, const char *file);

/* conninfo: of somebody who may SET ROLE to the owner.  say: each migration that was applied. */
enum status migrate_run(const char *conninfo, const char *trial, migrate_say_fn *say, void *ctx,
                        int *n_applied, struct err *err);
/*
 * Are the roles as sql/setup/roles.sql makes them: there, their log settings closed, nobody else let in?  E_CONFIG names
 * the first thing that is not, and the remedy.
 */
enum status migrate_check_roles(struct pgconn *c, const char *trial, struct err *err);
/* Appends text with the tokens replaced; E_INTERNAL for a token that is none. */
enum status migrate_fill(const char *text, const char *trial, struct buf *out, struct err *err);

#endif
