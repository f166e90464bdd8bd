/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Marks: a set of addresses in which the first one from an address on is found at once, for
 * who asks that of each of a hundred thousand symbols.
 */
#ifndef RP_ELF_MARKS_H
#define RP_ELF_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rp_elf_marks {			/* all 0: empty */
	uint64_t *at;			/* ascending, each once, when they are ready */
	size_t nr, room;
	uint32_t *first;		/* of each bucket and of those behind it */
	size_t nr_buckets;
	unsigned int shift;		/* log2 of a bucket's bytes */
};

/* 0 or -ENOMEM, which leaves them as they were. They are not ready then. */
int rp_elf_marks_add(struct rp_elf_marks *m, uint64_t address);
/* 0 or -ENOMEM. */
int rp_elf_marks_ready(struct rp_elf_marks *m);
void rp_elf_marks_free(struct rp_elf_marks *m);

/* Of marks that are ready, the index of the first one at or behind an address; nr: none. */
static inline size_t rp_elf_marks_from(const struct rp_elf_marks *m, uint64_t address)
{
	size_t i;

	if (!m->nr || address <= m->at[0])
		return 0;
	if (address > m->at[m->nr - 1])
		return m->nr;
	i = m->first[(address - m->at[0]) >> m->shift];
	while (m->at[i] < address)
		i++;
	return i;
}

static inline bool rp_elf_marks_has(const struct rp_elf_marks *m, uint64_t address)
{
	size_t i = rp_elf_marks_from(m, address);

	return i < m->nr && m->at[i] == address;
}

#endif
