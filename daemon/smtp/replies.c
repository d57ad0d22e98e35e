/* What the relay replied, line by line: the reply that decides. */
#include "smtp/smtp.h"

#include <string.h>

bool smtp_address_ok(const char *address)
{
    size_t len = strlen(address);
    const char *at = strrchr(address, '@');

    if (len == 0 || len > 254 || at == NULL || at == address || at[1] == '\0') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char ch = (unsigned char)address[i];

        if (ch <= 0x20 || ch >= 0x7f || ch == '<' || ch == '>') {
            return false;
        }
    }
    return true;
}

static bool digit(char ch)
{
    return ch >= '0' && ch <= '9';
}

void smtp_replies_line(struct smtp_replies *r, const char *line, size_t len, bool whole)
{
    size_t n = 0;
    int code;

    if (len < 3 || !digit(line[0]) || !digit(line[1]) || !digit(line[2]) || (len > 3 && line[3] == '-')) {
        return; /* "250-SIZE": more lines of the same reply follow */
    }
    code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    if (r->verdict != 0 || code == 221) {
        return; /* the goodbye: what counts has been said */
    }
    r->last = code;
    for (size_t i = 0; i < len && n < sizeof r->text - 1; i++) {
        unsigned char ch = (unsigned char)line[i];

        r->text[n++] = ch < 0x20 || ch >= 0x7f ? ' ' : line[i];
    }
    while (n > 0 && r->text[n - 1] == ' ') {
        n--;
    }
    r->text[n] = '\0';
    if (r->go_ahead) {
        r->verdict = code;
        r->early = !whole;
    } else if (code == 354) {
        r->go_ahead = true;
    }
}
