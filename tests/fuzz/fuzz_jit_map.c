// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as a perf map, read whole and in two pieces: no crash, nothing that who takes
 * it would refuse, the same lines taken, names that are safe to be shown, memory within its
 * limit and all given back.
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
#include "utf8.h"

#define MEMORY 20000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_name(const char *name)
{
	uint32_t c;

	if (!*name || strlen(name) > RP_JIT_NAME_MAX)
		abort();
	while ((c = rp_utf8_next(&name)))
		if (rp_utf8_is_unsafe(c))
			abort();
}

/* Every number in the input is an address worth asking for. */
static void look_up(const struct rp_jit_code *t, const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *p, *end;
	const struct rp_jit_symbol *s;
	uint64_t n;

	for (p = text, end = text + strlen(text); p < end; p += strcspn(p, " \n") + 1) {
		n = strtoull(p, NULL, 16);
		s = rp_jit_code_find(t, n, 0);
		if (s)
			check_name(s->name);
		rp_jit_code_find(t, n - 1, n);
	}
	free(text);
}

struct reading {
	struct rp_jit_mark mark;
	struct rp_jit_taken counts;
};

static void read_to(struct reading *r, int fd, size_t size, struct rp_jit_code *t)
{
	uint64_t allowance = UINT64_MAX;
	const struct rp_jit_source source = { .fd = fd, .size = size, .allowance = &allowance };
	int err = rp_jit_read(&source, &r->mark, t, &r->counts);

	if ((err && err != -ENOSPC) || r->mark.offset > size)
		abort();
}

static struct reading read_all(int fd, size_t first, size_t size, const uint8_t *data)
{
	struct rp_jit_memory memory = { .max = MEMORY };
	struct rp_jit_code *t = rp_jit_code_new(&memory);
	struct reading r = { 0 };

	read_to(&r, fd, first, t);
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
	b = read_all(fd, size ? data[0] % size : 0, size, data);
	if (a.counts.taken != b.counts.taken || a.counts.bad != b.counts.bad ||
	    a.mark.offset != b.mark.offset)
		abort();
	close(fd);
	return 0;
}
