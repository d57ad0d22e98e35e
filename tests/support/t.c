#include "support/t.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void t_near(double got, double want, double tol, const char *what, const char *file, int line)
{
    if ((isinf(want) && got == want) || fabs(got - want) <= tol) {
        return;
    }
    print_error("%s: got %.17g, want %.17g within %g (off by %g)\n", what, got, want, tol, got - want);
    _fail(file, line);
}

void t_rel(double got, double want, double tol, const char *what, const char *file, int line)
{
    t_near(got, want, isinf(want) ? 0 : tol * fabs(want), what, file, line);
}

void t_ok(int st, const char *msg, const char *what, const char *file, int line)
{
    if (st == 0) {
        return;
    }
    print_error("%s: %s\n", what, msg);
    _fail(file, line);
}

char *t_shared(const char *rel)
{
    const char *root = getenv("DSMB_SHARED");
    char *path = NULL;

    if (asprintf(&path, "%s/%s", root == NULL ? "../shared" : root, rel) < 0) {
        return NULL;
    }
    if (access(path, R_OK) != 0) {
        print_message("%s is not there: skipped\n", path);
        free(path);
        return NULL;
    }
    return path;
}

char *t_slurp(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    char *p = NULL;
    long n;

    if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (n = ftell(f)) < 0 || fseek(f, 0, SEEK_SET) != 0 ||
        (p = malloc((size_t)n + 1)) == NULL || fread(p, 1, (size_t)n, f) != (size_t)n) {
        fail_msg("cannot read %s", path);
        return NULL;
    }
    (void)fclose(f);
    p[n] = '\0';
    if (len != NULL) {
        *len = (size_t)n;
    }
    return p;
}
