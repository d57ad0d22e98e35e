#include "host/entropy.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum status entropy_bytes(void *out, size_t n, struct err *err)
{
    unsigned char *p = out;

    while (n > 0) {
        ssize_t got = getrandom(p, n, 0);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return err_set(err, E_IO, "the kernel gives no random bytes: %s", strerror(errno));
        }
        p += got;
        n -= (size_t)got;
    }
    return OK;
}

enum status entropy_uuid(char out[37], struct err *err)
{
    unsigned char b[16];
    char *to = out;
    enum status st = entropy_bytes(b, sizeof b, err);

    if (st != OK) {
        return st;
    }
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *to++ = '-';
        }
        (void)snprintf(to, 3, "%02x", b[i]);
        to += 2;
    }
    return OK;
}

double entropy_uniform(void)
{
    uint32_t u;
    struct err ignored;

    return entropy_bytes(&u, sizeof u, &ignored) == OK ? (double)u / 4294967296.0 : 0.5;
}
