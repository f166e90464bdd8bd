// SPDX-License-Identifier: GPL-2.0
/*
 * The experiment that says more than any figure of ours: on the user's own machine, with the
 * user's own work, with sampling and without, in turn. Which of the two comes first is thrown
 * for each pair, so that a machine that warms up or slows down does neither any favour.
 */
#include "ctl.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "config_value.h"
#include "hash.h"
#include "overhead.h"
#include "paired.h"
#include "why.h"

#define PAIRS_MIN	4u
#define DURATION_NS	60000000000ull
#define SLICE_NS	2000000000ull
#define SLICES		12u	/* at least, of a short duration */
#define SETTINGS_MAX	16u

struct experiment {
	struct rp_overhead_load load;
	uint64_t duration_ns;
	uint64_t limit_ppm;		/* 0: none */
	char *settings[SETTINGS_MAX];	/* of record */
	unsigned int nr_settings;
	struct rp_control *control;
	struct rp_paired pairs;
	uint32_t frequency;
	uint64_t run_ns, self_ns;
	char why[RP_OVERHEAD_WHY_SIZE];
};

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

/* ---- the experiment ------------------------------------------------------------------- */

static int measure_with(struct experiment *x, double *ret)
{
	struct rp_overhead_session s;
	int err, ended;

	err = rp_overhead_start(x->control, x->settings, x->nr_settings, &s, x->why,
				sizeof(x->why));
	if (err)
		return err;
	x->frequency = s.frequency;
	err = rp_overhead_measure(&x->load, ret, x->why, sizeof(x->why));
	ended = rp_overhead_stop(x->control, &s, &x->run_ns, &x->self_ns, x->why, sizeof(x->why));
	return err ? err : ended;
}

static int measure(struct experiment *x, bool with, double *ret)
{
	return with ? measure_with(x, ret) :
		      rp_overhead_measure(&x->load, ret, x->why, sizeof(x->why));
}

static int measure_pair(struct experiment *x, bool with_first)
{
	double cost[2];		/* without, with */
	int err = measure(x, with_first, &cost[with_first]);

	err = err || stopped ? err : measure(x, !with_first, &cost[!with_first]);
	if (!err && !stopped)
		rp_paired_add(&x->pairs, cost[1], cost[0]);
	return err;
}

static void say_progress(const struct experiment *x)
{
	struct rp_paired_result r;

	if (rp_paired_result(&x->pairs, &r))
		fprintf(stderr, "pair %zu: %+.2f%% (%+.2f%% to %+.2f%%)\n", x->pairs.nr,
			100 * r.difference, 100 * r.low, 100 * r.high);
}

static int run_experiment(struct experiment *x)
{
	const uint64_t seed = rp_hash_seed(), end = rp_clock_ns(CLOCK_MONOTONIC) + x->duration_ns;
	double warm;
	int err;

	/* The first time is not like the others: caches, files, frequencies. */
	err = measure(x, true, &warm);
	err = err ? err : measure(x, false, &warm);
	x->run_ns = x->self_ns = 0;
	while (!err && !stopped &&
	       (x->pairs.nr < PAIRS_MIN || rp_clock_ns(CLOCK_MONOTONIC) < end)) {
		err = measure_pair(x, rp_hash_mix(seed, x->pairs.nr) & 1);
		if (!err && !stopped)
			say_progress(x);
	}
	return err;
}

/* ---- what came of it --------------------------------------------------------------------- */

static void print_interval(struct rp_out *o, const struct rp_paired_result *r)
{
	char text[96];

	snprintf(text, sizeof(text), "%+.2f%%, with 95%% confidence between %+.2f%% and %+.2f%%",
		 100 * r->difference, 100 * r->low, 100 * r->high);
	rp_out_string(o, NULL, "Difference", text);
	rp_out_double(o, "difference", NULL, r->difference, 6);
	rp_out_double(o, "low", NULL, r->low, 6);
	rp_out_double(o, "high", NULL, r->high, 6);
}

/* An exit status. */
static int judge(struct rp_out *o, const struct experiment *x, const struct rp_paired_result *r)
{
	const double limit = (double)x->limit_ppm / 1e6;
	bool above = x->limit_ppm && r->difference > limit;
	const char *sure;

	if (!x->limit_ppm)
		return RP_EXIT_OK;
	sure = r->low > limit || r->high <= limit ? "" :
	       ", but the interval has it: take more time";
	rp_out_text(o, "%s the %g%% that it may be%s", above ? "Above" : "Not above", 100 * limit,
		    sure);
	rp_out_double(o, "limit", NULL, limit, 6);
	rp_out_bool(o, "above", NULL, above);
	return above ? RP_EXIT_FAILED : RP_EXIT_OK;
}

static int print(struct experiment *x)
{
	struct rp_paired_result r;
	struct rp_out *o;
	int status;

	if (!rp_paired_result(&x->pairs, &r))
		return rp_cmd_fail(RP_EXIT_FAILED, "ended before two pairs were measured: nothing is known");
	o = rp_out_new(stdout, rp_options.json);
	if (!o)
		return rp_cmd_fail(RP_EXIT_FAILED, "out of memory");
	rp_out_object(o, NULL, NULL);
	rp_out_string(o, "workload", "Workload", x->load.command ? x->load.command[0] :
		      "our own, on all CPUs");
	rp_out_amount(o, "frequency", "Frequency", x->frequency, "Hz");
	rp_out_u64(o, "pairs", "Pairs", x->pairs.nr);
	print_interval(o, &r);
	rp_out_share(o, "self", "The module's own time",
		     x->run_ns ? (double)x->self_ns / (double)x->run_ns : 0);
	status = judge(o, x, &r);
	rp_out_end(o);
	return rp_ctl_finish(o, status);
}

/* ---- options ---------------------------------------------------------------------------- */

static int take_setting(struct experiment *x, int option, const char *name)
{
	struct rp_attrs unused = { 0 };
	int status = rp_ctl_setting(&unused, option, optarg);
	char *text;

	if (status)
		return status;
	if (x->nr_settings == SETTINGS_MAX)
		return rp_cmd_usage("there are too many options");
	if (asprintf(&text, "--%s=%s", name, optarg) < 0)
		return rp_cmd_fail(RP_EXIT_FAILED, "out of memory");
	x->settings[x->nr_settings++] = text;
	return RP_EXIT_OK;
}

static int take_figure(struct experiment *x)
{
	char text[128];
	int err;

	if (x->load.has_figure)
		return rp_cmd_usage("--figure is given twice");
	err = regcomp(&x->load.figure, optarg, REG_EXTENDED | REG_NEWLINE);
	if (err) {
		regerror(err, &x->load.figure, text, sizeof(text));
		return rp_cmd_usage("--figure %s: %s", optarg, text);
	}
	x->load.has_figure = true;
	return x->load.figure.re_nsub ? RP_EXIT_OK :
		rp_cmd_usage("--figure %s: put the number in parentheses", optarg);
}

static int take_option(struct experiment *x, int option, const struct option *options)
{
	char why[RP_CTL_WHY_SIZE];

	switch (option) {
	case 'd':
		return rp_value_duration(optarg, 1000000000, 86400000000000, &x->duration_ns, why,
					 sizeof(why)) ?
			rp_cmd_usage("--duration %s: %s", optarg, why) : RP_EXIT_OK;
	case 'f':
		return take_figure(x);
	case 'a':
		return rp_value_share(optarg, &x->limit_ppm, why, sizeof(why)) ?
			rp_cmd_usage("--fail-above %s: %s", optarg, why) : RP_EXIT_OK;
	default:
		for (; options->name && options->val != option; options++)
			;
		return take_setting(x, option, options->name);
	}
}

static int take_options(int argc, char **argv, struct experiment *x)
{
	static const struct option options[] = {
		RP_CTL_SETTING_OPTIONS,
		{ "duration", required_argument, NULL, 'd' },
		{ "figure", required_argument, NULL, 'f' },
		{ "fail-above", required_argument, NULL, 'a' },
		{ NULL, 0, NULL, 0 },
	};
	int c, status = RP_EXIT_OK;

	while (!status && (c = rp_cmd_getopt(argc, argv, "+F:d:", options)) != -1)
		status = take_option(x, c, options);
	if (status)
		return status;
	if (optind < argc)
		x->load.command = argv + optind;
	else if (x->load.has_figure)
		return rp_cmd_usage("--figure is for a command's output: give one behind --");
	x->load.slice_ns = x->duration_ns / (2 * SLICES) < SLICE_NS ?
			   x->duration_ns / (2 * SLICES) : SLICE_NS;
	return RP_EXIT_OK;
}

static int run(int argc, char **argv)
{
	struct experiment x = { .duration_ns = DURATION_NS };
	const struct sigaction action = { .sa_handler = stop };
	int status = take_options(argc, argv, &x), err;
	unsigned int i;

	if (!status)
		status = rp_ctl_open(&x.control);
	if (!status) {
		sigaction(SIGINT, &action, NULL);
		sigaction(SIGTERM, &action, NULL);
		err = run_experiment(&x);
		status = err && !stopped ? rp_cmd_fail(RP_EXIT_FAILED, "%s", x.why) : print(&x);
		rp_control_close(x.control);
	}
	for (i = 0; i < x.nr_settings; i++)
		free(x.settings[i]);
	if (x.load.has_figure)
		regfree(&x.load.figure);
	return status;
}

const struct rp_cmd rp_cmd_overhead = {
	.name = "overhead",
	.args = "[-F HZ] [-d TIME] [--fail-above SHARE] [--figure REGEX] [-- COMMAND...]",
	.summary = "measures what sampling costs here, with and without it in turn",
	.help = "Runs the command again and again, with sampling (by `record`) and without it in\n"
		"turn, in random order, and says how much longer it takes with: the mean of all\n"
		"pairs, its interval with 95 % confidence, and beside it the time that the module\n"
		"took by its own clock. Without a command, work of its own on all CPUs. The more\n"
		"time, the narrower the interval; the machine should have nothing else to do.\n\n"
		"Options:\n"
		"  -d, --duration TIME    to go on for (60s); four pairs at least\n"
		"      --fail-above SHARE exit with 1 if the difference is above this: 1%\n"
		"      --figure REGEX     the command prints how much it did in a time: the last\n"
		"                         number in parentheses that fits; its time does not count\n"
		RP_CTL_SETTING_HELP
		"\nExamples:\n"
		"  ringprofctl overhead --fail-above 1%\n"
		"  ringprofctl overhead -F 99 -d 10m -- make -j8 -B\n"
		"  ringprofctl overhead --figure '([0-9.]+) requests/s' -- bench --seconds 5\n",
	.run = run,
};
