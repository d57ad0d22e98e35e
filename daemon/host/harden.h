/*
 * harden.h - what a process that handles unblinding material, or passes it on, does before anything else.
 *
 * No core dumps, not readable by other processes of the same user (PR_SET_DUMPABLE 0), files made with mode 0600.
 * Locale C and UTC, so that bytes do not depend on the place.
 */
#ifndef DSMB_HOST_HARDEN_H
#define DSMB_HOST_HARDEN_H

#include "base/err.h"

enum status harden(struct err *err);

#endif
