/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records for the tests of what reads them, as the module would write them. Each is
 * built in a buffer of its own, exactly as long as it is, so that AddressSanitizer
 * sees a reader that goes beyond.
 */
#ifndef TEST_RECORDS_H
#define TEST_RECORDS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/ringprof.h"

static inline struct rp_space_id space_id(uint32_t tgid, uint64_t start, uint32_t exec)
{
	return (struct rp_space_id){ .tgid = tgid, .start = start, .exec = exec };
}

static inline struct rp_sample *make_sample(struct rp_space_id id, uint32_t map_gen,
					    unsigned int nr_kernel, unsigned int nr_user,
					    const uint64_t *addr)
{
	size_t frames = (nr_kernel + nr_user) * sizeof(uint64_t);
	struct rp_sample *s = calloc(1, sizeof(*s) + frames);

	assert_non_null(s);
	s->rec.size = (uint32_t)(sizeof(*s) + frames);
	s->rec.type = RP_REC_SAMPLE;
	s->space = id;
	s->map_gen = map_gen;
	s->tid = id.tgid;
	s->kind = RP_KIND_CPU;
	s->nr_kernel = (uint16_t)nr_kernel;
	s->nr_user = (uint16_t)nr_user;
	s->kernel_stop = nr_kernel ? RP_STOP_ROOT : RP_STOP_NONE;
	s->user_stop = nr_user ? RP_STOP_ROOT : RP_STOP_NONE;
	s->count = 1;
	s->weight = 1000;
	strcpy(s->comm, "thread");
	if (frames)
		memcpy(s->addr, addr, frames);
	return s;
}

static inline struct rp_space *make_space(struct rp_space_id id, uint32_t map_gen)
{
	struct rp_space *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->rec.size = sizeof(*s);
	s->rec.type = RP_REC_SPACE;
	s->space = id;
	s->map_gen = map_gen;
	strcpy(s->comm, "process");
	return s;
}

/* Appends a mapping and returns it; *space moves. */
static inline struct rp_map *add_map(struct rp_space **space, uint64_t start, uint64_t end,
				     uint64_t offset, const char *path)
{
	size_t len = strlen(path);
	uint32_t size = (uint32_t)((sizeof(struct rp_map) + len + 1 + 7) / 8 * 8);
	struct rp_space *s = realloc(*space, (*space)->rec.size + size);
	struct rp_map *m;

	assert_non_null(s);
	m = (struct rp_map *)((char *)s + s->rec.size);
	memset(m, 0, size);
	m->size = size;
	m->start = start;
	m->end = end;
	m->offset = offset;
	m->path_len = (uint16_t)len;
	memcpy(m->path, path, len);
	s->rec.size += size;
	s->nr_maps++;
	*space = s;
	return m;
}

/* Gives the one that was appended last what tells it from others with its inode. */
static inline struct rp_map *add_stat(struct rp_space **space, struct rp_map *m,
				      const struct rp_map_stat *stat)
{
	size_t at = (size_t)((char *)m - (char *)*space);
	struct rp_space *s = realloc(*space, (*space)->rec.size + sizeof(*stat));

	assert_non_null(s);
	memcpy((char *)s + s->rec.size, stat, sizeof(*stat));
	s->rec.size += sizeof(*stat);
	m = (struct rp_map *)((char *)s + at);
	m->size += sizeof(*stat);
	m->flags |= RP_MAP_STAT;
	*space = s;
	return m;
}

static inline struct rp_exit make_exit(struct rp_space_id id)
{
	return (struct rp_exit){
		.rec = { .size = sizeof(struct rp_exit), .type = RP_REC_EXIT },
		.space = id,
	};
}

#endif
