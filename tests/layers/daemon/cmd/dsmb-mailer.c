#include "trial/trial.h"
#include "base/secret.h"

int main(void)
{
    return trial_count() + (secret_reveal("")[0] != '\0');
}
