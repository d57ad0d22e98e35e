/* Part of a fixture: see tests/layers/README. */
#ifndef FIXTURE_TRIAL_H
#define FIXTURE_TRIAL_H

int trial_count(void);

#endif
