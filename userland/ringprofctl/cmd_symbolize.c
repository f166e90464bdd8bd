// SPDX-License-Identifier: GPL-2.0
/*
 * Names for a profile that was taken where no symbols are.
 */
#include "cmd.h"
#include "debug_index.h"
#include "out.h"
#include "pprof_read.h"
#include "pprof_write.h"
#include "symbolize.h"
#include "symbolize_fetch.h"
#include "view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DIRS_MAX 64

struct symbolize {
	const char *file, *output;
	const char *dirs[DIRS_MAX];
	unsigned int nr_dirs;
	struct rp_debug_index *ix;
	struct rp_debug_servers servers;
	bool down;			/* one of them could not be asked */
};

/* The reason of most of them; of those that are first in the list, if equal. */
static enum rp_symbolize_reason main_reason(const struct rp_symbolize_row *row)
{
	enum rp_symbolize_reason why, best = 0;

	for (why = 1; why < RP_SYMBOLIZE_REASONS_NR; why++)
		if (row->reasons[why] > row->reasons[best])
			best = why;
	return best;
}

static void print_row(struct rp_out *o, const struct rp_symbolize_row *row)
{
	enum rp_symbolize_reason why = main_reason(row);

	rp_out_row(o);
	rp_out_u64(o, "named", "Named", row->named);
	rp_out_u64(o, "left", "Left", row->left);
	rp_out_string(o, "file", "File", row->file);
	rp_out_string(o, "build_id", "Build id", *row->build_id ? row->build_id : "-");
	rp_out_string(o, "from", "Names from", row->from ? row->from : "-");
	rp_out_string(o, "reason", NULL, row->left ? rp_symbolize_reason_name(why) : "");
	rp_out_string(o, NULL, "Why left", row->left ? rp_symbolize_reason_text(why) : "-");
	rp_out_end(o);
}

static int print(const struct symbolize *s, const struct rp_symbolize_result *result)
{
	struct rp_out *o = rp_out_new(stdout, rp_options.json);
	struct rp_debug_index_stats stats;
	size_t i;

	if (!o)
		return rp_cmd_fail(RP_EXIT_FAILED, "%s", strerror(errno));
	rp_debug_index_stats(s->ix, &stats);
	rp_out_object(o, NULL, NULL);
	rp_out_string(o, "output", "Written", s->output);
	rp_out_u64(o, "named", "Addresses named", result->named);
	rp_out_u64(o, "left", "Left without a name", result->left);
	rp_out_u64(o, "no_file", "In no file, not looked at", result->no_file);
	rp_out_u64(o, "files_searched", "Files searched", stats.files);
	rp_out_bool(o, "search_cut_off", stats.cut_off ? "Search cut off" : NULL, stats.cut_off);
	if (!result->nr_rows)
		rp_out_text(o, "Every address in a file has a name already.");
	rp_out_table(o, "files", result->nr_rows ? "Files" : "");
	for (i = 0; i < result->nr_rows; i++)
		print_row(o, &result->rows[i]);
	rp_out_end(o);
	rp_out_end(o);
	return rp_view_finish(o);
}

/* Everything that is to be found; an exit status. */
static int search(struct symbolize *s, const struct rp_profile *p)
{
	struct rp_build_id *ids;
	char why[RP_WHY_SIZE];
	int err, status = RP_EXIT_OK;
	unsigned int i;
	size_t nr;

	err = rp_symbolize_wanted(p, &ids, &nr);
	if (err)
		return rp_cmd_fail(RP_EXIT_FAILED, "%s", strerror(-err));
	s->ix = rp_debug_index_new(ids, nr);
	if (!s->ix)
		status = rp_cmd_fail(RP_EXIT_FAILED, "%s", strerror(ENOMEM));
	for (i = 0; i < s->nr_dirs && !status; i++) {
		err = rp_debug_index_add(s->ix, s->dirs[i], why, sizeof(why));
		if (err)
			status = rp_cmd_fail(err == -EACCES ? RP_EXIT_PERMISSION :
							      RP_EXIT_FAILED, "%s", why);
	}
	if (!status && nr && s->servers.nr)
		status = rp_symbolize_fetch(&s->servers, s->ix, ids, nr, &s->down);
	free(ids);
	return status;
}

static int name(struct symbolize *s, const struct rp_profile *p)
{
	struct rp_symbolize_result result;
	char why[RP_WHY_SIZE];
	int err, status;

	err = rp_symbolize(p, s->ix, &result);
	if (err)
		return rp_cmd_fail(RP_EXIT_FAILED, "%s", strerror(-err));
	err = rp_pprof_write_file(result.p, s->output, false, why, sizeof(why));
	if (err)
		status = rp_cmd_fail(err == -EACCES ? RP_EXIT_PERMISSION : RP_EXIT_FAILED,
				     "%s", why);
	else
		status = print(s, &result);
	rp_profile_free(result.p);
	free(result.rows);
	return status;
}

static int run_with(struct symbolize *s)
{
	char why[RP_WHY_SIZE];
	struct rp_profile *p;
	int status;

	p = rp_pprof_read_file(s->file, why, sizeof(why));
	if (!p)
		return rp_cmd_fail(errno == EACCES ? RP_EXIT_PERMISSION : RP_EXIT_FAILED,
				   "%s", why);
	status = search(s, p);
	if (!status)
		status = name(s, p);
	if (!status && s->down)
		status = rp_cmd_fail(RP_EXIT_FAILED, "a server could not be asked: some names may come another time");
	rp_debug_index_free(s->ix);
	rp_profile_free(p);
	return status;
}

static int take_option(struct symbolize *s, int c)
{
	int status;

	if (rp_debug_servers_take(&s->servers, c, optarg, &status))
		return status;
	if (c == 'o')
		s->output = optarg;
	else if (s->nr_dirs == DIRS_MAX)
		return rp_cmd_usage("there are more than %d folders", DIRS_MAX);
	else
		s->dirs[s->nr_dirs++] = optarg;
	return RP_EXIT_OK;
}

/* The rest of the command line, and whether it makes sense. */
static int check(struct symbolize *s, int argc, char **argv)
{
	if (optind == argc)
		return rp_cmd_usage("a FILE is missing ('-' is standard input)");
	if (optind + 1 < argc)
		return rp_cmd_usage("one FILE at a time, not also '%s'", argv[optind + 1]);
	if (!s->nr_dirs && !s->servers.nr)
		return rp_cmd_usage("--debug-dir DIR or --debuginfod URL is missing: where are the symbols?");
	s->file = argv[optind];
	if (!s->output && !strcmp(s->file, "-"))
		return rp_cmd_usage("-o FILE is missing: standard input cannot be replaced");
	if (!s->output)
		s->output = s->file;
	return RP_EXIT_OK;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "debug-dir", required_argument, NULL, 'd' },
		{ "output", required_argument, NULL, 'o' },
		RP_DEBUG_SERVERS_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	struct symbolize s = { 0 };
	int c, status = RP_EXIT_OK;

	while (!status && (c = rp_cmd_getopt(argc, argv, "d:o:", options)) != -1)
		status = take_option(&s, c);
	if (!status)
		status = check(&s, argc, argv);
	if (!status)
		status = run_with(&s);
	rp_debug_servers_free(&s.servers);
	return status;
}

const struct rp_cmd rp_cmd_symbolize = {
	.name = "symbolize",
	.args = "FILE --debug-dir DIR | --debuginfod URL [-o OUT]",
	.summary = "names for addresses that had none where they were sampled",
	.help =
		"Reads a pprof file and names what is 'file+0xoffset' in it, or has no name at\n"
		"all, from the executables, libraries and debug files below DIR that have the\n"
		"build id which the profile says: in DIR/.build-id/xx/yyyy.debug, or anywhere\n"
		"under any name. A file with another build id is never used. What is named\n"
		"already, the kernel, and code that lies in no file stay as they are.\n"
		"Prints what was named, and of the rest why not.\n\n"
		"With --debuginfod, servers are asked for the debug files of what has no symbols\n"
		"there: by build id, one after the other, and each is waited for. If one is down,\n"
		"what was found without it is written, and the exit status is 1.\n\n"
		"Options:\n"
		"  -d, --debug-dir DIR  where to look; may be given several times. Links out of\n"
		"                       it are not followed, other file systems not entered\n"
		"  -o, --output OUT     where to write; FILE itself if not told\n"
		"      --debuginfod URL  a server of debug files, http or https; may be given\n"
		"                       several times. env: those in DEBUGINFOD_URLS\n"
		"      --debuginfod-cache DIR  where to keep what comes, 2 GiB at most;\n"
		"                       " RP_DEBUG_CACHE_FOLDER " for root,\n"
		"                       else ~/.cache/ringprof/debuginfod\n"
		"      --debuginfod-timeout TIME  for one file: 5m if not told\n"
		"\nExample:\n"
		"  ringprofctl symbolize cpu.pb.gz --debug-dir /usr/lib/debug -o named.pb.gz\n"
		"  ringprofctl symbolize cpu.pb.gz --debuginfod https://debuginfod.debian.net\n",
	.run = run,
};
