/* Part of a fixture: see tests/layers/README. */
#ifndef FIXTURE_SECRET_H
#define FIXTURE_SECRET_H

const char *secret_reveal(const void *s);
int base_calls_up(void);

#endif
