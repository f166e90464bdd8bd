// SPDX-License-Identifier: GPL-2.0
/*
 * The walk as the module does it (kmod/stack_user_tables.c): the same evaluator, tables of
 * the same compiler, by frame pointers where there is no rule.
 */
#include "replay.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/unwind_step.h"
#include "unwind_compile.h"

/* Tables by path, made once for all moments. */
static struct known {
	char path[512];
	struct rp_unwind_built built;
} known[RP_MAPPINGS_MAX];
static unsigned int nr_known;

static const uint8_t *bytes_at(const struct rp_moment *m, uint64_t start, uint64_t size)
{
	uint32_t i;

	for (i = 0; i < m->nr_pieces; i++)
		if (m->pieces[i].start == start && m->pieces[i].size == size)
			return m->pieces[i].bytes;
	return NULL;
}

static const struct rp_unwind_table *table_of(const struct rp_moment *m,
					      const struct rp_recorded_map *map)
{
	struct known *k;
	char why[256] = "";
	int fd, err;

	for (k = known; k < known + nr_known; k++)
		if (!strcmp(k->path, map->path))
			return k->built.table;
	if (nr_known == RP_MAPPINGS_MAX)
		return NULL;
	k = &known[nr_known++];
	strcpy(k->path, map->path);
	if (*map->path == '/') {
		fd = open(map->path, O_RDONLY | O_CLOEXEC);
		err = rp_unwind_compile_fd(fd, map->path, 0, &k->built, why, sizeof(why));
		close(fd);
	} else {
		const uint8_t *image = bytes_at(m, map->start, map->end - map->start);

		err = image ? rp_unwind_compile_memory(image, map->end - map->start, map->path,
						       0, &k->built, why, sizeof(why)) : -1;
	}
	if (err)
		fprintf(stderr, "replay: no table: %s\n", why);
	return k->built.table;
}

static const struct rp_unwind_rule *rule_at(const struct rp_moment *m, uint64_t place)
{
	static const struct rp_unwind_rule none;
	const struct rp_unwind_table *table;
	const struct rp_recorded_map *map;

	for (map = m->maps; map < m->maps + m->nr_maps; map++) {
		if (place < map->start || place >= map->end)
			continue;
		table = table_of(m, map);
		return table ? rp_unwind_find(table, place - map->start + map->offset) : &none;
	}
	return &none;
}

struct reading {
	const struct rp_moment *m;
	uint64_t saved_at;		/* registers are in a signal's frame there; 0: ours */
};

static _Bool read_word(void *arg, __u64 address, __u64 *ret)
{
	const struct reading *r = arg;
	uint64_t word;

	if (!rp_moment_word(r->m, address, &word))
		return 0;
	*ret = word;
	return 1;
}

static _Bool read_register(void *arg, unsigned int reg, __u64 *ret)
{
	const struct reading *r = arg;

	if (reg >= RP_RECORDED_REGISTERS)
		return 0;
	if (r->saved_at)
		return read_word(arg, rp_unwind_saved_at(RP_UNWIND_X86_64, r->saved_at, reg),
				 ret);
	*ret = r->m->registers[reg];
	return 1;
}

static __u64 code(__u64 address)
{
	return address;
}

void rp_replay_ours(const struct rp_moment *m, struct rp_frames *ret)
{
	struct reading reading = { .m = m };
	const struct rp_unwind_reader reader = { read_word, read_register, code, &reading };
	struct rp_unwind_state s = {
		.pc = m->registers[16], .sp = m->registers[7], .fp = m->registers[6],
		.exact = 1, .fp_known = 1,
	};
	enum rp_unwind_step step = RP_UNWIND_CALLER;
	uint64_t sp;
	bool by_fp;

	*ret = (struct rp_frames){ 0 };
	while (ret->nr < RP_FRAMES_MAX) {
		ret->pc[ret->nr++] = s.pc;
		sp = s.sp;
		step = rp_unwind_one(&s, rule_at(m, rp_unwind_place(&s)), RP_UNWIND_X86_64,
				     &reader);
		by_fp = step == RP_UNWIND_NO_RULE;
		if (by_fp) {
			if (!ret->by_fp)
				ret->by_fp = ret->nr;
			step = rp_unwind_by_fp(&s, RP_UNWIND_X86_64, &reader);
		}
		if (step == RP_UNWIND_SIGNALLED) {
			reading.saved_at = sp;
			ret->signals++;
		} else if (step != RP_UNWIND_CALLER) {
			break;
		}
		if (!s.pc) {
			step = by_fp && s.fp ? RP_UNWIND_NO_RULE : RP_UNWIND_ROOT;
			break;
		}
	}
	ret->whole = step == RP_UNWIND_ROOT;
	ret->step = step;
}
