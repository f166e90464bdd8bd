// SPDX-License-Identifier: GPL-2.0
/*
 * What samples will be like: how exact their times, how deep their stacks. The module
 * knows best; before it is loaded, the kernel's configuration tells most of it.
 */
#include "doctor_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tick_lines.h"

static void check_ticks(struct rp_doctor *d)
{
	const struct rp_attrs *info = d->host->info;

	if (!info)
		return;
	if (info->tick_source == RP_TICK_SOURCE_CYCLES) {
		rp_doctor_find(d, "ticks", RP_DOCTOR_OK, "ticks are hard interrupts by a hardware counter on each CPU, non-maskable ones on x86");
	} else if (!(info->caps & RP_CAP_TICK_HRTIMER)) {
		rp_doctor_find(d, "ticks", RP_DOCTOR_PROBLEM, "the module has no tick for CPU samples on this kernel");
		rp_doctor_advise(d, "a kernel with CONFIG_HIGH_RES_TIMERS=y has one");
	} else if (!(info->caps & RP_CAP_HARD_TICK)) {
		rp_doctor_find(d, "ticks", RP_DOCTOR_WARNING, "ticks are soft interrupts: code that has those off is seen late");
		rp_doctor_advise(d, "nothing but another kernel changes that; profiles are right otherwise");
	} else {
		rp_doctor_find(d, "ticks", RP_DOCTOR_OK, "ticks are timers in hard interrupts, on each CPU");
	}
}

/* Why the better tick is not to be had, where it is not: most virtual machines. */
static void check_cycles(struct rp_doctor *d)
{
	const struct rp_attrs *info = d->host->info;

	if (!info || !(info->has & RP_HAS(RP_A_TICK_WHY)))
		return;
	if (info->tick_why == RP_TICK_WHY_WORKS) {
		rp_doctor_find(d, "cycles", RP_DOCTOR_OK, "%s",
			       rp_tick_why_line(info->tick_why)->text);
		return;
	}
	rp_doctor_find(d, "cycles", RP_DOCTOR_WARNING, "%s",
		       rp_tick_why_line(info->tick_why)->text);
	rp_doctor_advise(d, "with timers as ticks, code that has interrupts disabled is seen when it enables them; profiles are right otherwise");
}

struct timers {
	unsigned int cpus, active;
};

/* "  .hres_active    : 1", once for each CPU */
static int count_active(void *arg, char *line)
{
	struct timers *t = arg;
	char *colon;

	if (!strstr(line, ".hres_active"))
		return 0;
	colon = strchr(line, ':');
	t->cpus++;
	t->active += colon && strtoul(colon + 1, NULL, 10);
	return 0;
}

static void no_high_resolution(struct rp_doctor *d, const char *why)
{
	long hz = rp_doctor_config_number(d, "HZ");

	rp_doctor_find(d, "timers", RP_DOCTOR_WARNING, "timers have no high resolution here (%s): no more ticks than the kernel's own",
		       why);
	if (hz > 0)
		rp_doctor_advise(d, "sample at less than %ld Hz, or boot a kernel with CONFIG_HIGH_RES_TIMERS=y and without highres=off",
				 hz);
	else
		rp_doctor_advise(d, "sample at less than 100 Hz, or boot a kernel with CONFIG_HIGH_RES_TIMERS=y and without highres=off");
}

static void check_timers(struct rp_doctor *d)
{
	char config = rp_doctor_config(d, "HIGH_RES_TIMERS");
	struct timers t = { 0 };

	rp_doctor_lines(d, "/proc/timer_list", count_active, &t);
	if (t.cpus && t.active == t.cpus)
		rp_doctor_find(d, "timers", RP_DOCTOR_OK, "high-resolution timers are active on all CPUs");
	else if (t.cpus)
		no_high_resolution(d, "/proc/timer_list");
	else if (config == 'n')
		no_high_resolution(d, "CONFIG_HIGH_RES_TIMERS is off");
	else if (rp_doctor_cmdline_has(d, "highres=off"))
		no_high_resolution(d, "highres=off");
	else if (config == 'y')
		rp_doctor_find(d, "timers", RP_DOCTOR_OK, "this kernel has high-resolution timers; whether they are active is root's to see");
	else
		rp_doctor_find(d, "timers", RP_DOCTOR_UNKNOWN, "whether timers have a high resolution is root's to see, in /proc/timer_list");
}

/* How this kernel unwinds its own stacks, or NULL. *ret_bad: not well. */
static const char *find_unwinder(const struct rp_doctor *d, bool *ret_bad)
{
	static const struct {
		const char *option, *name;
		bool bad;
	} unwinders[] = {
		{ "UNWINDER_ORC", "ORC tables", false },
		{ "UNWINDER_FRAME_POINTER", "frame pointers", false },
		{ "ARM64", "frame records", false },
		{ "ARM_UNWIND", "unwind tables", false },
		{ "FRAME_POINTER", "frame pointers", false },
		{ "UNWINDER_GUESS", "guessing", true },
	};
	size_t i;

	*ret_bad = false;
	for (i = 0; i < sizeof(unwinders) / sizeof(unwinders[0]); i++) {
		if (rp_doctor_config(d, unwinders[i].option) == 'y') {
			*ret_bad = unwinders[i].bad;
			return unwinders[i].name;
		}
	}
	*ret_bad = true;
	return d->config ? "guessing" : NULL;
}

static void check_kernel_stacks(struct rp_doctor *d)
{
	const struct rp_attrs *info = d->host->info;
	bool bad;
	const char *unwinder = find_unwinder(d, &bad);

	if (info && !(info->caps & RP_CAP_KERNEL_STACK)) {
		rp_doctor_find(d, "kernel-stacks", RP_DOCTOR_WARNING, "no kernel stacks: kernel frames stop at the interrupted function");
		rp_doctor_advise(d, "a kernel with CONFIG_UNWINDER_ORC or CONFIG_FRAME_POINTER has them");
	} else if (unwinder && bad) {
		rp_doctor_find(d, "kernel-stacks", RP_DOCTOR_WARNING, "this kernel has neither ORC tables nor frame pointers: its stacks are short or absent");
		rp_doctor_advise(d, "a kernel with CONFIG_UNWINDER_ORC or CONFIG_FRAME_POINTER has whole ones");
	} else if (unwinder) {
		rp_doctor_find(d, "kernel-stacks", RP_DOCTOR_OK, "kernel stacks are walked by %s",
			       unwinder);
	} else if (info) {
		rp_doctor_find(d, "kernel-stacks", RP_DOCTOR_OK, "the module walks kernel stacks");
	} else {
		rp_doctor_find(d, "kernel-stacks", RP_DOCTOR_UNKNOWN, "how this kernel unwinds its stacks was not found out: its configuration is not here");
	}
}

static void check_user_stacks(struct rp_doctor *d)
{
	const struct rp_attrs *info = d->host->info;

	if (!info)
		return;
	if (info->caps & RP_CAP_USER_STACK_FP) {
		rp_doctor_find(d, "user-stacks", RP_DOCTOR_OK, "user stacks are walked by frame pointers, where programs have them");
	} else {
		rp_doctor_find(d, "user-stacks", RP_DOCTOR_WARNING, "on this machine user stacks end where code without a standard chain of frames begins, mostly the C library");
		rp_doctor_advise(d, "flat profiles are right all the same; programs built with -marm -fno-omit-frame-pointer show their callers");
	}
}

static void check_exits(struct rp_doctor *d)
{
	const struct rp_attrs *info = d->host->info;

	if (info ? info->caps & RP_CAP_EXIT : rp_doctor_config(d, "TRACEPOINTS") == 'y') {
		rp_doctor_find(d, "exits", RP_DOCTOR_OK, "the kernel tells when a process ends (tracepoint sched_process_exit)");
	} else if (info || rp_doctor_config(d, "TRACEPOINTS") == 'n') {
		rp_doctor_find(d, "exits", RP_DOCTOR_WARNING, "the kernel does not tell when a process ends (no tracepoint sched_process_exit): what is known of it is kept for longer");
		rp_doctor_advise(d, "a kernel with CONFIG_TRACEPOINTS=y has it; nothing is lost without");
	}
}

void rp_doctor_check_sampling(struct rp_doctor *d)
{
	check_ticks(d);
	check_cycles(d);
	check_timers(d);
	check_kernel_stacks(d);
	check_user_stacks(d);
	check_exits(d);
}
