/*
 * alert_parts.h - the parts of an alert's page, in the order in which they stand.  Shared by the files that write it alone.
 */
#ifndef DSMB_RENDER_ALERT_PARTS_H
#define DSMB_RENDER_ALERT_PARTS_H

#include "render/figures.h"
#include "render/mail.h"
#include "render/names.h"
#include "render/page.h"

struct alert_ctx {
    const struct mail_input *in;
    const struct plan *plan;
    const struct alert *alert;
    const struct monitor *m;
    const struct entry *now;
    const struct history *past;
    struct arm_names names;
    struct measure measure;
    struct page *p;
};

/* ENCLOSED_EACH figures: the table by arm, and statistic and boundary. */
enum status alert_figures(struct alert_ctx *c, struct err *err);
enum status alert_others(struct alert_ctx *c, struct err *err);
void alert_categories(struct alert_ctx *c);
enum status alert_effect(struct alert_ctx *c, struct err *err);
enum status alert_events(struct alert_ctx *c, struct err *err);
void alert_decided(struct alert_ctx *c);

#endif
