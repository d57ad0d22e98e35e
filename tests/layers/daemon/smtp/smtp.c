#include "../trial/trial.h"

int smtp_count(void);

int smtp_count(void)
{
    return trial_count();
}
