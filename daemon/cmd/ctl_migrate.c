/* migrate: the schema of the store, step by step. */
#include "cmd/ctl.h"

#include <stdio.h>

#include "cmd/ctl_opts.h"
#include "pg/migrate.h"

static const char usage[] =
    "usage: dsmbctl migrate [--config FILE] [--store CONNINFO]\n\n"
    "Applies what sql/schema/ has and the store has not, each in a transaction of its own, as the trial's "
    "owner role;\n"
    "then checks the roles' settings.  Needs a role that may become the owner: a superuser, or a member of "
    "it.\n"
    "  --store CONNINFO   connect so, in place of store.ctl_conninfo (or $DSMBD_STORE)\n"
    "Exit status 69: the store was made by a newer version.\n";

static void say(void *ctx, const char *file)
{
    (void)ctx;
    (void)printf("applied %s\n", file);
}

int ctl_migrate(int argc, char **argv)
{
    const char *config = NULL, *store = NULL;
    const struct ctl_opt opts[] = {{"config", CTL_TEXT, &config}, {"store", CTL_TEXT, &store}};
    struct settings *s = NULL;
    struct err err = {0};
    int at = 0, n = 0,
        rc = ctl_options("migrate", usage, opts, sizeof opts / sizeof opts[0], argc, argv, &at);
    enum status st;

    if (rc == 0) {
        rc = ctl_no_operand("migrate", argc, argv, at);
    }
    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    st = ctl_settings(config, &s, &err);
    if (st == OK) {
        st = migrate_run(store != NULL ? store : ctl_conninfo(s), s->trial, say, NULL, &n, &err);
    }
    if (st == OK && n == 0) {
        (void)printf("nothing to do: the store is of this version\n");
    }
    settings_free(s);
    return st == OK ? ctl_flush() : ctl_fail("migrate", st, &err);
}
