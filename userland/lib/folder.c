// SPDX-License-Identifier: GPL-2.0
/*
 * Temporary files are looked at by age, not by process id: the one that made them may
 * have lived in another container.
 */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STALE_SECONDS	3600

int rp_folder_make(const char *path)
{
	char *copy = strdup(path), *slash;
	int err = copy ? 0 : -ENOMEM;

	for (slash = copy; !err && slash; ) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		if (*copy && mkdir(copy, 0750) && errno != EEXIST)
			err = -errno;
		if (slash)
			*slash = '/';
	}
	free(copy);
	return err;
}

bool rp_folder_is_stale(const char *name, const struct stat *st)
{
	return !strncmp(name, ".ringprof-", 10) && S_ISREG(st->st_mode) &&
	       st->st_mtime < time(NULL) - STALE_SECONDS;
}

void rp_folder_remove_stale(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	struct stat st;

	if (!dir)
		return;
	while ((entry = readdir(dir)) != NULL)
		if (!fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) &&
		    rp_folder_is_stale(entry->d_name, &st))
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
}
