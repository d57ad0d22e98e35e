#include "base/secret.h"
#include "app/leaks.h"

void *json_object(void);
void *curl_easy_init(void);
const char *render_all(void);

const char *render_all(void)
{
    return json_object() == curl_easy_init() ? secret_reveal("") : "";
}
