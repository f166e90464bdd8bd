// SPDX-License-Identifier: GPL-2.0
/*
 * abuse.c - does to the module what nobody should, and says what came of it.
 *
 *	abuse netlink [mute]	sends SET requests that are wrong, each in its way;
 *				a line each: NAME, the error's name, the message,
 *				which a mute kernel cannot deliver
 *	abuse mmap		maps the rings in ways that are not allowed
 *	abuse tail SECONDS	scribbles over the control page while the module
 *				samples at 10,000 Hz, then mends it and reads on
 *	abuse hold SECONDS HZ	owns a running session and never reads
 *
 * Exits with 1 when the module did not answer as its manual, proto/ringprof.h, says.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "genl.h"
#include "ring_user.h"
#include "proto/ringprof.h"

static int failures;
static bool mute;

static void expect(bool right, const char *format, ...)
{
	va_list args;

	if (right)
		return;
	va_start(args, format);
	fprintf(stderr, "abuse: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
	failures++;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* ---- netlink ---------------------------------------------------------------- */

static int open_netlink(uint16_t *ret_family)
{
	int fd = rp_genl_open(ret_family);

	if (fd < 0) {
		errno = -fd;
		die("netlink family " RP_GENL_NAME);
	}
	return fd;
}

/* Sends, and returns the acknowledgement's error; text gets the kernel's sentence. */
static int ask(int fd, struct rp_message *m, char *text, size_t size)
{
	int error = rp_genl_ask(fd, m, text, size);

	if (error < 0) {
		errno = -error;
		die("netlink");
	}
	return error;
}

/* ---- the device ------------------------------------------------------------ */

static int open_device(struct rp_setup *setup)
{
	int fd = open(RP_DEVICE_PATH, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die(RP_DEVICE_PATH);
	if (ioctl(fd, RP_IOC_SETUP, setup))
		die("RP_IOC_SETUP");
	return fd;
}

static void *map(int fd, const struct rp_setup *setup, uint32_t cpu, bool data, int prot,
		 int flags, size_t size)
{
	off_t at = ((off_t)cpu << RP_MMAP_SHIFT) + (data ? setup->page_size : 0);

	return mmap(NULL, size, prot, flags, fd, at);
}

static void start(uint32_t session, uint32_t hz)
{
	uint16_t family;
	int fd = open_netlink(&family), error;
	struct rp_message m;
	char text[256];

	rp_message_begin(&m, family, RP_CMD_SET);
	rp_message_put_u32(&m, RP_A_SESSION, session);
	rp_message_put_u32(&m, RP_A_FREQ, hz);
	error = ask(fd, &m, text, sizeof(text));
	expect(!error, "SET: %s: %s", strerror(error), text);
	rp_message_begin(&m, family, RP_CMD_START);
	rp_message_put_u32(&m, RP_A_SESSION, session);
	error = ask(fd, &m, text, sizeof(text));
	expect(!error, "START: %s: %s", strerror(error), text);
	close(fd);
}

/* ---- wrong requests ---------------------------------------------------------- */

static void one_wrong(int fd, uint16_t family, uint32_t session, const char *name,
		      uint8_t cmd, uint16_t attr, const void *data, size_t size, int wanted)
{
	struct rp_message m;
	char text[256];
	int error;

	rp_message_begin(&m, family, cmd);
	rp_message_put_u32(&m, RP_A_SESSION, session);
	if (data)
		rp_message_put(&m, attr, data, size);
	error = ask(fd, &m, text, sizeof(text));
	printf("%-24s %-8s %s\n", name, strerrorname_np(error), text);
	expect(error == wanted, "%s: %s instead of %s", name, strerrorname_np(error),
	       strerrorname_np(wanted));
	expect(mute || *text, "%s: no message", name);
}

static void wrong_requests(int fd, uint16_t family, uint32_t session)
{
	static const uint32_t zero = 0, one = 1, large = 10001, deep = 128, modes = 8,
			      kind = 3, tick = 4, nobody = 4194303, share = 1000001;
	static const uint8_t byte = 19;
	static const uint64_t word = 19, tables = RP_TABLE_LIMIT_MAX + 1;
	static const struct {
		const char *name;
		uint16_t attr;
		const void *data;
		size_t size;
		int error;
	} wrong[] = {
		{ "frequency 0", RP_A_FREQ, &zero, 4, EINVAL },
		{ "frequency 10001", RP_A_FREQ, &large, 4, EINVAL },
		{ "frequency of a byte", RP_A_FREQ, &byte, 1, EINVAL },
		{ "frequency of 8 bytes", RP_A_FREQ, &word, 8, EINVAL },
		{ "kernel depth 128", RP_A_KERNEL_DEPTH, &deep, 4, EINVAL },
		{ "user depth 128", RP_A_USER_DEPTH, &deep, 4, EINVAL },
		{ "modes 0", RP_A_MODES, &zero, 4, EINVAL },
		{ "modes 8", RP_A_MODES, &modes, 4, EINVAL },
		{ "tick 0", RP_A_TICK, &zero, 4, EINVAL },
		{ "tick 4", RP_A_TICK, &tick, 4, EINVAL },
		{ "filter kind 3", RP_A_FILTER, &kind, 4, EINVAL },
		{ "filter without process", RP_A_FILTER, &one, 4, EINVAL },
		{ "process without filter", RP_A_FILTER_PID, &one, 4, EINVAL },
		{ "process 0", RP_A_FILTER_PID, &zero, 4, EINVAL },
		{ "budget 0", RP_A_BUDGET, &zero, 4, EINVAL },
		{ "budget of more than all", RP_A_BUDGET, &share, 4, EINVAL },
		{ "budget of a byte", RP_A_BUDGET, &byte, 1, EINVAL },
		{ "samples merged for over a minute", RP_A_COALESCE, &share, 4, EINVAL },
		{ "samples merged for a byte", RP_A_COALESCE, &byte, 1, EINVAL },
		{ "tables of over 4 GiB", RP_A_TABLE_LIMIT, &tables, 8, EINVAL },
		{ "tables of 4 bytes", RP_A_TABLE_LIMIT, &one, 4, EINVAL },
		{ "read-only attribute", RP_A_CAPS, &word, 8, EINVAL },
		{ "unknown attribute", 200, &one, 4, EINVAL },
	};
	struct rp_message m;
	char text[256];
	int error;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		one_wrong(fd, family, session, wrong[i].name, RP_CMD_SET, wrong[i].attr,
			  wrong[i].data, wrong[i].size, wrong[i].error);
	one_wrong(fd, family, session + 1000, "no such session", RP_CMD_START, 0, NULL, 0,
		  ENOENT);
	one_wrong(fd, family, session, "start with a frequency", RP_CMD_START, RP_A_FREQ,
		  &one, 4, EINVAL);

	/* All or nothing: a right frequency beside a process that does not exist. */
	rp_message_begin(&m, family, RP_CMD_SET);
	rp_message_put_u32(&m, RP_A_SESSION, session);
	rp_message_put_u32(&m, RP_A_FREQ, 77);
	rp_message_put_u32(&m, RP_A_FILTER, RP_FILTER_TREE);
	rp_message_put_u32(&m, RP_A_FILTER_PID, nobody);
	error = ask(fd, &m, text, sizeof(text));
	printf("%-24s %-8s %s\n", "no such process", strerrorname_np(error), text);
	expect(error == ESRCH && (mute || *text), "no such process: %s %s", strerror(error), text);
}

static void abuse_netlink(void)
{
	struct rp_setup setup = { 0 };
	uint16_t family;
	int device = open_device(&setup);
	int fd = open_netlink(&family);

	wrong_requests(fd, family, setup.session);
	close(fd);
	close(device);
}

/* ---- mmap ---------------------------------------------------------------------- */

static void expect_map_error(const char *name, void *p, int wanted)
{
	expect(p == MAP_FAILED && errno == wanted, "%s: %s instead of %s", name,
	       p == MAP_FAILED ? strerrorname_np(errno) : "mapped",
	       strerrorname_np(wanted));
}

static void wrong_setups(void)
{
	static const struct rp_setup wrong[] = {
		{ .ring_bytes = 12345 }, { .ring_bytes = 4096 },
		{ .ring_bytes = RP_RING_BYTES_MAX * 2 }, { .flags = 1u << 31 },
		{ .ring_bytes = 65536, .watermark = 65537 }, { .reserved = 1 },
	};
	int fd = open(RP_DEVICE_PATH, O_RDWR | O_CLOEXEC);
	struct rp_setup setup;

	if (fd < 0)
		die(RP_DEVICE_PATH);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		setup = wrong[i];
		expect(ioctl(fd, RP_IOC_SETUP, &setup) && errno == EINVAL,
		       "setup %zu: not refused with EINVAL", i);
	}
	expect(ioctl(fd, RP_IOC_SETUP, NULL) && errno == EFAULT, "setup NULL");
	expect(ioctl(fd, _IO('R', 0xff), NULL) && errno == ENOTTY, "unknown ioctl");
	memset(&setup, 0, sizeof(setup));
	expect_map_error("before setup", map(fd, &setup, 0, false, PROT_READ, MAP_SHARED,
					     4096), ENXIO);
	expect(!ioctl(fd, RP_IOC_FLUSH), "flush before setup: %s", strerror(errno));
	expect(!ioctl(fd, RP_IOC_SETUP, &setup), "setup: %s", strerror(errno));
	expect(!ioctl(fd, RP_IOC_FLUSH), "flush: %s", strerror(errno));
	expect(ioctl(fd, RP_IOC_SETUP, &setup) && errno == EBUSY, "second setup");
	close(fd);
}

static void abuse_mmap(void)
{
	struct rp_setup setup = { .ring_bytes = 65536 };
	int fd, rw = PROT_READ | PROT_WRITE;
	void *p;

	wrong_setups();
	fd = open_device(&setup);
	expect_map_error("data writable",
			 map(fd, &setup, 0, true, rw, MAP_SHARED, 65536), EPERM);
	expect_map_error("data too short",
			 map(fd, &setup, 0, true, PROT_READ, MAP_SHARED, 4096), EINVAL);
	expect_map_error("data too long",
			 map(fd, &setup, 0, true, PROT_READ, MAP_SHARED, 131072), EINVAL);
	expect_map_error("control private",
			 map(fd, &setup, 0, false, rw, MAP_PRIVATE, setup.page_size),
			 EINVAL);
	expect_map_error("no such CPU",
			 map(fd, &setup, setup.nr_cpus, false, rw, MAP_SHARED,
			     setup.page_size), ENXIO);
	expect_map_error("beyond the ring",
			 mmap(NULL, setup.page_size, PROT_READ, MAP_SHARED, fd,
			      2 * (off_t)setup.page_size), EINVAL);
	p = map(fd, &setup, 0, true, PROT_READ, MAP_SHARED, 65536);
	expect(p != MAP_FAILED, "data: %s", strerror(errno));
	expect(mprotect(p, 65536, rw) && errno == EACCES, "data made writable");
	close(fd);
}

/* ---- tail ------------------------------------------------------------------------ */

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void scribble(struct rp_ring_control *control, uint64_t nanoseconds)
{
	uint64_t end = now_ns() + nanoseconds, state = 88172645463325252u;

	while (now_ns() < end) {
		uint64_t x = next_random(&state);

		switch (x % 4) {
		case 0:	/* anything at all */
			control->tail = (uint32_t)(x >> 32);
			break;
		case 1:	/* near to the head: behind it, before it, misaligned */
			control->tail = control->head + (uint32_t)(x >> 32) % 256 - 128;
			break;
		case 2:	/* what the module once wrote */
			control->head = (uint32_t)(x >> 32);
			control->data_size = (uint32_t)(x >> 16);
			control->magic = control->cpu = (uint32_t)x;
			break;
		default: /* as if the ring were just full */
			control->tail = control->head - (uint32_t)(x >> 32) % (1u << 17);
		}
	}
}

/* After a scribbler the head is right again as soon as the module publishes one. */
static void read_on(struct rp_ring_control *control, const void *data, uint32_t size)
{
	struct rp_reader reader;
	const struct rp_rec *rec;
	uint64_t samples = 0, end = now_ns() + 30000000000u;
	uint32_t head = control->head;

	while (control->head == head && now_ns() < end)
		control->tail = control->head;
	control->tail = control->head;
	rp_reader_init(&reader, control, data, size);
	while (samples < 100 && now_ns() < end) {
		rp_reader_fetch(&reader);
		while ((rec = rp_reader_next(&reader))) {
			const struct rp_sample *s = (const void *)rec;

			if (rec->type != RP_REC_SAMPLE)
				continue;
			expect(rec->size == sizeof(*s) + 8u * (s->nr_kernel + s->nr_user),
			       "a sample of %u bytes has %u and %u frames", rec->size,
			       s->nr_kernel, s->nr_user);
			samples++;
		}
		rp_reader_release(&reader);
	}
	expect(samples >= 100, "only %llu samples after the tail was mended",
	       (unsigned long long)samples);
	expect(!reader.broken, "the ring is still broken");
}

/* On CPU 0, whose ring it is: a CPU that is idle delivers no samples. */
static void abuse_tail(double seconds)
{
	struct rp_setup setup = { .ring_bytes = 65536 };
	int fd = open_device(&setup);
	struct rp_ring_control *control;
	cpu_set_t first;
	void *data;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (sched_setaffinity(0, sizeof(first), &first))
		die("sched_setaffinity");
	control = map(fd, &setup, 0, false, PROT_READ | PROT_WRITE, MAP_SHARED,
		      setup.page_size);
	data = map(fd, &setup, 0, true, PROT_READ, MAP_SHARED, setup.ring_bytes);
	if (control == MAP_FAILED || data == MAP_FAILED)
		die("mmap");
	start(setup.session, 10000);
	scribble(control, (uint64_t)(seconds * 1e9));
	read_on(control, data, setup.ring_bytes);
	/* And closes with a tail that is wrong: the module counts what is unread. */
	control->tail = control->head - 12345;
	close(fd);
}

static void abuse_hold(double seconds, uint32_t hz)
{
	struct rp_setup setup = { .ring_bytes = 65536 };
	int fd = open_device(&setup);

	start(setup.session, hz);
	printf("session %u\n", setup.session);
	fflush(stdout);
	usleep((useconds_t)(seconds * 1e6));
	close(fd);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	mute = argc == 3 && !strcmp(argv[2], "mute");
	if (!strcmp(what, "netlink") && argc == 2 + mute)
		abuse_netlink();
	else if (!strcmp(what, "mmap") && argc == 2)
		abuse_mmap();
	else if (!strcmp(what, "tail") && argc == 3)
		abuse_tail(atof(argv[2]));
	else if (!strcmp(what, "hold") && argc == 4)
		abuse_hold(atof(argv[2]), (uint32_t)atoi(argv[3]));
	else {
		fprintf(stderr, "usage: abuse netlink | mmap | tail SECONDS | hold SECONDS HZ\n");
		return 2;
	}
	return failures != 0;
}
