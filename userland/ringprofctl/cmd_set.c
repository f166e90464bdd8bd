// SPDX-License-Identifier: GPL-2.0
/*
 * Set, start and stop change a session that somebody else owns (the daemon, as a
 * rule), which is why they take its number, and need none if there is only one.
 */
#include "ctl.h"

#include <stdio.h>
#include <string.h>

enum { OPTION_SESSION = 256, OPTION_TREE, OPTION_CHILDREN, OPTION_NO_FILTER };

static int take_session(struct rp_attrs *a, const char *argument)
{
	a->has |= RP_HAS(RP_A_SESSION);
	return rp_ctl_number("--session", argument, 1, UINT32_MAX, &a->session);
}

static int take_filter(struct rp_attrs *a, enum rp_filter filter, const char *argument)
{
	a->has |= RP_HAS(RP_A_FILTER);
	a->filter = filter;
	if (filter == RP_FILTER_NONE)
		return RP_EXIT_OK;
	a->has |= RP_HAS(RP_A_FILTER_PID);
	return rp_ctl_number(filter == RP_FILTER_TREE ? "--filter-pid" : "--filter-children",
			     argument, 1, INT32_MAX, &a->filter_pid);
}

static int take_options(int argc, char **argv, struct rp_attrs *a)
{
	static const struct option options[] = {
		RP_CTL_SETTING_OPTIONS,
		{ "session", required_argument, NULL, OPTION_SESSION },
		{ "filter-pid", required_argument, NULL, OPTION_TREE },
		{ "filter-children", required_argument, NULL, OPTION_CHILDREN },
		{ "no-filter", no_argument, NULL, OPTION_NO_FILTER },
		{ NULL, 0, NULL, 0 },
	};
	int c, status = RP_EXIT_OK;

	while (!status && (c = rp_cmd_getopt(argc, argv, "F:", options)) != -1) {
		switch (c) {
		case OPTION_SESSION:
			status = take_session(a, optarg);
			break;
		case OPTION_TREE:
			status = take_filter(a, RP_FILTER_TREE, optarg);
			break;
		case OPTION_CHILDREN:
			status = take_filter(a, RP_FILTER_CHILDREN, optarg);
			break;
		case OPTION_NO_FILTER:
			status = take_filter(a, RP_FILTER_NONE, NULL);
			break;
		default:
			status = rp_ctl_setting(a, c, optarg);
		}
	}
	return status ? status : rp_ctl_no_arguments(argc, argv);
}

static int run_set(int argc, char **argv)
{
	struct rp_attrs a = { 0 };
	struct rp_control *c;
	int status = take_options(argc, argv, &a), err;

	if (status)
		return status;
	if (!(a.has & ~RP_HAS(RP_A_SESSION)))
		return rp_cmd_usage("nothing to set");
	status = rp_ctl_open(&c);
	if (status)
		return status;
	err = rp_control_set(c, &a);
	if (err)
		status = rp_ctl_fail(c, err);
	rp_control_close(c);
	return status;
}

static int start_or_stop(int argc, char **argv,
			 int (*call)(struct rp_control *c, uint32_t session))
{
	static const struct option options[] = {
		{ "session", required_argument, NULL, OPTION_SESSION },
		{ NULL, 0, NULL, 0 },
	};
	struct rp_attrs a = { 0 };
	int status = RP_EXIT_OK, err;
	struct rp_control *c;

	while (!status && rp_cmd_getopt(argc, argv, "", options) != -1)
		status = take_session(&a, optarg);
	if (!status)
		status = rp_ctl_no_arguments(argc, argv);
	if (!status)
		status = rp_ctl_open(&c);
	if (status)
		return status;
	err = call(c, a.session);
	if (err)
		status = rp_ctl_fail(c, err);
	rp_control_close(c);
	return status;
}

static int run_start(int argc, char **argv)
{
	return start_or_stop(argc, argv, rp_control_start);
}

static int run_stop(int argc, char **argv)
{
	return start_or_stop(argc, argv, rp_control_stop);
}

#define SESSION_HELP \
	"      --session N        which session; not needed if there is only one\n"

const struct rp_cmd rp_cmd_set = {
	.name = "set",
	.args = "[--session N] [-F HZ] [--kernel-depth N] [--user-depth N] [--modes LIST] "
		"[--tick auto|hrtimer|perf] [--budget SHARE] [--coalesce TIME] "
		"[--filter-pid PID | --filter-children PID | --no-filter]",
	.summary = "changes how a session samples, also while it does",
	.help = "All of what is given is changed or, with an error, nothing.\n\n"
		"Options:\n"
		SESSION_HELP
		RP_CTL_SETTING_HELP
		"      --filter-pid PID   only this process and its descendants\n"
		"      --filter-children PID  only its descendants\n"
		"      --no-filter        every process\n"
		"\nExamples:\n"
		"  ringprofctl set -F 99\n"
		"  ringprofctl set --session 2 --modes user --filter-pid 4711\n",
	.run = run_set,
};

const struct rp_cmd rp_cmd_start = {
	.name = "start",
	.args = "[--session N]",
	.summary = "starts the sampling of a session",
	.help = "Options:\n" SESSION_HELP,
	.run = run_start,
};

const struct rp_cmd rp_cmd_stop = {
	.name = "stop",
	.args = "[--session N]",
	.summary = "stops the sampling of a session, which stays open",
	.help = "Options:\n" SESSION_HELP,
	.run = run_stop,
};
