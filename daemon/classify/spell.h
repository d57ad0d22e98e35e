/*
 * spell.h - words that are one slip away from a word of the rules.
 *
 * The vocabulary is every plain word of seven letters or more that a phrase names (a stem where a "*" follows).  A word
 * of a verbatim that is none of them, has the same first letter, and differs by one letter added, left out, replaced
 * or by two swapped, is read as it.  Words listed as known are left alone.
 */
#ifndef DSMB_CLASSIFY_SPELL_H
#define DSMB_CLASSIFY_SPELL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "classify/fold.h"

struct spell;

enum status spell_new(struct spell **ret, struct err *err);
void spell_free(struct spell *s);
/* Every long word of a phrase, in its spellings. */
enum status spell_learn(struct spell *s, const char *phrase, struct err *err);
/* "blodprøve*": and whatever begins so. */
enum status spell_know(struct spell *s, const char *word, struct err *err);
void spell_ready(struct spell *s); /* after the last word: sorts */
/* Rewrites f (its `taken` is then empty); *changed says whether a word was replaced. */
enum status spell_correct(const struct spell *s, struct folded *f, bool *changed, struct err *err);

#endif
