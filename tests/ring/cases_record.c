// SPDX-License-Identifier: GPL-2.0
/*
 * The records as the protocol lays them out: sizes, the place of every field, and
 * each type written into a ring by its structure and read back from it by bytes and
 * offsets alone, as a reader in another language would.
 */
#include "lab.h"

static void rp_case_abi_sizes(struct rp_lab *lab)
{
#define ASSERT_ABI(cond) CHECK(lab, cond)
	RP_ASSERT_ABI(ASSERT_ABI);
#undef ASSERT_ABI
	CHECK_EQ(lab, RP_REC_PAD, 1);
	CHECK_EQ(lab, RP_REC_SAMPLE, 2);
	CHECK_EQ(lab, RP_REC_SPACE, 3);
	CHECK_EQ(lab, RP_REC_EXIT, 4);
	CHECK_EQ(lab, RP_REC_LOST, 5);
	CHECK_EQ(lab, RP_REC_STATE, 6);
}

static void rp_case_abi_offsets(struct rp_lab *lab)
{
#define AT(type, field, offset) \
	CHECK_EQ(lab, __builtin_offsetof(struct type, field), offset)
	AT(rp_rec, size, 0); AT(rp_rec, type, 4);
	AT(rp_space_id, start, 0); AT(rp_space_id, tgid, 8); AT(rp_space_id, exec, 12);

	AT(rp_sample, time, 8); AT(rp_sample, weight, 16); AT(rp_sample, space, 24);
	AT(rp_sample, map_gen, 40); AT(rp_sample, tid, 44); AT(rp_sample, flags, 48);
	AT(rp_sample, kind, 52); AT(rp_sample, nr_kernel, 54); AT(rp_sample, nr_user, 56);
	AT(rp_sample, kernel_stop, 58); AT(rp_sample, user_stop, 59);
	AT(rp_sample, count, 60); AT(rp_sample, comm, 64); AT(rp_sample, addr, 80);
	AT(rp_trace, trace_id, 0); AT(rp_trace, span_id, 16);

	AT(rp_space, time, 8); AT(rp_space, space, 16); AT(rp_space, map_gen, 32);
	AT(rp_space, part, 36); AT(rp_space, nr_maps, 38); AT(rp_space, flags, 40);
	AT(rp_space, comm, 48);
	AT(rp_map, size, 0); AT(rp_map, flags, 4); AT(rp_map, start, 8); AT(rp_map, end, 16);
	AT(rp_map, offset, 24); AT(rp_map, inode, 32); AT(rp_map, dev_major, 40);
	AT(rp_map, dev_minor, 44); AT(rp_map, path_len, 48); AT(rp_map, build_id_len, 50);
	AT(rp_map, build_id, 51); AT(rp_map, path, 72);

	AT(rp_exit, time, 8); AT(rp_exit, space, 16);
	AT(rp_lost, time, 8); AT(rp_lost, count, 16); AT(rp_lost, weight, 24);
	AT(rp_state_rec, time, 8); AT(rp_state_rec, state, 16); AT(rp_state_rec, cpu, 20);
	AT(rp_state_rec, value, 24);

	AT(rp_ring_control, magic, 0); AT(rp_ring_control, cpu, 4);
	AT(rp_ring_control, data_size, 8); AT(rp_ring_control, head, 12);
#undef AT
}

static __u32 get32(const void *record, __u32 offset)
{
	__u32 value;

	memcpy(&value, (const char *)record + offset, sizeof(value));
	return value;
}

static __u32 get16(const void *record, __u32 offset)
{
	__u16 value;

	memcpy(&value, (const char *)record + offset, sizeof(value));
	return value;
}

static __u64 get64(const void *record, __u32 offset)
{
	__u64 value;

	memcpy(&value, (const char *)record + offset, sizeof(value));
	return value;
}

static void *begin(struct rp_lab *lab, __u16 type, __u32 len)
{
	struct rp_rec *rec;
	int wake;

	/* These records are in nobody's books; the bench still wants to know the length. */
	lab->producers[0] = (struct rp_lab_producer){ .len = len };
	rec = rp_ring_reserve(&lab->ring, len, &wake);
	CHECK(lab, rec != NULL);
	memset(rec, 0, len);
	rec->size = len;
	rec->type = type;
	return rec;
}

/* One record further in the ring, of the type and size that it must have. */
static const void *take(struct rp_lab *lab, __u16 type, __u32 len)
{
	const struct rp_rec *rec = rp_reader_next(&lab->reader);

	CHECK(lab, rec != NULL);
	CHECK_EQ(lab, get32(rec, 0), len);
	CHECK_EQ(lab, get16(rec, 4), type);
	CHECK_EQ(lab, get16(rec, 6), 0);
	return rec;
}

/* Begins so that the second record needs a PAD in front. */
static void open_for_records(struct rp_lab *lab)
{
	rp_lab_open(lab, 4096, 4096, 0u - 128);
}

static const struct rp_space_id a_space = { 0x1122334455667788ull, 4711, 3 };

static void check_space_id(struct rp_lab *lab, const void *record, __u32 offset)
{
	CHECK(lab, get64(record, offset) == 0x1122334455667788ull);
	CHECK_EQ(lab, get32(record, offset + 8), 4711);
	CHECK_EQ(lab, get32(record, offset + 12), 3);
}

static void write_sample(struct rp_lab *lab, __u32 nr_kernel, __u32 nr_user, int trace)
{
	__u32 frames = nr_kernel + nr_user, i;
	__u32 len = sizeof(struct rp_sample) + 8 * frames +
		(trace ? sizeof(struct rp_trace) : 0);
	struct rp_sample *sample;
	struct rp_trace *ids;

	sample = begin(lab, RP_REC_SAMPLE, len);
	sample->time = 0xfedcba9876543210ull;
	sample->weight = 52631578;
	sample->space = a_space;
	sample->map_gen = 9;
	sample->tid = 4712;
	sample->flags = RP_SAMPLE_USER_MODE | (trace ? RP_SAMPLE_TRACE : 0);
	sample->kind = RP_KIND_CPU;
	sample->nr_kernel = nr_kernel;
	sample->nr_user = nr_user;
	sample->kernel_stop = RP_STOP_ROOT;
	sample->user_stop = RP_STOP_FRAME;
	sample->count = 1;
	memcpy(sample->comm, "fifteen-letters", 16);
	for (i = 0; i < frames; i++)
		sample->addr[i] = 0xffffffff81000000ull + i;
	if (trace) {
		ids = (struct rp_trace *)(sample->addr + frames);
		memset(ids->trace_id, 0x71, sizeof(ids->trace_id));
		memset(ids->span_id, 0x5d, sizeof(ids->span_id));
	}
	rp_ring_leave(&lab->ring);
}

static void read_sample(struct rp_lab *lab, __u32 nr_kernel, __u32 nr_user, int trace)
{
	__u32 frames = nr_kernel + nr_user, i;
	const unsigned char *rec = take(lab, RP_REC_SAMPLE,
					80 + 8 * frames + (trace ? 24 : 0));

	CHECK(lab, get64(rec, 8) == 0xfedcba9876543210ull);
	CHECK_EQ(lab, get64(rec, 16), 52631578);
	check_space_id(lab, rec, 24);
	CHECK_EQ(lab, get32(rec, 40), 9);
	CHECK_EQ(lab, get32(rec, 44), 4712);
	CHECK_EQ(lab, get32(rec, 48), trace ? 17 : 1);
	CHECK_EQ(lab, get16(rec, 52), 1);
	CHECK_EQ(lab, get16(rec, 54), nr_kernel);
	CHECK_EQ(lab, get16(rec, 56), nr_user);
	CHECK_EQ(lab, rec[58], RP_STOP_ROOT);
	CHECK_EQ(lab, rec[59], RP_STOP_FRAME);
	CHECK_EQ(lab, get32(rec, 60), 1);
	CHECK_EQ(lab, memcmp(rec + 64, "fifteen-letters", 16), 0);
	for (i = 0; i < frames; i++)
		CHECK(lab, get64(rec, 80 + 8 * i) == 0xffffffff81000000ull + i);
	for (i = 0; trace && i < 24; i++)
		CHECK_EQ(lab, rec[80 + 8 * frames + i], i < 16 ? 0x71 : 0x5d);
}

static void rp_case_record_sample(struct rp_lab *lab)
{
	open_for_records(lab);
	write_sample(lab, 0, 0, 0);
	write_sample(lab, 3, 5, 0);
	write_sample(lab, 0, RP_DEPTH_MAX, 1);
	/* The deepest stack of all is not the longest record that a ring takes. */
	write_sample(lab, RP_DEPTH_MAX, RP_DEPTH_MAX, 1);
	rp_reader_fetch(&lab->reader);
	read_sample(lab, 0, 0, 0);
	read_sample(lab, 3, 5, 0);
	read_sample(lab, 0, RP_DEPTH_MAX, 1);
	rp_reader_release(&lab->reader);
	CHECK(lab, rp_reader_next(&lab->reader) != NULL);
	CHECK(lab, rp_reader_next(&lab->reader) == NULL);
	CHECK_EQ(lab, lab->reader.broken, 0);
}

/* Paths of every length around the alignment, and the longest one. */
static const __u16 path_lens[] = { 0, 1, 6, 7, 8, 9, 255 };
#define PATHS (sizeof(path_lens) / sizeof(path_lens[0]))

/* struct, path, NUL, then up to the next multiple of 8 */
static __u32 map_size(__u32 path_len)
{
	return (sizeof(struct rp_map) + path_len + 1 + 7) & ~7u;
}

static void write_space(struct rp_lab *lab, __u32 len, __u16 part, __u32 flags,
			unsigned int nr_maps)
{
	struct rp_space *space;
	struct rp_map *map;
	unsigned int i;

	space = begin(lab, RP_REC_SPACE, len);
	space->time = 77;
	space->space = a_space;
	space->map_gen = 9;
	space->part = part;
	space->nr_maps = nr_maps;
	space->flags = flags;
	memcpy(space->comm, "a.out", 6);
	map = (struct rp_map *)(space + 1);
	for (i = 0; i < nr_maps; i++) {
		map->size = map_size(path_lens[i]);
		map->flags = i ? RP_MAP_DELETED : RP_MAP_EXE;
		map->start = 0x400000 + i * 0x1000;
		map->end = map->start + 0x1000;
		map->offset = 0x200 * i;
		map->inode = 99 + i;
		map->dev_major = 8;
		map->dev_minor = i;
		map->path_len = path_lens[i];
		map->build_id_len = i % 2 ? RP_BUILD_ID_MAX : 0;
		memset(map->build_id, i, map->build_id_len);
		memset(map->path, 'p', map->path_len);
		map = (struct rp_map *)((char *)map + map->size);
	}
	CHECK_EQ(lab, (char *)map - (char *)space, len);
	rp_ring_leave(&lab->ring);
}

static void rp_case_record_space(struct rp_lab *lab)
{
	__u32 len = sizeof(struct rp_space), at, size;
	const unsigned char *rec, *map;
	unsigned int i, k;

	for (i = 0; i < PATHS; i++)
		len += map_size(path_lens[i]);
	open_for_records(lab);
	write_space(lab, len, 0, RP_SPACE_MORE, PATHS);
	write_space(lab, sizeof(struct rp_space), 1, RP_SPACE_SAME, 0);
	rp_reader_fetch(&lab->reader);
	rec = take(lab, RP_REC_SPACE, len);
	CHECK_EQ(lab, get64(rec, 8), 77);
	check_space_id(lab, rec, 16);
	CHECK_EQ(lab, get32(rec, 32), 9);
	CHECK_EQ(lab, get16(rec, 36), 0);
	CHECK_EQ(lab, get16(rec, 38), PATHS);
	CHECK_EQ(lab, get32(rec, 40), 1);
	CHECK_EQ(lab, memcmp(rec + 48, "a.out", 6), 0);
	for (i = 0, at = 64; i < PATHS; i++, at += size) {
		map = rec + at;
		CHECK(lab, at + 72 <= len);
		size = get32(map, 0);
		CHECK(lab, size % 8 == 0 && size > 72u + path_lens[i] && at + size <= len);
		CHECK_EQ(lab, get32(map, 4), i ? 4 : 1);
		CHECK_EQ(lab, get64(map, 8), 0x400000 + i * 0x1000);
		CHECK_EQ(lab, get64(map, 16), 0x401000 + i * 0x1000);
		CHECK_EQ(lab, get64(map, 24), 0x200 * i);
		CHECK_EQ(lab, get64(map, 32), 99 + i);
		CHECK_EQ(lab, get32(map, 40), 8);
		CHECK_EQ(lab, get32(map, 44), i);
		CHECK_EQ(lab, get16(map, 48), path_lens[i]);
		CHECK_EQ(lab, map[50], i % 2 ? 20 : 0);
		for (k = 0; k < map[50]; k++)
			CHECK_EQ(lab, map[51 + k], i);
		for (k = 0; 72 + k < size; k++)
			CHECK_EQ(lab, map[72 + k], k < path_lens[i] ? 'p' : 0);
	}
	CHECK_EQ(lab, at, len);
	rec = take(lab, RP_REC_SPACE, 64);
	CHECK_EQ(lab, get16(rec, 36), 1);
	CHECK_EQ(lab, get16(rec, 38), 0);
	CHECK_EQ(lab, get32(rec, 40), 2);
	CHECK(lab, rp_reader_next(&lab->reader) == NULL);
}

static void rp_case_record_small_ones(struct rp_lab *lab)
{
	struct rp_exit *gone;
	struct rp_lost *lost;
	struct rp_state_rec *state;
	const unsigned char *rec;

	open_for_records(lab);
	gone = begin(lab, RP_REC_EXIT, sizeof(*gone));
	gone->time = 1ull << 63;
	gone->space = a_space;
	rp_ring_leave(&lab->ring);

	lost = begin(lab, RP_REC_LOST, sizeof(*lost));
	lost->time = 5;
	lost->count = 0xffffffffffull;
	lost->weight = ~0ull;
	rp_ring_leave(&lab->ring);

	state = begin(lab, RP_REC_STATE, sizeof(*state));
	state->time = 6;
	state->state = RP_STATE_FREQUENCY;
	state->cpu = 127;
	state->value = RP_FREQ_MAX;
	rp_ring_leave(&lab->ring);

	rp_reader_fetch(&lab->reader);
	rec = take(lab, RP_REC_EXIT, 32);
	CHECK(lab, get64(rec, 8) == 1ull << 63);
	check_space_id(lab, rec, 16);
	rec = take(lab, RP_REC_LOST, 32);
	CHECK_EQ(lab, get64(rec, 8), 5);
	CHECK(lab, get64(rec, 16) == 0xffffffffffull);
	CHECK(lab, get64(rec, 24) == ~0ull);
	rec = take(lab, RP_REC_STATE, 32);
	CHECK_EQ(lab, get64(rec, 8), 6);
	CHECK_EQ(lab, get32(rec, 16), 3);
	CHECK_EQ(lab, get32(rec, 20), 127);
	CHECK_EQ(lab, get64(rec, 24), 10000);
	CHECK(lab, rp_reader_next(&lab->reader) == NULL);
}
