// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/PID/map_files still names the very file that was mapped; the paths are for when
 * that is gone.
 */
#include "mapped_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include "elf_symbols.h"
#include "root_open.h"

/* /proc/PID/root leads out of its root by an absolute link; rp_root_open() stays inside. */
static int open_in_root(const char *proc, uint32_t tgid, const char *path, char *err,
			size_t err_size)
{
	char root[PATH_MAX];
	int fd;

	snprintf(root, sizeof(root), "%s/%u/root", proc, tgid);
	fd = rp_root_open(root, path, NULL, err, err_size);
	if (fd >= 0)
		snprintf(err, err_size, "%s%s", root, path);
	return fd;
}

static int open_path(const char *path, char *err, size_t err_size)
{
	int fd = rp_elf_open(path, NULL, err, err_size);

	if (fd >= 0)
		snprintf(err, err_size, "%s", path);
	return fd;
}

int rp_mapped_file_open(const char *proc, uint32_t tgid, const struct rp_mapped *m,
			unsigned int nr, char *err, size_t err_size)
{
	char path[PATH_MAX];

	switch (nr) {
	case 0:
		snprintf(path, sizeof(path), "%s/%u/map_files/%llx-%llx", proc, tgid,
			 (unsigned long long)m->start, (unsigned long long)m->end);
		return open_path(path, err, err_size);
	case 1:
		return open_in_root(proc, tgid, m->file->path, err, err_size);
	case 2:
		return open_path(m->file->path, err, err_size);
	default:
		return -ENODATA;
	}
}

bool rp_mapped_file_at_path(const struct rp_mapped_file *file)
{
	struct stat st;

	return !(file->flags & RP_MAP_DELETED) && !stat(file->path, &st) &&
	       st.st_ino == file->inode;
}

const void *rp_vdso_image(size_t *ret_size)
{
	uintptr_t image = getauxval(AT_SYSINFO_EHDR);
	unsigned long long start, end;
	char line[512];
	FILE *maps;

	*ret_size = 0;
	maps = image ? fopen("/proc/self/maps", "re") : NULL;
	if (!maps)
		return NULL;
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%llx-%llx", &start, &end) == 2 && start == image)
			*ret_size = end - start;
	}
	fclose(maps);
	return *ret_size ? (const void *)image : NULL;
}
