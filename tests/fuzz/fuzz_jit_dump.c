// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as a jitdump, read whole and in two pieces: no crash, no reading beyond the
 * file's size, nothing that who takes it would refuse, memory within its limit and all given
 * back, and what is looked up is named by something from the file.
 *
 * seconds: 60
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "jit_read.h"

#define MEMORY 200000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

struct reading {
	struct rp_jit_mark mark;
	struct rp_jit_taken counts;
};

static int read_to(struct reading *r, int fd, size_t size, struct rp_jit_code *t)
{
	uint64_t allowance = UINT64_MAX;
	const struct rp_jit_source source = {
		.fd = fd, .is_dump = true, .size = size, .allowance = &allowance,
	};
	int err = rp_jit_read(&source, &r->mark, t, &r->counts);

	if ((err && err != -ENOSPC && err != -EBADMSG) || r->mark.offset > size)
		abort();
	return err;
}

static struct reading read_all(int fd, size_t first, size_t size, const uint8_t *data)
{
	struct rp_jit_memory memory = { .max = MEMORY };
	struct rp_jit_code *t = rp_jit_code_new(&memory);
	struct reading r = { 0 };

	if (!read_to(&r, fd, first, t))
		read_to(&r, fd, size, t);
	if (memory.used > memory.max)
		abort();
	look_up(t, data, size);
	rp_jit_code_free(t);
	if (memory.used)
		abort();
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct reading a, b;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	a = read_all(fd, size, size, data);
	b = read_all(fd, size ? data[size - 1] % size : 0, size, data);
	if (a.counts.taken != b.counts.taken || a.counts.bad != b.counts.bad ||
	    a.mark.offset != b.mark.offset)
		abort();
	close(fd);
	return 0;
}
