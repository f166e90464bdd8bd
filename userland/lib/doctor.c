// SPDX-License-Identifier: GPL-2.0
/*
 * Checks only say things here. They do not decide about each other: what several of
 * them have to know is gathered first, so that the order of the findings is free to be
 * the order in which somebody would mend them.
 */
#include "doctor.h"

#include "doctor_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *rp_doctor_state_name(enum rp_doctor_state state)
{
	static const char *const names[RP_DOCTOR_STATES] = {
		[RP_DOCTOR_OK] = "ok",
		[RP_DOCTOR_WARNING] = "warning",
		[RP_DOCTOR_PROBLEM] = "problem",
		[RP_DOCTOR_UNKNOWN] = "unknown",
	};

	return names[state];
}

void rp_doctor_find(struct rp_doctor *d, const char *name, enum rp_doctor_state state,
		    const char *format, ...)
{
	struct rp_doctor_report *r = d->report;
	va_list args;

	if (r->nr == RP_DOCTOR_FINDINGS_MAX)
		return;
	d->last = &r->findings[r->nr++];
	d->last->name = name;
	d->last->state = state;
	va_start(args, format);
	vsnprintf(d->last->what, sizeof(d->last->what), format, args);
	va_end(args);
}

void rp_doctor_advise(struct rp_doctor *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(d->last->advice, sizeof(d->last->advice), format, args);
	va_end(args);
}

void rp_doctor_examine(const struct rp_doctor_host *host, struct rp_doctor_report *ret)
{
	static void (*const checks[])(struct rp_doctor *d) = {
		rp_doctor_check_module,
		rp_doctor_check_build,
		rp_doctor_check_signing,
		rp_doctor_check_log,
		rp_doctor_check_caller,
		rp_doctor_check_reach,
		rp_doctor_check_sampling,
		rp_doctor_check_names,
		rp_doctor_check_others,
	};
	struct rp_doctor d = { .host = host, .report = ret };
	size_t i;

	memset(ret, 0, sizeof(*ret));
	rp_doctor_read(&d, "/proc/sys/kernel/osrelease", ret->release, sizeof(ret->release));
	rp_doctor_load_config(&d);
	rp_doctor_gather_module(&d);
	rp_doctor_gather_signing(&d);
	rp_doctor_gather_caller(&d);
	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i](&d);
	free(d.config);
}

unsigned int rp_doctor_count(const struct rp_doctor_report *r, enum rp_doctor_state state)
{
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < r->nr; i++)
		n += r->findings[i].state == state;
	return n;
}
