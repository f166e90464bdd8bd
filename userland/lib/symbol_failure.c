// SPDX-License-Identifier: GPL-2.0
#include "symbol_failure.h"

#include <errno.h>

static const struct {
	const char *name, *text;
	int err;
} failures[RP_SYMBOL_FAILURES_NR] = {
	[RP_SYMBOL_OK] = { "ok", "read", 0 },
#define X(id, name_, errno_, text_) [RP_SYMBOL_##id] = { name_, text_, errno_ },
	RP_SYMBOL_FAILURES(X)
#undef X
};

enum rp_symbol_failure rp_symbol_failure_of(int err)
{
	int i;

	switch (err) {
	case EPERM:
		err = EACCES;
		break;
	case ENOTDIR:
	case ESRCH:
	case ELOOP:
		err = ENOENT;
		break;
	}
	for (i = RP_SYMBOL_OK + 1; i < RP_SYMBOL_FAILURES_NR; i++)
		if (failures[i].err == err)
			return i;
	return RP_SYMBOL_IO;
}

bool rp_symbol_failure_may_pass(enum rp_symbol_failure why)
{
	return why != RP_SYMBOL_OK && why != RP_SYMBOL_NOT_ELF &&
	       why != RP_SYMBOL_CORRUPT && why != RP_SYMBOL_TOO_LARGE;
}

const char *rp_symbol_failure_name(enum rp_symbol_failure why)
{
	return (unsigned int)why < RP_SYMBOL_FAILURES_NR ? failures[why].name : "unknown";
}

const char *rp_symbol_failure_text(enum rp_symbol_failure why)
{
	return (unsigned int)why < RP_SYMBOL_FAILURES_NR ? failures[why].text : "unknown";
}
