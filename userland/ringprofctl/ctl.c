// SPDX-License-Identifier: GPL-2.0
/*
 * Set and record take the same settings, status and record print the same accounting:
 * here once, so that they cannot differ.
 */
#include "ctl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_value.h"
#include "tick_lines.h"

enum rp_cmd_exit rp_ctl_status(int err)
{
	switch (-err) {
	case 0:
		return RP_EXIT_OK;
	case ENODEV:
		return RP_EXIT_NO_MODULE;
	case EPERM: case EACCES:
		return RP_EXIT_PERMISSION;
	}
	return RP_EXIT_FAILED;
}

int rp_ctl_open(struct rp_control **ret)
{
	char why[RP_CTL_WHY_SIZE];
	int err = rp_control_open(ret, why, sizeof(why));

	return err ? rp_cmd_fail(rp_ctl_status(err), "%s", why) : RP_EXIT_OK;
}

int rp_ctl_fail(const struct rp_control *c, int err)
{
	return rp_cmd_fail(rp_ctl_status(err), "%s", rp_control_error(c));
}

int rp_ctl_finish(struct rp_out *o, int status)
{
	int err = rp_out_free(o);

	if (err)
		return rp_cmd_fail(RP_EXIT_FAILED, "cannot write the output: %s",
				   strerror(-err));
	return status;
}

int rp_ctl_number(const char *option, const char *argument, uint32_t min, uint32_t max,
		  uint32_t *ret)
{
	char why[RP_CTL_WHY_SIZE];
	uint64_t value;

	if (rp_value_number(argument, min, max, &value, why, sizeof(why)))
		return rp_cmd_usage("%s %s: %s", option, argument, why);
	*ret = (uint32_t)value;
	return RP_EXIT_OK;
}

int rp_ctl_setting(struct rp_attrs *a, int option, const char *argument)
{
	char why[RP_CTL_WHY_SIZE];
	uint64_t modes, tick, ppm, ms;

	switch (option) {
	case 'F':
		a->has |= RP_HAS(RP_A_FREQ);
		return rp_ctl_number("--frequency", argument, RP_FREQ_MIN, RP_FREQ_MAX,
				     &a->freq);
	case 'K':
		a->has |= RP_HAS(RP_A_KERNEL_DEPTH);
		return rp_ctl_number("--kernel-depth", argument, 0, RP_DEPTH_MAX,
				     &a->kernel_depth);
	case 'U':
		a->has |= RP_HAS(RP_A_USER_DEPTH);
		return rp_ctl_number("--user-depth", argument, 0, RP_DEPTH_MAX,
				     &a->user_depth);
	case 'B':
		if (rp_value_bytes(argument, 0, RP_TABLE_LIMIT_MAX, &a->table_limit, why,
				   sizeof(why)))
			return rp_cmd_usage("--table-memory %s: %s", argument, why);
		a->has |= RP_HAS(RP_A_TABLE_LIMIT);
		return RP_EXIT_OK;
	case 'b':
		if (rp_value_share(argument, &ppm, why, sizeof(why)))
			return rp_cmd_usage("--budget %s: %s", argument, why);
		a->has |= RP_HAS(RP_A_BUDGET);
		a->budget_ppm = (uint32_t)ppm;
		return RP_EXIT_OK;
	case 'c':
		if (rp_value_milliseconds(argument, RP_COALESCE_MAX, &ms, why, sizeof(why)))
			return rp_cmd_usage("--coalesce %s: %s", argument, why);
		a->has |= RP_HAS(RP_A_COALESCE);
		a->coalesce_ms = (uint32_t)ms;
		return RP_EXIT_OK;
	case 'T':
		if (rp_value_tick(argument, &tick, why, sizeof(why)))
			return rp_cmd_usage("--tick %s: %s", argument, why);
		a->has |= RP_HAS(RP_A_TICK);
		a->tick = (uint32_t)tick;
		return RP_EXIT_OK;
	default:
		if (rp_value_modes(argument, &modes, why, sizeof(why)))
			return rp_cmd_usage("--modes %s: %s", argument, why);
		a->has |= RP_HAS(RP_A_MODES);
		a->modes = (uint32_t)modes;
		return RP_EXIT_OK;
	}
}

int rp_ctl_no_arguments(int argc, char **argv)
{
	if (optind < argc)
		return rp_cmd_usage("what is '%s'? No argument is expected here", argv[optind]);
	return RP_EXIT_OK;
}

static void print_modes(struct rp_out *o, uint32_t modes)
{
	rp_out_array(o, "modes", "Modes");
	if (modes & RP_MODE_KERNEL)
		rp_out_string(o, NULL, NULL, "kernel");
	if (modes & RP_MODE_USER)
		rp_out_string(o, NULL, NULL, "user");
	if (modes & RP_MODE_KTHREAD)
		rp_out_string(o, NULL, NULL, "kthread");
	rp_out_end(o);
}

static void print_filter(struct rp_out *o, const struct rp_attrs *a)
{
	static const char *const names[] = { "none", "tree", "children" };
	static const char *const texts[] = {
		"every process", "process %u and its descendants",
		"the descendants of process %u",
	};
	char text[64];

	if (a->filter > RP_FILTER_CHILDREN)
		return;
	snprintf(text, sizeof(text), texts[a->filter], a->filter_pid);
	rp_out_string(o, "filter", NULL, names[a->filter]);
	if (a->filter)
		rp_out_u64(o, "filter_pid", NULL, a->filter_pid);
	rp_out_string(o, NULL, "Filter", text);
}

static void print_budget(struct rp_out *o, const struct rp_attrs *a)
{
	char text[96];
	int len = snprintf(text, sizeof(text), "%g%% of each CPU", a->budget_ppm / 1e4);

	if (a->limited)
		snprintf(text + len, sizeof(text) - (size_t)len,
			 "; it holds ticks back on %" PRIu32 " now", a->limited);
	rp_out_string(o, NULL, "Budget", text);
	rp_out_u64(o, "budget_ppm", NULL, a->budget_ppm);
	if (a->has & RP_HAS(RP_A_LIMITED))
		rp_out_u64(o, "limited_cpus", NULL, a->limited);
}

void rp_ctl_print_config(struct rp_out *o, const struct rp_attrs *a)
{
	if (a->has & RP_HAS(RP_A_FREQ))
		rp_out_amount(o, "frequency", "Frequency", a->freq, "Hz");
	if (a->has & RP_HAS(RP_A_KERNEL_DEPTH))
		rp_out_amount(o, "kernel_depth", "Kernel depth", a->kernel_depth, "frames");
	if (a->has & RP_HAS(RP_A_USER_DEPTH))
		rp_out_amount(o, "user_depth", "User depth", a->user_depth, "frames");
	if (a->has & RP_HAS(RP_A_MODES))
		print_modes(o, a->modes);
	if (a->has & RP_HAS(RP_A_TICK))
		rp_out_string(o, "tick", "Tick", rp_tick_line(a->tick)->name);
	if (a->has & RP_HAS(RP_A_BUDGET))
		print_budget(o, a);
	if (a->has & RP_HAS(RP_A_COALESCE))
		rp_out_amount(o, "coalesce_ms", "Samples are merged for", a->coalesce_ms, "ms");
	if (a->has & RP_HAS(RP_A_TABLE_LIMIT))
		rp_out_amount(o, "table_limit", "Memory for unwind tables",
			      (int64_t)a->table_limit, "bytes");
	if (a->has & RP_HAS(RP_A_FILTER))
		print_filter(o, a);
}

void rp_ctl_print_tables(struct rp_out *o, const struct rp_attrs *a)
{
	char text[128], size[RP_OUT_HUMAN_SIZE];

	if (!(a->has & RP_HAS(RP_A_TABLES)))
		return;		/* an older module, or no session */
	rp_out_human(size, (int64_t)a->table_bytes, "bytes");
	snprintf(text, sizeof(text), "%" PRIu32 ", %s", a->tables, size);
	rp_out_string(o, NULL, "Unwind tables", text);
	rp_out_u64(o, "tables", NULL, a->tables);
	rp_out_u64(o, "table_bytes", NULL, a->table_bytes);
}

void rp_ctl_print_tick(struct rp_out *o, const struct rp_attrs *a)
{
	const struct rp_tick_line *source, *why;
	char text[256];

	if (!(a->has & RP_HAS(RP_A_TICK_SOURCE)))
		return;		/* an older module */
	source = rp_tick_source_line(a->tick_source);
	why = rp_tick_why_line(a->tick_why);
	snprintf(text, sizeof(text), "%s: %s", source->name, why->text);
	rp_out_string(o, NULL, "Ticks by", text);
	rp_out_string(o, "tick_source", NULL, source->name);
	rp_out_string(o, "tick_why", NULL, why->name);
	rp_out_string(o, "tick_text", NULL, why->text);
}

void rp_ctl_print_account(struct rp_out *o, const struct rp_attrs *attrs)
{
	struct rp_account a = rp_account_of(attrs->counters);
	char line[160];

	snprintf(line, sizeof(line), "taken %" PRIu64 " = delivered %" PRIu64
		 " + refused %" PRIu64 " + lost %" PRIu64 "%s", a.taken, a.delivered,
		 a.refused, a.lost, rp_account_holds(&a) ? "" : "  (does not hold)");
	rp_out_string(o, NULL, "Accounting", line);
	rp_out_u64(o, "taken", NULL, a.taken);
	rp_out_u64(o, "delivered", NULL, a.delivered);
	rp_out_u64(o, "refused", NULL, a.refused);
	rp_out_u64(o, "lost", NULL, a.lost);
	rp_out_bool(o, "holds", NULL, rp_account_holds(&a));
}

bool rp_ctl_check_account(const struct rp_attrs *attrs, const char *what)
{
	struct rp_account a = rp_account_of(attrs->counters);

	if (rp_account_holds(&a))
		return true;
	if (attrs->unknown_counters)
		rp_cmd_fail(RP_EXIT_FAILED, "%s: the module has %u counters that this program does not know: the accounting cannot be checked",
			    what, attrs->unknown_counters);
	else
		rp_cmd_fail(RP_EXIT_FAILED, "%s: taken %" PRIu64 " is not delivered %" PRIu64 " + refused %" PRIu64 " + lost %" PRIu64,
			    what, a.taken, a.delivered, a.refused, a.lost);
	return false;
}

double rp_ctl_overhead(const struct rp_attrs *a)
{
	return a->run_ns ? (double)a->self_ns / (double)a->run_ns : 0;
}
