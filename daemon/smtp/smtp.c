#include "smtp/smtp.h"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "smtp/transfer.h"

static const int64_t GOODBYE_US = 5000000;
enum { POLLS_BEFORE_DOT = 3 };

struct smtp {
    struct smtp_settings set;
    char *ca_file, *username, *password, *from, *url;
    bool global;

    /* The transfer that runs, or ran last. */
    CURL *curl; /* of transfer, from its start */
    struct transfer transfer;
    struct curl_slist *to;
    struct buf bytes; /* with CRLF line ends */
    size_t done;
    bool greeted;
    bool whole; /* the last bytes were handed to libcurl */
    bool ended; /* and it has asked for more, and was told that there is none */
    int polls_after_end;
    int64_t stop_by_us;
    int64_t refused_us; /* when the last reply was a refusal; 0: it was none */
    bool aborted;       /* by us: stopping, or the store refused */
    struct smtp_replies replies;
    transport_body_fn *before_body;
    void *body_ctx;
    struct err body_err;
    char curl_text[CURL_ERROR_SIZE];
};

static int64_t now_us(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* --- callbacks ---------------------------------------------------------------------------------------------------*/

static size_t on_reply(char *line, size_t size, size_t n, void *ctx)
{
    struct smtp *s = ctx;
    bool had = s->replies.verdict != 0;

    if (!s->greeted) {
        s->greeted = true;
        s->set.killpoint("connected");
    }
    smtp_replies_line(&s->replies, line, size * n, s->whole);
    s->refused_us = s->replies.last >= 400 ? now_us() : 0;
    if (!had && s->replies.verdict != 0) {
        s->set.killpoint("after_reply");
    }
    return size * n;
}

/* libcurl asks for bytes only after 354. */
static size_t on_read(char *out, size_t size, size_t n, void *ctx)
{
    struct smtp *s = ctx;
    size_t room = size * n, rest = s->bytes.len - s->done, part = rest < room ? rest : room;

    if (rest == 0) {
        s->ended = true;
        return 0;
    }
    if (part == rest) {
        /* The point of no return: the store must know before the relay can have the whole message. */
        s->set.killpoint("before_body_phase");
        if (s->set.stopping(s->set.ctx) || s->before_body(s->body_ctx, &s->body_err) != OK) {
            s->aborted = true;
            return CURL_READFUNC_ABORT;
        }
        s->whole = true;
        s->set.killpoint("after_body_phase");
    }
    memcpy(out, s->bytes.data + s->done, part);
    s->done += part;
    return part;
}

/*
 * libcurl 7.88 calls this three times between the last bytes and the dot, then at least once between the dot and the
 * reading of its reply, and about every second while it waits.  Only the kill point depends on that count.
 */
static int on_progress(void *ctx, curl_off_t down_all, curl_off_t down, curl_off_t up_all, curl_off_t up)
{
    struct smtp *s = ctx;

    (void)down_all;
    (void)down;
    (void)up_all;
    (void)up;
    s->set.tick(s->set.ctx);
    if (s->ended && ++s->polls_after_end == POLLS_BEFORE_DOT + 1) {
        s->set.killpoint("after_dot");
    }
    if (s->refused_us != 0 && now_us() - s->refused_us > GOODBYE_US) {
        return 1; /* refused, and the goodbye is not answered: there is nothing to wait for */
    }
    if (!s->set.stopping(s->set.ctx)) {
        return 0;
    }
    if (!s->whole) {
        s->aborted = true;
        return 1; /* nothing can have been accepted yet */
    }
    if (s->stop_by_us == 0) {
        s->stop_by_us = now_us() + s->set.stop_grace_us;
    }
    if (now_us() < s->stop_by_us) {
        return 0;
    }
    s->aborted = true;
    return 1;
}

static size_t on_body(char *data, size_t size, size_t n, void *ctx)
{
    (void)data;
    (void)ctx;
    return size * n;
}

/* --- sending -----------------------------------------------------------------------------------------------------*/

static void to_crlf(struct buf *out, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '\r' || bytes[i] == '\n') {
            buf_add(out, "\r\n", 2);
            i += bytes[i] == '\r' && i + 1 < len && bytes[i + 1] == '\n';
        } else {
            buf_char(out, bytes[i]);
        }
    }
    if (len > 0 && bytes[len - 1] != '\n' && bytes[len - 1] != '\r') {
        buf_add(out, "\r\n", 2);
    }
}

static CURLcode set_up(struct smtp *s)
{
    CURL *c = s->curl;
    const struct smtp_settings *o = &s->set;
    CURLcode rc = CURLE_OK;
    long response_s = (long)(o->response_timeout_us / 1000000);

    response_s = response_s < 1 ? 1 : response_s;
#define SET(option, value) rc = rc != CURLE_OK ? rc : curl_easy_setopt(c, (option), (value))
    SET(CURLOPT_URL, s->url);
    SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    SET(CURLOPT_PROXY, ""); /* ALL_PROXY of the environment would apply */
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_ERRORBUFFER, s->curl_text);
    SET(CURLOPT_USE_SSL, (long)(o->tls == SMTP_PLAIN ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (s->ca_file != NULL) {
        SET(CURLOPT_CAINFO, s->ca_file);
        SET(CURLOPT_CAPATH, (char *)NULL); /* this file and no other authority */
    }
    if (s->username != NULL) {
        SET(CURLOPT_USERNAME, s->username);
        SET(CURLOPT_PASSWORD, s->password);
    }
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)(o->connect_timeout_us / 1000));
    SET(CURLOPT_SERVER_RESPONSE_TIMEOUT, response_s);
    SET(CURLOPT_LOW_SPEED_LIMIT, 1L); /* a relay that stops reading ends too */
    SET(CURLOPT_LOW_SPEED_TIME, response_s + 5);
    SET(CURLOPT_MAIL_FROM, s->from);
    SET(CURLOPT_MAIL_RCPT, s->to);
    SET(CURLOPT_UPLOAD, 1L);
    SET(CURLOPT_READFUNCTION, on_read);
    SET(CURLOPT_READDATA, s);
    SET(CURLOPT_HEADERFUNCTION, on_reply);
    SET(CURLOPT_HEADERDATA, s);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_XFERINFOFUNCTION, on_progress);
    SET(CURLOPT_XFERINFODATA, s);
#undef SET
    return rc;
}

static void put_text(struct delivery *d, const char *a, const char *b)
{
    (void)snprintf(d->reply, sizeof d->reply, "%s%s%s", a, b[0] == '\0' ? "" : ": ", b);
    for (char *p = d->reply; *p != '\0'; p++) {
        unsigned char ch = (unsigned char)*p;

        *p = ch < 0x20 || ch >= 0x7f ? ' ' : *p;
    }
}

/* A relay that takes what was not handed over has not taken the message. */
static bool answers_early(const struct smtp_replies *r)
{
    return r->early && r->verdict / 100 != 4 && r->verdict / 100 != 5;
}

static struct delivery judge(const struct smtp *s, CURLcode rc)
{
    const struct smtp_replies *r = &s->replies;
    const char *why = s->curl_text[0] != '\0' ? s->curl_text : curl_easy_strerror(rc);
    struct delivery d = {.verdict = DELIVERY_RETRY};

    if (r->verdict != 0 && answers_early(r)) {
        d.code = r->verdict;
        d.verdict = s->whole ? DELIVERY_UNCERTAIN : DELIVERY_RETRY;
        put_text(&d, "a reply to a message that was not handed over whole", r->text);
        return d;
    }
    if (r->verdict != 0) {
        d.code = r->verdict;
        put_text(&d, r->text, "");
        d.verdict = r->verdict / 100 == 2   ? DELIVERY_SENT
                    : r->verdict / 100 == 4 ? DELIVERY_RETRY
                    : r->verdict / 100 == 5 ? DELIVERY_FAILED
                                            : DELIVERY_UNCERTAIN;
        return d;
    }
    if (s->whole) {
        d.verdict = DELIVERY_UNCERTAIN;
        put_text(&d, s->aborted ? "stopped before the relay replied" : "handed over whole, no reply", why);
    } else if (s->body_err.code != OK) {
        put_text(&d, "not handed over", s->body_err.msg);
    } else if (s->aborted) {
        put_text(&d, "stopped before the message was handed over", "");
    } else if (r->last >= 400) {
        d.code = r->last;
        put_text(&d, r->text, "");
    } else {
        put_text(&d, "not handed over", why);
    }
    return d;
}

static void finish(void *ctx)
{
    struct smtp *s = ctx;

    if (s->transfer.curl == NULL) { /* it never started */
        curl_easy_cleanup(s->curl);
    }
    transfer_done(&s->transfer);
    s->curl = NULL;
    curl_slist_free_all(s->to);
    s->to = NULL;
    buf_wipe(&s->bytes);
}

static enum status send_message(void *ctx, const char *address, const char *bytes, size_t len,
                                transport_body_fn *before_body, void *body_ctx, struct delivery *ret,
                                struct err *err)
{
    struct smtp *s = ctx;
    CURLcode rc;
    enum status st;

    finish(s);
    if (!smtp_address_ok(address)) {
        return err_set(err, E_DATA, "the address of a message is not one that can be sent to");
    }
    if (len == 0) {
        return err_set(err, E_DATA, "a message has no bytes");
    }
    s->done = 0;
    s->greeted = s->whole = s->ended = s->aborted = false;
    s->polls_after_end = 0;
    s->stop_by_us = s->refused_us = 0;
    s->replies = (struct smtp_replies){0};
    s->before_body = before_body;
    s->body_ctx = body_ctx;
    err_clear(&s->body_err);
    s->curl_text[0] = '\0';
    to_crlf(&s->bytes, bytes, len);
    st = buf_check(&s->bytes, err);
    if (st != OK) {
        goto out;
    }
    s->to = curl_slist_append(NULL, address);
    s->curl = curl_easy_init();
    if (s->to == NULL || s->curl == NULL) {
        st = err_set(err, E_NOMEM, "preparing a delivery");
        goto out;
    }
    rc = set_up(s);
    if (rc != CURLE_OK) {
        st = err_set(err, rc == CURLE_OUT_OF_MEMORY ? E_NOMEM : E_INTERNAL, "preparing a delivery: %s",
                     curl_easy_strerror(rc));
        goto out;
    }
    rc = transfer_run(&s->transfer, s->curl);
    *ret = judge(s, rc);
out:
    if (st != OK) {
        finish(s);
    }
    return st;
}

/* --- life --------------------------------------------------------------------------------------------------------*/

static bool host_name_ok(const char *s)
{
    size_t len = strlen(s);

    return len > 0 && len < 254 &&
           strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:_%") == len;
}

static char *copy(const char *s, bool *failed)
{
    char *c = s == NULL ? NULL : strdup(s);

    *failed = *failed || (s != NULL && c == NULL);
    return c;
}

enum status smtp_new(const struct smtp_settings *settings, struct smtp **ret, struct err *err)
{
    struct smtp *s = calloc(1, sizeof *s);
    struct buf url = {0};
    bool failed = false, v6;
    const char *hello;
    enum status st = OK;

    if (s == NULL) {
        return err_set(err, E_NOMEM, "preparing the mail transport");
    }
    if (!smtp_address_ok(settings->from)) {
        st = err_set(err, E_CONFIG, "mail.from is not an address that can be sent from");
        goto out;
    }
    hello = settings->hello == NULL ? "" : settings->hello; /* "": libcurl takes the host's own */
    if (!host_name_ok(settings->host) || (hello[0] != '\0' && !host_name_ok(hello))) {
        st = err_set(err, E_CONFIG, "mail.relay or mail.hello is not a host name");
        goto out;
    }
    v6 = strchr(settings->host, ':') != NULL;
    buf_fmt(&url, "%s://%s%s%s:%d/%s", settings->tls == SMTP_TLS ? "smtps" : "smtp", v6 ? "[" : "",
            settings->host, v6 ? "]" : "", settings->port, hello);
    s->set = *settings;
    s->url = buf_take(&url);
    s->ca_file = copy(settings->ca_file, &failed);
    s->username = copy(settings->username, &failed);
    s->password = copy(settings->password, &failed);
    s->from = copy(settings->from, &failed);
    if (failed || s->url == NULL) {
        st = err_set(err, E_NOMEM, "preparing the mail transport");
        goto out;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        st = err_set(err, E_INTERNAL, "libcurl cannot start");
        goto out;
    }
    s->global = true;
    if (OSSL_LIB_CTX_get0_global_default() ==
        NULL) { /* libcurl would go on, and fall over its first connection */
        st = err_set(err, E_NOMEM, "OpenSSL cannot start");
        goto out;
    }
    *ret = s;
    s = NULL;
out:
    smtp_free(s);
    return st;
}

void smtp_free(struct smtp *s)
{
    if (s == NULL) {
        return;
    }
    finish(s);
    if (s->global) {
        curl_global_cleanup();
    }
    if (s->password != NULL) {
        explicit_bzero(s->password, strlen(s->password));
    }
    free(s->ca_file);
    free(s->username);
    free(s->password);
    free(s->from);
    free(s->url);
    free(s);
}

void smtp_port(struct smtp *s, struct transport *ret)
{
    *ret = (struct transport){.ctx = s, .send = send_message, .finish = finish};
}
