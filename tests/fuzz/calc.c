/* libFuzzer: the calculator.  The first line names a set, the rest is its CSV. */
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/csv.h"
#include "cmd/ctl_calc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t len = end != NULL ? (size_t)(end - data) : 0;
    const struct calc_set *set = NULL;
    struct csv *csv = NULL;
    struct calc c = {0};
    struct buf out = {0};
    struct err err = {0};
    char name[32];
    enum status st;

    if (end == NULL || len >= sizeof name) {
        return -1;
    }
    memcpy(name, data, len);
    name[len] = '\0';
    set = calc_find(name);
    if (set == NULL) {
        return -1;
    }
    st = csv_parse("fuzz.csv", (const char *)end + 1, size - len - 1, &csv, &err);
    if (st == OK) {
        st = calc_run(set, "fuzz.csv", csv, &c, &err);
    }
    if (st == OK) {
        calc_write(set, &c, &out);
    } else if (err.msg[0] == '\0') {
        __builtin_trap(); /* a refusal says why */
    }
    calc_done(&c);
    csv_free(csv);
    buf_done(&out);
    return 0;
}
