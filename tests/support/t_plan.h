/*
 * t_plan.h - small rules and plans for tests of monitors: four categories, of which two go by words.
 */
#ifndef DSMB_TESTS_T_PLAN_H
#define DSMB_TESTS_T_PLAN_H

#include "classify/rules.h"
#include "monitor/plan.h"

/* gastrointestinal (subtypes BLEED, OTHER: "diarrhoea"), cardiovascular ("stroke"), death, serious. */
struct ruleset *t_rules(void);
/* As plan_read over the text of a file called plan.yaml. */
enum status t_plan(const struct ruleset *rules, const char *text, struct plan **ret, struct err *err);

#endif
