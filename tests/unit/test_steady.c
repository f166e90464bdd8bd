// SPDX-License-Identifier: GPL-2.0
/*
 * The steady state: what was seen before comes again, from several rings and of several
 * processes, and the daemon's way from the rings into the window asks for no memory. What the
 * end of a window asks for goes with what is in it, not with how often it was sampled.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "collector.h"
#include "device.h"
#include "namer_fixture.h"
#include "own_program.h"
#include "pprof_write.h"
#include "ring_user.h"
#include "table_loader.h"
#include "proto/ring_produce.h"

#define RINGS 4
#define RING_BYTES (256u << 10)
#define PROCESSES 6
#define STACKS 100		/* of each process, on each ring: the tables outgrow their first size */
#define FRAMES 24
#define KERNEL_FRAMES 4
#define WINDOWS 4
#define TIMES 10		/* that each stack comes in a window: some 24,000 samples */
#define TRIES 3000		/* of 10 ms */

/* ---- who asks for memory ----------------------------------------------------------- */

/* AddressSanitizer's, whose headers gcc does not bring all. */
int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
					      void (*on_free)(const volatile void *));

static __thread bool counting;
static __thread uint64_t asked;

static void on_malloc(const volatile void *p, size_t size)
{
	(void)p;
	(void)size;
	asked += counting;
}

static void on_free(const volatile void *p)
{
	(void)p;
}

/* Instead of the C library's, for this program and all that it is made of. */
void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	static void *(*real)(void *addr, size_t len, int prot, int flags, int fd, off_t offset);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "mmap64");
	asked += counting;
	return real(addr, len, prot, flags, fd, offset);
}

static void count_begin(void)
{
	asked = 0;
	counting = true;
}

static uint64_t count_end(void)
{
	counting = false;
	return asked;
}

/* ---- the rings, and what comes through them ------------------------------------------ */

static struct rp_ring rings[RINGS];
static struct rp_ring_control controls[RINGS];
static unsigned char data[RINGS][RING_BYTES] __attribute__((aligned(8)));

struct daemon {
	struct rp_device *device;
	struct rp_collector collector;
	struct own_code code;
	uint64_t drained;	/* allocations */
};

static struct rp_device *open_rings(void)
{
	struct rp_device_memory memory[RINGS];
	struct rp_device *d;

	for (unsigned int i = 0; i < RINGS; i++) {
		rp_ring_init(&rings[i], &controls[i], data[i], RING_BYTES, RING_BYTES / 2, i);
		memory[i] = (struct rp_device_memory){ &controls[i], data[i] };
	}
	assert_int_equal(rp_device_open_memory(memory, RINGS, -1, &d), 0);
	return d;
}

static void drain(struct daemon *d)
{
	count_begin();
	assert_true(rp_device_drain(d->device, rp_collector_records, &d->collector) >= 0);
	d->drained += count_end();
}

static void put(struct daemon *d, unsigned int ring, const void *rec, uint32_t size)
{
	void *to;
	int wake;

	while (!(to = rp_ring_reserve(&rings[ring], size, &wake)))
		drain(d);
	memcpy(to, rec, size);
	rp_ring_leave(&rings[ring]);
}

/* Processes that run this program; the first is this one. */
static struct rp_space_id id_of(unsigned int process)
{
	return space_id(process ? 4000000000u + process : (uint32_t)getpid(), 1, 1);
}

static void put_space(struct daemon *d, unsigned int process)
{
	struct rp_space *rec = make_space(id_of(process), 1);
	struct rp_map *m = add_map(&rec, d->code.start, d->code.end, d->code.offset,
				   "/proc/self/exe");
	struct stat st;

	assert_int_equal(stat("/proc/self/exe", &st), 0);
	m->inode = st.st_ino;
	m->dev_major = major(st.st_dev);
	m->dev_minor = minor(st.st_dev);
	put(d, process % RINGS, rec, rec->rec.size);
	free(rec);
}

/* Of some stacks not all is known by tables: their file is looked up, too. */
static void put_sample(struct daemon *d, unsigned int ring, unsigned int process,
		       unsigned int stack)
{
	uint64_t addr[FRAMES], span = d->code.end - d->code.start;
	struct rp_sample *s;

	for (uint64_t i = 0; i < FRAMES; i++)
		addr[i] = i < KERNEL_FRAMES ? KERNEL + 0x200 + 8 * i :
			d->code.start + (i * 4096 + stack * 64) % span;
	s = make_sample(id_of(process), 1, KERNEL_FRAMES, FRAMES - KERNEL_FRAMES, addr);
	s->tid += ring;
	if (stack % 3 == 0)
		s->flags |= RP_SAMPLE_FP_FRAMES;
	if (stack % 3 == 1)
		s->user_stop = RP_STOP_FRAME;
	put(d, ring, s, s->rec.size);
	free(s);
}

/* All stacks of all processes on all rings; returns the number of samples. */
static uint64_t put_all(struct daemon *d)
{
	for (unsigned int stack = 0; stack < STACKS; stack++)
		for (unsigned int process = 0; process < PROCESSES; process++)
			for (unsigned int ring = 0; ring < RINGS; ring++)
				put_sample(d, ring, process, stack);
	drain(d);
	return (uint64_t)STACKS * PROCESSES * RINGS;
}

/* ---- the module, as far as the loader asks it ------------------------------------------ */

static int load(void *arg, struct rp_table_load *load)
{
	(void)arg;
	return load->size ? 0 : -ENOENT;
}

static void start_loader(struct daemon *d)
{
	const struct rp_table_loader_options o = { .load = load };
	char why[256];

	assert_int_equal(rp_table_loader_start(&d->collector.tables, &o, why, sizeof(why)), 0);
}

static void wait_for_loader(struct daemon *d)
{
	const struct timespec moment = { .tv_nsec = 10000000 };
	struct rp_table_loader_stats s;
	int tries;

	for (tries = TRIES; tries; tries--) {
		rp_table_loader_stats(d->collector.tables, &s);
		if (!s.waiting && s.loaded + s.missing)
			break;
		nanosleep(&moment, NULL);
	}
	assert_int_equal(s.loaded, 1);
}

/* ---- a daemon ---------------------------------------------------------------------------- */

static void space_mapped(void *arg, struct rp_aspace *as, const struct rp_maps *maps)
{
	struct daemon *d = arg;

	rp_namer_note(d->collector.namer, as, maps);
	rp_table_loader_note(d->collector.tables, as, maps);
}

static void open_daemon(struct daemon *d)
{
	const struct rp_spaces_options spaces = { .mapped = space_mapped, .arg = d };
	const struct rp_namer_options namer = { .kallsyms = kallsyms, .modules = modules };

	write_file(kallsyms, kernel_list);
	write_file(modules, module_list);
	*d = (struct daemon){
		.device = open_rings(),
		.code = own_code_at((uintptr_t)open_rings),
		.collector = {
			.spaces = rp_spaces_new(&spaces),
			.window = rp_window_new(0),
			.namer = rp_namer_new(&namer),
		},
	};
	assert_true(d->collector.spaces && d->collector.window && d->collector.namer);
	start_loader(d);
}

static void close_daemon(struct daemon *d)
{
	rp_table_loader_stop(d->collector.tables);
	rp_namer_free(d->collector.namer);
	rp_window_free(d->collector.window);
	rp_spaces_free(d->collector.spaces);
	rp_device_close(d->device);
}

static void check_window(const struct daemon *d, const struct rp_profile *p, uint64_t samples)
{
	const struct rp_window_totals *t = rp_window_totals(d->collector.window);
	uint64_t counted = 0;

	assert_int_equal(t->records, samples);
	assert_int_equal(t->overflow_count + t->bad, 0);
	for (uint64_t i = 1; i <= p->nr_samples; i++)
		counted += (uint64_t)*rp_profile_values(p, i);
	assert_int_equal(counted, samples);
}

/* As the daemon does it. Returns the allocations. */
static uint64_t end_window(struct daemon *d, uint64_t samples)
{
	struct rp_collector *c = &d->collector;
	struct rp_profile *p;
	void *file = NULL;
	char why[256];
	uint64_t nr;
	size_t len;

	count_begin();
	p = rp_profile_new();
	assert_non_null(p);
	assert_int_equal(rp_namer_begin(p, 1000, 2000, 99), 0);
	assert_int_equal(rp_namer_close(c->namer, c->spaces, c->window, p), 0);
	assert_int_equal(rp_pprof_write_mem(p, &file, &len, why, sizeof(why)), 0);
	nr = count_end();
	check_window(d, p, samples);
	count_begin();
	free(file);
	rp_profile_free(p);
	rp_window_reset(c->window);
	rp_namer_read_all(c->namer);
	rp_spaces_trim(c->spaces);
	return nr + count_end();
}

static void warm_up(struct daemon *d)
{
	unsigned int i;

	for (i = 0; i < PROCESSES; i++)
		put_space(d, i);
	drain(d);
	while (!rp_namer_read(d->collector.namer))
		;
	wait_for_loader(d);
	for (i = 0; i < 2; i++)
		end_window(d, put_all(d));
	assert_true(d->drained > 0);	/* it is seen when there is some */
	d->drained = 0;
}

static void test_steady(void **state)
{
	struct daemon d;
	uint64_t once, samples;

	(void)state;
	open_daemon(&d);
	warm_up(&d);
	once = end_window(&d, put_all(&d));
	for (unsigned int window = 0; window < WINDOWS; window++) {
		samples = 0;
		for (unsigned int time = 0; time < TIMES; time++)
			samples += put_all(&d);
		while (!rp_namer_read(d.collector.namer))
			;
		assert_true(samples > 20000);
		assert_int_equal(end_window(&d, samples), once);
	}
	assert_int_equal(d.drained, 0);
	printf("allocations: 0 for each sample, %llu at the end of a window of %u stacks\n",
	       (unsigned long long)once, STACKS * PROCESSES * RINGS);
	close_daemon(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_steady, make_files, remove_files),
	};

	if (!__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free))
		return 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
