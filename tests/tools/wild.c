// SPDX-License-Identifier: GPL-2.0
/*
 * wild.c - random unwind tables for everything that is sampled.
 *
 *	wild SEED SECONDS [ROOM]
 *
 * Owns a running session, and gives each file that it hears of a table whose header,
 * rows and rules are right as far as the module checks them, and nothing but chance
 * otherwise; again and again, while samples are being walked by them. Some are given to
 * hit the stack often, others to lead anywhere at all. With ROOM, there is memory for so
 * many bytes of tables, and one that is larger has to be refused. Prints what it did, and
 * exits with 1 when a table was not taken or a record was not whole.
 */
#include "genl.h"
#include "rings.h"
#include "stress.h"
#include "tables.h"
#include "proto/file_id.h"

#define FILES 256
#define BLOCKS_MAX 4096u	/* 4 MiB of code: the rest of a file goes without */

enum { LOADED, SAMPLES, FRAMES, BY_TABLE, NR_COUNTS };

static const char *const names[NR_COUNTS] = { "loaded", "samples", "frames", "stops-of-tables" };
static uint64_t counts[NR_COUNTS];
static struct known {
	struct rp_file_id id;
	uint64_t offset, size;
} files[FILES];
static size_t nr_files;
static uint64_t stops[RP_STOP_NR];
static uint64_t room = RP_TABLE_LIMIT_DEFAULT;

/* ---- what is sampled ------------------------------------------------------------------ */

static void note(const struct rp_map *map)
{
	struct known file = { .offset = map->offset, .size = map->end - map->start };

	if (!rp_file_id_of(map, &file.id))
		return;
	for (size_t i = 0; i < nr_files; i++)
		if (!memcmp(&files[i].id, &file.id, sizeof(file.id)) &&
		    files[i].offset == file.offset)
			return;
	if (nr_files < FILES)
		files[nr_files++] = file;
}

static void each(const struct rp_rec *rec)
{
	const struct rp_space *space = (const void *)rec;
	const struct rp_sample *s = (const void *)rec;
	const struct rp_map *map = (const void *)(space + 1);

	if (rec->type == RP_REC_SAMPLE) {
		counts[SAMPLES]++;
		counts[FRAMES] += s->nr_user;
		stops[s->user_stop]++;
	}
	if (rec->type != RP_REC_SPACE)
		return;
	for (int i = 0; i < space->nr_maps; i++) {
		note(map);
		map = (const void *)((const char *)map + map->size);
	}
}

/* ---- tables --------------------------------------------------------------------------- */

static int32_t distance(uint64_t *random)
{
	switch (rp_below(random, 4)) {
	case 0:
		return (int32_t)rp_random(random);
	case 1:
		return -(int32_t)rp_magnitude(random, 4096);
	default:
		return 8 * (int32_t)rp_magnitude(random, 64);
	}
}

static struct rp_unwind_rule random_rule(uint64_t *random)
{
	struct rp_unwind_rule rule = {
		.cfa = (uint8_t)rp_below(random, RP_UNWIND_CFA_NR),
		.reg = (uint8_t)rp_below(random, rp_one_in(random, 2) ? 256 : 33),
		.ra = (uint8_t)rp_below(random, RP_UNWIND_WHERE_NR),
		.fp = (uint8_t)rp_below(random, RP_UNWIND_WHERE_NR),
		.offset = distance(random), .add = distance(random),
		.ra_offset = distance(random), .fp_offset = distance(random),
	};

	/* Most of them step somewhere: else every stack has one frame. */
	if (rp_one_in(random, 3))
		return rule;
	rule.cfa = RP_UNWIND_CFA_REG;
	rule.reg = (uint8_t)rp_unwind_sp(RP_MACHINE);
	rule.offset = 8 * (int32_t)rp_magnitude(random, 32);
	rule.ra = RP_UNWIND_SAVED;
	rule.ra_offset = -8 * (int32_t)rp_magnitude(random, 4);
	return rule;
}

static struct rp_unwind_table *random_table(uint64_t *random, const struct known *file)
{
	uint64_t size = file->size / RP_UNWIND_BLOCK + 2;
	uint32_t nr_blocks = size > BLOCKS_MAX ? BLOCKS_MAX : (uint32_t)size;
	uint32_t nr_rules = 1 + rp_magnitude(random, 1000);
	uint32_t nr_rows = nr_blocks * (1 + rp_below(random, 16));
	struct rp_unwind_table *t = rp_table_make(nr_blocks, nr_rows, nr_rules);
	struct rp_unwind_row *rows = (struct rp_unwind_row *)rp_unwind_rows(t);
	struct rp_unwind_rule *rules = rp_table_rules(t);

	t->base = file->offset & ~(uint64_t)(RP_UNWIND_BLOCK - 1);
	if (rp_one_in(random, 16))
		t->base = rp_random(random) >> 2 & ~(uint64_t)(RP_UNWIND_BLOCK - 1);
	for (uint32_t i = 0; i < nr_rows; i++) {
		rows[i].at = (uint16_t)(rows[i].at * (RP_UNWIND_BLOCK / 32));
		rows[i].rule = (uint16_t)rp_below(random, nr_rules);
	}
	for (uint32_t i = 1; i < nr_rules; i++)
		rules[i] = random_rule(random);
	return t;
}

static bool load(uint64_t *random, int fd)
{
	const struct known *file = &files[rp_below(random, (uint32_t)nr_files)];
	struct rp_unwind_table *t = random_table(random, file);
	uint64_t size = rp_unwind_size(t);
	int error = rp_table_give(fd, &file->id, t, size, NULL);
	bool right = error == (size > room ? ENOSPC : 0);

	if (!right)
		fprintf(stderr, "wild: RP_IOC_TABLE: %s\n", strerror(error));
	free(t);
	counts[LOADED] += !error;
	return right;
}

/* ---- the session ------------------------------------------------------------------------ */

static int start(uint32_t session)
{
	uint16_t family = 0;
	int fd = rp_genl_open(&family), error;
	struct rp_message m;

	rp_message_begin(&m, family, RP_CMD_SET);
	rp_message_put_u32(&m, RP_A_SESSION, session);
	rp_message_put_u32(&m, RP_A_FREQ, 1000);
	rp_message_put(&m, RP_A_TABLE_LIMIT, &room, sizeof(room));
	error = rp_genl_ask(fd, &m, NULL, 0);
	rp_message_begin(&m, family, RP_CMD_START);
	rp_message_put_u32(&m, RP_A_SESSION, session);
	if (!error)
		error = rp_genl_ask(fd, &m, NULL, 0);
	close(fd);
	return error;
}

int main(int argc, char **argv)
{
	static struct rp_rings rings = { .each = each };
	uint64_t random;
	double end;
	bool right;
	int error;

	if (argc != 3 && argc != 4) {
		fprintf(stderr, "usage: wild SEED SECONDS [ROOM]\n");
		return 2;
	}
	if (argc == 4)
		room = strtoull(argv[3], NULL, 0);
	random = rp_random_state(rp_seed_of(argv[1]), 0);
	end = rp_seconds() + atof(argv[2]);
	error = -rp_rings_open(&rings);
	if (!error)
		error = -rp_rings_map(&rings);
	if (!error)
		error = start(rings.setup.session);
	if (error) {
		fprintf(stderr, "wild: %s\n", strerror(error));
		return 1;
	}
	do {
		right = rp_rings_read(&rings) && (!nr_files || load(&random, rings.fd));
		rp_pause_us(1000);
	} while (right && rp_seconds() < end);
	counts[BY_TABLE] = stops[RP_STOP_UNSAID] + stops[RP_STOP_REGISTER] + stops[RP_STOP_BACKWARDS];
	rp_report("wild", names, counts, NR_COUNTS);
	return !right;
}
