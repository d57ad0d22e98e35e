/*
 * letter_page.h - a reminder, an escalation or a quiet message as a page, and what every message carries.  Pure.
 */
#ifndef DSMB_RENDER_LETTER_PAGE_H
#define DSMB_RENDER_LETTER_PAGE_H

#include "render/mail.h"
#include "render/page.h"

enum status letter_page(const struct mail_input *in, struct page **ret, struct err *err);

/* The links by which this member acknowledges, who could not be reached, and when the next message comes. */
void letter_answer(struct page *p, const struct mail_input *in);
/* One line on what was left out of a message, and why; nothing when it is whole. */
void letter_shortened(struct page *p, const struct mail_input *in);
/* Message number, reader, ledger head, keys; what may not be done with it. */
void letter_foot(struct page *p, const struct mail_input *in);

#endif
