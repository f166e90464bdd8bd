/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A recording: of programs that were stopped at any place, each time one thread's
 * registers, what it had mapped executable, and the memory that its stack may lie in. What
 * an unwinder is given, and nothing else; x86-64.
 *
 * The file is a sequence of moments, each a struct rp_moment, its mappings with their
 * paths, and its pieces of memory with their bytes.
 */
#ifndef RP_RECORDING_H
#define RP_RECORDING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define RP_MOMENT_MAGIC 0x4d505052u
#define RP_RECORDED_REGISTERS 17	/* in DWARF's order; the last is the program counter */
#define RP_MAPPINGS_MAX 256
#define RP_PIECES_MAX 256

struct rp_recorded_map {
	uint64_t start, end, offset;
	char path[512];
};

struct rp_recorded_piece {
	uint64_t start, size;
	uint8_t *bytes;			/* in memory: malloc; in the file they follow */
};

struct rp_moment {
	uint32_t magic;
	uint32_t nr_maps, nr_pieces;
	uint64_t registers[RP_RECORDED_REGISTERS];
	struct rp_recorded_map maps[RP_MAPPINGS_MAX];
	struct rp_recorded_piece pieces[RP_PIECES_MAX];
};

/* Both fail with a sentence on stderr. read: false also at the end. */
bool rp_moment_write(FILE *f, const struct rp_moment *m);
bool rp_moment_read(FILE *f, struct rp_moment *m);
void rp_moment_free(struct rp_moment *m);

/* A word of what was recorded; false: it was not. */
bool rp_moment_word(const struct rp_moment *m, uint64_t address, uint64_t *ret);

/* Runs a command and writes `nr` moments of it; an exit status. */
int rp_record_moments(FILE *f, unsigned int nr, char **command);

#endif
