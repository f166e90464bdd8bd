/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A folder for a test that has tools make files in it: their commands run there, and it goes
 * with all that is in it.
 */
#ifndef TEST_WORK_FOLDER_H
#define TEST_WORK_FOLDER_H

#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "folder_fixture.h"

#define COMMAND_MAX (3 * PATH_MAX)

/* The path of a file there; good until seven more were asked for. */
static inline char *in_folder(const char *name)
{
	static char paths[8][PATH_MAX];
	static unsigned int next;
	char *path = paths[next++ % 8];

	snprintf(path, PATH_MAX, "%s/%s", folder, name);
	return path;
}

/* A command that runs there, made by printf's rules. */
static inline void make_command(char command[COMMAND_MAX], const char *format, va_list args)
{
	int len = snprintf(command, COMMAND_MAX, "cd %s && ", folder);

	assert_in_range(vsnprintf(command + len, (size_t)(COMMAND_MAX - len), format, args), 0,
			COMMAND_MAX - len - 1);
}

/* Runs a command; true: it succeeded. */
__attribute__((format(printf, 1, 2))) static inline bool try(const char *format, ...)
{
	char command[COMMAND_MAX];
	va_list args;

	va_start(args, format);
	make_command(command, format, args);
	va_end(args);
	return system(command) == 0;
}

/* Runs a command; the test fails if it does. */
__attribute__((format(printf, 1, 2))) static inline void run(const char *format, ...)
{
	char command[COMMAND_MAX];
	va_list args;

	va_start(args, format);
	make_command(command, format, args);
	va_end(args);
	if (system(command) != 0)
		fail_msg("failed: %s", command);
}

/* What a command prints, for pclose(). */
__attribute__((format(printf, 1, 2))) static inline FILE *output_of(const char *format, ...)
{
	char command[COMMAND_MAX];
	va_list args;
	FILE *f;

	va_start(args, format);
	make_command(command, format, args);
	va_end(args);
	f = popen(command, "r");
	assert_non_null(f);
	return f;
}

static inline const char *compiler(void)
{
	const char *cc = getenv("CC");

	return cc && *cc ? cc : "cc";
}

/* Where nm says that a file has a symbol. */
static inline uint64_t nm_address(const char *file, const char *symbol)
{
	unsigned long long addr = 0;
	FILE *nm = output_of("nm %s | grep ' %s$'", file, symbol);

	assert_int_equal(fscanf(nm, "%llx", &addr), 1);
	pclose(nm);
	return addr;
}

static inline int remove_tree(void **state)
{
	char command[sizeof(folder) + 16];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

#endif
