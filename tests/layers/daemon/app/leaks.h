/* Part of a fixture: see tests/layers/README. */
const char *app_leaks(const void *s);
