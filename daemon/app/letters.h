/*
 * letters.h - what goes to each member: the message sealed, or, where there is no valid certificate, a notice that says
 * whom to call.  And the daily watch over the certificates.
 *
 * Without a sealer (encryption: none, a relay on this host) the message goes as it is.
 */
#ifndef DSMB_APP_LETTERS_H
#define DSMB_APP_LETTERS_H

#include "app/cycle.h"
#include "render/mail.h"

/*
 * The bytes for one member, fixed from here on.  A message too long for the size of sealed messages is shortened
 * (mail_extent), never refused.
 */
enum status letters_write(const struct cycle_world *w, const struct mail_input *in, struct buf *out,
                          struct err *err);
/* E_CONFIG: fewer than two members could be reached, with what is wrong of each. */
enum status letters_may_adopt(const struct cycle_world *w, const struct board *b, instant_t now,
                              struct err *err);
/*
 * Mails to those of `was` who are no members of `is` any more: that they are not, and whom to call; nothing of the trial.
 * At most MEMBERS_MAX.  Their bytes are in `bodies`, of which there are as many; who calls frees them (buf_done).
 */
enum status letters_removed(const struct cycle_world *w, const struct board *was, const struct board *is,
                            const char *by, instant_t now, struct outgoing *out, struct buf *bodies,
                            size_t *n, struct err *err);
/*
 * Certificates that are not valid, or end within 60, 30, 7 days: a line in the journal and one mail to operations each.
 * Depends on the calendar and the board alone, so it tells nothing of the trial; asked twice, it mails once.
 * *days: until the first of them ends, 0 where one is not valid; -1 without a sealer.
 */
enum status letters_watch(const struct cycle_world *w, const struct board *b, instant_t now, int64_t *days,
                          struct err *err);

#endif
