// SPDX-License-Identifier: GPL-2.0
/*
 * The end of a recording. The order matters: sampling stops, the rings are emptied,
 * the descriptions of address spaces that are still being written are waited for, and
 * only then is counted, since only then the module's numbers and ours can agree.
 */
#include "record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"
#include "jit_report.h"
#include "pprof_write.h"

#define SPACES_WAIT_MS 300	/* the module's worker needs a moment for the last ones */
#define NAP_MS 10

static uint64_t without_maps(const struct rp_record *r)
{
	const struct rp_window_entry *e;
	uint64_t nr, missing = 0;

	for (e = rp_window_entries(r->window, &nr); nr--; e++)
		missing += e->user_stack && !rp_aspace_newest(e->space);
	return missing;
}

static int drain_rest(struct rp_record *r)
{
	const struct timespec nap = { .tv_nsec = NAP_MS * 1000000 };
	int waited, status = rp_record_drain(r);

	for (waited = 0; !status && waited < SPACES_WAIT_MS && without_maps(r);
	     waited += NAP_MS) {
		nanosleep(&nap, NULL);
		status = rp_record_drain(r);
	}
	return status;
}

static int add_stats(void *arg, const struct rp_attrs *a)
{
	rp_attrs_add(arg, a);
	return 0;
}

static int write_profile(const struct rp_record *r, const struct rp_profile *p)
{
	const char *file = r->options.file;
	char why[RP_WHY_SIZE];
	int err;

	if (strcmp(file, "-"))
		err = rp_pprof_write_file(p, file, false, why, sizeof(why));
	else
		err = rp_pprof_write_fd(p, STDOUT_FILENO, why, sizeof(why));
	return err ? rp_cmd_fail(RP_EXIT_FAILED, "%s", why) : RP_EXIT_OK;
}

static struct rp_profile *make_profile(const struct rp_record *r)
{
	struct rp_profile *p = rp_profile_new();
	int err = p ? 0 : -ENOMEM;

	if (!err)
		err = rp_namer_begin(p, r->wall_ns, r->end_ns - r->start_ns,
				     r->options.settings.freq);
	if (!err)
		err = rp_namer_close(r->namer, r->spaces, r->window, p);
	if (!err)
		return p;
	rp_cmd_fail(RP_EXIT_FAILED, "cannot name the samples: %s", strerror(-err));
	rp_profile_free(p);
	return NULL;
}

/* What the module says that it delivered has to be what we read. */
static bool check_counts(const struct rp_record *r, const struct rp_attrs *stats)
{
	const struct rp_window_totals *t = rp_window_totals(r->window);
	struct rp_account a = rp_account_of(stats->counters);
	bool holds = rp_ctl_check_account(stats, "this session");

	if (t->overflow_count)
		rp_cmd_fail(RP_EXIT_FAILED, "%" PRIu64 " samples were left out: there was no memory for them",
			    t->overflow_count);
	if (t->bad || rp_device_broken(r->device))
		rp_cmd_fail(RP_EXIT_FAILED, "%" PRIu64 " records made no sense, and %" PRIu64 " times a ring did not",
			    t->bad, rp_device_broken(r->device));
	if (rp_device_map_error(r->device))
		rp_cmd_fail(RP_EXIT_FAILED, "the ring of a CPU that came later could not be mapped: %s",
			    strerror(-rp_device_map_error(r->device)));
	if (t->count + t->overflow_count == a.delivered)
		return holds;
	rp_cmd_fail(RP_EXIT_FAILED, "the module delivered %" PRIu64 " samples and %" PRIu64 " were read",
		    a.delivered, t->count + t->overflow_count);
	return false;
}

/* Of the samples with a user stack, the share of those that reach the root. */
static double whole_stacks(const struct rp_window *w)
{
	uint64_t i, nr, all = 0, whole = 0;
	const struct rp_window_entry *e = rp_window_entries(w, &nr);

	for (i = 0; i < nr; i++) {
		all += e[i].user_stop != RP_STOP_NONE ? e[i].count : 0;
		whole += e[i].user_stop == RP_STOP_ROOT ? e[i].count : 0;
	}
	return all ? (double)whole / (double)all : 0;
}

static void print_tables(const struct rp_record *r, struct rp_out *o)
{
	struct rp_table_loader_stats s;

	if (!r->collector.tables)
		return;
	rp_table_loader_stats(r->collector.tables, &s);
	rp_out_u64(o, "tables_loaded", NULL, s.loaded);
	rp_out_u64(o, "tables_missing", NULL, s.missing + s.refused);
	rp_out_u64(o, "tables_waiting", NULL, s.waiting);
}

static void print_summary(const struct rp_record *r, const struct rp_attrs *stats,
			  const struct rp_profile *p, struct rp_out *o)
{
	const struct rp_window_totals *t = rp_window_totals(r->window);
	struct rp_spaces_stats spaces;
	struct rp_namer_stats names;

	rp_spaces_stats(r->spaces, &spaces);
	rp_namer_stats(r->namer, &names);
	rp_out_object(o, NULL, NULL);
	rp_out_u64(o, "samples", "Samples", t->count);
	rp_out_amount(o, "cpu", "CPU time", (int64_t)t->weight, "nanoseconds");
	rp_out_amount(o, "duration", "Duration", (int64_t)(r->end_ns - r->start_ns),
		      "nanoseconds");
	rp_out_u64(o, "stacks", "Distinct stacks", p->nr_stacks);
	rp_out_share(o, "whole_user_stacks", "Whole user stacks", whole_stacks(r->window));
	print_tables(r, o);
	rp_out_u64(o, "processes", NULL, spaces.spaces);
	rp_out_string(o, "file", "File", r->options.file);
	rp_ctl_print_account(o, stats);
	rp_out_u64(o, "read", NULL, t->count + t->overflow_count);
	rp_out_u64(o, "ring_read", NULL, rp_device_bytes(r->device));
	rp_out_u64(o, "lost_told", NULL, t->lost_count);
	rp_out_share(o, "overhead", "Overhead", rp_ctl_overhead(stats));
	rp_out_bool(o, "limited", NULL, r->limited);
	rp_jit_report_print(&names.jit, o);
	rp_out_end(o);
}

static int tell(const struct rp_record *r, const struct rp_attrs *stats,
		const struct rp_profile *p)
{
	const char *problem = rp_namer_problem(r->namer);
	const char *debug_problem = rp_namer_debug_problem(r->namer);
	bool json = rp_options.json, own_stdout = !strcmp(r->options.file, "-");
	struct rp_out *o = rp_out_new(json && !own_stdout ? stdout : stderr, json);
	int status;

	if (!o)
		return rp_cmd_fail(RP_EXIT_FAILED, "out of memory");
	if (problem)
		fprintf(stderr, "ringprofctl record: %s\n", problem);
	if (debug_problem)
		fprintf(stderr, "ringprofctl record: %s\n", debug_problem);
	if (r->limited)
		fputs("ringprofctl record: sampling had come to its share of a CPU's time, so there are fewer samples than asked for, of which each stands for more; --budget gives it another one\n",
		      stderr);
	print_summary(r, stats, p, o);
	status = rp_ctl_finish(o, RP_EXIT_OK);
	return check_counts(r, stats) ? status : RP_EXIT_FAILED;
}

int rp_record_end(struct rp_record *r)
{
	uint32_t session = rp_device_session(r->device);
	struct rp_attrs stats = { 0 };
	struct rp_profile *p;
	int err, status;

	err = rp_control_stop(r->control, session);
	if (err)
		return rp_ctl_fail(r->control, err);
	r->end_ns = rp_record_clock();
	rp_record_unblock_signals(r);
	status = drain_rest(r);
	if (status)
		return status;
	err = rp_control_stats(r->control, session, add_stats, &stats);
	if (err)
		return rp_ctl_fail(r->control, err);
	rp_record_fetch_rest(r);
	p = make_profile(r);
	if (!p)
		return RP_EXIT_FAILED;
	status = write_profile(r, p);
	if (!status)
		status = tell(r, &stats, p);
	rp_profile_free(p);
	return status;
}
