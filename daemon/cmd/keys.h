/*
 * keys.h - from the keys folder (or systemd's credentials) to a sealer.
 */
#ifndef DSMB_CMD_KEYS_H
#define DSMB_CMD_KEYS_H

#include "base/buf.h"
#include "cms/seal.h"
#include "config/settings.h"

/* Where `dsmbctl keys init` puts keys, and the unit takes them from, unless the settings have keys_dir. */
void keys_usual_dir(const struct settings *s, struct buf *dir);
/* encryption: none gives *ret NULL.  E_CONFIG with the remedy: a key that others may read, that is missing or wrong. */
enum status keys_sealer(const struct settings *s, instant_t now, struct sealer *port, struct cms_sealer **ret,
                        struct err *err);

#endif
