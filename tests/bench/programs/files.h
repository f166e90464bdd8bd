/* SPDX-License-Identifier: GPL-2.0 */
/* files.h - files mapped as code, which nobody runs: what a process has that uses many. */
#ifndef BENCH_FILES_H
#define BENCH_FILES_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static inline void map_file(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED) {
		perror(name);
		exit(1);
	}
	close(fd);
}

/* All that are in the folder; NULL: none. */
static inline void map_files(const char *path)
{
	DIR *folder = path ? opendir(path) : NULL;
	const struct dirent *entry;

	if (path && !folder) {
		perror(path);
		exit(1);
	}
	while (folder && (entry = readdir(folder)))
		if (entry->d_name[0] != '.')
			map_file(dirfd(folder), entry->d_name);
	if (folder)
		closedir(folder);
}

#endif
