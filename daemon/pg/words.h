/*
 * words.h - how the store spells our enums.  Fixed for ever: they stand in history.
 */
#ifndef DSMB_PG_WORDS_H
#define DSMB_PG_WORDS_H

#include <stdbool.h>

#include "alert/alert.h"
#include "base/err.h"
#include "monitor/ledger.h"
#include "port/store.h"

const char *word_look_kind(enum look_kind k);
const char *word_verdict(enum verdict v);
const char *word_alert_kind(enum alert_kind k);
const char *word_urgency(enum alert_urgency u);

/* E_DATA for a word that this version does not know. */
enum status word_read_look_kind(const char *s, enum look_kind *ret, struct err *err);
enum status word_read_verdict(const char *s, enum verdict *ret, struct err *err);
enum status word_read_alert_kind(const char *s, enum alert_kind *ret, struct err *err);
enum status word_read_urgency(const char *s, enum alert_urgency *ret, struct err *err);
enum status word_read_request(const char *s, enum request_kind *ret, struct err *err);
enum status word_read_letter_kind(const char *s, enum letter_kind *ret, struct err *err);
enum status word_read_life_event(const char *s, enum life_event *ret, struct err *err);

#endif
