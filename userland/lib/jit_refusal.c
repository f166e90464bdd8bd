// SPDX-License-Identifier: GPL-2.0
/* The list, once as names and once as sentences. */
#include "jit_refusal.h"

#include <stddef.h>

static const struct {
	const char *name, *text;
} refusals[RP_JIT_REFUSALS_NR] = {
	[RP_JIT_TAKEN] = { "taken", "it is read" },
#define X(id, name_, text_) [RP_JIT_##id] = { name_, text_ },
	RP_JIT_REFUSALS(X)
#undef X
};

const char *rp_jit_refusal_name(enum rp_jit_refusal why)
{
	return (unsigned int)why < RP_JIT_REFUSALS_NR ? refusals[why].name : "unknown";
}

const char *rp_jit_refusal_text(enum rp_jit_refusal why)
{
	return (unsigned int)why < RP_JIT_REFUSALS_NR ? refusals[why].text : "unknown";
}
