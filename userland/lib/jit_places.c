// SPDX-License-Identifier: GPL-2.0
/*
 * The mapping is the only sure sign of a jitdump: runtimes put it where they like
 * (JITDUMPDIR, the home folder), and map it so that profilers find it.
 */
#include "jit_places.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "jit_names.h"
#include "root_open.h"

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_dump_name(const char *path)
{
	const char *name = file_name(path);
	size_t digits;

	if (strncmp(name, "jit-", 4))
		return false;
	digits = strspn(name + 4, "0123456789");
	return digits && !strcmp(name + 4 + digits, ".dump");
}

/*
 * Memory that the kernel gives a file's name, of a file that never had one: memfd_create(),
 * shared anonymous memory (where PHP has its code), System V's.
 */
static bool is_memory(const char *path)
{
	return !strncmp(path, "/memfd:", 7) || !strcmp(path, "/dev/zero (deleted)") ||
	       !strncmp(path, "/SYSV", 5);
}

bool rp_jit_is_place(const struct rp_mapped *m)
{
	if (!m)
		return true;
	if (m->file->flags & RP_MAP_ANON)
		return strncmp(m->file->path, "[v", 2) != 0;	/* [vdso], [vsyscall] */
	return (m->file->flags & RP_MAP_DELETED) || is_dump_name(m->file->path) ||
	       is_memory(m->file->path);
}

static enum rp_jit_refusal refusal_of(int err)
{
	switch (err) {
	case -ENOENT:
	case -ENOTDIR:
	case -ESRCH:
		return RP_JIT_TAKEN;
	case -ELOOP:
		return RP_JIT_LINK;
	case -ENOTSUP:
		return RP_JIT_KIND;
	default:
		return RP_JIT_ACCESS;
	}
}

bool rp_jit_has_place(const struct rp_maps *maps)
{
	uint32_t i;

	for (i = 0; maps && i < maps->nr; i++)
		if (rp_jit_is_place(&maps->map[i]))
			return true;
	return false;
}

/* fd is what was opened, or -errno: it becomes the place's if it may be the process's. */
static enum rp_jit_refusal check(struct rp_jit_place *place, int fd)
{
	enum rp_jit_refusal why;

	if (fd < 0)
		return refusal_of(fd);
	why = rp_jit_owner_check(place->owner, &place->st, place->mapped);
	if (why == RP_JIT_TAKEN)
		place->fd = fd;
	else
		close(fd);
	return why;
}

/* below: "root" or "cwd", of the process's folder in proc. */
static enum rp_jit_refusal open_below(struct rp_jit_place *place, const char *below,
				      const char *path)
{
	char root[256];

	snprintf(root, sizeof(root), "%.200s/%u/%s", place->proc, place->owner->tgid, below);
	return check(place, rp_root_open_direct(root, path, &place->st, NULL, 0));
}

/* The mapped file itself; where the kernel does not show it, what lies at its path. */
static enum rp_jit_refusal open_mapped(struct rp_jit_place *place, const struct rp_mapped *m)
{
	char path[256];
	int at, fd;

	place->mapped = true;
	snprintf(path, sizeof(path), "%.200s/%u/map_files/%llx-%llx", place->proc,
		 place->owner->tgid, (unsigned long long)m->start,
		 (unsigned long long)m->end);
	at = open(path, O_PATH | O_CLOEXEC);
	if (at < 0)
		return open_below(place, "root", m->file->path);
	fd = rp_regular_reopen(at, path, &place->st, NULL, 0);
	close(at);
	return check(place, fd);
}

static const struct rp_mapped *mapped_dump(const struct rp_maps *maps)
{
	uint32_t i;

	for (i = 0; maps && i < maps->nr; i++)
		if (!(maps->map[i].file->flags & RP_MAP_ANON) &&
		    is_dump_name(maps->map[i].file->path))
			return &maps->map[i];
	return NULL;
}

static enum rp_jit_refusal open_dump(struct rp_jit_place *place,
				     char path[static RP_JIT_PATH_MAX])
{
	const struct rp_mapped *m = mapped_dump(place->maps);
	enum rp_jit_refusal why;

	if (m) {
		snprintf(path, RP_JIT_PATH_MAX, "%s", m->file->path);
		return open_mapped(place, m);
	}
	snprintf(path, RP_JIT_PATH_MAX, "/tmp/jit-%u.dump", place->owner->pid);
	why = open_below(place, "root", path);
	if (why != RP_JIT_TAKEN || place->fd >= 0)
		return why;
	snprintf(path, RP_JIT_PATH_MAX, "jit-%u.dump", place->owner->pid);
	return open_below(place, "cwd", path);
}

enum rp_jit_refusal rp_jit_place_open(struct rp_jit_place *place, bool is_dump,
				      char path[static RP_JIT_PATH_MAX])
{
	place->fd = -1;
	place->mapped = false;
	if (is_dump)
		return open_dump(place, path);
	snprintf(path, RP_JIT_PATH_MAX, "/tmp/perf-%u.map", place->owner->pid);
	return open_below(place, "root", path);
}
