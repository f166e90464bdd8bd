// SPDX-License-Identifier: GPL-2.0
/*
 * One line an event, written out at once: it is for terminals and for pipes that
 * somebody reads while it runs.
 */
#include "ctl.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "tick_lines.h"

static const char *event_name(uint32_t event)
{
	static const char *const names[] = {
		[RP_EVENT_OPENED] = "opened", [RP_EVENT_CLOSED] = "closed",
		[RP_EVENT_STARTED] = "started", [RP_EVENT_STOPPED] = "stopped",
		[RP_EVENT_CHANGED] = "changed", [RP_EVENT_CPU_ONLINE] = "cpu-online",
		[RP_EVENT_CPU_OFFLINE] = "cpu-offline", [RP_EVENT_LIMITED] = "limited",
		[RP_EVENT_UNLIMITED] = "unlimited",
	};

	if (event < sizeof(names) / sizeof(names[0]) && names[event])
		return names[event];
	return "unknown";
}

/* "2026-11-23T07:30:44.123+0000": local time, with milliseconds. */
static void print_now(struct rp_out *o)
{
	char seconds[32], zone[8], text[64];
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &tm);
	strftime(zone, sizeof(zone), "%z", &tm);
	snprintf(text, sizeof(text), "%s.%03ld%s", seconds, now.tv_nsec / 1000000, zone);
	rp_out_string(o, "time", "", text);
}

static int print_event(void *arg, const struct rp_attrs *a)
{
	struct rp_out *o = arg;

	rp_out_line(o, NULL);
	print_now(o);
	rp_out_string(o, "event", "", event_name(a->event));
	rp_out_u64(o, "session", "session", a->session);
	if (a->has & RP_HAS(RP_A_OWNER_PID))
		rp_out_u64(o, "owner_pid", "pid", a->owner_pid);
	if (a->has & RP_HAS(RP_A_OWNER_COMM))
		rp_out_string(o, "owner_comm", "comm", a->owner_comm);
	if (a->has & RP_HAS(RP_A_CPU))
		rp_out_u64(o, "cpu", "cpu", a->cpu);
	if (a->has & RP_HAS(RP_A_FREQ))
		rp_out_u64(o, "frequency", "frequency", a->freq);
	if (a->has & RP_HAS(RP_A_KERNEL_DEPTH))
		rp_out_u64(o, "kernel_depth", "kernel-depth", a->kernel_depth);
	if (a->has & RP_HAS(RP_A_USER_DEPTH))
		rp_out_u64(o, "user_depth", "user-depth", a->user_depth);
	if (a->has & RP_HAS(RP_A_MODES))
		rp_out_u64(o, "modes", "modes", a->modes);
	if (a->has & RP_HAS(RP_A_TICK))
		rp_out_string(o, "tick", "tick", rp_tick_line(a->tick)->name);
	if (a->has & RP_HAS(RP_A_BUDGET))
		rp_out_u64(o, "budget_ppm", "budget-ppm", a->budget_ppm);
	if (a->has & RP_HAS(RP_A_COALESCE))
		rp_out_u64(o, "coalesce_ms", "coalesce-ms", a->coalesce_ms);
	if (a->has & RP_HAS(RP_A_FILTER))
		rp_out_u64(o, "filter", "filter", a->filter);
	if (a->has & RP_HAS(RP_A_FILTER_PID))
		rp_out_u64(o, "filter_pid", "filter-pid", a->filter_pid);
	rp_out_end(o);
	return ferror(stdout) ? -EPIPE : 0;
}

static int follow(struct rp_events *e, struct rp_out *o, int signals)
{
	struct pollfd fds[] = {
		{ .fd = rp_events_fd(e), .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	int err;

	for (;;) {
		if (poll(fds, 2, -1) < 0)
			return rp_cmd_fail(RP_EXIT_FAILED, "poll: %s", strerror(errno));
		if (fds[0].revents) {
			err = rp_events_read(e, print_event, o);
			if (err == -EPIPE)
				return RP_EXIT_OK;	/* rp_out_free() says it */
			if (err == -ENOBUFS)
				fputs("ringprofctl events: some events were lost: they came too fast\n",
				      stderr);
			else if (err)
				return rp_cmd_fail(RP_EXIT_FAILED, "%s", strerror(-err));
		}
		if (fds[1].revents)
			return RP_EXIT_OK;
	}
}

static int run(int argc, char **argv)
{
	char why[RP_CTL_WHY_SIZE];
	struct rp_events *e;
	struct rp_out *o;
	int status, err, signals;
	sigset_t set;

	while (rp_cmd_getopt(argc, argv, "", NULL) != -1)
		;
	status = rp_ctl_no_arguments(argc, argv);
	if (status)
		return status;
	err = rp_events_open(&e, why, sizeof(why));
	if (err)
		return rp_cmd_fail(rp_ctl_status(err), "%s", why);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	o = signals < 0 ? NULL : rp_out_new(stdout, rp_options.json);
	if (o)
		status = rp_ctl_finish(o, follow(e, o, signals));
	else
		status = rp_cmd_fail(RP_EXIT_FAILED, "%s", strerror(errno));
	if (signals >= 0)
		close(signals);
	rp_events_close(e);
	return status;
}

const struct rp_cmd rp_cmd_events = {
	.name = "events",
	.args = "",
	.summary = "follows what happens to sessions, until Ctrl-C",
	.help = "One line an event: sessions opened, closed, started, stopped, changed, and CPUs\n"
		"that came or went while they sample. With -j one JSON object a line.\n",
	.run = run,
};
