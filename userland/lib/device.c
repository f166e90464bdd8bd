// SPDX-License-Identifier: GPL-2.0
/*
 * Each ring has two mappings, since the kernel gives out its records read-only and
 * the page with the tail read-write: a reader that goes astray cannot spoil records.
 *
 * The tail is moved while a ring is being read, a quarter of the ring at a time, so
 * that a handler that takes long does not keep the producer waiting for room that
 * was read already.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device.h"

#define ASSERT_ABI(condition) _Static_assert(condition, "ABI: " #condition)
RP_ASSERT_ABI(ASSERT_ABI);

#define CPUS_MAX (1u << 16)
#define SAMPLE_BYTES 400	/* of a usual one: some forty frames */
#define WORK_SECONDS 4		/* of a CPU, from one wake-up to the next */

struct ring {
	struct rp_reader reader;
	uint64_t bytes;			/* read */
	bool mapped;
};

struct rp_device {
	int fd;
	bool memory;		/* nothing to unmap, nothing to ask */
	struct rp_setup setup;
	uint32_t generation;
	int map_error;
	unsigned int nr_rings;
	unsigned int nr_cpus;
	struct ring rings[];	/* by CPU number */
};

__attribute__((format(printf, 4, 5)))
static int fail(char *why, size_t size, int err, const char *format, ...)
{
	va_list ap;

	if (why && size) {
		va_start(ap, format);
		vsnprintf(why, size, format, ap);
		va_end(ap);
	}
	return -err;
}

static int open_error(const char *path, int err, char *why, size_t size)
{
	switch (err) {
	case ENOENT: case ENODEV: case ENXIO:
		return fail(why, size, ENODEV, "%s is not there: the module is not loaded (modprobe ringprof; ringprofctl doctor says what is in the way)",
			    path);
	case EACCES: case EPERM:
		return fail(why, size, err, "%s: no permission: sampling takes CAP_SYS_ADMIN (run it as root)",
			    path);
	case ENOMEM:
		return fail(why, size, err, "%s: the kernel has no memory for a session", path);
	}
	return fail(why, size, err, "%s: %s", path, strerror(err));
}

static int setup_error(const char *path, int err, const struct rp_device_setup *want,
		       char *why, size_t size)
{
	switch (err) {
	case ENOTTY:
		return fail(why, size, ENODEV, "%s is not ringprof's device", path);
	case EINVAL:
		return fail(why, size, err, "the module does not take rings of %u bytes with a watermark of %u: a power of two from %u to %u, and no more than that",
			    want->ring_bytes, want->watermark, RP_RING_BYTES_MIN,
			    RP_RING_BYTES_MAX);
	case ENOMEM:
		return fail(why, size, err, "no memory for a ring of %u bytes on each CPU: ask for smaller ones",
			    want->ring_bytes ? want->ring_bytes : RP_RING_BYTES_DEFAULT);
	}
	return open_error(path, err, why, size);
}

static bool data_size_ok(uint32_t size)
{
	return size >= RP_RING_BYTES_MIN && size <= RP_RING_BYTES_MAX &&
	       !(size & (size - 1));
}

/* -ENXIO: this CPU has no ring (yet). */
static int map_ring(struct rp_device *d, unsigned int cpu)
{
	uint64_t at = (uint64_t)cpu << RP_MMAP_SHIFT;
	struct rp_ring_control *control;
	uint32_t size;
	void *data;
	int err;

	control = mmap(NULL, d->setup.page_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		       d->fd, (off_t)at);
	if (control == MAP_FAILED)
		return -errno;
	size = control->data_size;
	err = -EPROTO;
	if (control->magic != RP_RING_MAGIC || control->cpu != cpu || !data_size_ok(size))
		goto unmap;
	data = mmap(NULL, size, PROT_READ, MAP_SHARED, d->fd,
		    (off_t)(at + d->setup.page_size));
	if (data == MAP_FAILED) {
		err = -errno;
		goto unmap;
	}
	rp_reader_init(&d->rings[cpu].reader, control, data, size);
	d->rings[cpu].mapped = true;
	d->nr_rings++;
	return 0;

unmap:
	munmap(control, d->setup.page_size);
	return err;
}

/*
 * The generation is asked for first: a ring that comes between the question and the
 * mapping changes it once more, and the next call looks again.
 */
static void map_new_rings(struct rp_device *d, bool first)
{
	struct rp_query query = { 0 };
	unsigned int cpu;
	int err;

	/* Where each CPU that there can be has its ring, none will come. */
	if (d->memory || d->nr_rings == d->nr_cpus)
		return;
	if (ioctl(d->fd, RP_IOC_QUERY, &query) < 0) {
		d->map_error = -errno;
		return;
	}
	if (!first && !d->map_error && query.ring_generation == d->generation)
		return;
	d->map_error = 0;
	for (cpu = 0; cpu < d->nr_cpus; cpu++) {
		if (d->rings[cpu].mapped)
			continue;
		err = map_ring(d, cpu);
		if (err && err != -ENXIO)
			d->map_error = err;
	}
	d->generation = query.ring_generation;
}

static struct rp_device *device_new(unsigned int nr_cpus, int fd)
{
	struct rp_device *d = calloc(1, sizeof(*d) + nr_cpus * sizeof(d->rings[0]));

	if (d) {
		d->nr_cpus = nr_cpus;
		d->fd = fd;
	}
	return d;
}

static int check_setup(const struct rp_setup *s, char *why, size_t size)
{
	if (s->abi_major != RP_ABI_MAJOR)
		return fail(why, size, EPROTO, "the loaded module speaks ABI %u.%u, this program %u.%u: install the same release of both",
			    s->abi_major, s->abi_minor, RP_ABI_MAJOR, RP_ABI_MINOR);
	if (!s->nr_cpus || s->nr_cpus > CPUS_MAX || !s->session ||
	    s->page_size < sizeof(struct rp_ring_control))
		return fail(why, size, EPROTO, "the module's answer makes no sense (%u CPUs, session %u, pages of %u bytes)",
			    s->nr_cpus, s->session, s->page_size);
	return 0;
}

uint32_t rp_device_watermark(uint32_t frequency, uint32_t ring_bytes)
{
	uint64_t work = (uint64_t)frequency * SAMPLE_BYTES * WORK_SECONDS;
	uint32_t half = (ring_bytes ? ring_bytes : RP_RING_BYTES_DEFAULT) / 2;

	return work < half ? work : half;
}

int rp_device_open(const char *path, const struct rp_device_setup *want,
		   struct rp_device **ret, char *why, size_t why_size)
{
	struct rp_setup setup = {
		.ring_bytes = want->ring_bytes,
		.watermark = want->watermark,
		.flags = want->flags,
	};
	struct rp_device *d;
	int fd, err;

	if (!path)
		path = RP_DEVICE_PATH;
	fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return open_error(path, errno, why, why_size);
	err = ioctl(fd, RP_IOC_SETUP, &setup);
	if (err < 0 && errno == EINVAL && setup.flags & RP_SETUP_HOLD_FILES) {
		setup.flags &= ~RP_SETUP_HOLD_FILES;
		err = ioctl(fd, RP_IOC_SETUP, &setup);
	}
	if (err < 0) {
		err = setup_error(path, errno, want, why, why_size);
		goto close;
	}
	err = check_setup(&setup, why, why_size);
	if (err)
		goto close;
	d = device_new(setup.nr_cpus, fd);
	if (!d) {
		err = fail(why, why_size, ENOMEM, "out of memory");
		goto close;
	}
	d->setup = setup;
	map_new_rings(d, true);
	if (d->map_error || !d->nr_rings) {
		err = d->map_error ? d->map_error : -ENXIO;
		fail(why, why_size, -err, "the rings could not be mapped: %s", strerror(-err));
		rp_device_close(d);
		return err;
	}
	*ret = d;
	return 0;

close:
	close(fd);
	return err;
}

int rp_device_open_memory(const struct rp_device_memory *rings, unsigned int nr, int fd,
			  struct rp_device **ret)
{
	struct rp_device *d;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (!data_size_ok(rings[i].control->data_size))
			return -EINVAL;
	}
	d = device_new(nr, fd);
	if (!d)
		return -ENOMEM;
	d->memory = true;
	d->setup.nr_cpus = nr;
	for (i = 0; i < nr; i++) {
		rp_reader_init(&d->rings[i].reader, rings[i].control, rings[i].data,
			       rings[i].control->data_size);
		d->rings[i].mapped = true;
	}
	d->nr_rings = nr;
	*ret = d;
	return 0;
}

void rp_device_close(struct rp_device *d)
{
	unsigned int cpu;

	if (!d)
		return;
	for (cpu = 0; !d->memory && cpu < d->nr_cpus; cpu++) {
		if (!d->rings[cpu].mapped)
			continue;
		munmap((void *)d->rings[cpu].reader.data, d->rings[cpu].reader.size);
		munmap(d->rings[cpu].reader.control, d->setup.page_size);
	}
	if (!d->memory)
		close(d->fd);
	free(d);
}

int rp_device_fd(const struct rp_device *d)
{
	return d->fd;
}

void rp_device_flush(struct rp_device *d)
{
	if (!d->memory)
		ioctl(d->fd, RP_IOC_FLUSH);
}

int rp_device_file(int fd, uint32_t map_gen)
{
	int file = ioctl(fd, RP_IOC_FILE, (unsigned long)map_gen);

	return file < 0 ? -errno : file;
}

uint32_t rp_device_session(const struct rp_device *d)
{
	return d->setup.session;
}

uint32_t rp_device_nr_cpus(const struct rp_device *d)
{
	return d->nr_cpus;
}

unsigned int rp_device_nr_rings(const struct rp_device *d)
{
	return d->nr_rings;
}

uint32_t rp_device_ring_bytes(const struct rp_device *d)
{
	unsigned int cpu;

	for (cpu = 0; cpu < d->nr_cpus; cpu++) {
		if (d->rings[cpu].mapped)
			return d->rings[cpu].reader.size;
	}
	return 0;
}

int rp_device_map_error(const struct rp_device *d)
{
	return d->map_error;
}

static int drain_ring(struct ring *ring, uint32_t cpu, rp_device_handler handler,
		      void *arg, uint64_t *count)
{
	struct rp_device_records r = {
		.reader = &ring->reader, .released = ring->reader.next,
	};
	uint32_t from = r.released;
	int err;

	if (!rp_reader_fetch(r.reader))
		return 0;
	err = handler(arg, cpu, &r);
	ring->bytes += (uint32_t)(r.reader->next - from);
	if (r.reader->next != r.released)
		rp_reader_release(r.reader);
	*count += r.nr;
	return err;
}

int rp_device_drain(struct rp_device *d, rp_device_handler handler, void *arg)
{
	uint64_t count = 0;
	unsigned int cpu;
	int err;

	map_new_rings(d, false);
	for (cpu = 0; cpu < d->nr_cpus; cpu++) {
		if (!d->rings[cpu].mapped)
			continue;
		err = drain_ring(&d->rings[cpu], cpu, handler, arg, &count);
		if (err)
			return err;
	}
	return count < INT_MAX ? (int)count : INT_MAX;
}

uint64_t rp_device_bytes(const struct rp_device *d)
{
	uint64_t sum = 0;
	unsigned int cpu;

	for (cpu = 0; cpu < d->nr_cpus; cpu++)
		sum += d->rings[cpu].bytes;
	return sum;
}

uint64_t rp_device_broken(const struct rp_device *d)
{
	uint64_t sum = 0;
	unsigned int cpu;

	for (cpu = 0; cpu < d->nr_cpus; cpu++)
		sum += d->rings[cpu].mapped ? d->rings[cpu].reader.broken : 0;
	return sum;
}
