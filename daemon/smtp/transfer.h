/*
 * transfer.h - one transfer by libcurl that, given up, ends no message.
 *
 * libcurl 7.88 writes the dot of an upload that is under way when its handle is removed, and curl_easy_perform() removes
 * it when poll(2) fails or memory runs out: the relay takes half a message, or none, for the whole of it.  Here polling is
 * tried again, and before a handle is removed early its connection is shut down.
 */
#ifndef DSMB_SMTP_TRANSFER_H
#define DSMB_SMTP_TRANSFER_H

#include <curl/curl.h>

enum { TRANSFER_SOCKETS = 8 };

struct transfer { /* all zero: none */
    CURLM *multi;
    CURL *curl;
    curl_socket_t open[TRANSFER_SOCKETS]; /* the first n */
    int n;
};

/* Runs `curl` to its end and keeps it and its connection until transfer_done, which says QUIT without waiting. */
CURLcode transfer_run(struct transfer *t, CURL *curl);
void transfer_done(struct transfer *t);

#endif
