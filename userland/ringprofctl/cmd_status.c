// SPDX-License-Identifier: GPL-2.0
/*
 * Status shows every number that the module keeps, and does the sum: whoever trusts
 * a profile may look here whether every tick is accounted for.
 */
#include "ctl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tick_lines.h"

#define NS_PER_S 1e9

struct list {
	struct rp_attrs *at;
	size_t nr, room;
};

struct status {
	struct rp_control *control;
	struct rp_out *o;
	struct list sessions;	/* the last one is the ended ones' totals */
	struct list cpus;	/* of the session being printed */
	bool per_cpu;
	bool holds;
};

static int keep(void *arg, const struct rp_attrs *a)
{
	struct list *list = arg;
	size_t room = list->room ? list->room * 2 : 8;
	struct rp_attrs *at;

	if (list->nr == list->room) {
		at = realloc(list->at, room * sizeof(*at));
		if (!at)
			return -ENOMEM;
		list->at = at;
		list->room = room;
	}
	list->at[list->nr++] = *a;
	return 0;
}

/* Seconds for which the session has sampled: the CPU that did so for longest. */
static double seconds_on(const struct list *cpus)
{
	uint64_t most = 0;
	size_t i;

	for (i = 0; i < cpus->nr; i++)
		most = cpus->at[i].run_ns > most ? cpus->at[i].run_ns : most;
	return (double)most / NS_PER_S;
}

static const char *class_name(enum rp_counter_class class)
{
	switch (class) {
	case RP_CLASS_TAKEN:
		return "taken";
	case RP_CLASS_DELIVERED:
		return "delivered";
	case RP_CLASS_REFUSED:
		return "refused";
	case RP_CLASS_LOST:
		return "lost";
	case RP_CLASS_NOTE:
		break;
	}
	return "note";
}

/* Text leaves out what is 0, but for what everybody looks for; JSON has all. */
static bool left_out(const struct rp_out *o, uint64_t count, bool always)
{
	return !count && !always && !rp_out_is_json(o);
}

/* seconds 0: of no one session, thus without rates. */
static void print_counters(struct rp_out *o, const struct rp_attrs *a, double seconds)
{
	const struct rp_counter_line *line;
	unsigned int i;

	rp_out_table(o, "counters", "Samples");
	for (i = 0; i < RP_COUNTER_NR; i++) {
		line = &rp_counter_lines[i];
		if (left_out(o, a->counters[i], line->class <= RP_CLASS_DELIVERED))
			continue;
		rp_out_row(o);
		rp_out_string(o, "class", "Class", class_name(line->class));
		rp_out_string(o, "name", "Reason", line->name);
		rp_out_u64(o, "count", "Count", a->counters[i]);
		if (seconds > 0)
			rp_out_double(o, "per_second", "Per second",
				      (double)a->counters[i] / seconds, 1);
		rp_out_string(o, "text", "Meaning", line->text);
		rp_out_end(o);
	}
	rp_out_end(o);
}

static void print_stops(struct rp_out *o, const char *key, const char *title,
			const uint64_t *stops)
{
	uint64_t total = 0;
	unsigned int i;

	for (i = 0; i < RP_STOP_NR; i++)
		total += stops[i];
	if (left_out(o, total, false))
		return;
	rp_out_table(o, key, title);
	for (i = 0; i < RP_STOP_NR; i++) {
		if (left_out(o, stops[i], false))
			continue;
		rp_out_row(o);
		rp_out_string(o, "name", "End", rp_stop_lines[i].name);
		rp_out_u64(o, "count", "Count", stops[i]);
		rp_out_share(o, "share", "Share",
			     total ? (double)stops[i] / (double)total : 0);
		rp_out_string(o, "text", "Meaning", rp_stop_lines[i].text);
		rp_out_end(o);
	}
	rp_out_end(o);
}

static void print_cpus(struct status *s)
{
	const struct rp_attrs *a;
	struct rp_account account;
	struct rp_out *o = s->o;

	rp_out_table(o, "cpus", "Per CPU");
	for (a = s->cpus.at; a < s->cpus.at + s->cpus.nr; a++) {
		account = rp_account_of(a->counters);
		rp_out_row(o);
		rp_out_u64(o, "cpu", "CPU", a->cpu);
		rp_out_bool(o, "sampling", "Sampling", a->online);
		rp_out_string(o, "tick_source", "Tick",
			      rp_tick_source_line(a->tick_source)->name);
		rp_out_string(o, "tick_why", "Why", rp_tick_why_line(a->tick_why)->name);
		rp_out_u64(o, "taken", "Taken", account.taken);
		rp_out_u64(o, "delivered", "Delivered", account.delivered);
		rp_out_u64(o, "refused", "Refused", account.refused);
		rp_out_u64(o, "lost", "Lost", account.lost);
		rp_out_bool(o, "limited", "Held back", a->limited);
		rp_out_amount(o, "run", "Sampled for", (int64_t)a->run_ns, "nanoseconds");
		rp_out_share(o, "overhead", "Overhead", rp_ctl_overhead(a));
		rp_out_bool(o, "holds", "Sum holds", rp_account_holds(&account));
		rp_out_end(o);
	}
	rp_out_end(o);
}

static void check_cpus(struct status *s, uint32_t session)
{
	const struct rp_attrs *a;
	char what[64];

	for (a = s->cpus.at; a < s->cpus.at + s->cpus.nr; a++) {
		snprintf(what, sizeof(what), "session %u, CPU %u", session, a->cpu);
		s->holds &= rp_ctl_check_account(a, what);
	}
}

static void print_counts(struct status *s, const struct rp_attrs *a, double seconds)
{
	struct rp_out *o = s->o;

	rp_out_share(o, "overhead", "Overhead", rp_ctl_overhead(a));
	rp_out_u64(o, "run_nanoseconds", NULL, a->run_ns);
	rp_out_u64(o, "self_nanoseconds", NULL, a->self_ns);
	rp_ctl_print_account(o, a);
	print_counters(o, a, seconds);
	print_stops(o, "kernel_stops", "Kernel stacks", a->kernel_stops);
	print_stops(o, "user_stops", "User stacks", a->user_stops);
}

static int print_session(struct status *s, const struct rp_attrs *a)
{
	struct rp_out *o = s->o;
	char what[64], owner[64];
	double seconds;
	int err;

	s->cpus.nr = 0;
	err = rp_control_stats(s->control, a->session, keep, &s->cpus);
	if (err && err != -ENOENT)	/* it has ended since */
		return err;
	seconds = seconds_on(&s->cpus);
	snprintf(what, sizeof(what), "session %u", a->session);
	snprintf(owner, sizeof(owner), "%s (pid %u)", a->owner_comm, a->owner_pid);

	rp_out_object(o, NULL, NULL);
	rp_out_u64(o, "session", "Session", a->session);
	rp_out_string(o, NULL, "Owner", owner);
	rp_out_string(o, "owner_comm", NULL, a->owner_comm);
	rp_out_u64(o, "owner_pid", NULL, a->owner_pid);
	rp_out_bool(o, "running", "Sampling", a->running);
	rp_ctl_print_config(o, a);
	rp_ctl_print_tick(o, a);
	rp_ctl_print_tables(o, a);
	rp_out_amount(o, "ring_bytes", "Ring of each CPU", a->ring_bytes, "bytes");
	rp_out_amount(o, "watermark", "Watermark", a->watermark, "bytes");
	rp_out_amount(o, "sampled", "Sampled for", (int64_t)(seconds * NS_PER_S),
		      "nanoseconds");
	print_counts(s, a, seconds);
	if (s->per_cpu)
		print_cpus(s);
	rp_out_end(o);
	s->holds &= rp_ctl_check_account(a, what);
	check_cpus(s, a->session);
	return 0;
}

static void print_ended(struct status *s, const struct rp_attrs *a)
{
	rp_out_object(s->o, "ended", "Sessions that have ended");
	print_counts(s, a, 0);
	rp_out_end(s->o);
	s->holds &= rp_ctl_check_account(a, "ended sessions");
}

static int print(struct status *s)
{
	const struct rp_attrs *a, *end;
	int err;

	err = rp_control_sessions(s->control, keep, &s->sessions);
	if (err)
		return err;
	end = s->sessions.at + s->sessions.nr;
	rp_out_object(s->o, NULL, NULL);
	rp_out_table(s->o, "sessions", "");
	for (a = s->sessions.at; !err && a < end; a++) {
		if (a->session)
			err = print_session(s, a);
		if (a->session)
			rp_out_text(s->o, "%s", "");
	}
	rp_out_end(s->o);
	if (s->sessions.nr <= 1) {
		rp_out_text(s->o, "No session is open.");
		rp_out_text(s->o, "%s", "");
	}
	for (a = s->sessions.at; !err && a < end; a++) {
		if (!a->session)
			print_ended(s, a);
	}
	rp_out_end(s->o);
	return err;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "verbose", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	struct status s = { .holds = true };
	int c, status, err;

	while ((c = rp_cmd_getopt(argc, argv, "v", options)) != -1)
		s.per_cpu = c == 'v';
	status = rp_ctl_no_arguments(argc, argv);
	if (!status)
		status = rp_ctl_open(&s.control);
	if (status)
		return status;
	s.o = rp_out_new(stdout, rp_options.json);
	err = s.o ? print(&s) : -ENOMEM;
	if (err == -ENOMEM)
		status = rp_cmd_fail(RP_EXIT_FAILED, "out of memory");
	else if (err)
		status = rp_ctl_fail(s.control, err);
	else if (!s.holds)
		status = RP_EXIT_FAILED;
	status = rp_ctl_finish(s.o, status);
	free(s.sessions.at);
	free(s.cpus.at);
	rp_control_close(s.control);
	return status;
}

const struct rp_cmd rp_cmd_status = {
	.name = "status",
	.args = "[-v]",
	.summary = "sessions, their counts by reason, and the overhead",
	.help = "Prints each session with its settings and counts, and last the totals of the\n"
		"sessions that have ended since the module was loaded. Taken must be the sum of\n"
		"delivered, refused and lost, for each session and each of its CPUs: the exit\n"
		"status is 1 if it is not. Overhead is the module's own share of the time.\n\n"
		"Options:\n"
		"  -v, --verbose  each CPU as well\n",
	.run = run,
};
