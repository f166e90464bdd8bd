// SPDX-License-Identifier: GPL-2.0
#include "jail_addresses.h"

#include <stdlib.h>

#include "dwarf_cursor.h"

#define ADDRESS_MAX 10	/* bytes of a distance */

static char *put_distance(char *to, uint64_t distance)
{
	for (; distance > 0x7f; distance >>= 7)
		*to++ = (char)(distance | 0x80);
	*to++ = (char)distance;
	return to;
}

size_t rp_jail_tell_addresses(struct rp_jail_words *w, const uint64_t *addresses, size_t nr,
			      size_t spare)
{
	char *at = w->text + w->size;
	const char *end = w->text + sizeof(w->text);
	size_t i;

	for (i = 0; i < nr && (size_t)(end - at) >= ADDRESS_MAX + spare; i++)
		at = put_distance(at, addresses[i] - (i ? addresses[i - 1] : 0));
	w->size = (size_t)(at - w->text);
	return i;
}

uint64_t *rp_jail_read_addresses(const char *from, const char *end, size_t nr,
				 const char **ret_end)
{
	struct rp_dwarf_cursor c = { .at = (const uint8_t *)from, .end = (const uint8_t *)end };
	uint64_t *addresses, last = 0;
	size_t i;

	if (nr > (size_t)(end - from))
		return NULL;
	addresses = malloc((nr + 1) * sizeof(*addresses));
	for (i = 0; addresses && i < nr; i++)
		addresses[i] = last += rp_dwarf_uleb(&c);
	if (addresses && c.bad) {
		free(addresses);
		return NULL;
	}
	*ret_end = (const char *)c.at;
	return addresses;
}
