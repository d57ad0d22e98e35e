/* libFuzzer: the calculator's JSON reader. */
#include <stdint.h>

#include "base/buf.h"
#include "cmd/ctl_calc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf out = {0};
    struct err err = {0};

    if (calc_logrank("fuzz.json", (const char *)data, size, &out, &err) != OK && err.msg[0] == '\0') {
        __builtin_trap();
    }
    buf_done(&out);
    return 0;
}
