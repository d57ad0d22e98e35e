/*
 * deliver_answers.h - what comes to the mailbox: members' answers, from a subject to a token, from a token to the store;
 * and messages that came back.
 *
 * The mailer knows nothing of a token but that it is one: what it answers, and whether it was ever issued, is dsmbd's.
 */
#ifndef DSMB_APP_DELIVER_ANSWERS_H
#define DSMB_APP_DELIVER_ANSWERS_H

#include <stdbool.h>

#include "app/deliver.h"
#include "port/inbox.h"
#include "port/outbox.h"

/* "DSMB ack " and 32 hexadecimal digits, anywhere in the subject, folded or in another case. */
bool answers_token(const char *header, size_t len, char ret[33]);
/* ids: of messages that left, as left_ids() gives them. */
enum status answers_poll(const struct inbox *in, const struct outbox *out, struct deliver *d, const char *ids,
                         struct err *err);

#endif
