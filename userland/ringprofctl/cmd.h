/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a command of ringprofctl is, and what it may use.
 *
 * A command lives in cmd_NAME.c, which defines `const struct rp_cmd rp_cmd_NAME`;
 * it is declared at the end of this file and listed in the table in main.c.
 *
 * stdout is data (through out.h, so that -j has the same content), stderr is talk.
 */
#ifndef RP_CMD_H
#define RP_CMD_H

#include <getopt.h>
#include <stdbool.h>

/* What ringprofctl exits with; printed by --help. */
enum rp_cmd_exit {
	RP_EXIT_OK = 0,
	RP_EXIT_FAILED = 1,
	RP_EXIT_USAGE = 2,
	RP_EXIT_NO_MODULE = 3,
	RP_EXIT_PERMISSION = 4,
};

struct rp_cmd {
	const char *name;	/* "report" */
	const char *args;	/* "FILE [-n N]", may be "" */
	const char *summary;	/* one line, no full stop */
	const char *help;	/* options and examples, ends with a newline; or NULL */
	/* argv[0] is the command's name; returns an enum rp_cmd_exit. */
	int (*run)(int argc, char **argv);
};

/* The global options; commands that use rp_cmd_getopt() take them as well. */
extern struct rp_options {
	bool json;		/* -j, --json */
} rp_options;

/*
 * getopt_long() that also takes -j/--json (sets rp_options.json) and -h/--help
 * (prints the command's help, exits 0), and that exits 2 with a hint after an
 * unknown option. longopts may be NULL. Options may stand behind arguments,
 * unless shortopts begins with '+'.
 */
int rp_cmd_getopt(int argc, char **argv, const char *shortopts,
		  const struct option *longopts);

/* "ringprofctl CMD: sentence", newline added, on stderr. Returns status. */
int rp_cmd_fail(enum rp_cmd_exit status, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The same, with a hint at the command's help. Returns RP_EXIT_USAGE. */
int rp_cmd_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A whole positive number; -EINVAL for anything else, -ERANGE above max. */
int rp_cmd_number(const char *text, unsigned long max, unsigned long *ret_value);

extern const struct rp_cmd rp_cmd_doctor;
extern const struct rp_cmd rp_cmd_info, rp_cmd_status, rp_cmd_set, rp_cmd_start, rp_cmd_stop;
extern const struct rp_cmd rp_cmd_events, rp_cmd_record, rp_cmd_overhead;
extern const struct rp_cmd rp_cmd_report, rp_cmd_fold, rp_cmd_flame;
extern const struct rp_cmd rp_cmd_tables, rp_cmd_symbolize;

#endif
