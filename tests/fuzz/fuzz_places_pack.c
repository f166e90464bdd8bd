// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as what a parser of debugging data answers, one that a file has made its own: what
 * is not refused can be looked up, each look comes to an end, and it stays what it was when it
 * is packed again; what is refused leaves nothing behind.
 *
 * seconds: 20
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "debug_places_pack.h"
#include "why.h"

#define NR_MAX 1000
#define FRAMES 600	/* more than a chain of inlined functions may have */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth)
{
	if (!truth)
		abort();
}

static void look(const struct rp_debug_places *p, uint64_t address, size_t size)
{
	struct rp_debug_frame frame[FRAMES];
	unsigned int nr;

	require(rp_debug_places_get(p, address, frame, FRAMES, &nr));
	require(nr > 0 && nr < FRAMES);
	while (nr--)
		require(strlen(frame[nr].function) < size && strlen(frame[nr].file) < size);
}

static void expect_same(const struct rp_debug_places *p, const struct rp_debug_places *q,
			uint64_t address)
{
	struct rp_debug_frame a[FRAMES], b[FRAMES];
	unsigned int na, nb;

	require(rp_debug_places_get(p, address, a, FRAMES, &na));
	require(rp_debug_places_get(q, address, b, FRAMES, &nb));
	require(na == nb);
	while (na--)
		require(!strcmp(a[na].function, b[na].function) &&
			!strcmp(a[na].file, b[na].file) && a[na].line == b[na].line);
}

static void pack_again(struct rp_debug_places *p, const uint64_t *addresses, size_t nr)
{
	struct rp_debug_places q = { 0 };
	char said[RP_WHY_SIZE];
	size_t size, i;
	void *data;

	require(!rp_debug_places_pack(p, "once more", &data, &size));
	require(!rp_debug_places_unpack(&q, data, size, addresses, nr, said, sizeof(said)));
	require(!strcmp(said, "once more"));
	for (i = 0; i < nr; i++)
		expect_same(p, &q, addresses[i]);
	free(data);
	rp_debug_places_free(&q);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint64_t addresses[2 * NR_MAX];
	struct rp_debug_places p = { 0 };
	char said[RP_WHY_SIZE];
	uint64_t nr, i;
	int r;

	if (size < sizeof(nr))
		return 0;
	memcpy(&nr, data, sizeof(nr));
	nr %= NR_MAX + 1;
	/* The second time between those of the first. */
	for (i = 0; i < nr; i++) {
		addresses[i] = 2 * i;
		addresses[nr + i] = 2 * i + 1;
	}
	r = rp_debug_places_unpack(&p, data, size, addresses, nr, said, sizeof(said));
	require(!r || (r == -EBADMSG && !p.nr && !p.nr_nodes && !p.strings.size));
	if (!r) {
		pack_again(&p, addresses, nr);
		require(!rp_debug_places_unpack(&p, data, size, addresses + nr, nr, said,
						sizeof(said)));
		for (i = 0; i < 2 * nr; i++)
			look(&p, i, size);
	}
	rp_debug_places_free(&p);
	return 0;
}
