// SPDX-License-Identifier: GPL-2.0
/*
 * Any text as /proc/kallsyms and /proc/modules, parted at the first NUL: no crash, and
 * look-ups that keep their promises: offsets from the function's start, and no relative
 * address outside of its image.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel_symbols.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file in memory with these bytes; its path goes to path. */
static int memory_file(const uint8_t *data, size_t size, char *path, size_t path_size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, path_size, "/proc/self/fd/%d", fd);
	return fd;
}

static void look_up(struct rp_kernel_symbols *ks, uint64_t address)
{
	struct rp_kernel_symbol s;

	if (rp_kernel_symbols_lookup(ks, address, &s) != 0)
		return;
	if (s.name && (!*s.name || s.offset > address))
		abort();
	if (s.has_rel ? s.rel >= s.image_size : s.rel != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = memchr(data, 0, size);
	size_t first = nul ? (size_t)(nul - data) : size;
	struct rp_kernel_symbols_stats stats;
	struct rp_kernel_symbols *ks;
	char kallsyms[64], modules[64];
	const char *p, *end;
	char *text;
	int a, b, r;

	a = memory_file(data, first, kallsyms, sizeof(kallsyms));
	b = memory_file(data + first, size - first, modules, sizeof(modules));
	r = rp_kernel_symbols_open(kallsyms, modules, &ks);
	if (r == 0) {
		/* Every number in the input is an address worth asking for. */
		text = strndup((const char *)data, first);
		for (p = text, end = text + strlen(text); p < end; p += strcspn(p, "\n") + 1) {
			uint64_t address = strtoull(p, NULL, 16);

			look_up(ks, address - 1);
			look_up(ks, address);
			look_up(ks, address + 100);
		}
		free(text);
		if (rp_kernel_symbols_refresh(ks) < 0)
			abort();
		rp_kernel_symbols_stats(ks, &stats);
		rp_kernel_symbols_free(ks);
	}
	close(a);
	close(b);
	return 0;
}
