// SPDX-License-Identifier: GPL-2.0
/*
 * The library looks; here the module is asked, and what was found is printed. That the
 * module cannot be asked is a finding like others, so it does not end the command.
 */
#include "ctl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"

struct answer {
	struct rp_attrs info;
	char why[RP_CTL_WHY_SIZE];
};

/* 0, or -errno with the sentence in a->why. */
static int ask(struct answer *a)
{
	struct rp_control *c;
	int err = rp_control_open(&c, a->why, sizeof(a->why));

	if (err)
		return err;
	err = rp_control_info(c, &a->info);
	if (err)
		snprintf(a->why, sizeof(a->why), "%s", rp_control_error(c));
	rp_control_close(c);
	return err;
}

static void print_finding(struct rp_out *o, const struct rp_doctor_finding *f)
{
	const char *state = rp_doctor_state_name(f->state);
	char column[64];

	rp_out_line(o, NULL);
	rp_out_string(o, "name", NULL, f->name);
	rp_out_string(o, "state", NULL, state);
	snprintf(column, sizeof(column), "%-7s  %-13s ", state, f->name);
	rp_out_string(o, NULL, "", column);
	rp_out_string(o, "what", "", f->what);
	rp_out_string(o, "advice", NULL, f->advice);
	rp_out_end(o);
	if (*f->advice)
		rp_out_text(o, "%-24s-> %s", "", f->advice);
}

static void print_sum(struct rp_out *o, const struct rp_doctor_report *r)
{
	unsigned int problems = rp_doctor_count(r, RP_DOCTOR_PROBLEM);
	unsigned int warnings = rp_doctor_count(r, RP_DOCTOR_WARNING);
	unsigned int unknown = rp_doctor_count(r, RP_DOCTOR_UNKNOWN);

	rp_out_u64(o, "problems", NULL, problems);
	rp_out_u64(o, "warnings", NULL, warnings);
	rp_out_u64(o, "unknown", NULL, unknown);
	rp_out_bool(o, "works", NULL, !problems);
	rp_out_text(o, "%s", "");
	rp_out_text(o, "%s: problems %u, warnings %u, unknown %u",
		    problems ? "Something keeps ringprof from working here" :
			       "Nothing keeps ringprof from working here",
		    problems, warnings, unknown);
}

static void print(struct rp_out *o, const struct rp_doctor_report *r)
{
	size_t i;

	rp_out_object(o, NULL, NULL);
	rp_out_string(o, "kernel", "Kernel", r->release);
	rp_out_text(o, "%s", "");
	rp_out_table(o, "findings", "");
	for (i = 0; i < r->nr; i++)
		print_finding(o, &r->findings[i]);
	rp_out_end(o);
	print_sum(o, r);
	rp_out_end(o);
}

static int run(int argc, char **argv)
{
	struct rp_doctor_host host = { .root = "" };
	struct rp_doctor_report *r;
	struct answer answer = { 0 };
	struct rp_out *o;
	int status, err;

	while (rp_cmd_getopt(argc, argv, "", NULL) != -1)
		;
	status = rp_ctl_no_arguments(argc, argv);
	if (status)
		return status;
	err = ask(&answer);
	if (!err)
		host.info = &answer.info;
	else if (err != -ENODEV)
		host.info_why = answer.why;
	r = malloc(sizeof(*r));
	o = r ? rp_out_new(stdout, rp_options.json) : NULL;
	if (!o) {
		free(r);
		return rp_cmd_fail(RP_EXIT_FAILED, "%s", strerror(ENOMEM));
	}
	rp_doctor_examine(&host, r);
	print(o, r);
	if (rp_doctor_count(r, RP_DOCTOR_PROBLEM))
		status = RP_EXIT_FAILED;
	free(r);
	return rp_ctl_finish(o, status);
}

const struct rp_cmd rp_cmd_doctor = {
	.name = "doctor",
	.args = "",
	.summary = "whether ringprof can work on this host, and what to do about it",
	.help = "Looks at this host item by item: the module, what it takes to build, sign and\n"
		"load it, the caller's privileges, container, ticks, stacks, names. Each item is\n"
		"ok, a warning (it works, with less or after a step), a problem (it does not work,\n"
		"at least not for this caller) or unknown. Changes nothing. Root sees more.\n\n"
		"Exit status: 0 nothing keeps ringprof from working here, 1 a problem does.\n",
	.run = run,
};
