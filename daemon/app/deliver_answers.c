#include "app/deliver_answers.h"

#include <string.h>

static int hex_of(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The token at s, after blanks; exactly 32 digits. */
static bool token_at(const char *s, const char *end, char ret[33])
{
    static const char digit[] = "0123456789abcdef";
    size_t n = 0;

    while (s < end && blank(*s)) {
        s++;
    }
    for (; s < end && n < 33 && hex_of(*s) >= 0; s++, n++) {
        if (n < 32) {
            ret[n] = digit[hex_of(*s)];
        }
    }
    ret[n < 32 ? n : 32] = '\0';
    return n == 32;
}

bool answers_token(const char *header, size_t len, char ret[33])
{
    static const char mark[] = "dsmb ack";
    const char *end = header + len;

    for (const char *p = header; (size_t)(end - p) > sizeof mark; p++) {
        if (strncasecmp(p, mark, sizeof mark - 1) == 0 && blank(p[sizeof mark - 1]) &&
            token_at(p + sizeof mark - 1, end, ret)) {
            return true;
        }
    }
    return false;
}

struct visit {
    const struct outbox *out;
    struct deliver *d;
};

static enum status subject(void *ctx, const char *header, size_t len, struct err *err)
{
    const struct visit *v = ctx;
    char token[33];
    enum status st = OK;

    if (answers_token(header, len, token)) {
        st = v->out->ack(v->out->ctx, token, err);
    }
    explicit_bzero(token, sizeof token);
    return st;
}

static enum status returned(void *ctx, const char *id, struct err *err)
{
    const struct visit *v = ctx;

    return deliver_returned(v->d, id, err);
}

enum status answers_poll(const struct inbox *in, const struct outbox *out, struct deliver *d, const char *ids,
                         struct err *err)
{
    struct visit mine = {.out = out, .d = d};
    struct inbox_visitor v = {.ctx = &mine, .subject = subject, .returned = returned, .ids = ids};

    return in->poll(in->ctx, &v, err);
}
