/* Part of a fixture: see tests/layers/README. */
#ifndef FIXTURE_HOST_H
#define FIXTURE_HOST_H

int host_time(void);

#endif
