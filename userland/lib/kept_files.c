// SPDX-License-Identifier: GPL-2.0
#include "kept_files.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct rp_kept_file {
	char name[RP_KEPT_FILES_NAME];
	uint64_t bytes;
	time_t used;
};

void rp_kept_files_add(struct rp_kept_files *k, const char *name, uint64_t bytes, time_t used)
{
	size_t room = k->room ? 2 * k->room : 64, len = strlen(name);
	struct rp_kept_file *more;

	if (len >= sizeof(more->name))
		return;
	k->bytes += bytes;
	if (k->nr == k->room) {
		more = realloc(k->files, room * sizeof(*more));
		if (!more)
			return;
		k->files = more;
		k->room = room;
	}
	k->files[k->nr] = (struct rp_kept_file){ .bytes = bytes, .used = used };
	memcpy(k->files[k->nr++].name, name, len);
}

static int by_use(const void *a, const void *b)
{
	const struct rp_kept_file *x = a, *y = b;

	return (x->used > y->used) - (x->used < y->used);
}

uint64_t rp_kept_files_trim(struct rp_kept_files *k, int folder, uint64_t more,
			    uint64_t max_bytes)
{
	uint64_t bytes = k->bytes + more, removed = 0;
	bool over = max_bytes && bytes > max_bytes;
	size_t i;

	if (over && k->nr)
		qsort(k->files, k->nr, sizeof(*k->files), by_use);
	for (i = 0; over && i < k->nr; i++) {
		if (unlinkat(folder, k->files[i].name, 0))
			continue;
		removed++;
		bytes -= k->files[i].bytes;
		over = bytes > max_bytes;
	}
	free(k->files);
	*k = (struct rp_kept_files){ 0 };
	return removed;
}
