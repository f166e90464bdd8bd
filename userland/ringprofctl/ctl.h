/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the commands that talk to the module share: reaching it, its errors as exit
 * codes, and the parts of a session that more than one of them reads or prints.
 */
#ifndef RP_CTL_H
#define RP_CTL_H

#include <stddef.h>

#include "account.h"
#include "cmd.h"
#include "control.h"
#include "out.h"

#define RP_CTL_WHY_SIZE 256

/* The exit status for a -errno of device or control. */
enum rp_cmd_exit rp_ctl_status(int err);

/* 0, or an exit status after a sentence on stderr. */
int rp_ctl_open(struct rp_control **ret);
/* The sentence of a call that failed with err, on stderr. Returns an exit status. */
int rp_ctl_fail(const struct rp_control *c, int err);
/* Frees o; status, or RP_EXIT_FAILED with a sentence if writing failed. */
int rp_ctl_finish(struct rp_out *o, int status);

/*
 * The options that change a session, for set and record: an exit status, RP_EXIT_OK
 * to go on. They fill in *a.
 */
#define RP_CTL_SETTING_OPTIONS \
	{ "frequency", required_argument, NULL, 'F' }, \
	{ "kernel-depth", required_argument, NULL, 'K' }, \
	{ "user-depth", required_argument, NULL, 'U' }, \
	{ "modes", required_argument, NULL, 'M' }, \
	{ "tick", required_argument, NULL, 'T' }, \
	{ "budget", required_argument, NULL, 'b' }, \
	{ "coalesce", required_argument, NULL, 'c' }, \
	{ "table-memory", required_argument, NULL, 'B' }
#define RP_CTL_SETTING_HELP \
	"  -F, --frequency HZ     ticks per second and CPU, 1 to 10000\n" \
	"      --kernel-depth N   frames of a kernel stack, 0 to 127; 0: none\n" \
	"      --user-depth N     frames of a user stack, 0 to 127; 0: none\n" \
	"      --modes LIST       which ticks and frames: kernel, user, kthread, with commas\n" \
	"      --tick WHAT        auto, hrtimer or perf: what asks for samples\n" \
	"      --budget SHARE     of each CPU's time that sampling may take: 1%, 0.05%\n" \
	"      --coalesce TIME    for which samples of one thread and stack may be one: 1s;\n" \
	"                         0: every tick is one of its own\n" \
	"      --table-memory SIZE  of unwind tables in the module: 64M; 0: none\n"
int rp_ctl_setting(struct rp_attrs *a, int option, const char *argument);

/* A number from min to max as an option's argument; an exit status. */
int rp_ctl_number(const char *option, const char *argument, uint32_t min, uint32_t max,
		  uint32_t *ret);
/* No further arguments are expected; an exit status. */
int rp_ctl_no_arguments(int argc, char **argv);

/* Frequency, depths, modes, tick, budget, coalescing, filter: those that a has. */
void rp_ctl_print_config(struct rp_out *o, const struct rp_attrs *a);

/* How many unwind tables a session has, and their size. */
void rp_ctl_print_tables(struct rp_out *o, const struct rp_attrs *a);

/* What ticks and why, of a session (status) or as auto would have it (info). */
void rp_ctl_print_tick(struct rp_out *o, const struct rp_attrs *a);

/* "taken 100 = delivered 90 + refused 10 + lost 0", in JSON the numbers. */
void rp_ctl_print_account(struct rp_out *o, const struct rp_attrs *a);
/* False, with a sentence on stderr: taken is not the sum. what: "session 3". */
bool rp_ctl_check_account(const struct rp_attrs *a, const char *what);

/* The module's own time as a share of the time for which sampling was on. */
double rp_ctl_overhead(const struct rp_attrs *a);

#endif
