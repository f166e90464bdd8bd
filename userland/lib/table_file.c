// SPDX-License-Identifier: GPL-2.0
/*
 * The set is small (the executables and libraries of a host) and walked only to choose
 * what is compiled next, which takes longer.
 */
#include "table_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hash.h"
#include "mapped_file.h"

#define BUCKETS (sizeof(((struct rp_table_files *)0)->buckets) / sizeof(void *))
#define OPEN_MAX_WAITING 64

void rp_table_files_init(struct rp_table_files *set, const char *proc)
{
	*set = (struct rp_table_files){ .seed = rp_hash_seed(), .proc = proc };
}

static struct rp_table_file **bucket(struct rp_table_files *set, const struct rp_file_id *id)
{
	return &set->buckets[rp_hash_bytes(set->seed, id, sizeof(*id)) % BUCKETS];
}

void rp_table_file_close(struct rp_table_files *set, struct rp_table_file *file)
{
	if (file->fd < 0)
		return;
	close(file->fd);
	file->fd = -1;
	set->nr_open--;
}

static void forget(struct rp_table_files *set, struct rp_table_file *file)
{
	struct rp_table_file **at = bucket(set, &file->id);

	while (*at != file)
		at = &(*at)->next;
	*at = file->next;
	if (file->state == RP_TABLE_WAITING)
		set->nr_waiting--;
	rp_table_file_close(set, file);
	set->nr--;
	free(file->path);
	free(file);
}

void rp_table_files_free(struct rp_table_files *set)
{
	size_t i;

	for (i = 0; i < BUCKETS; i++)
		while (set->buckets[i])
			forget(set, set->buckets[i]);
}

bool rp_table_file_id(const struct rp_mapped_file *file, struct rp_file_id *ret)
{
	struct rp_file_id id = { 0 };

	if (file->flags & RP_MAP_ANON) {
		if (strcmp(file->path, "[vdso]"))
			return false;
		id.kind = RP_FILE_VDSO;
	} else if (file->build_id_len && file->build_id_len <= RP_BUILD_ID_MAX) {
		id.kind = RP_FILE_BUILD_ID;
		id.build_id_len = file->build_id_len;
		memcpy(id.build_id, file->build_id, file->build_id_len);
	} else {
		id.kind = RP_FILE_INODE;
		id.dev_major = file->dev_major;
		id.dev_minor = file->dev_minor;
		id.inode = file->inode;
	}
	*ret = id;
	return true;
}

struct rp_table_file *rp_table_files_find(struct rp_table_files *set,
					  const struct rp_file_id *id)
{
	struct rp_table_file *file = *bucket(set, id);

	while (file && memcmp(&file->id, id, sizeof(*id)))
		file = file->next;
	return file;
}

static bool waits(const struct rp_table_file *file)
{
	return file->state == RP_TABLE_WAITING || file->state == RP_TABLE_BUSY;
}

static bool make_room(struct rp_table_files *set)
{
	struct rp_table_file *file, *oldest = NULL;
	size_t i;

	if (set->nr < RP_TABLE_FILES_MAX)
		return true;
	for (i = 0; i < BUCKETS; i++)
		for (file = set->buckets[i]; file; file = file->next)
			if (!waits(file) && (!oldest || file->noted < oldest->noted))
				oldest = file;
	if (oldest)
		forget(set, oldest);
	return oldest != NULL;
}

bool rp_table_file_place(struct rp_table_file *file, const struct rp_mapped *m,
			 uint32_t tgid)
{
	char *path;

	if (!file->path || strcmp(file->path, m->file->path)) {
		path = strdup(m->file->path);
		if (!path)
			return false;
		free(file->path);
		file->path = path;
	}
	file->tgid = tgid;
	file->start = m->start;
	file->end = m->end;
	return true;
}

void rp_table_file_open(struct rp_table_files *set, struct rp_table_file *file,
			const struct rp_mapped *m)
{
	char name[256];
	unsigned int i;
	int fd;

	if (file->fd >= 0 || m->file->flags & RP_MAP_ANON ||
	    set->nr_open >= OPEN_MAX_WAITING || rp_mapped_file_at_path(m->file))
		return;
	/* Its own mapping, or what its process finds at its path. */
	for (i = 0; i < 2 && file->fd < 0; i++) {
		fd = rp_mapped_file_open(set->proc, file->tgid, m, i, name, sizeof(name));
		if (fd >= 0) {
			file->fd = fd;
			set->nr_open++;
		}
	}
}

struct rp_table_file *rp_table_files_add(struct rp_table_files *set,
					 const struct rp_file_id *id,
					 const struct rp_mapped *m, uint32_t tgid)
{
	struct rp_table_file *file, **at;

	if (!make_room(set))
		return NULL;
	file = calloc(1, sizeof(*file));
	if (!file)
		return NULL;
	file->id = *id;
	file->fd = -1;
	if (!rp_table_file_place(file, m, tgid)) {
		free(file);
		return NULL;
	}
	rp_table_file_open(set, file, m);
	at = bucket(set, id);
	file->next = *at;
	*at = file;
	set->nr++;
	set->nr_waiting++;	/* that is state 0 */
	return file;
}

void rp_table_file_state(struct rp_table_files *set, struct rp_table_file *file,
			 enum rp_table_state state)
{
	if (file->state == RP_TABLE_WAITING)
		set->nr_waiting--;
	if (state == RP_TABLE_WAITING)
		set->nr_waiting++;
	else
		file->samples = 0;
	file->state = state;
}

struct rp_table_file *rp_table_files_next(struct rp_table_files *set)
{
	struct rp_table_file *file, *best = NULL;
	size_t i;

	if (!set->nr_waiting)
		return NULL;
	for (i = 0; i < BUCKETS; i++)
		for (file = set->buckets[i]; file; file = file->next)
			if (file->state == RP_TABLE_WAITING &&
			    (!best || file->samples > best->samples ||
			     (file->samples == best->samples && file->noted > best->noted)))
				best = file;
	return best;
}
