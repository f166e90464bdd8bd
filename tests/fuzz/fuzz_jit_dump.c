// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as a jitdump, read whole and in two pieces: no crash, no reading beyond the
 * file's size, memory within its limit and all given back, and what is looked up is named
 * by something from the file.
 *
 * seconds: 60
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "jit_dump.h"

#define MEMORY 200000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t buffer[RP_JIT_CHUNK];

/* Any eight bytes may be an address, or a time. */
static void look_up(struct rp_jit_code *t, const uint8_t *data, size_t size)
{
	const struct rp_jit_symbol *s;
	uint64_t n = 0, last;
	size_t i;

	for (i = 0; i + sizeof(n) <= size; i += sizeof(n)) {
		last = n;
		memcpy(&n, data + i, sizeof(n));
		s = rp_jit_code_find(t, n, last);
		if (s && (!*s->name || strlen(s->name) > RP_JIT_NAME_MAX))
			abort();
		rp_jit_code_find(t, n + 1, n);
	}
	rp_jit_code_forget(t, n);
}

static struct rp_jit_dump read_all(int fd, size_t first, size_t size, const uint8_t *data)
{
	struct rp_jit_memory memory = { .max = MEMORY };
	struct rp_jit_code *t = rp_jit_code_new(&memory);
	uint64_t allowance = UINT64_MAX;
	struct rp_jit_input in = { .fd = fd, .size = first, .allowance = &allowance,
				   .buffer = buffer };
	struct rp_jit_dump d = { 0 };
	int err = rp_jit_dump_read(&d, &in, t);

	in.size = size;
	if (!err)
		rp_jit_dump_read(&d, &in, t);
	if (d.offset > size && d.records + d.bad)
		abort();
	if (memory.used > memory.max)
		abort();
	look_up(t, data, size);
	rp_jit_code_free(t);
	if (memory.used)
		abort();
	return d;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct rp_jit_dump a, b;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	a = read_all(fd, size, size, data);
	b = read_all(fd, size ? data[size - 1] % size : 0, size, data);
	if (a.records != b.records || a.bad != b.bad || a.offset != b.offset)
		abort();
	close(fd);
	return 0;
}
