#include "smtp/transfer.h"

#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const int POLL_MS = 1000; /* libcurl's own: progress is told as often */
enum { POLLS_FAILED_MAX = 20 };
static const struct timespec AFTER_FAILED_POLL = {.tv_nsec = 10000000};

/* --- the sockets that are open ---*/

static int on_open(void *ctx, curl_socket_t fd, curlsocktype purpose)
{
    struct transfer *t = ctx;

    (void)purpose;
    if (t->n == TRANSFER_SOCKETS) {
        return CURL_SOCKOPT_ERROR;
    }
    t->open[t->n++] = fd;
    return CURL_SOCKOPT_OK;
}

static int on_close(void *ctx, curl_socket_t fd)
{
    struct transfer *t = ctx;

    for (int i = 0; i < t->n; i++) {
        if (t->open[i] == fd) {
            t->open[i] = t->open[--t->n];
            break;
        }
    }
    return close(fd);
}

static void shut(const struct transfer *t, int how)
{
    for (int i = 0; i < t->n; i++) {
        (void)shutdown(t->open[i], how);
    }
}

/* --- the transfer ---*/

static CURLMcode poll_once(CURLM *multi, int *failed)
{
    CURLMcode mc = curl_multi_poll(multi, NULL, 0, POLL_MS, NULL);

    if (mc == CURLM_OK) {
        *failed = 0;
    } else if (++*failed < POLLS_FAILED_MAX) {
        (void)nanosleep(&AFTER_FAILED_POLL, NULL);
        mc = CURLM_OK;
    }
    return mc;
}

static CURLcode outcome(const struct transfer *t)
{
    const CURLMsg *m;
    int left = 0;

    while ((m = curl_multi_info_read(t->multi, &left)) != NULL) {
        if (m->msg == CURLMSG_DONE && m->easy_handle == t->curl) {
            return m->data.result;
        }
    }
    return CURLE_RECV_ERROR; /* it neither runs nor has ended */
}

CURLcode transfer_run(struct transfer *t, CURL *curl)
{
    int running = 1, failed = 0;
    CURLMcode mc;
    CURLcode rc;

    *t = (struct transfer){.multi = curl_multi_init(), .curl = curl};
    if (t->multi == NULL) {
        return CURLE_OUT_OF_MEMORY;
    }
    rc = curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, on_open);
    rc = rc != CURLE_OK ? rc : curl_easy_setopt(curl, CURLOPT_SOCKOPTDATA, t);
    rc = rc != CURLE_OK ? rc : curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    rc = rc != CURLE_OK ? rc : curl_easy_setopt(curl, CURLOPT_CLOSESOCKETDATA, t);
    if (rc != CURLE_OK) {
        return rc;
    }
    mc = curl_multi_add_handle(t->multi, curl);
    while (mc == CURLM_OK && running > 0) {
        mc = curl_multi_perform(t->multi, &running);
        if (mc == CURLM_OK && running > 0) {
            mc = poll_once(t->multi, &failed);
        }
    }
    if (mc != CURLM_OK) {
        shut(t, SHUT_RDWR);
        return mc == CURLM_OUT_OF_MEMORY ? CURLE_OUT_OF_MEMORY : CURLE_RECV_ERROR;
    }
    return outcome(t);
}

void transfer_done(struct transfer *t)
{
    if (t->curl != NULL) {
        /* The goodbye would wait for its answer as long as for any other: let it find the end at once. */
        shut(t, SHUT_RD);
        if (t->multi != NULL) {
            (void)curl_multi_remove_handle(t->multi, t->curl);
        }
        curl_easy_cleanup(t->curl);
    }
    if (t->multi != NULL) {
        (void)curl_multi_cleanup(t->multi);
    }
    *t = (struct transfer){0};
}
