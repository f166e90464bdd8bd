// SPDX-License-Identifier: GPL-2.0
/*
 * Nothing is remembered here of what is in the folder: another process may fill or empty it,
 * and it is asked seldom. It is listed whole when a file is added, which took seconds to come.
 */
#include "debug_cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "folder.h"
#include "kept_files.h"
#include "why.h"

#define INNER		".build-id"
#define DEBUG		".debug"
#define ABSENT		".absent"
#define WHO_MAX		4096		/* bytes of an .absent file that are looked at */

struct rp_debug_cache {
	char *folder;
	uint64_t max_bytes;
};

/* ---- names ------------------------------------------------------------------ */

/* Those of the folder, of the one that a file is in, or of a file: *suffix "". -ENAMETOOLONG */
static int path_of(const struct rp_debug_cache *c, const struct rp_build_id *id,
		   const char *suffix, char path[static PATH_MAX])
{
	char hex[RP_BUILD_ID_HEX];
	int len;

	rp_build_id_hex(id, hex);
	len = snprintf(path, PATH_MAX, "%s/" INNER "/%.2s%s%s%s", c->folder, hex,
		       *suffix ? "/" : "", *suffix ? hex + 2 : "", suffix);
	return len < 0 || len >= PATH_MAX ? -ENAMETOOLONG : 0;
}

/* The first byte names a folder: one more is the least. */
static bool has_name(const struct rp_build_id *id)
{
	return id->size >= 2;
}

static bool ends_with(const char *name, const char *suffix)
{
	size_t len = strlen(name), end = strlen(suffix);

	return len > end && !strcmp(name + len - end, suffix);
}

/* ---- what is there ---------------------------------------------------------- */

/* One folder xx; in passing, what is nobody's any more is removed. */
static void list_sub(int inner, const char *sub, struct rp_kept_files *kept)
{
	int fd = openat(inner, sub, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	char name[NAME_MAX + 4];	/* "xx/", and any */
	time_t now = time(NULL);
	struct dirent *e;
	struct stat st;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((e = readdir(dir)) != NULL) {
		if (fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
			continue;
		if (ends_with(e->d_name, DEBUG)) {
			snprintf(name, sizeof(name), "%.2s/%s", sub, e->d_name);
			rp_kept_files_add(kept, name, (uint64_t)st.st_size,
					  st.st_atime > st.st_mtime ? st.st_atime : st.st_mtime);
		} else if (rp_folder_is_stale(e->d_name, &st) ||
			   (ends_with(e->d_name, ABSENT) &&
			    now - st.st_mtime > RP_DEBUG_CACHE_ABSENT_S)) {
			unlinkat(fd, e->d_name, 0);
		}
	}
	closedir(dir);
}

static void list_all(int inner, struct rp_kept_files *kept)
{
	int fd = openat(inner, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((e = readdir(dir)) != NULL)
		if (strlen(e->d_name) == 2 && strspn(e->d_name, "0123456789abcdef") == 2)
			list_sub(inner, e->d_name, kept);
	closedir(dir);
}

/* Removes the oldest until there is room for so many bytes. */
static void make_room(struct rp_debug_cache *c, uint64_t bytes)
{
	struct rp_kept_files kept = { 0 };
	char path[PATH_MAX];
	int inner;

	if (snprintf(path, sizeof(path), "%s/" INNER, c->folder) >= (int)sizeof(path))
		return;
	inner = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (inner < 0)
		return;
	list_all(inner, &kept);
	rp_kept_files_trim(&kept, inner, bytes, c->max_bytes);
	close(inner);
}

/* ---- for callers ------------------------------------------------------------ */

int rp_debug_cache_open(struct rp_debug_cache **ret, const char *folder, uint64_t max_bytes,
			char *why, size_t why_size)
{
	struct rp_debug_cache *c = calloc(1, sizeof(*c));
	int err = c ? rp_folder_make(folder) : -ENOMEM;

	if (!err) {
		c->max_bytes = max_bytes;
		c->folder = realpath(folder, NULL);
		if (!c->folder || access(c->folder, R_OK | W_OK | X_OK))
			err = -errno;
	}
	if (err) {
		rp_why(why, why_size, "cannot keep debug files in %s: %s", folder,
		       strerror(-err));
		rp_debug_cache_close(c);
		return err;
	}
	make_room(c, 0);
	*ret = c;
	return 0;
}

void rp_debug_cache_close(struct rp_debug_cache *c)
{
	if (c)
		free(c->folder);
	free(c);
}

const char *rp_debug_cache_folder(const struct rp_debug_cache *c)
{
	return c->folder;
}

static int open_file(struct rp_debug_cache *c, const struct rp_build_id *id, const char *suffix,
		     struct stat *ret_st)
{
	char path[PATH_MAX];
	int fd;

	if (!has_name(id) || path_of(c, id, suffix, path))
		return -ENOENT;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -ENOENT;
	if (!fstat(fd, ret_st) && S_ISREG(ret_st->st_mode))
		return fd;
	close(fd);
	return -ENOENT;
}

int rp_debug_cache_get(struct rp_debug_cache *c, const struct rp_build_id *id)
{
	struct stat st;

	return open_file(c, id, DEBUG, &st);
}

static void remove_file(struct rp_debug_cache *c, const struct rp_build_id *id,
			const char *suffix)
{
	char path[PATH_MAX];

	if (has_name(id) && !path_of(c, id, suffix, path))
		unlink(path);
}

void rp_debug_cache_remove(struct rp_debug_cache *c, const struct rp_build_id *id)
{
	remove_file(c, id, DEBUG);
}

static int create(struct rp_debug_cache *c, const struct rp_build_id *id, const char *suffix,
		  struct rp_newfile *ret)
{
	char path[PATH_MAX];
	struct stat st;
	int err = has_name(id) ? path_of(c, id, "", path) : -EINVAL;

	if (!err)
		err = rp_folder_make(path);
	if (!err)
		err = path_of(c, id, suffix, path);
	/* A link would be followed, a FIFO be written to. */
	if (!err && !lstat(path, &st) && !S_ISREG(st.st_mode))
		err = -EEXIST;
	return err ? err : rp_newfile_open(ret, path);
}

int rp_debug_cache_create(struct rp_debug_cache *c, const struct rp_build_id *id,
			  struct rp_newfile *ret)
{
	return create(c, id, DEBUG, ret);
}

int rp_debug_cache_commit(struct rp_debug_cache *c, struct rp_newfile *f)
{
	struct stat st;
	int err = fstat(f->fd, &st) ? -errno : 0;

	if (!err && c->max_bytes && (uint64_t)st.st_size > c->max_bytes)
		err = -EFBIG;
	if (err) {
		rp_newfile_abort(f);
		return err;
	}
	make_room(c, (uint64_t)st.st_size);
	/* Not synced: what a crash leaves of it does not prove itself, and is fetched again. */
	return rp_newfile_commit(f, false);
}

bool rp_debug_cache_is_absent(struct rp_debug_cache *c, const struct rp_build_id *id,
			      const char *who)
{
	size_t len = strlen(who);
	char said[WHO_MAX];
	struct stat st;
	time_t age;
	int fd = open_file(c, id, ABSENT, &st);
	bool absent;

	if (fd < 0)
		return false;
	age = time(NULL) - st.st_mtime;
	absent = age >= 0 && age <= RP_DEBUG_CACHE_ABSENT_S && len <= sizeof(said) &&
		 (size_t)st.st_size == len && !rp_read_all(fd, said, len) &&
		 !memcmp(said, who, len);
	close(fd);
	return absent;
}

/* If it cannot be kept, they are asked again: that is all. */
void rp_debug_cache_absent(struct rp_debug_cache *c, const struct rp_build_id *id,
			   const char *who)
{
	struct rp_newfile f;

	if (create(c, id, ABSENT, &f))
		return;
	if (rp_write_all(f.fd, who, strlen(who)))
		rp_newfile_abort(&f);
	else
		rp_newfile_commit(&f, false);
}
