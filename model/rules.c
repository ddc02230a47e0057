/* SPDX-License-Identifier: MIT */
/* The table of rules, expanded from rules.def. Not here: what they mean. */
#include "model.h"

const struct rule_info rule_table[RULE_COUNT] = {
#define RULE(id, row, family, text)                                           \
    [RULE_##id] = { #id, row, text, FAMILY_##family },
#include "rules.def"
#undef RULE
};

_Static_assert(RULE_COUNT <= 256, "prediction.evaluated holds bytes");
