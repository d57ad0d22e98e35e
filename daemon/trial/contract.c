#include "trial/contract.h"

/* The order of columns is that of the enums in contract.h; a column: name, type, not_null, optional. */
const struct src_view_def
    contract_views[SRC_VIEWS] =
        {
            [SRC_SUBJECT] =
                {
                    .name = "subject",
                    .n_columns = SUB_COLUMNS,
                    .n_keys = 1,
                    .column =
                        {
                            [SUB_ID] = {"subject_id", TYPE_TEXT, true, false},
                            [SUB_SITE] = {"site_id", TYPE_TEXT, false, false},
                            [SUB_STRATUM] = {"stratum", TYPE_TEXT, false, true},
                            [SUB_RAND] = {"rand_date", TYPE_DATE, true, false},
                            [SUB_FIRST_DOSE] = {"first_dose", TYPE_DATE, false, false},
                            [SUB_LAST_DOSE] = {"last_dose", TYPE_DATE, false, false},
                            [SUB_FU_END] = {"fu_end", TYPE_DATE, false, false},
                            [SUB_FU_REASON] = {"fu_reason", TYPE_TEXT, false, false},
                            [SUB_DEATH_DATE] = {"death_date", TYPE_TEXT, false, false},
                            [SUB_DEATH_FLAG] = {"death_flag", TYPE_BOOL, true, false},
                            [SUB_UPDATED] = {"updated_at", TYPE_INSTANT, false, false},
                        },
                },
            [SRC_ARM] =
                {
                    .name = "arm",
                    .n_columns = ARM_COLUMNS,
                    .n_keys = 1,
                    .column =
                        {
                            [ARM_SUBJECT] = {"subject_id", TYPE_TEXT, true, false},
                            [ARM_CODE] = {"arm_code", TYPE_TEXT, true, false},
                            [ARM_ACTUAL] = {"actual_arm_code", TYPE_TEXT, false, false},
                        },
                },
            [SRC_AE] =
                {
                    .name = "ae",
                    .n_columns = AE_COLUMNS,
                    .n_keys = 1,
                    .column =
                        {
                            [AE_ID] = {"ae_id", TYPE_TEXT, true, false},
                            [AE_SUBJECT] = {"subject_id", TYPE_TEXT, true, false},
                            [AE_EPISODE] = {"episode_id", TYPE_TEXT, false,
                                            false}, /* NULL: an episode of its own */
                            [AE_TERM] = {"term", TYPE_TEXT, false, false},
                            [AE_PT] = {"coded_pt", TYPE_TEXT, false, false},
                            [AE_SOC] = {"coded_soc", TYPE_TEXT, false, false},
                            [AE_ONSET] = {"onset", TYPE_TEXT, false, false},
                            [AE_RESOLVED] = {"resolved", TYPE_TEXT, false, false},
                            [AE_SERIOUS] = {"serious", TYPE_BOOL, false, false},
                            [AE_S_DEATH] = {"s_death", TYPE_BOOL, false, false},
                            [AE_S_LIFE] = {"s_life", TYPE_BOOL, false, false},
                            [AE_S_HOSP] = {"s_hosp", TYPE_BOOL, false, false},
                            [AE_S_DISAB] = {"s_disab", TYPE_BOOL, false, false},
                            [AE_S_CONG] = {"s_cong", TYPE_BOOL, false, false},
                            [AE_S_OTHER] = {"s_other", TYPE_BOOL, false, false},
                            [AE_OUTCOME] = {"outcome", TYPE_TEXT, false, false},
                            [AE_GRADE] = {"grade", TYPE_INT2, false, false},
                            [AE_RELATED] = {"related", TYPE_BOOL, false, false},
                            [AE_EXPECTED] = {"expected", TYPE_BOOL, false, false},
                            [AE_FORM] = {"form_status", TYPE_TEXT, true, false},
                            [AE_DELETED] = {"deleted", TYPE_BOOL, true, false},
                            [AE_ENTERED] = {"entered_at", TYPE_INSTANT, false, false},
                            [AE_UPDATED] = {"updated_at", TYPE_INSTANT, false, false},
                        },
                },
            [SRC_META] =
                {
                    .name = "meta",
                    .n_columns = META_COLUMNS,
                    .n_keys = 1,
                    .column =
                        {
                            [META_NAME] = {"name", TYPE_TEXT, true, false},
                            [META_VALUE] = {"value", TYPE_TEXT, true, false},
                        },
                },
            [SRC_ADJUDICATION] =
                {
                    .name = "adjudication",
                    .optional = true,
                    .n_columns = ADJ_COLUMNS,
                    .n_keys = 2,
                    .column =
                        {
                            [ADJ_AE] = {"ae_id", TYPE_TEXT, true, false},
                            [ADJ_CATEGORY] = {"category", TYPE_TEXT, true, false},
                            [ADJ_VERDICT] = {"verdict", TYPE_TEXT, true, false},
                            [ADJ_DECIDED] = {"decided_at", TYPE_INSTANT, false, false},
                        },
                },
            [SRC_REVIEW] =
                {
                    .name = "review",
                    .optional = true,
                    .n_columns = REV_COLUMNS,
                    .n_keys = 2,
                    .column =
                        {
                            [REV_AE] = {"ae_id", TYPE_TEXT, true, false},
                            [REV_CATEGORY] = {"category", TYPE_TEXT, true, false},
                            [REV_VERDICT] = {"verdict", TYPE_TEXT, true, false},
                            [REV_DECIDED] = {"decided_at", TYPE_INSTANT, true, false},
                            [REV_STANDS] = {"stands", TYPE_BOOL, true, false},
                        },
                },
};
