/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This very program, as another process may have it mapped: where its code lies, and copies of
 * its file, which may go while it is looked at.
 */
#ifndef TEST_OWN_PROGRAM_H
#define TEST_OWN_PROGRAM_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The mapping with a function of its own. */
struct own_code {
	unsigned long long start, end, offset;
};

static inline struct own_code own_code_at(uintptr_t function)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	struct own_code c, found = { 0 };
	char line[5000];

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%llx-%llx %*s %llx", &c.start, &c.end, &c.offset) == 3 &&
		    function >= c.start && function < c.end)
			found = c;
	fclose(maps);
	assert_true(found.start);
	return found;
}

/* Returns the copy's inode. */
static inline uint64_t copy_own_program(const char *path)
{
	char command[5000];
	struct stat st;

	snprintf(command, sizeof(command), "cat /proc/%d/exe >%s", getpid(), path);
	assert_int_equal(system(command), 0);
	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

#endif
