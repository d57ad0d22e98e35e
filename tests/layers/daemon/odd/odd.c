#include "base/secret.h"

int odd_one(void);

int odd_one(void)
{
    return base_calls_up();
}
