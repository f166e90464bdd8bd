// SPDX-License-Identifier: GPL-2.0
/*
 * ringprofctl: one program, one table of commands. Everything that is the same for
 * all of them (help, options, exit codes, spelling) is here, so that a command is
 * only what it does.
 */
#include "cmd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jail.h"

#define LONG_OPTIONS_MAX	32
#define SHORT_OPTIONS_SIZE	64
#define WORD_MAX		32

struct rp_options rp_options;

static const struct rp_cmd *const commands[] = {
	&rp_cmd_doctor,
	&rp_cmd_info,
	&rp_cmd_status,
	&rp_cmd_set,
	&rp_cmd_start,
	&rp_cmd_stop,
	&rp_cmd_events,
	&rp_cmd_record,
	&rp_cmd_overhead,
	&rp_cmd_report,
	&rp_cmd_flame,
	&rp_cmd_fold,
	&rp_cmd_symbolize,
	&rp_cmd_tables,
};
#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct rp_cmd *current;

static void print_help(FILE *f)
{
	size_t i;

	fputs("ringprofctl: controls ringprof and looks at profiles\n\n"
	      "Usage: ringprofctl [-j] COMMAND [ARGUMENTS]\n"
	      "       ringprofctl help COMMAND\n\n"
	      "Commands:\n", f);
	for (i = 0; i < NR_COMMANDS; i++)
		fprintf(f, "  %-9s  %s\n", commands[i]->name, commands[i]->summary);
	fputs("\nOptions:\n"
	      "  -j, --json     JSON of the same content, one document a line\n"
	      "  -h, --help     this, or a command's help behind the command\n"
	      "      --version  the version\n"
	      "\nExit status:\n"
	      "  0  done\n"
	      "  1  failed: standard error says why\n"
	      "  2  wrong usage\n"
	      "  3  the kernel module is not loaded, or cannot be reached\n"
	      "  4  not permitted: more privileges are needed\n", f);
}

static void print_command_help(const struct rp_cmd *c)
{
	printf("ringprofctl %s: %s\n\nUsage: ringprofctl [-j] %s%s%s\n", c->name, c->summary,
	       c->name, *c->args ? " " : "", c->args);
	if (c->help)
		printf("\n%s", c->help);
}

static int smaller(int a, int b)
{
	return a < b ? a : b;
}

/* How many letters differ (Levenshtein); words longer than WORD_MAX differ much. */
static int distance(const char *a, const char *b)
{
	int row[WORD_MAX + 1], la = (int)strlen(a), lb = (int)strlen(b), i, j, corner, old;

	if (la > WORD_MAX || lb > WORD_MAX)
		return WORD_MAX;
	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		corner = row[0];
		row[0] = i;
		for (j = 1; j <= lb; j++) {
			old = row[j];
			row[j] = smaller(smaller(row[j], row[j - 1]) + 1,
					 corner + (a[i - 1] != b[j - 1]));
			corner = old;
		}
	}
	return row[lb];
}

static const struct rp_cmd *find_command(const char *name)
{
	const struct rp_cmd *best = NULL;
	int d, best_distance = 3;
	size_t i;

	for (i = 0; i < NR_COMMANDS; i++) {
		d = distance(name, commands[i]->name);
		if (!d)
			return commands[i];
		/* What was begun right, or has a letter or two wrong. */
		if (!strncmp(name, commands[i]->name, strlen(name)))
			d = 1;
		if (d < best_distance) {
			best_distance = d;
			best = commands[i];
		}
	}
	fprintf(stderr, "ringprofctl: there is no command '%s'", name);
	if (best)
		fprintf(stderr, "; did you mean '%s'?", best->name);
	fputs("\nTry 'ringprofctl --help'.\n", stderr);
	return NULL;
}

static void hint(void)
{
	fprintf(stderr, "Try 'ringprofctl %s --help'.\n", current->name);
}

static void say(const char *format, va_list args)
{
	fprintf(stderr, "ringprofctl %s: ", current->name);
	vfprintf(stderr, format, args);
	putc('\n', stderr);
}

int rp_cmd_fail(enum rp_cmd_exit status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	return status;
}

int rp_cmd_usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	hint();
	return RP_EXIT_USAGE;
}

int rp_cmd_number(const char *text, unsigned long max, unsigned long *ret_value)
{
	unsigned long value;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (*end)
		return -EINVAL;
	if (errno || value > max)
		return -ERANGE;
	*ret_value = value;
	return 0;
}

/* Our two options behind the command's own. */
static void add_common(const char *shortopts, const struct option *longopts,
		       char to_short[static SHORT_OPTIONS_SIZE],
		       struct option to_long[static LONG_OPTIONS_MAX])
{
	static const struct option common[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
	};
	int n = 0;

	/* ':' in front makes a missing argument known; it stands behind a '+'. */
	snprintf(to_short, SHORT_OPTIONS_SIZE, "%s:%sjh", *shortopts == '+' ? "+" : "",
		 *shortopts == '+' ? shortopts + 1 : shortopts);
	memset(to_long, 0, LONG_OPTIONS_MAX * sizeof(*to_long));
	while (longopts && longopts[n].name && n < LONG_OPTIONS_MAX - 3) {
		to_long[n] = longopts[n];
		n++;
	}
	memcpy(to_long + n, common, sizeof(common));
}

int rp_cmd_getopt(int argc, char **argv, const char *shortopts,
		  const struct option *longopts)
{
	char all_short[SHORT_OPTIONS_SIZE];
	struct option all_long[LONG_OPTIONS_MAX];
	int c;

	add_common(shortopts, longopts, all_short, all_long);
	opterr = 0;
	for (;;) {
		c = getopt_long(argc, argv, all_short, all_long, NULL);
		if (c == 'j') {
			rp_options.json = true;
		} else if (c == 'h') {
			print_command_help(current);
			exit(RP_EXIT_OK);
		} else if (c == '?' || c == ':') {
			if (c == ':')
				exit(rp_cmd_usage("%s needs an argument", argv[optind - 1]));
			if (optopt > 0 && optopt < 256 && strncmp(argv[optind - 1], "--", 2))
				exit(rp_cmd_usage("there is no option -%c", optopt));
			exit(rp_cmd_usage("there is no option %s, or it is not complete",
					  argv[optind - 1]));
		} else {
			return c;
		}
	}
}

static int run_command(int argc, char **argv)
{
	current = find_command(argv[0]);
	if (!current)
		return RP_EXIT_USAGE;
	optind = 1;
	return current->run(argc, argv);
}

static int help_command(int argc, char **argv)
{
	const struct rp_cmd *c;

	if (argc < 2) {
		print_help(stdout);
		return RP_EXIT_OK;
	}
	c = find_command(argv[1]);
	if (!c)
		return RP_EXIT_USAGE;
	print_command_help(c);
	return RP_EXIT_OK;
}

int main(int argc, char **argv)
{
	int i;

	rp_jail_main(argc, argv);
	for (i = 1; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		if (!strcmp(argv[i], "-j") || !strcmp(argv[i], "--json")) {
			rp_options.json = true;
		} else if (!strcmp(argv[i], "-h") || !strcmp(argv[i], "--help")) {
			print_help(stdout);
			return RP_EXIT_OK;
		} else if (!strcmp(argv[i], "--version")) {
			puts("ringprofctl " RP_VERSION);
			return RP_EXIT_OK;
		} else {
			fprintf(stderr, "ringprofctl: there is no option %s\n"
				"Try 'ringprofctl --help'.\n", argv[i]);
			return RP_EXIT_USAGE;
		}
	}
	if (i == argc) {
		print_help(stderr);
		return RP_EXIT_USAGE;
	}
	if (!strcmp(argv[i], "help"))
		return help_command(argc - i, argv + i);
	return run_command(argc - i, argv + i);
}
