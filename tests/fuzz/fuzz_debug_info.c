// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as an ELF file with debugging data: no crash, no hang, and what is found is
 * sound. The first byte says what is asked (RP_DEBUG_...), the rest is the file.
 *
 * seconds: 60
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "debug_info.h"

#define FIRST	0x401000u	/* where the seeds' code is */
#define NR	512u
#define FRAMES	64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int ok)
{
	if (!ok)
		abort();
}

static void look(const struct rp_debug_places *places, unsigned int what, uint64_t address)
{
	struct rp_debug_frame frame[FRAMES];
	unsigned int nr, i;

	require(rp_debug_places_get(places, address, frame, FRAMES, &nr));
	require(nr >= 1 && nr <= FRAMES);
	for (i = 0; i < nr; i++) {
		require(strlen(frame[i].function) < 65536);
		require(what & RP_DEBUG_LINES || (!*frame[i].file && !frame[i].line));
		require(what & RP_DEBUG_INLINES || !*frame[i].function);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rp_debug_places places = { 0 };
	uint64_t addresses[NR];
	struct rp_debug_info *info;
	unsigned int what, i, half;
	char text[256];
	uint8_t *file;

	if (!size)
		return 0;
	what = data[0] % 4 ? data[0] % 4 : 3;
	file = malloc(size);
	memcpy(file, data + 1, size - 1);
	for (i = 0; i < NR; i++)
		addresses[i] = FIRST + i * 3;
	if (!rp_debug_info_open_memory(file, size - 1, "fuzz", &info, text, sizeof(text))) {
		/* In two parts: the second one finds what the first has made. */
		half = NR / 2;
		require(!rp_debug_info_find(info, what, addresses, half, &places));
		require(!rp_debug_info_find(info, what, addresses + half, NR - half, &places));
		for (i = 0; i < NR; i++)
			look(&places, what, addresses[i]);
		if (rp_debug_info_said(info, text, sizeof(text)))
			require(strlen(text) > 10);
		require(rp_debug_info_bytes(info) > 0);
		rp_debug_info_close(info);
	}
	rp_debug_places_free(&places);
	free(file);
	return 0;
}
