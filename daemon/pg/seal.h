/*
 * seal.h - what the ledger says of a look: one line per table with the number of rows and their salted SHA-256.
 *
 * Made once when the look is written, made again by `dsmbctl ledger verify`, compared byte for byte.
 * The connection must have prepared SQL_LEDGER_DIGEST.
 */
#ifndef DSMB_PG_SEAL_H
#define DSMB_PG_SEAL_H

#include "base/buf.h"
#include "pg/pgconn.h"

/* Appends "look N\nPART ROWS DIGEST\n..." */
enum status seal_look(struct pgconn *c, int64_t look, struct buf *out, struct err *err);

#endif
