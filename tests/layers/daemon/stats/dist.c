double pnorm5(double, double, double, int, int);
double dist_may(void);

double dist_may(void)
{
    return pnorm5(1, 0, 1, 1, 0); /* the one place that may */
}
