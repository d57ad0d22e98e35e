/*
 * dsmbd_metrics.h - wires what the cycle did to the metrics file.
 *
 * Where: metrics_file of the settings; else metrics.prom in the unit's runtime directory; else nowhere.
 * No failure of it disturbs the watch: it is told in the journal once, until it works again.
 */
#ifndef DSMB_CMD_DSMBD_METRICS_H
#define DSMB_CMD_DSMBD_METRICS_H

#include "app/cycle.h"
#include "config/settings.h"
#include "port/clock.h"
#include "port/journal.h"

struct dsmbd_metrics;

enum status dsmbd_metrics_new(const struct settings *s, const struct clock *clock, struct dsmbd_metrics **ret,
                              struct err *err);
void dsmbd_metrics_free(struct dsmbd_metrics *m);
/* After a reload: the file may be another one. */
void dsmbd_metrics_settings(struct dsmbd_metrics *m, const struct settings *s, const struct journal *j);
/* Around cycle_step(), and within it where a look's numbers stand: there the look's time ends. */
void dsmbd_metrics_begin(struct dsmbd_metrics *m);
void dsmbd_metrics_counted(struct dsmbd_metrics *m);
void dsmbd_metrics_end(struct dsmbd_metrics *m, const struct cycle *c, bool ok, const struct journal *j);

#endif
