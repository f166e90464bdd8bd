// SPDX-License-Identifier: GPL-2.0
/*
 * The checksum is against disks and half-written files, not against people: whoever can
 * write here is root. The table is checked all the same, because the module would refuse
 * it, and the file would then never be compiled again.
 *
 * When a file was last used is its time of change, written at most once an hour.
 */
#include "table_cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "folder.h"
#include "kept_files.h"
#include "log.h"
#include "newfile.h"
#include "proto/unwind.h"
#include "unwind_compile.h"
#include "why.h"

#define SUFFIX		".table"
#define MAGIC		0x43545052u	/* "RPTC" in memory on little endian */
#define TABLE_MAX	(1u << 30)	/* bytes; none is as large */
#define USED_SECONDS	3600		/* how precisely the last use is kept */
#define PATH_BYTES	(RP_BUILD_ID_HEX + sizeof(SUFFIX))

struct header {
	uint32_t magic;
	uint32_t checksum;	/* CRC-32 of the table */
	uint32_t compiler;	/* RP_UNWIND_COMPILER: an older one's tables say less */
	uint32_t size;		/* of the table, bytes */
};

struct rp_table_cache {
	char *path;
	int folder;
	uint64_t max_bytes;
	int error_said;
	struct rp_table_cache_stats stats;
};

int rp_table_cache_open(struct rp_table_cache **ret, const char *folder, uint64_t max_bytes,
			char *why, size_t why_size)
{
	struct rp_table_cache *c = calloc(1, sizeof(*c));
	int err = c ? rp_folder_make(folder) : -ENOMEM;

	if (!err) {
		c->path = strdup(folder);
		c->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		c->max_bytes = max_bytes;
		if (!c->path)
			err = -ENOMEM;
		else if (c->folder < 0)
			err = -errno;
		else
			rp_folder_remove_stale(folder);
	}
	if (err) {
		rp_why(why, why_size, "cannot keep unwind tables in %s: %s", folder,
		       strerror(-err));
		if (c)
			free(c->path);
		free(c);
		return err;
	}
	*ret = c;
	return 0;
}

void rp_table_cache_close(struct rp_table_cache *c)
{
	if (!c)
		return;
	close(c->folder);
	free(c->path);
	free(c);
}

static void name_of(const struct rp_build_id *id, char name[static PATH_BYTES])
{
	rp_build_id_hex(id, name);
	strcat(name, SUFFIX);
}

/* ---- reading -------------------------------------------------------------- */

static bool is_table(const struct header *header, const void *table)
{
	const struct rp_unwind_table *t = table;

	return header->checksum == crc32(0, table, (uInt)header->size) &&
	       header->size >= sizeof(*t) && rp_unwind_size(t) == header->size &&
	       rp_unwind_check_rules(t) && rp_unwind_check_blocks(t, 0, t->nr_blocks);
}

/* -EBADMSG: damaged. */
static int read_table(int fd, void **ret, size_t *ret_size)
{
	struct header header;
	struct stat st;
	void *table;
	int err = rp_read_all(fd, &header, sizeof(header));

	if (err)
		return err;
	if (fstat(fd, &st) < 0)
		return -errno;
	/* The size is believed when the file has it. */
	if (header.magic != MAGIC || header.compiler != RP_UNWIND_COMPILER ||
	    header.size > TABLE_MAX || (uint64_t)st.st_size != sizeof(header) + header.size)
		return -EBADMSG;
	table = malloc(header.size);
	if (!table)
		return -ENOMEM;
	err = rp_read_all(fd, table, header.size);
	if (!err && !is_table(&header, table))
		err = -EBADMSG;
	if (err) {
		free(table);
		return err;
	}
	*ret = table;
	*ret_size = header.size;
	return 0;
}

static void touch(int fd)
{
	struct stat st;

	if (!fstat(fd, &st) && time(NULL) - st.st_mtime > USED_SECONDS)
		futimens(fd, NULL);
}

int rp_table_cache_get(struct rp_table_cache *c, const struct rp_build_id *id, void **ret,
		       size_t *ret_size)
{
	char name[PATH_BYTES];
	int fd, err;

	if (!id->size)
		return -ENOENT;
	name_of(id, name);
	fd = openat(c->folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		c->stats.misses++;
		return -ENOENT;
	}
	err = read_table(fd, ret, ret_size);
	if (!err)
		touch(fd);
	close(fd);
	if (!err) {
		c->stats.hits++;
		return 0;
	}
	c->stats.misses++;
	if (err == -EBADMSG) {
		c->stats.damaged++;
		unlinkat(c->folder, name, 0);
	}
	return err == -ENOMEM ? err : -ENOENT;
}

/* ---- writing -------------------------------------------------------------- */

static bool is_ours(const char *name)
{
	size_t len = strlen(name), hex = strspn(name, "0123456789abcdef");

	return hex && len < PATH_BYTES && !strcmp(name + hex, SUFFIX);
}

static void list(struct rp_table_cache *c, struct rp_kept_files *ret)
{
	int fd = openat(c->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	struct stat st;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(dir)) != NULL)
		if (is_ours(entry->d_name) &&
		    !fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW))
			rp_kept_files_add(ret, entry->d_name, (uint64_t)st.st_size, st.st_mtime);
	closedir(dir);
}

static void make_room(struct rp_table_cache *c, uint64_t bytes)
{
	struct rp_kept_files kept = { 0 };

	if (!c->max_bytes)
		return;
	list(c, &kept);
	c->stats.removed += rp_kept_files_trim(&kept, c->folder, bytes, c->max_bytes);
}

static int write_table(struct rp_table_cache *c, const struct rp_build_id *id,
		       const void *table, size_t size)
{
	const struct header header = {
		.magic = MAGIC,
		.checksum = (uint32_t)crc32(0, table, (uInt)size),
		.compiler = RP_UNWIND_COMPILER,
		.size = (uint32_t)size,
	};
	char name[PATH_BYTES], *path;
	struct rp_newfile f;
	int err;

	name_of(id, name);
	if (asprintf(&path, "%s/%s", c->path, name) < 0)
		return -ENOMEM;
	err = rp_newfile_open(&f, path);
	free(path);
	if (err)
		return err;
	err = rp_write_all(f.fd, &header, sizeof(header));
	if (!err)
		err = rp_write_all(f.fd, table, size);
	if (err) {
		rp_newfile_abort(&f);
		return err;
	}
	/* Not synced: what a crash leaves of it is seen, and compiled again. */
	return rp_newfile_commit(&f, false);
}

void rp_table_cache_put(struct rp_table_cache *c, const struct rp_build_id *id,
			const void *table, size_t size)
{
	int err;

	if (!id->size || size > TABLE_MAX ||
	    (c->max_bytes && size + sizeof(struct header) > c->max_bytes))
		return;
	make_room(c, size + sizeof(struct header));
	err = write_table(c, id, table, size);
	if (!err) {
		c->stats.written++;
		return;
	}
	c->stats.unwritten++;
	if (err != c->error_said)
		rp_log(RP_LOG_WARNING,
		       "cannot keep unwind tables in %s: %s; they are compiled again at the next start",
		       c->path, strerror(-err));
	c->error_said = err;
}

void rp_table_cache_stats(const struct rp_table_cache *c, struct rp_table_cache_stats *ret)
{
	*ret = c->stats;
}
