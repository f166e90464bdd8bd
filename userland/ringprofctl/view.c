// SPDX-License-Identifier: GPL-2.0
/*
 * The viewers' common part. They need no module and no privileges: a profile is
 * looked at where it is convenient, not where it was taken.
 */
#include "view.h"

#include "cmd.h"
#include "pprof_read.h"
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int rp_view_option(struct rp_view *v, int option, const char *argument)
{
	int err;

	if (option == 'v') {
		v->value = argument;
		return RP_EXIT_OK;
	}
	err = rp_filters_add(&v->filters, argument);
	if (err == -E2BIG)
		return rp_cmd_usage("there are more than %d filters", RP_FILTERS_MAX);
	if (err)
		return rp_cmd_usage("a filter is KEY=VALUE, not '%s'", argument);
	return RP_EXIT_OK;
}

static int no_such_type(const struct rp_view *v)
{
	unsigned int i;

	fprintf(stderr, "ringprofctl: %s has no sample type '%s', it has:", v->file, v->value);
	for (i = 0; i < v->p->nr_types; i++)
		fprintf(stderr, " %s", rp_profile_str(v->p, v->p->types[i].type));
	putc('\n', stderr);
	return RP_EXIT_FAILED;
}

int rp_view_open(struct rp_view *v, int argc, char **argv)
{
	char why[RP_WHY_SIZE];
	int type;

	if (optind == argc)
		return rp_cmd_usage("a FILE is missing ('-' is standard input)");
	if (optind + 1 < argc)
		return rp_cmd_usage("one FILE at a time, not also '%s'", argv[optind + 1]);
	v->file = argv[optind];
	v->p = rp_pprof_read_file(v->file, why, sizeof(why));
	if (!v->p)
		return rp_cmd_fail(errno == EACCES ? RP_EXIT_PERMISSION : RP_EXIT_FAILED,
				   "%s", why);
	type = v->value || !v->default_value ? -ENOENT :
		rp_profile_find_type(v->p, v->default_value);
	if (type < 0)
		type = rp_profile_find_type(v->p, v->value);
	if (type < 0)
		return no_such_type(v);
	v->type = (unsigned int)type;
	return RP_EXIT_OK;
}

void rp_view_close(struct rp_view *v)
{
	rp_profile_free(v->p);
	v->p = NULL;
}

static void print_resource(const struct rp_profile *p, struct rp_out *o)
{
	struct rp_profile_label labels[RP_PROFILE_LABELS_MAX];
	char buf[RP_LABEL_TEXT_SIZE];
	const char *key, *value;
	uint32_t i, nr;

	nr = rp_report_common_labels(p, labels, RP_PROFILE_LABELS_MAX);
	if (!nr)
		return;
	rp_out_object(o, "resource", NULL);
	for (i = 0; i < nr; i++)
		rp_out_string(o, rp_profile_str(p, labels[i].key), NULL,
			      rp_label_text(p, &labels[i], buf));
	rp_out_end(o);
	for (i = 0; i < nr && !rp_out_is_json(o); i++) {
		key = rp_profile_str(p, labels[i].key);
		value = rp_label_text(p, &labels[i], buf);
		rp_out_string(o, NULL, key, value);
	}
}

static void print_time(const struct rp_profile *p, struct rp_out *o)
{
	time_t seconds = (time_t)(p->time_nanos / 1000000000);
	char text[64] = "";
	struct tm tm;

	if (!p->time_nanos)
		return;
	rp_out_i64(o, "time_nanos", NULL, p->time_nanos);
	if (gmtime_r(&seconds, &tm) && strftime(text, sizeof(text), "%F %T UTC", &tm))
		rp_out_string(o, NULL, "Recorded", text);
}

void rp_view_print_header(const struct rp_view *v, struct rp_out *o)
{
	const struct rp_profile *p = v->p;
	unsigned int i;

	print_resource(p, o);
	print_time(p, o);
	if (p->duration_nanos)
		rp_out_amount(o, "duration_nanos", "Duration", p->duration_nanos,
			      "nanoseconds");
	if (p->period) {
		rp_out_amount(o, "period", "Period", p->period,
			      rp_profile_str(p, p->period_type.unit));
		rp_out_string(o, "period_type", NULL, rp_profile_str(p, p->period_type.type));
		rp_out_string(o, "period_unit", NULL, rp_profile_str(p, p->period_type.unit));
	}
	if (p->nr_comments) {
		rp_out_array(o, "comments", "Comments");
		for (i = 0; i < p->nr_comments; i++)
			rp_out_string(o, NULL, NULL, rp_profile_str(p, p->comments[i]));
		rp_out_end(o);
	}
	rp_out_string(o, "value", "Value", rp_profile_str(p, p->types[v->type].type));
	rp_out_string(o, "unit", NULL, rp_profile_str(p, p->types[v->type].unit));
}

int rp_view_finish(struct rp_out *o)
{
	int err = rp_out_free(o);

	if (!err)
		return RP_EXIT_OK;
	return rp_cmd_fail(RP_EXIT_FAILED, "cannot write the output: %s", strerror(-err));
}
