#include "trial/trial.h"

#include <stdio.h>
#include <time.h>

double pnorm5(double, double, double, int, int);
double stats_peeks(void);

double stats_peeks(void)
{
    FILE *f = fopen("/etc/passwd", "r");

    printf("%d\n", trial_count());
    return f == NULL ? (double)time(NULL) : pnorm5(1, 0, 1, 1, 0);
}
