/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A hash for tables whose keys are chosen by strangers (paths, thread names,
 * addresses): seeded, so that nobody outside can aim at one bucket. In memory only;
 * the values differ from run to run.
 */
#ifndef RP_HASH_H
#define RP_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static inline uint64_t rp_hash_mix(uint64_t a, uint64_t b)
{
	a ^= b;
	a *= 0x9e3779b97f4a7c15ull;
	a ^= a >> 32;
	a *= 0xd6e8feb86659fd93ull;
	return a ^ a >> 29;
}

static inline uint64_t rp_hash_bytes(uint64_t seed, const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t h = rp_hash_mix(seed, len), word;

	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = rp_hash_mix(h, word);
	}
	if (len) {
		word = 0;
		memcpy(&word, p, len);
		h = rp_hash_mix(h, word);
	}
	return h;
}

/* Early in boot there may be no randomness yet: the clock is better than waiting. */
static inline uint64_t rp_hash_seed(void)
{
	struct timespec now;
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) == (ssize_t)sizeof(seed))
		return seed;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return rp_hash_mix((uint64_t)now.tv_nsec, (uint64_t)(uintptr_t)&now);
}

#endif
