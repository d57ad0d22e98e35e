#include "pg/seal.h"

#include <inttypes.h>

#include "sql_catalog.h"

enum status seal_look(struct pgconn *c, int64_t look, struct buf *out, struct err *err)
{
    struct pgargs args = {0};
    struct pgrows *r = NULL;
    enum status st;

    pgargs_int(&args, look);
    st = pgconn_exec(c, SQL_LEDGER_DIGEST, &args, &r, err);
    if (st == OK) {
        buf_fmt(out, "look %" PRId64 "\n", look);
    }
    for (int i = 0; st == OK && i < pgrows_n(r); i++) {
        const char *part = NULL, *digest = NULL;
        int64_t n = 0;

        st = pgrows_text(r, i, 0, &part, err);
        if (st == OK) {
            st = pgrows_int(r, i, 1, &n, err);
        }
        if (st == OK) {
            st = pgrows_text(r, i, 2, &digest, err);
        }
        if (st == OK) {
            buf_fmt(out, "%s %" PRId64 " %s\n", part, n, digest);
        }
    }
    pgrows_free(r);
    return st == OK ? buf_check(out, err) : st;
}
