// SPDX-License-Identifier: GPL-2.0
/*
 * A flame graph as one file that can be mailed, attached to a ticket and opened
 * without a network.
 */
#include "cmd.h"
#include "flame_html.h"
#include "newfile.h"
#include "report.h"
#include "view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FACTS_MAX (RP_PROFILE_LABELS_MAX + 4)

struct options {
	const char *output, *title;
	bool icicle, no_process;
};

/* What stands under the title; texts of numbers need a place to be. */
struct facts {
	struct rp_flame_fact list[FACTS_MAX];
	size_t nr;
	char recorded[64], duration[RP_OUT_HUMAN_SIZE];
	char numbers[RP_PROFILE_LABELS_MAX][RP_LABEL_TEXT_SIZE];
	char cut[128];
};

static void add_fact(struct facts *f, const char *key, const char *value)
{
	f->list[f->nr++] = (struct rp_flame_fact){ key, value };
}

static void collect_facts(const struct rp_view *v, const struct rp_flame_tree *t,
			  struct facts *f)
{
	struct rp_profile_label labels[RP_PROFILE_LABELS_MAX];
	time_t seconds = (time_t)(v->p->time_nanos / 1000000000);
	uint32_t i, nr;
	struct tm tm;

	nr = rp_report_common_labels(v->p, labels, RP_PROFILE_LABELS_MAX);
	for (i = 0; i < nr; i++)
		add_fact(f, rp_profile_str(v->p, labels[i].key),
			 rp_label_text(v->p, &labels[i], f->numbers[i]));
	if (v->p->time_nanos && gmtime_r(&seconds, &tm) &&
	    strftime(f->recorded, sizeof(f->recorded), "%F %T UTC", &tm))
		add_fact(f, "Recorded", f->recorded);
	if (v->p->duration_nanos)
		add_fact(f, "Duration", rp_out_human(f->duration, v->p->duration_nanos,
						     "nanoseconds"));
	if (t->cut) {
		snprintf(f->cut, sizeof(f->cut), "%llu stacks at depth %d",
			 (unsigned long long)t->cut, RP_FLAME_HTML_DEPTH_MAX);
		add_fact(f, "Cut off", f->cut);
	}
}

/*
 * A flat list, parents by number: a tree of objects would be too deep for many
 * JSON readers.
 */
static int print_json(const struct rp_view *v, const struct rp_flame_tree *t)
{
	struct rp_out *o = rp_out_new(stdout, true);
	struct rp_frame frame;
	uint32_t i, node, *place;

	place = calloc(t->nr, sizeof(*place));
	if (!o || !place) {
		rp_out_free(o);
		free(place);
		return rp_cmd_fail(RP_EXIT_FAILED, "%s", strerror(ENOMEM));
	}
	for (i = 0; i < t->nr; i++)
		place[t->order[i]] = i;
	rp_out_object(o, NULL, NULL);
	rp_view_print_header(v, o);
	rp_out_table(o, "nodes", NULL);
	for (i = 0; i < t->nr; i++) {
		node = t->order[i];
		rp_out_row(o);
		rp_out_u64(o, "id", NULL, i);
		if (node) {
			frame = rp_frames_get(t->frames, t->nodes[node].frame);
			rp_out_u64(o, "parent", NULL, place[t->nodes[node].parent]);
			rp_out_string(o, "name", NULL, frame.name);
			rp_out_string(o, "kind", NULL, rp_frame_kind_name(frame.kind));
			rp_out_string(o, "mapping", NULL, frame.mapping);
		}
		rp_out_i64(o, "self", NULL, rp_flame_self(t, node, v->type));
		rp_out_i64(o, "total", NULL, rp_flame_total(t, node, v->type));
		rp_out_end(o);
	}
	rp_out_end(o);
	rp_out_end(o);
	free(place);
	return rp_view_finish(o);
}

static int write_page(const struct rp_view *v, const struct rp_flame_tree *t,
		      const struct options *options, FILE *f)
{
	struct rp_flame_page page = { .icicle = options->icicle, .type = v->type };
	struct facts facts = { .nr = 0 };
	const char *slash = strrchr(v->file, '/');

	collect_facts(v, t, &facts);
	page.facts = facts.list;
	page.nr_facts = facts.nr;
	page.title = slash ? slash + 1 : v->file;
	if (!strcmp(v->file, "-"))
		page.title = "Flame graph";
	if (options->title)
		page.title = options->title;
	return rp_flame_html_write(t, &page, f);
}

static int write_file(const struct rp_view *v, const struct rp_flame_tree *t,
		      const struct options *options)
{
	struct rp_newfile new;
	FILE *f;
	int err;

	if (!strcmp(options->output, "-")) {
		err = write_page(v, t, options, stdout);
	} else {
		err = rp_newfile_open(&new, options->output);
		if (err)
			return rp_cmd_fail(err == -EACCES ? RP_EXIT_PERMISSION : RP_EXIT_FAILED,
					   "cannot create %s: %s", options->output,
					   strerror(-err));
		/* A descriptor of its own, so that closing the stream leaves new's. */
		f = fdopen(dup(new.fd), "w");
		err = f ? write_page(v, t, options, f) : -errno;
		if (f && fclose(f) && !err)
			err = -errno;
		if (err)
			rp_newfile_abort(&new);
		else
			err = rp_newfile_commit(&new, false);
	}
	if (err)
		return rp_cmd_fail(RP_EXIT_FAILED, "cannot write %s: %s", options->output,
				   strerror(-err));
	return RP_EXIT_OK;
}

static int print(const struct rp_view *v, const struct options *options)
{
	struct rp_flame_options fo = {
		.by_process = !options->no_process, .type = v->type,
		.filters = &v->filters, .depth_max = RP_FLAME_HTML_DEPTH_MAX,
	};
	struct rp_flame_tree *t;
	int status;

	/* A first level that says "no name" for all says nothing. */
	if (!rp_profile_find_string(v->p, "comm"))
		fo.by_process = false;
	t = rp_flame_tree_new(v->p, &fo);
	if (!t && errno == EFBIG)
		return rp_cmd_fail(RP_EXIT_FAILED, "%s has more than %u different frames in its "
				   "stacks; --filter can choose a part", v->file,
				   RP_FLAME_NODES_MAX);
	if (!t)
		return rp_cmd_fail(RP_EXIT_FAILED, "%s", strerror(errno));
	status = rp_options.json ? print_json(v, t) : write_file(v, t, options);
	rp_flame_tree_free(t);
	return status;
}

static int run(int argc, char **argv)
{
	static const struct option long_options[] = {
		RP_VIEW_OPTIONS,
		{ "output", required_argument, NULL, 'o' },
		{ "title", required_argument, NULL, 't' },
		{ "icicle", no_argument, NULL, 'i' },
		{ "no-process", no_argument, NULL, 'P' },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = { .output = NULL };
	struct rp_view v = { 0 };
	int c, status;

	while ((c = rp_cmd_getopt(argc, argv, "o:t:iPv:f:", long_options)) != -1) {
		switch (c) {
		case 'o':
			options.output = optarg;
			break;
		case 't':
			options.title = optarg;
			break;
		case 'i':
			options.icicle = true;
			break;
		case 'P':
			options.no_process = true;
			break;
		default:
			status = rp_view_option(&v, c, optarg);
			if (status)
				return status;
		}
	}
	if (!options.output && !rp_options.json)
		return rp_cmd_usage("-o FILE is missing ('-' is standard output)");
	if (options.output && rp_options.json)
		return rp_cmd_usage("-j goes to standard output, without -o");
	status = rp_view_open(&v, argc, argv);
	if (!status)
		status = print(&v, &options);
	rp_view_close(&v);
	return status;
}

const struct rp_cmd rp_cmd_flame = {
	.name = "flame",
	.args = "FILE -o OUTPUT [--icicle] [--no-process] [--title TEXT]",
	.summary = "a flame graph as one self-contained HTML file",
	.help =
		"The page needs no network: open it in any browser. With -j the tree is printed\n"
		"as JSON instead.\n\n"
		"Options:\n"
		"  -o, --output FILE   where to write the page; '-' is standard output\n"
		"  -i, --icicle        the root at the top to begin with\n"
		"  -P, --no-process    no first level with the processes' names\n"
		"  -t, --title TEXT    the page's title (the file's name)\n"
		RP_VIEW_HELP
		"\nExamples:\n"
		"  ringprofctl flame cpu.pb.gz -o flame.html\n"
		"  ringprofctl flame cpu.pb.gz -o shop.html --filter service.name=shop\n",
	.run = run,
};
