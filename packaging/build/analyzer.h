/*
 * Only for clang-tidy (-include): err_set and its kin return the status that they are given.  The analyzer sees one file
 * at a time, takes them for functions that may return OK, and then reports outputs that were never set.
 */
#include "base/doc.h"
#include "base/err.h"

#define err_set(err, st, ...)    ((err_set)((err), (st), __VA_ARGS__), (st))
#define err_wrap(err, st, ...)   ((err_wrap)((err), (st), __VA_ARGS__), (st))
#define node_error(n, err, ...)  ((node_error)((n), (err), __VA_ARGS__), E_CONFIG)
