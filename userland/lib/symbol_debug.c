// SPDX-License-Identifier: GPL-2.0
/*
 * What was found stays from window to window: hot code is hot again a minute later.
 */
#include "symbol_debug.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_uint nr_open;

void rp_symbol_debug_open(struct rp_symbol_debug *d, struct rp_jail *jail, int fd,
			  const char *name, const struct rp_debug_search *where, char *problem,
			  size_t size)
{
	char why[512];
	int r;

	if (nr_open >= RP_SYMBOL_DEBUG_FILES) {
		if (!*problem)
			snprintf(problem, size, "%.300s: its lines are not read, for %u files "
				 "are open for that already", name, RP_SYMBOL_DEBUG_FILES);
		return;
	}
	r = rp_jail_places_open(jail, fd, name, where, &d->data, why, sizeof(why));
	if (!r) {
		nr_open++;
		d->name = strdup(name);
	} else if (r != -ENODATA && !*problem) {
		snprintf(problem, size, "%s", why);
	}
}

void rp_symbol_debug_close(struct rp_symbol_debug *d)
{
	if (d->data)
		nr_open--;
	rp_jail_places_close(d->data);
	rp_debug_places_free(&d->places);
	free(d->name);
	*d = (struct rp_symbol_debug){ .data = NULL };
}

int rp_symbol_debug_find(struct rp_symbol_debug *d, unsigned int what, const uint64_t *addresses,
			 size_t nr, char *problem, size_t size)
{
	uint64_t *fresh = malloc((nr + 1) * sizeof(*fresh));
	char said[400] = "";
	size_t i, n = 0;
	int r = fresh ? 0 : -ENOMEM;

	if (rp_debug_places_bytes(&d->places) > RP_SYMBOL_PLACES_BYTES)
		rp_debug_places_free(&d->places);
	for (i = 0; i < nr && !r; i++)
		if (!rp_debug_places_has(&d->places, addresses[i]))
			fresh[n++] = addresses[i];
	if (!r && n)
		r = rp_jail_places_find(d->data, what, fresh, n, &d->places, said,
					sizeof(said));
	if (!*problem && d->name && *said)
		snprintf(problem, size, "%.100s: %s", d->name, said);
	free(fresh);
	return r;
}

size_t rp_symbol_debug_bytes(const struct rp_symbol_debug *d)
{
	return d->data ? rp_jail_places_bytes(d->data) + rp_debug_places_bytes(&d->places) : 0;
}
