/*
 * deliver_left.h - the ids of the messages that left last, to know those that come back.
 *
 * Random ids and nothing else; the newest few hundred, which is months of slots.
 */
#ifndef DSMB_APP_DELIVER_LEFT_H
#define DSMB_APP_DELIVER_LEFT_H

#include "port/journal.h"
#include "port/notices.h"

enum { LEFT_LINE = MESSAGE_ID_LEN, LEFT_MAX = 400 }; /* an id and its line feed; how many */

struct left;

/* Borrows both.  A file that cannot be read counts as empty; one that cannot be written holds up nothing: told once. */
enum status left_new(const struct left_file *file, const struct journal *journal, struct left **ret,
                     struct err *err);
void left_free(struct left *l);
void left_add(struct left *l, const char *id);
/* Oldest first, one a line; "" for none.  Until the next left_add(). */
const char *left_ids(const struct left *l);

#endif
