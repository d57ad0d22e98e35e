/*
 * alert_page.h - an alert as a page: the decision first, then what it rests on.  Pure.
 */
#ifndef DSMB_RENDER_ALERT_PAGE_H
#define DSMB_RENDER_ALERT_PAGE_H

#include "render/mail.h"
#include "render/page.h"

enum status alert_page(const struct mail_input *in, struct page **ret, struct err *err);

#endif
