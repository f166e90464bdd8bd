// SPDX-License-Identifier: GPL-2.0
/* Reading and writing are each other's mirror; the file is for the machine it is from. */
#include "recording.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define PIECE_MAX (64u << 20)

static bool put(FILE *f, const void *data, size_t size)
{
	if (!size || fwrite(data, size, 1, f) == 1)
		return true;
	perror("replay: writing");
	return false;
}

static bool get(FILE *f, void *data, size_t size)
{
	return !size || fread(data, size, 1, f) == 1;
}

bool rp_moment_write(FILE *f, const struct rp_moment *m)
{
	uint32_t i;

	if (!put(f, m, offsetof(struct rp_moment, maps)) ||
	    !put(f, m->maps, m->nr_maps * sizeof(m->maps[0])))
		return false;
	for (i = 0; i < m->nr_pieces; i++)
		if (!put(f, &m->pieces[i], offsetof(struct rp_recorded_piece, bytes)) ||
		    !put(f, m->pieces[i].bytes, m->pieces[i].size))
			return false;
	return true;
}

static bool read_piece(FILE *f, struct rp_recorded_piece *p)
{
	if (!get(f, p, offsetof(struct rp_recorded_piece, bytes)) || p->size > PIECE_MAX)
		return false;
	p->bytes = malloc(p->size);
	return p->bytes && get(f, p->bytes, p->size);
}

bool rp_moment_read(FILE *f, struct rp_moment *m)
{
	uint32_t nr;

	memset(m, 0, sizeof(*m));
	if (!get(f, m, offsetof(struct rp_moment, maps)))
		return false;		/* the end */
	nr = m->nr_pieces;
	m->nr_pieces = 0;
	if (m->magic != RP_MOMENT_MAGIC || m->nr_maps > RP_MAPPINGS_MAX ||
	    nr > RP_PIECES_MAX || !get(f, m->maps, m->nr_maps * sizeof(m->maps[0])))
		goto bad;
	while (m->nr_pieces < nr)
		if (!read_piece(f, &m->pieces[m->nr_pieces++]))
			goto bad;
	return true;
bad:
	fputs("replay: this is no recording, or not all of one\n", stderr);
	rp_moment_free(m);
	return false;
}

void rp_moment_free(struct rp_moment *m)
{
	while (m->nr_pieces)
		free(m->pieces[--m->nr_pieces].bytes);
}

bool rp_moment_word(const struct rp_moment *m, uint64_t address, uint64_t *ret)
{
	const struct rp_recorded_piece *p;

	for (p = m->pieces; p < m->pieces + m->nr_pieces; p++) {
		if (address < p->start || p->size < sizeof(*ret) ||
		    address - p->start > p->size - sizeof(*ret))
			continue;
		memcpy(ret, p->bytes + (address - p->start), sizeof(*ret));
		return true;
	}
	return false;
}
