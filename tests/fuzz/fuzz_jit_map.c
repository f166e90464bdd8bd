// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as a perf map, read whole and in two pieces: no crash, the same lines taken,
 * names that are safe to be shown, memory within its limit and all given back.
 *
 * seconds: 60
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "jit_map.h"
#include "utf8.h"

#define MEMORY 20000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t buffer[RP_JIT_CHUNK];

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

static struct rp_jit_map read_all(int fd, size_t first, size_t size, const uint8_t *data)
{
	struct rp_jit_memory memory = { .max = MEMORY };
	struct rp_jit_code *t = rp_jit_code_new(&memory);
	uint64_t allowance = UINT64_MAX;
	struct rp_jit_input in = { .fd = fd, .size = first, .allowance = &allowance,
				   .buffer = buffer };
	struct rp_jit_map m = { 0 };

	rp_jit_map_read(&m, &in, t);
	in.size = size;
	rp_jit_map_read(&m, &in, t);
	if (m.offset > size || memory.used > memory.max)
		abort();
	look_up(t, data, size);
	rp_jit_code_free(t);
	if (memory.used)
		abort();
	return m;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct rp_jit_map a, b;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	a = read_all(fd, size, size, data);
	b = read_all(fd, size ? data[0] % size : 0, size, data);
	if (a.lines != b.lines || a.bad != b.bad || a.offset != b.offset)
		abort();
	close(fd);
	return 0;
}
