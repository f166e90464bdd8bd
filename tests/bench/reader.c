// SPDX-License-Identifier: GPL-2.0
/*
 * reader - what a sample costs the daemon, by how much there is of it: rings in memory are
 * filled and then read as the daemon reads them, and only that is counted; windows are closed
 * and written as it does that. Nanoseconds, which are instructions where the clock counts
 * these (scripts/vm --icount).
 *
 *	reader RINGS PROCESSES FILES STACKS
 *
 * FILES is how many the processes have mapped, each of them all. 0: only this program, and
 * each stack was walked by tables; otherwise none was, and each sample's file is looked up.
 * Prints, in one line: of a sample whose stack is new in the window, of one that has been
 * there, of closing and writing for each stack; bytes of the window for each stack, and of
 * the profile while it is written.
 *
 * Each stack has 22 frames of this program's code, and is one process's on one ring. They
 * are a tree, as stacks are: each frame has two callees. In turn with all others, a stack
 * does not come again soon if there are many.
 */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "collector.h"
#include "device.h"
#include "hash.h"
#include "namer.h"
#include "pprof_write.h"
#include "ring_user.h"
#include "table_loader.h"
#include "proto/ring_produce.h"

#define FRAMES 22
#define RING_BYTES RP_RING_BYTES_MIN
#define BATCH 16		/* samples of a ring, when it is read */
#define STEP 7919		/* from one stack to the next that comes: a prime number */
#define SAMPLES_LEAST 50000
#define FILES_AT 0x7f0000000000ull
#define FILE_BYTES 0x10000ull

struct ring {
	struct rp_ring ring;
	struct rp_ring_control control;
	unsigned char data[RING_BYTES] __attribute__((aligned(8)));
};

struct bench {
	uint64_t rings, processes, files, stacks;
	struct ring *ring;
	struct rp_device *device;
	struct rp_collector collector;
	uint64_t code, code_size;	/* this program's */
	uint64_t ns;			/* in which it was drained */
};

static void die(const char *what, int err)
{
	fprintf(stderr, "reader: %s: %s\n", what, strerror(err < 0 ? -err : err));
	exit(1);
}

static void *get(size_t nr, size_t size)
{
	void *p = calloc(nr, size);

	if (!p)
		die("memory", ENOMEM);
	return p;
}

/* ---- what comes through the rings -------------------------------------------------- */

static void open_rings(struct bench *b)
{
	struct rp_device_memory *memory = get(b->rings, sizeof(*memory));
	int err;

	b->ring = get(b->rings, sizeof(*b->ring));
	for (uint64_t i = 0; i < b->rings; i++) {
		struct ring *r = &b->ring[i];

		rp_ring_init(&r->ring, &r->control, r->data, RING_BYTES, RING_BYTES / 2,
			     (uint32_t)i);
		memory[i] = (struct rp_device_memory){ &r->control, r->data };
	}
	err = rp_device_open_memory(memory, (unsigned int)b->rings, -1, &b->device);
	if (err)
		die("rings", err);
	free(memory);
}

static void drain(struct bench *b)
{
	uint64_t begin = rp_clock_ns(CLOCK_MONOTONIC);

	if (rp_device_drain(b->device, rp_collector_records, &b->collector) < 0)
		die("reading", EIO);
	b->ns += rp_clock_ns(CLOCK_MONOTONIC) - begin;
}

static void put(struct bench *b, uint64_t ring, const void *rec, uint32_t size)
{
	void *to;
	int wake;

	to = rp_ring_reserve(&b->ring[ring].ring, size, &wake);
	if (!to)
		die("a ring", ENOSPC);
	memcpy(to, rec, size);
	rp_ring_leave(&b->ring[ring].ring);
}

/* Not this machine's, whatever the kernel's limit is. */
static struct rp_space_id id_of(uint64_t process)
{
	return (struct rp_space_id){ .tgid = (uint32_t)(4000000000u + process), .start = 1,
				     .exec = 1 };
}

/* Frame 0 is the leaf. Two stacks differ in one frame at least. */
static uint64_t address(const struct bench *b, uint64_t stack, unsigned int frame)
{
	const uint64_t caller = rp_hash_mix(stack >> (frame + 1), frame + 1);
	const uint64_t which = (stack >> frame & 1) * 16;

	if (b->files)
		return FILES_AT + caller % b->files * FILE_BYTES +
		       (caller >> 32) % (FILE_BYTES - 16) + which;
	return b->code + (caller >> 32) % (b->code_size - 16) + which;
}

static void put_sample(struct bench *b, uint64_t stack)
{
	struct {
		struct rp_sample s;
		uint64_t addr[FRAMES];
	} rec = {
		.s.rec = { .size = sizeof(rec), .type = RP_REC_SAMPLE },
		.s.time = stack + 1,
		.s.weight = 1000000,
		.s.space = id_of(stack % b->processes),
		.s.map_gen = 1,
		.s.kind = RP_KIND_CPU,
		.s.nr_user = FRAMES,
		.s.kernel_stop = RP_STOP_NONE,
		.s.user_stop = RP_STOP_ROOT,
		.s.count = 1,
		.s.comm = "thread",
	};

	rec.s.tid = rec.s.space.tgid;
	rec.s.flags = RP_SAMPLE_USER_MODE | (b->files ? RP_SAMPLE_FP_FRAMES : 0);
	for (unsigned int i = 0; i < FRAMES; i++)
		rec.addr[i] = address(b, stack, i);
	put(b, stack % b->rings, &rec, sizeof(rec));
}

/* That many of them, each in its turn; returns the nanoseconds of one. */
static uint64_t read_samples(struct bench *b, uint64_t nr)
{
	uint64_t i;

	b->ns = 0;
	for (i = 0; i < nr; i++) {
		put_sample(b, i * STEP % b->stacks);
		if (i % (BATCH * b->rings) == BATCH * b->rings - 1)
			drain(b);
	}
	drain(b);
	return b->ns / nr;
}

/* ---- the processes ------------------------------------------------------------------ */

struct record {
	struct rp_space space;
	unsigned char maps[sizeof(struct rp_map) + 4096];
};

static struct rp_map *begin_map(struct record *r, const char *path)
{
	struct rp_map *m = (struct rp_map *)r->maps;

	memset(m, 0, sizeof(r->maps));
	m->path_len = (uint16_t)strlen(path);
	m->size = (uint32_t)((sizeof(*m) + m->path_len + 1 + 7) / 8 * 8);
	memcpy(m->path, path, m->path_len);
	r->space.nr_maps = 1;
	r->space.rec.size = (uint32_t)(sizeof(r->space) + m->size);
	return m;
}

static void own_program(struct bench *b, struct record *r)
{
	char path[4096] = "", line[5000];
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long long start = 0, end = 0, offset = 0;
	const uintptr_t here = (uintptr_t)own_program;
	struct rp_map *m;
	struct stat st;

	while (maps && !(here >= start && here < end) && fgets(line, sizeof(line), maps))
		sscanf(line, "%llx-%llx %*s %llx", &start, &end, &offset);
	if (!maps || readlink("/proc/self/exe", path, sizeof(path) - 1) < 0 ||
	    stat("/proc/self/exe", &st))
		die("its own program", errno);
	fclose(maps);
	b->code = start;
	b->code_size = end - start;
	m = begin_map(r, path);
	m->flags = RP_MAP_EXE;
	m->start = start;
	m->end = end;
	m->offset = offset;
	m->inode = st.st_ino;
	m->dev_major = major(st.st_dev);
	m->dev_minor = minor(st.st_dev);
}

/* A file that is nowhere. */
static void some_file(struct record *r, uint64_t nr)
{
	char path[64];
	struct rp_map *m;

	snprintf(path, sizeof(path), "/nowhere/lib%llu.so", (unsigned long long)nr);
	m = begin_map(r, path);
	m->start = FILES_AT + nr * FILE_BYTES;
	m->end = m->start + FILE_BYTES;
	m->build_id_len = sizeof(nr);
	memcpy(m->build_id, &nr, sizeof(nr));
}

static void add_record(struct bench *b, struct record *r, uint64_t process, uint64_t part)
{
	r->space.rec.type = RP_REC_SPACE;
	r->space.space = id_of(process);
	r->space.map_gen = 1;
	r->space.part = (__typeof__(r->space.part))part;
	r->space.flags = part < b->files ? RP_SPACE_MORE : 0;
	rp_collector_record(&b->collector, 0, &r->space.rec);
}

static void add_processes(struct bench *b)
{
	struct record own = { .space.comm = "process" }, file = own;
	struct rp_spaces_stats s;

	own_program(b, &own);
	for (uint64_t process = 0; process < b->processes; process++) {
		add_record(b, &own, process, 0);
		for (uint64_t nr = 0; nr < b->files; nr++) {
			some_file(&file, nr);
			add_record(b, &file, process, nr + 1);
		}
	}
	rp_spaces_stats(b->collector.spaces, &s);
	if (s.spaces != b->processes || s.bad || s.refused)
		die("processes", EINVAL);
}

/* ---- the daemon ----------------------------------------------------------------------- */

/* A module that takes tables, and has none. */
static int load(void *arg, struct rp_table_load *load)
{
	(void)arg;
	return load->size ? 0 : -ENOENT;
}

static void space_mapped(void *arg, struct rp_aspace *as, const struct rp_maps *maps)
{
	struct bench *b = arg;

	rp_namer_note(b->collector.namer, as, maps);
	rp_table_loader_note(b->collector.tables, as, maps);
}

static void open_daemon(struct bench *b)
{
	const struct rp_spaces_options spaces = { .mapped = space_mapped, .arg = b };
	const struct rp_namer_options namer = { .blind = true };
	const struct rp_table_loader_options tables = { .load = load };
	struct rp_collector *c = &b->collector;
	char why[256];
	int err;

	c->spaces = rp_spaces_new(&spaces);
	c->window = rp_window_new((size_t)2 << 30);
	c->namer = rp_namer_new(&namer);
	if (!c->spaces || !c->window || !c->namer)
		die("memory", ENOMEM);
	err = rp_table_loader_start(&c->tables, &tables, why, sizeof(why));
	if (err)
		die(why, err);
}

/* All that there is to read of the processes' files has been read. */
static void settle(struct bench *b)
{
	const struct timespec moment = { .tv_nsec = 10000000 };
	struct rp_table_loader_stats s;

	rp_namer_read_all(b->collector.namer);
	do {
		nanosleep(&moment, NULL);
		rp_table_loader_stats(b->collector.tables, &s);
	} while (s.waiting || s.loaded + s.missing < b->files + 1);
}

/* Returns the nanoseconds. */
static uint64_t end_window(struct bench *b, size_t *ret_bytes)
{
	uint64_t begin = rp_clock_ns(CLOCK_MONOTONIC);
	const struct mallinfo2 before = mallinfo2();
	struct rp_collector *c = &b->collector;
	struct rp_profile *p = rp_profile_new();
	struct mallinfo2 now;
	void *file = NULL;
	char why[256];
	size_t len;
	int err;

	err = p ? rp_namer_begin(p, 1000, 2000, 99) : -ENOMEM;
	if (!err)
		err = rp_namer_close(c->namer, c->spaces, c->window, p);
	if (err || p->nr_samples != b->stacks)
		die("naming", err ? err : EINVAL);
	err = rp_pprof_write_mem(p, &file, &len, why, sizeof(why));
	if (err)
		die(why, err);
	now = mallinfo2();
	*ret_bytes = now.uordblks + now.hblkhd - before.uordblks - before.hblkhd;
	free(file);
	rp_profile_free(p);
	rp_window_reset(c->window);
	rp_namer_read_all(c->namer);
	rp_spaces_trim(c->spaces);
	malloc_trim(0);
	return rp_clock_ns(CLOCK_MONOTONIC) - begin;
}

static void run(struct bench *b)
{
	const uint64_t nr = b->stacks < SAMPLES_LEAST ? SAMPLES_LEAST : b->stacks;
	const size_t empty = rp_window_bytes(b->collector.window);
	uint64_t fresh, again, close;
	size_t window, profile;

	/* The first window makes room, as one does after a change. */
	read_samples(b, b->stacks);
	window = rp_window_bytes(b->collector.window) - empty;
	rp_window_reset(b->collector.window);
	fresh = read_samples(b, b->stacks);
	if (rp_window_nr_stacks(b->collector.window) != b->stacks)
		die("stacks", EINVAL);
	again = read_samples(b, nr);
	close = end_window(b, &profile);
	printf("%llu %llu %llu %llu %llu\n", (unsigned long long)fresh,
	       (unsigned long long)again, (unsigned long long)(close / b->stacks),
	       (unsigned long long)(window / b->stacks), (unsigned long long)(profile / b->stacks));
}

int main(int argc, char **argv)
{
	struct bench b = { 0 };
	uint64_t *const numbers[] = { &b.rings, &b.processes, &b.files, &b.stacks };

	for (int i = 1; i < argc && argc == 5; i++)
		*numbers[i - 1] = strtoull(argv[i], NULL, 10);
	if (!b.rings || !b.processes || !b.stacks || b.stacks % STEP == 0) {
		fprintf(stderr, "usage: reader RINGS PROCESSES FILES STACKS\n");
		return 2;
	}
	open_rings(&b);
	open_daemon(&b);
	add_processes(&b);
	settle(&b);
	run(&b);
	return 0;
}
