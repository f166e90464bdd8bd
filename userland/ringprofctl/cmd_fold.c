// SPDX-License-Identifier: GPL-2.0
/*
 * Folded stacks: for grep, awk, diff, and for everybody else's flame graphs.
 */
#include "cmd.h"
#include "folded.h"
#include "view.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The same names as in the text: split again where it was joined. */
static int print_json_stack(const struct rp_flame_tree *t, uint32_t node, unsigned int type,
			    struct rp_out *o)
{
	char *stack = rp_folded_stack(t, node), *at, *name;

	if (!stack)
		return -ENOMEM;
	rp_out_row(o);
	rp_out_array(o, "stack", NULL);
	for (at = stack; (name = strsep(&at, ";"));)
		rp_out_string(o, NULL, NULL, name);
	rp_out_end(o);
	rp_out_i64(o, "value", NULL, rp_flame_self(t, node, type));
	rp_out_end(o);
	free(stack);
	return 0;
}

static int print_json(const struct rp_view *v, const struct rp_flame_tree *t)
{
	struct rp_out *o = rp_out_new(stdout, true);
	uint32_t i, node;
	int err = o ? 0 : -ENOMEM;

	if (err)
		return rp_cmd_fail(RP_EXIT_FAILED, "%s", strerror(-err));
	rp_out_object(o, NULL, NULL);
	rp_view_print_header(v, o);
	rp_out_table(o, "stacks", NULL);
	for (i = 1; i < t->nr && !err; i++) {
		node = t->order[i];
		if (rp_flame_self(t, node, v->type))
			err = print_json_stack(t, node, v->type, o);
	}
	rp_out_end(o);
	rp_out_end(o);
	if (err) {
		rp_out_free(o);
		return rp_cmd_fail(RP_EXIT_FAILED, "%s", strerror(-err));
	}
	return rp_view_finish(o);
}

static int print(const struct rp_view *v, const struct rp_flame_options *options)
{
	struct rp_flame_tree *t = rp_flame_tree_new(v->p, options);
	int err, status = RP_EXIT_OK;

	if (!t && errno == EFBIG)
		return rp_cmd_fail(RP_EXIT_FAILED, "%s has more than %u different frames in its "
				   "stacks; --filter can choose a part", v->file,
				   RP_FLAME_NODES_MAX);
	if (!t)
		return rp_cmd_fail(RP_EXIT_FAILED, "%s", strerror(errno));
	if (rp_options.json) {
		status = print_json(v, t);
	} else {
		err = rp_folded_write(t, v->type, stdout);
		if (!err && fflush(stdout))
			err = -errno;
		if (err)
			status = rp_cmd_fail(RP_EXIT_FAILED, "cannot write the output: %s",
					     strerror(-err));
	}
	rp_flame_tree_free(t);
	return status;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		RP_VIEW_OPTIONS,
		{ "process", no_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	struct rp_flame_options fo = { .by_process = false };
	struct rp_view v = { .default_value = "samples" };
	int c, status;

	while ((c = rp_cmd_getopt(argc, argv, "pv:f:", options)) != -1) {
		if (c == 'p') {
			fo.by_process = true;
			continue;
		}
		status = rp_view_option(&v, c, optarg);
		if (status)
			return status;
	}
	status = rp_view_open(&v, argc, argv);
	if (!status) {
		fo.type = v.type;
		fo.filters = &v.filters;
		status = print(&v, &fo);
	}
	rp_view_close(&v);
	return status;
}

const struct rp_cmd rp_cmd_fold = {
	.name = "fold",
	.args = "FILE [--process] [--value TYPE] [--filter K=V]",
	.summary = "folded stacks, one per line, for grep and other tools",
	.help =
		"Prints 'root;caller;leaf VALUE' for every stack of a pprof file; kernel frames\n"
		"end with _[k], those of code made at run time with _[j]. VALUE counts samples unless --value says otherwise.\n\n"
		"Options:\n"
		"  -p, --process       the process's name as the root of every stack\n"
		RP_VIEW_HELP
		"\nExamples:\n"
		"  ringprofctl fold cpu.pb.gz | grep vfs_read\n"
		"  ringprofctl fold cpu.pb.gz --process --value cpu > cpu.folded\n",
	.run = run,
};
