// SPDX-License-Identifier: GPL-2.0
/*
 * What the unwind table of a file would be: the daemon and record make the same, and where
 * a stack stops in a file, this says whether its descriptions are to blame.
 */
#include "cmd.h"
#include "build_id.h"
#include "demangle.h"
#include "elf_symbols.h"
#include "out.h"
#include "unwind_compile.h"
#include "view.h"
#include "why.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_SIZE 512
#define RANGES_MAX 100000	/* of -v; a file that has more is a hostile one */

struct tables {
	bool verbose;
	struct rp_out *o;
};

static double share(uint64_t part, uint64_t total)
{
	return total ? (double)part / (double)total : 0;
}

static const char *source(const struct rp_unwind_stats *s)
{
	if (s->fdes[0] && s->fdes[1])
		return ".eh_frame, .debug_frame";
	if (s->fdes[0])
		return ".eh_frame";
	return s->fdes[1] ? ".debug_frame" : "none";
}

static void print_summary(struct rp_out *o, const char *file, const struct rp_unwind_built *b)
{
	const struct rp_unwind_stats *s = &b->stats;
	uint64_t text = s->text;

	/* Code that is in no section of code, but described. */
	if (text < s->covered + s->unsaid)
		text = s->covered + s->unsaid;
	rp_out_string(o, "file", "File", file);
	rp_out_string(o, "machine", "Machine",
		      b->table->machine == RP_UNWIND_ARM64 ? "arm64" : "x86-64");
	rp_out_string(o, "source", "Source", source(s));
	rp_out_u64(o, "functions", "Functions described", s->fdes[0] + s->fdes[1]);
	rp_out_u64(o, "signal_returns", "Signal returns found", s->signals);
	rp_out_u64(o, "entry_points", "Entry points found", s->roots);
	rp_out_amount(o, "stubs", "Linker's stubs found", (int64_t)s->stubs, "bytes");
	rp_out_u64(o, "rows", "Rows", s->rows);
	rp_out_u64(o, "rules", "Rules", s->rules);
	rp_out_amount(o, "table", "Table", (int64_t)b->size, "bytes");
	rp_out_amount(o, "text", "Code", (int64_t)text, "bytes");
	rp_out_amount(o, "covered", "Said", (int64_t)s->covered, "bytes");
	rp_out_share(o, "covered_share", "Said%", share(s->covered, text));
	rp_out_amount(o, "unsaid", "Beyond the table", (int64_t)s->unsaid, "bytes");
	rp_out_amount(o, "undescribed", "Not described", (int64_t)(text - s->covered - s->unsaid),
		      "bytes");
}

static void print_reasons(struct rp_out *o, const struct rp_unwind_stats *s)
{
	static const char *const what[] = {
		[RP_UNWIND_CLASS_NONE] = "", [RP_UNWIND_CLASS_UNSAID] = "unsaid",
		[RP_UNWIND_CLASS_LESS] = "less", [RP_UNWIND_CLASS_SKIPPED] = "skipped" };
	int i, any = 0;

	for (i = RP_UNWIND_SAID + 1; i < RP_UNWIND_REASONS_NR && !any; i++)
		any = s->reasons[i].count != 0;
	rp_out_text(o, "%s", "");
	rp_out_text(o, "%s", any ? "What is not said, and why" : "Nothing is left unsaid.");
	rp_out_table(o, "reasons", "");
	for (i = RP_UNWIND_SAID + 1; i < RP_UNWIND_REASONS_NR; i++) {
		if (!s->reasons[i].count)
			continue;
		rp_out_row(o);
		rp_out_string(o, "reason", "Reason", rp_unwind_reason_name(i));
		rp_out_string(o, "class", "Class", what[rp_unwind_reason_class(i)]);
		rp_out_u64(o, "count", "Count", s->reasons[i].count);
		rp_out_amount(o, "bytes", "Code", (int64_t)s->reasons[i].bytes, "bytes");
		rp_out_string(o, "text", "Meaning", rp_unwind_reason_text(i));
		rp_out_end(o);
	}
	rp_out_end(o);
}

static const char *function(const struct rp_elf_symbols *es, uint64_t address,
			    char buf[static NAME_SIZE])
{
	struct rp_elf_symbol symbol;

	if (!es || !address || rp_elf_symbols_lookup(es, address, &symbol))
		return "-";
	snprintf(buf, NAME_SIZE, "%.480s+0x%llx", symbol.name,
		 (unsigned long long)symbol.offset);
	return buf;
}

static void print_ranges(struct rp_out *o, const struct rp_unwind_built *b,
			 const struct rp_elf_symbols *es)
{
	char name[NAME_SIZE], offset[32], address[32];
	const struct rp_unwind_listed *l;
	size_t i;

	rp_out_table(o, "ranges", b->nr_listed ? "Where" : "");
	for (i = 0; i < b->nr_listed; i++) {
		l = &b->listed[i];
		snprintf(offset, sizeof(offset), "0x%llx", (unsigned long long)l->offset);
		snprintf(address, sizeof(address), "0x%llx", (unsigned long long)l->address);
		rp_out_row(o);
		rp_out_string(o, "reason", "Reason", rp_unwind_reason_name(l->reason));
		rp_out_string(o, "offset", "Offset", offset);
		rp_out_string(o, "address", "Address", address);
		rp_out_u64(o, "bytes", "Bytes", l->size);
		rp_out_string(o, "function", "Function", function(es, l->address, name));
		rp_out_end(o);
	}
	rp_out_end(o);
}

static void print(const struct tables *t, const char *file, const struct rp_unwind_built *b,
		  const struct rp_elf_symbols *es)
{
	rp_out_object(t->o, NULL, NULL);
	print_summary(t->o, file, b);
	print_reasons(t->o, &b->stats);
	if (t->verbose)
		print_ranges(t->o, b, es);
	if (t->verbose && b->nr_listed == RANGES_MAX)
		rp_out_text(t->o, "(the first %d)", RANGES_MAX);
	rp_out_end(t->o);
}

/* An exit status. A file that fails does not keep the others from being shown. */
static int show(const struct tables *t, const char *file)
{
	struct rp_elf_symbols *es = NULL;
	struct rp_unwind_built b;
	char why[RP_WHY_SIZE] = "";
	int fd, r;

	r = fd = rp_elf_open(file, NULL, why, sizeof(why));
	if (fd >= 0) {
		r = rp_unwind_compile_fd(fd, file, t->verbose ? RANGES_MAX : 0, &b, why,
					 sizeof(why));
		/* Names are a favour: without any, the addresses stand. */
		if (!r && t->verbose)
			rp_elf_symbols_from_fd(fd, file, NULL, &es, NULL, 0);
		close(fd);
	}
	if (r < 0)
		return rp_cmd_fail(r == -EACCES || r == -EPERM ? RP_EXIT_PERMISSION :
								 RP_EXIT_FAILED, "%s", why);
	print(t, file, &b, es);
	rp_elf_symbols_free(es);
	rp_unwind_built_free(&b);
	return RP_EXIT_OK;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "verbose", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	struct tables t = { 0 };
	int c, i, one, status = RP_EXIT_OK;

	while ((c = rp_cmd_getopt(argc, argv, "v", options)) != -1)
		t.verbose = true;
	if (optind == argc)
		return rp_cmd_usage("which file?");
	t.o = rp_out_new(stdout, rp_options.json);
	if (!t.o)
		return rp_cmd_fail(RP_EXIT_FAILED, "%s", strerror(errno));
	for (i = optind; i < argc; i++) {
		if (i > optind)
			rp_out_text(t.o, "%s", "");
		one = show(&t, argv[i]);
		if (one != RP_EXIT_OK)
			status = one;
	}
	one = rp_view_finish(t.o);
	return status != RP_EXIT_OK ? status : one;
}

const struct rp_cmd rp_cmd_tables = {
	.name = "tables",
	.args = "FILE... [-v]",
	.summary = "what the unwind tables of programs and libraries can say",
	.help =
		"Makes the unwind table of each FILE, an executable or shared library for\n"
		"x86-64 or arm64, as the daemon and record do for what they sample, and says\n"
		"how large it is, how much of the code it covers, and for which reasons it says\n"
		"less than the file's own descriptions. One document a file with -j.\n\n"
		"Options:\n"
		"  -v, --verbose  also where: each range of code, with its function\n"
		"\nClasses of reasons:\n"
		"  unsaid   stacks cannot be followed through this code\n"
		"  less     they can, but for callers that need the frame pointer\n"
		"  skipped  a description that was not used, or not wholly\n"
		"\nExample:\n"
		"  ringprofctl tables -v /lib/x86_64-linux-gnu/libc.so.6\n",
	.run = run,
};
