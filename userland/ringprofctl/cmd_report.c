// SPDX-License-Identifier: GPL-2.0
/*
 * The first question to a profile: where did the time go? A table that is read in
 * a terminal, over ssh, before anybody opens a browser.
 */
#include "cmd.h"
#include "report.h"
#include "view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_DEFAULT 30

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static const char *heading(const char *by)
{
	static const char *const known[][2] = {
		{ "function", "Function" }, { "mapping", "Mapping" }, { "line", "Line" },
		{ "process", "Process" }, { "thread", "Thread" },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!strcmp(by, known[i][0]))
			return known[i][1];
	}
	return by;
}

static double share(int64_t part, int64_t total)
{
	return total ? (double)part / (double)total : 0;
}

static void print_rows(const struct rp_view *v, const struct rp_report *r, const char *by,
		       unsigned long limit, struct rp_out *o)
{
	const char *unit = rp_profile_str(v->p, v->p->types[v->type].unit);
	bool by_function = !strcmp(by, "function");
	const struct rp_report_row *row;
	int64_t sum = 0;
	uint32_t i;

	rp_out_table(o, "rows", "");
	for (i = 0; i < r->nr && (!limit || i < limit); i++) {
		row = &r->rows[i];
		sum = rp_add_saturated(sum, row->flat);
		rp_out_row(o);
		rp_out_amount(o, "flat", "Flat", row->flat, unit);
		rp_out_share(o, "flat_share", "Flat%", share(row->flat, r->total));
		rp_out_share(o, "sum_share", "Sum%", share(sum, r->total));
		rp_out_amount(o, "cumulative", "Cum", row->cumulative, unit);
		rp_out_share(o, "cumulative_share", "Cum%", share(row->cumulative, r->total));
		if (by_function) {
			rp_out_string(o, "kind", "Kind", rp_frame_kind_name(row->kind));
			rp_out_string(o, "mapping", NULL, row->mapping);
			rp_out_string(o, NULL, "Mapping", base_name(row->mapping));
		}
		rp_out_string(o, "name", heading(by), row->name);
		rp_out_end(o);
	}
	rp_out_end(o);
}

static void print_summary(const struct rp_view *v, const struct rp_report *r,
			  struct rp_out *o)
{
	const struct rp_profile *p = v->p;
	const char *unit = rp_profile_str(p, p->types[v->type].unit);

	rp_out_amount(o, "total", "Total", r->total, unit);
	if (v->filters.nr)
		rp_out_share(o, "total_share", "Of all", share(r->total, r->shown_total));
	/* How many CPUs were busy with this: the number that capacity is planned in. */
	if (!strcmp(rp_profile_str(p, p->types[v->type].type), "cpu") &&
	    !strcmp(unit, "nanoseconds") && p->duration_nanos > 0)
		rp_out_double(o, "cpus_busy", "CPUs busy",
			      (double)r->total / (double)p->duration_nanos, 2);
	rp_out_u64(o, "rows_total", NULL, r->nr);
}

static int print(const struct rp_view *v, const struct rp_report_options *options,
		 unsigned long limit)
{
	struct rp_report *r = rp_report_new(v->p, options);
	struct rp_out *o;

	if (!r && errno == ENOENT)
		return rp_cmd_fail(RP_EXIT_FAILED, "no sample of %s has a label for --by %s",
				   v->file, options->by);
	o = r ? rp_out_new(stdout, rp_options.json) : NULL;
	if (!o) {
		rp_report_free(r);
		return rp_cmd_fail(RP_EXIT_FAILED, "%s", strerror(errno));
	}
	rp_out_object(o, NULL, NULL);
	rp_view_print_header(v, o);
	print_summary(v, r, o);
	rp_out_text(o, "%s", "");
	print_rows(v, r, options->by, limit, o);
	if (limit && r->nr > limit)
		rp_out_text(o, "(%lu of %u rows; -n 0 for all)", limit, r->nr);
	rp_out_end(o);
	rp_report_free(r);
	return rp_view_finish(o);
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		RP_VIEW_OPTIONS,
		{ "number", required_argument, NULL, 'n' },
		{ "sort", required_argument, NULL, 's' },
		{ "by", required_argument, NULL, 'b' },
		{ NULL, 0, NULL, 0 },
	};
	struct rp_report_options ro = { .by = "function" };
	unsigned long limit = ROWS_DEFAULT;
	struct rp_view v = { 0 };
	int c, status = RP_EXIT_OK;

	while ((c = rp_cmd_getopt(argc, argv, "n:s:b:v:f:", options)) != -1) {
		switch (c) {
		case 'n':
			if (rp_cmd_number(optarg, UINT32_MAX, &limit) < 0)
				return rp_cmd_usage("-n needs a number, not '%s'", optarg);
			break;
		case 's':
			ro.by_cumulative = !strcmp(optarg, "cum");
			if (!ro.by_cumulative && strcmp(optarg, "flat"))
				return rp_cmd_usage("--sort is flat or cum, not '%s'", optarg);
			break;
		case 'b':
			ro.by = optarg;
			break;
		default:
			status = rp_view_option(&v, c, optarg);
			if (status)
				return status;
		}
	}
	status = rp_view_open(&v, argc, argv);
	if (!status) {
		ro.type = v.type;
		ro.filters = &v.filters;
		status = print(&v, &ro, limit);
	}
	rp_view_close(&v);
	return status;
}

const struct rp_cmd rp_cmd_report = {
	.name = "report",
	.args = "FILE [-n N] [--sort flat|cum] [--by WHAT] [--value TYPE] [--filter K=V]",
	.summary = "the top functions of a profile, flat and cumulative",
	.help =
		"FILE is a pprof file, gzip'ed or not, ours or another profiler's; '-' is\n"
		"standard input. Flat is what was sampled in a function itself, cumulative\n"
		"what was sampled in it or in anything it called.\n\n"
		"Options:\n"
		"  -n, --number N      how many rows (30; 0 for all)\n"
		"  -s, --sort flat|cum sort by flat or cumulative values (flat)\n"
		"  -b, --by WHAT       function, mapping, line, process, thread, or the name of any\n"
		"                      label: pid, cpu, service.name, ...\n"
		RP_VIEW_HELP
		"\nExamples:\n"
		"  ringprofctl report cpu.pb.gz\n"
		"  ringprofctl report cpu.pb.gz --by process\n"
		"  ringprofctl report cpu.pb.gz --filter comm=postgres --sort cum\n",
	.run = run,
};
