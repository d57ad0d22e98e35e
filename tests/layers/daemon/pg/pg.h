/* Part of a fixture: see tests/layers/README. */
#ifndef FIXTURE_PG_H
#define FIXTURE_PG_H

int pg_open(void);

#endif
