/* SPDX-License-Identifier: GPL-2.0 */
/* An archive of profiles in a folder of its own for each test. */
#ifndef TEST_ARCHIVE_FIXTURE_H
#define TEST_ARCHIVE_FIXTURE_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <utime.h>

#include "archive.h"
#include "log.h"

#define SECOND 1000000000ull
#define START (1785585600ull * SECOND)		/* 2026-08-01 12:00:00 UTC */

static char folder[96];

static int make_folder(void **state)
{
	(void)state;
	rp_log_init("test", RP_LOG_ERROR);
	strcpy(folder, "/tmp/test_archive.XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	strcat(folder, "/a/b");		/* not there yet */
	return 0;
}

static int remove_folder(void **state)
{
	char command[128];

	(void)state;
	folder[strlen("/tmp/test_archive.XXXXXX")] = '\0';
	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	return system(command);
}

static struct rp_archive *open_archive(const struct rp_archive_limits *limits)
{
	struct rp_archive *a = NULL;
	char why[512];

	assert_int_equal(rp_archive_open(&a, folder, limits, why, sizeof(why)), 0);
	return a;
}

static int add(struct rp_archive *a, uint64_t number, size_t len)
{
	void *data = calloc(1, len);
	int err;

	assert_non_null(data);
	err = rp_archive_add(a, START + number * 60 * SECOND, number, data, len);
	free(data);
	return err;
}

static unsigned int count(void)
{
	DIR *dir = opendir(folder);
	unsigned int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

static inline char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static inline void touch(const char *name, time_t age)
{
	struct utimbuf times = { time(NULL) - age, time(NULL) - age };
	FILE *f = fopen(path_of(name), "a");

	assert_non_null(f);
	fclose(f);
	assert_int_equal(utime(path_of(name), &times), 0);
}

#endif
