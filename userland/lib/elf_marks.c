// SPDX-License-Identifier: GPL-2.0
/* As many buckets as marks, about: addresses of code lie evenly enough for that. */
#include "elf_marks.h"

#include <errno.h>
#include <stdlib.h>

#include "numbers.h"

int rp_elf_marks_add(struct rp_elf_marks *m, uint64_t address)
{
	size_t room = m->room ? 2 * m->room : 256;
	uint64_t *larger;

	if (m->nr == m->room) {
		larger = realloc(m->at, room * sizeof(*larger));
		if (!larger)
			return -ENOMEM;
		m->at = larger;
		m->room = room;
	}
	m->at[m->nr++] = address;
	return 0;
}

int rp_elf_marks_ready(struct rp_elf_marks *m)
{
	uint64_t span;
	size_t i, b;

	free(m->first);
	m->first = NULL;
	if (!m->nr)
		return 0;
	m->nr = rp_numbers_unique(m->at, m->nr);
	span = m->at[m->nr - 1] - m->at[0];
	for (m->shift = 0; m->shift < 63 && span >> m->shift > m->nr; m->shift++)
		;
	m->nr_buckets = (size_t)(span >> m->shift) + 1;
	m->first = malloc(m->nr_buckets * sizeof(*m->first));
	if (!m->first)
		return -ENOMEM;
	for (b = i = 0; b < m->nr_buckets; b++) {
		while ((m->at[i] - m->at[0]) >> m->shift < b)
			i++;
		m->first[b] = (uint32_t)i;
	}
	return 0;
}

void rp_elf_marks_free(struct rp_elf_marks *m)
{
	free(m->at);
	free(m->first);
	*m = (struct rp_elf_marks){ .at = NULL };
}
