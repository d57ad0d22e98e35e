/*
 * yaml.h - YAML into base/doc.
 *
 * A plain subset: maps, lists and scalars of one document.  Anchors, aliases, tags, directives, several documents,
 * duplicate keys, control characters, text that turns the reading direction, ill-formed UTF-8, more than 32 levels and
 * more than 4 MiB are refused.  Every message reads "FILE:LINE:COL: what is wrong; what to do" and is E_CONFIG;
 * a file that cannot be read is E_NOTFOUND, E_DENIED or E_IO.  An empty file gives a doc without a root.
 */
#ifndef DSMB_CONFIG_YAML_H
#define DSMB_CONFIG_YAML_H

#include <stddef.h>

#include "base/doc.h"
#include "base/err.h"

enum { YAML_DEPTH_MAX = 32, YAML_SIZE_MAX = 4 * 1024 * 1024 };

enum status yaml_load(const char *path, struct doc **ret, struct err *err);
/* `name` stands for the file in messages. */
enum status yaml_parse(const char *name, const char *bytes, size_t len, struct doc **ret, struct err *err);

#endif
