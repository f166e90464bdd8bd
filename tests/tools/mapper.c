// SPDX-License-Identifier: GPL-2.0
/*
 * mapper.c - threads of one process that map, change and unmap while they are
 * sampled: files as code, code of their own making, files that are gone, many at
 * once. The mappings that a SPACE tells change under the one who walks them.
 *
 *	mapper SEED	until SIGTERM; prints counts (stress.h)
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#include "stress.h"

#define THREADS 3
#define KEPT 24		/* mappings that each thread keeps at most */

enum what { FILES, CODE, GONE, MANY, CHANGES, LIBRARIES, UNMAPS, NR };
static const char *const names[NR] = {
	"files", "code", "gone", "many", "changes", "libraries", "unmaps"
};
static uint64_t *counts;

struct area {
	char *at;
	size_t size;
};

struct mapper {
	uint64_t random;
	struct area kept[KEPT];
};

static void spin(uint64_t *random)
{
	volatile uint32_t left = rp_magnitude(random, 50000);

	while (left)
		left--;
}

static void keep(struct mapper *m, void *at, size_t size, enum what what)
{
	struct area *area = &m->kept[rp_below(&m->random, KEPT)];

	if (at == MAP_FAILED)
		return;
	rp_count(&counts[what]);
	if (area->at) {
		munmap(area->at, area->size);
		rp_count(&counts[UNMAPS]);
	}
	area->at = at;
	area->size = size;
}

static size_t some_pages(struct mapper *m)
{
	return (size_t)rp_magnitude(&m->random, 64) * (size_t)getpagesize();
}

/* As a dynamic linker does it: a file's text, somewhere. */
static void map_file(struct mapper *m)
{
	static const char *const files[] = {
		"/proc/self/exe", "/bin/sh", "/usr/bin/env", "/etc/passwd",
		"/lib/x86_64-linux-gnu/libc.so.6",
	};
	int fd = open(files[rp_below(&m->random, sizeof(files) / sizeof(*files))],
		      O_RDONLY | O_CLOEXEC);
	size_t size = some_pages(m);
	off_t offset = (off_t)rp_below(&m->random, 3) * getpagesize();

	if (fd < 0)
		return;
	keep(m, mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, offset), size,
	     FILES);
	close(fd);
}

/* As a just-in-time compiler does it: written, then made executable. */
static void map_code(struct mapper *m)
{
	size_t size = some_pages(m);
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	if (p == MAP_FAILED)
		return;
	memset(p, 0x90, (size_t)getpagesize());
	if (mprotect(p, size, PROT_READ | PROT_EXEC)) {
		munmap(p, size);
		return;
	}
	keep(m, p, size, CODE);
}

/* A file without a name, and with a name that lasts until it is mapped. */
static void map_gone(struct mapper *m)
{
	char name[] = "/tmp/mapper.XXXXXX";
	bool nameless = rp_one_in(&m->random, 2);
	int fd = nameless ? memfd_create("mapper", MFD_CLOEXEC) :
			    mkostemp(name, O_CLOEXEC);
	size_t size = some_pages(m);
	void *p;

	if (fd < 0)
		return;
	p = ftruncate(fd, (off_t)size) ? MAP_FAILED :
	    mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	if (!nameless)
		unlink(name);
	keep(m, p, size, GONE);
	if (rp_one_in(&m->random, 4) && ftruncate(fd, 0))	/* mapped beyond its end */
		perror("mapper: ftruncate");
	close(fd);
}

/* More mappings than fit into one part of a SPACE: every second page executable. */
static void map_many(struct mapper *m)
{
	size_t page = (size_t)getpagesize(), pages = 2 * rp_magnitude(&m->random, 600);
	char *p = mmap(NULL, pages * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return;
	for (size_t i = 0; i < pages && !rp_stop; i += 2)
		if (mprotect(p + i * page, page, PROT_READ | PROT_EXEC))
			break;	/* the limit of mappings of a process */
	spin(&m->random);
	munmap(p, pages * page);
	rp_count(&counts[MANY]);
	rp_count(&counts[UNMAPS]);
}

/*
 * A hole, other rights, another place. A hole is filled at once, with nothing, so
 * that nobody else's mapping comes to lie where this area will be unmapped.
 */
static void change(struct mapper *m)
{
	struct area *area = &m->kept[rp_below(&m->random, KEPT)];
	size_t page = (size_t)getpagesize();
	void *p;

	if (!area->at)
		return;
	switch (rp_below(&m->random, 3)) {
	case 0:
		p = area->at + area->size / 2 / page * page;
		mmap(p, page, PROT_NONE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		break;
	case 1:
		mprotect(area->at, page, rp_one_in(&m->random, 2) ? PROT_NONE :
			 PROT_READ | PROT_EXEC);
		break;
	default:
		p = mremap(area->at, area->size, area->size + page, MREMAP_MAYMOVE);
		if (p == MAP_FAILED)
			return;
		area->at = p;
		area->size += page;
	}
	rp_count(&counts[CHANGES]);
}

static void load_library(struct mapper *m)
{
	static const char *const libraries[] = {
		"libm.so.6", "libz.so.1", "libresolv.so.2", "libutil.so.1",
	};
	void *handle = dlopen(libraries[rp_below(&m->random, 4)], RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		return;
	spin(&m->random);
	dlclose(handle);
	rp_count(&counts[LIBRARIES]);
}

static void *thread_main(void *argument)
{
	static void (*const acts[])(struct mapper *) = {
		map_file, map_file, map_code, map_gone, map_many, change, change,
		load_library,
	};
	struct mapper *m = argument;

	while (!rp_stop) {
		acts[rp_below(&m->random, sizeof(acts) / sizeof(*acts))](m);
		spin(&m->random);
		if (rp_one_in(&m->random, 4))
			rp_pause_us(rp_magnitude(&m->random, 5000));
	}
	return NULL;
}

int main(int argc, char **argv)
{
	static struct mapper mappers[THREADS];
	pthread_t ids[THREADS];
	uint64_t seed;

	if (argc != 2) {
		fprintf(stderr, "usage: mapper SEED\n");
		return 2;
	}
	seed = rp_seed_of(argv[1]);
	counts = rp_shared(NR * sizeof(*counts));
	rp_stop_on_term();
	for (unsigned int i = 0; i < THREADS; i++) {
		mappers[i].random = rp_random_state(seed, i);
		if (pthread_create(&ids[i], NULL, thread_main, &mappers[i])) {
			perror("mapper: thread");
			return 1;
		}
	}
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_join(ids[i], NULL);
	rp_report("mapper", names, counts, NR);
	return 0;
}
