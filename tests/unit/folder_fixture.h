/* SPDX-License-Identifier: GPL-2.0 */
/* A folder of its own for each test of what keeps files. */
#ifndef TEST_FOLDER_FIXTURE_H
#define TEST_FOLDER_FIXTURE_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/ringprof-unit.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

/* Each name's path, in turn; returns how many there are. */
static inline unsigned int each_file(void (*f)(const char *path))
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	unsigned int n = 0;
	char path[512];

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (f)
			f(path);
		n++;
	}
	closedir(dir);
	return n;
}

static inline void remove_path(const char *path)
{
	unlink(path);
}

static inline int remove_folder(void **state)
{
	(void)state;
	each_file(remove_path);
	return rmdir(folder);
}

#endif
