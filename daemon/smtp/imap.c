#include "smtp/imap.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { MESSAGES_PER_POLL = 200, RETURNS_PER_POLL = 20, REPLY_MAX = 1 << 20, ID_LEN = 36 };
static const long CONNECT_S = 30;
static const long COMMAND_S = 60;

struct imap {
    struct imap_settings set;
    char *url, *ca_file, *username, *password;
    bool global;
    CURL *curl;
    struct buf reply;
    char curl_text[CURL_ERROR_SIZE];
};

static size_t on_bytes(char *p, size_t size, size_t n, void *ctx)
{
    struct imap *m = ctx;

    if (m->reply.len + size * n > REPLY_MAX) {
        return 0; /* a Subject is not that long: end the transfer */
    }
    buf_add(&m->reply, p, size * n);
    return m->reply.failed ? 0 : size * n;
}

static int on_progress(void *ctx, curl_off_t down_all, curl_off_t down, curl_off_t up_all, curl_off_t up)
{
    struct imap *m = ctx;

    (void)down_all;
    (void)down;
    (void)up_all;
    (void)up;
    m->set.tick(m->set.ctx);
    return m->set.stopping(m->set.ctx) ? 1 : 0;
}

static CURLcode set_up(struct imap *m)
{
    CURL *c = m->curl;
    CURLcode rc = CURLE_OK;

#define SET(option, value) rc = rc != CURLE_OK ? rc : curl_easy_setopt(c, (option), (value))
    SET(CURLOPT_PROTOCOLS_STR, "imap,imaps");
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_ERRORBUFFER, m->curl_text);
    SET(CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (m->ca_file != NULL) {
        SET(CURLOPT_CAINFO, m->ca_file);
        SET(CURLOPT_CAPATH, (char *)NULL);
    }
    SET(CURLOPT_USERNAME, m->username);
    SET(CURLOPT_PASSWORD, m->password);
    SET(CURLOPT_CONNECTTIMEOUT, CONNECT_S);
    SET(CURLOPT_SERVER_RESPONSE_TIMEOUT, COMMAND_S);
    SET(CURLOPT_TIMEOUT, COMMAND_S);
    SET(CURLOPT_WRITEFUNCTION, on_bytes);
    SET(CURLOPT_WRITEDATA, m);
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_XFERINFOFUNCTION, on_progress);
    SET(CURLOPT_XFERINFODATA, m);
#undef SET
    return rc;
}

/* One command on the connection that stays open.  command NULL: fetch what the URL names. */
static enum status run(struct imap *m, const char *url, const char *command, struct err *err)
{
    CURLcode rc;

    buf_clear(&m->reply);
    m->curl_text[0] = '\0';
    rc = curl_easy_setopt(m->curl, CURLOPT_URL, url);
    rc = rc != CURLE_OK ? rc : curl_easy_setopt(m->curl, CURLOPT_CUSTOMREQUEST, command);
    rc = rc != CURLE_OK ? rc : curl_easy_perform(m->curl);
    if (rc == CURLE_OUT_OF_MEMORY || m->reply.failed) {
        return err_set(err, E_NOMEM, "reading the mailbox of answers");
    }
    if (rc != CURLE_OK) {
        return err_set(err, E_RETRY, "the mailbox of answers (mail.imap) cannot be read: %s",
                       m->curl_text[0] != '\0' ? m->curl_text : curl_easy_strerror(rc));
    }
    return OK;
}

/* Done with: \Seen would not do, since people may open the mailbox too. */
static enum status answered(struct imap *m, unsigned long uid, struct err *err)
{
    char command[64];

    (void)snprintf(command, sizeof command, "UID STORE %lu +FLAGS.SILENT (\\Answered)", uid);
    return run(m, m->url, command, err);
}

static enum status one(struct imap *m, unsigned long uid, const struct inbox_visitor *v, struct err *err)
{
    struct buf url = {0};
    enum status st;

    buf_fmt(&url, "%s/;UID=%lu/;SECTION=HEADER.FIELDS%%20(SUBJECT)", m->url, uid);
    st = buf_check(&url, err);
    if (st == OK) {
        st = run(m, buf_cstr(&url), NULL, err);
    }
    if (st == OK) {
        st = v->subject(v->ctx, buf_cstr(&m->reply), m->reply.len, err);
    }
    if (st == OK) {
        st = answered(m, uid, err);
    }
    buf_done(&url);
    return st;
}

/* The UIDs of the reply to a search; how many. */
static size_t found(const struct imap *m, unsigned long *uid, size_t max)
{
    const char *at = strstr(buf_cstr(&m->reply), "* SEARCH");
    size_t n = 0;

    for (at = at == NULL ? "" : at + strlen("* SEARCH"); n < max; n++) {
        char *end = NULL;

        uid[n] = strtoul(at, &end, 10);
        if (end == at || uid[n] == 0) {
            break;
        }
        at = end;
    }
    return n;
}

/* Whose report of failure this is: the mail server is asked for each id, newest first. */
static enum status whose(struct imap *m, unsigned long uid, const char *ids, char ret[ID_LEN + 1],
                         struct err *err)
{
    char command[128];
    unsigned long hit = 0;

    ret[0] = '\0';
    for (size_t i = strlen(ids) / (ID_LEN + 1); i-- > 0;) {
        const char *id = ids + i * (ID_LEN + 1);
        enum status st;

        (void)snprintf(command, sizeof command, "UID SEARCH UID %lu TEXT \"%.*s\"", uid, ID_LEN, id);
        st = run(m, m->url, command, err);
        if (st != OK) {
            return st;
        }
        if (found(m, &hit, 1) == 1) {
            (void)snprintf(ret, ID_LEN + 1, "%.*s", ID_LEN, id);
            return OK;
        }
    }
    return OK;
}

/* RFC 3464: reports of failure, not those that only tell of a delay. */
static enum status see_returns(struct imap *m, const struct inbox_visitor *v, struct err *err)
{
    unsigned long uid[RETURNS_PER_POLL];
    char id[ID_LEN + 1];
    enum status st = run(
        m, m->url, "UID SEARCH UNANSWERED HEADER Content-Type delivery-status TEXT \"Action: failed\"", err);
    size_t n = st == OK ? found(m, uid, RETURNS_PER_POLL) : 0;

    for (size_t i = 0; st == OK && i < n; i++) {
        st = whose(m, uid[i], v->ids, id, err);
        st = st == OK ? v->returned(v->ctx, id[0] == '\0' ? NULL : id, err) : st;
        st = st == OK ? answered(m, uid[i], err) : st;
    }
    return st;
}

static enum status see_subjects(struct imap *m, const struct inbox_visitor *v, struct err *err)
{
    unsigned long uid[MESSAGES_PER_POLL];
    enum status st = run(m, m->url, "UID SEARCH UNANSWERED", err);
    size_t n = st == OK ? found(m, uid, MESSAGES_PER_POLL) : 0;

    for (size_t i = 0; st == OK && i < n; i++) {
        st = one(m, uid[i], v, err);
    }
    return st;
}

static enum status poll_box(void *ctx, const struct inbox_visitor *v, struct err *err)
{
    struct imap *m = ctx;
    enum status st;

    m->curl = curl_easy_init();
    if (m->curl == NULL) {
        return err_set(err, E_NOMEM, "reading the mailbox of answers");
    }
    st = set_up(m) == CURLE_OK ? see_returns(m, v, err)
                               : err_set(err, E_INTERNAL, "libcurl does not take the settings of mail.imap");
    if (st == OK) {
        st = see_subjects(m, v, err);
    }
    curl_easy_cleanup(m->curl);
    m->curl = NULL;
    buf_wipe(&m->reply);
    return st;
}

static char *copy(const char *s, bool *ok)
{
    char *c = s == NULL ? NULL : strdup(s);

    *ok = *ok && (s == NULL || c != NULL);
    return c;
}

enum status imap_new(const struct imap_settings *settings, struct imap **ret, struct err *err)
{
    struct imap *m = calloc(1, sizeof *m);
    bool ok = m != NULL;

    if (m != NULL) {
        m->set = *settings;
        m->url = copy(settings->url, &ok);
        m->ca_file = copy(settings->ca_file, &ok);
        m->username = copy(settings->username, &ok);
        m->password = copy(settings->password, &ok);
        m->global = ok && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    }
    if (!ok || !m->global) {
        imap_free(m);
        return err_set(err, E_NOMEM, "preparing the mailbox of answers");
    }
    *ret = m;
    return OK;
}

void imap_free(struct imap *m)
{
    if (m == NULL) {
        return;
    }
    if (m->password != NULL) {
        explicit_bzero(m->password, strlen(m->password));
    }
    free(m->url);
    free(m->ca_file);
    free(m->username);
    free(m->password);
    buf_wipe(&m->reply);
    if (m->global) {
        curl_global_cleanup();
    }
    free(m);
}

void imap_port(struct imap *m, struct inbox *ret)
{
    *ret = (struct inbox){.ctx = m, .poll = poll_box};
}
