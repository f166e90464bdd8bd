/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rings.h - a reader that wants to know only whether all that comes is whole: the
 * device opened, its rings mapped as they come, their records checked and counted.
 */
#ifndef RP_RINGS_H
#define RP_RINGS_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ring_user.h"
#include "proto/ringprof.h"

#define RP_RINGS_MAX 64

struct rp_rings {
	int fd;
	struct rp_setup setup;
	bool mapped[RP_RINGS_MAX];
	struct rp_reader readers[RP_RINGS_MAX];
	uint64_t samples;		/* read so far */
	void (*each)(const struct rp_rec *rec);		/* called for each, unless NULL */
};

/* What the module counted as delivered: a SAMPLE may stand for several ticks. */
static inline uint32_t rp_rings_ticks(const struct rp_rec *rec)
{
	return rec->type == RP_REC_SAMPLE ? ((const struct rp_sample *)(const void *)rec)->count : 0;
}

/* Opens and sets up; 0 or -errno. setup's in-fields are the caller's. */
static inline int rp_rings_open(struct rp_rings *rings)
{
	rings->fd = open(RP_DEVICE_PATH, O_RDWR | O_CLOEXEC);
	if (rings->fd < 0)
		return -errno;
	if (ioctl(rings->fd, RP_IOC_SETUP, &rings->setup))
		return -errno;
	return 0;
}

/* Maps the rings that are there and not yet mapped; 0 or -errno. */
static inline int rp_rings_map(struct rp_rings *rings)
{
	uint32_t page = rings->setup.page_size, size = rings->setup.ring_bytes;
	void *control, *data;

	for (uint32_t cpu = 0; cpu < rings->setup.nr_cpus && cpu < RP_RINGS_MAX; cpu++) {
		off_t at = (off_t)cpu << RP_MMAP_SHIFT;

		if (rings->mapped[cpu])
			continue;
		control = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED,
			       rings->fd, at);
		if (control == MAP_FAILED && errno == ENXIO)
			continue;
		if (control == MAP_FAILED)
			return -errno;
		data = mmap(NULL, size, PROT_READ, MAP_SHARED, rings->fd, at + page);
		if (data == MAP_FAILED)
			return -errno;
		rp_reader_init(&rings->readers[cpu], control, data, size);
		rings->mapped[cpu] = true;
	}
	return 0;
}

/* False, having said why: this record is not as the manual describes it. */
static inline bool rp_rings_check(const struct rp_rec *rec)
{
	const struct rp_sample *s = (const void *)rec;
	const struct rp_space *space = (const void *)rec;
	const struct rp_map *map = (const void *)(space + 1);
	const char *end = (const char *)rec + rec->size;
	bool right = false;

	switch (rec->type) {
	case RP_REC_SAMPLE:
		right = s->nr_kernel <= RP_DEPTH_MAX && s->nr_user <= RP_DEPTH_MAX &&
			rec->size == sizeof(*s) + 8u * (s->nr_kernel + s->nr_user) &&
			s->kernel_stop < RP_STOP_NR && s->user_stop < RP_STOP_NR && s->count &&
			!s->comm[sizeof(s->comm) - 1];
		break;
	case RP_REC_SPACE:
		right = rec->size >= sizeof(*space);
		for (int i = 0; right && i < space->nr_maps; i++) {
			right = end - (const char *)map >= (ptrdiff_t)sizeof(*map) &&
				map->size >= sizeof(*map) + map->path_len + 1u &&
				map->size <= (size_t)(end - (const char *)map) &&
				map->start < map->end && !map->path[map->path_len];
			map = (const void *)((const char *)map + map->size);
		}
		right = right && (const char *)map == end;
		break;
	case RP_REC_EXIT:
		right = rec->size == sizeof(struct rp_exit);
		break;
	case RP_REC_LOST:
		right = rec->size == sizeof(struct rp_lost);
		break;
	case RP_REC_STATE:
		right = rec->size == sizeof(struct rp_state_rec);
		break;
	default:
		break;
	}
	if (!right)
		fprintf(stderr, "a record of type %u and %u bytes is not whole\n",
			rec->type, rec->size);
	return right;
}

/* Reads all that has come. False, having said why: something was not right. */
static inline bool rp_rings_read(struct rp_rings *rings)
{
	const struct rp_rec *rec;

	for (int cpu = 0; cpu < RP_RINGS_MAX; cpu++) {
		struct rp_reader *reader = &rings->readers[cpu];

		if (!rings->mapped[cpu])
			continue;
		rp_reader_fetch(reader);
		while ((rec = rp_reader_next(reader))) {
			if (!rp_rings_check(rec))
				return false;
			rings->samples += rp_rings_ticks(rec);
			if (rings->each)
				rings->each(rec);
		}
		if (reader->broken) {
			fprintf(stderr, "the ring of CPU %d is broken\n", cpu);
			return false;
		}
		rp_reader_release(reader);
	}
	return true;
}

#endif
