// SPDX-License-Identifier: GPL-2.0
/*
 * replay - what an unwinder needs, recorded from programs, and walked again by ours and by
 * libdw.
 *
 *	replay record FILE N COMMAND...	N moments of a command
 *	replay check FILE		the frames of both have to be the same
 *
 * check prints a line of counts; each difference with both stacks on stderr. Exit status 0;
 * 1: they differ; 2: usage. A stack that ours left by a frame pointer is compared as far as
 * that, since nobody knows better there.
 */
#include "replay.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void print(const char *whose, const struct rp_moment *m, const struct rp_frames *f)
{
	const struct rp_recorded_map *map;
	unsigned int i;

	fprintf(stderr, "  %s:%s\n", whose, f->whole ? " (whole)" : "");
	for (i = 0; i < f->nr; i++) {
		for (map = m->maps; map < m->maps + m->nr_maps; map++)
			if (f->pc[i] >= map->start && f->pc[i] < map->end)
				break;
		if (map < m->maps + m->nr_maps)
			fprintf(stderr, "    %s+0x%" PRIx64 "%s\n", map->path,
				f->pc[i] - map->start + map->offset,
				i + 1 == f->by_fp ? " (by frame pointer)" : "");
		else
			fprintf(stderr, "    0x%" PRIx64 "\n", f->pc[i]);
	}
}

static bool same(const struct rp_frames *ours, const struct rp_frames *theirs)
{
	unsigned int nr = ours->by_fp ? ours->by_fp : ours->nr;

	if (theirs->nr < nr || memcmp(ours->pc, theirs->pc, nr * sizeof(ours->pc[0])))
		return false;
	return ours->by_fp || !ours->whole || theirs->nr == nr;
}

static int check(FILE *f)
{
	unsigned int moments = 0, whole = 0, by_fp = 0, signals = 0, differ = 0;
	static struct rp_frames ours, theirs;
	static struct rp_moment m;
	uint64_t frames = 0;

	for (; rp_moment_read(f, &m); rp_moment_free(&m)) {
		rp_replay_ours(&m, &ours);
		rp_replay_theirs(&m, &theirs);
		moments++;
		frames += ours.nr;
		whole += ours.whole;
		by_fp += ours.by_fp != 0;
		signals += ours.signals;
		if (same(&ours, &theirs))
			continue;
		differ++;
		fprintf(stderr, "moment %u: ours ended with %d\n", moments, ours.step);
		print("ours", &m, &ours);
		print("libdw's", &m, &theirs);
	}
	printf("moments=%u frames=%" PRIu64 " whole=%u by-fp=%u signals=%u differ=%u\n",
	       moments, frames, whole, by_fp, signals, differ);
	return differ || !moments;
}

int main(int argc, char **argv)
{
	bool record = argc > 4 && !strcmp(argv[1], "record");
	int status;
	FILE *f;

	if (!record && (argc != 3 || strcmp(argv[1], "check"))) {
		fputs("usage: replay record FILE N COMMAND... | replay check FILE\n", stderr);
		return 2;
	}
	f = fopen(argv[2], record ? "we" : "re");
	if (!f) {
		perror(argv[2]);
		return 1;
	}
	status = record ? rp_record_moments(f, (unsigned int)atoi(argv[3]), argv + 4) :
			  check(f);
	if (fclose(f)) {
		perror(argv[2]);
		status = 1;
	}
	return status;
}
