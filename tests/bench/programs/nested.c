// SPDX-License-Identifier: GPL-2.0
/*
 * nested - what a program loses (losses.h) that has one stack all the time: spin under DEPTH
 * times descend under main, for TURNS turns. Before it counts, it runs for a while under
 * another name (warm_up), so that whoever looks on has got to know it, and his samples of
 * that time can be told apart.
 *
 *	nested DEPTH TURNS [FOLDER]	with the folder's files mapped as code
 */
#include <stdbool.h>
#include <stdlib.h>

#include "files.h"
#include "losses.h"

/* The shortest turn. */
static NOINLINE uint64_t warm_up(void)
{
	const uint64_t end = now() + WARM_UP_NS;
	uint64_t last = now(), then, shortest = UINT64_MAX;

	while (last < end) {
		sink = turn(sink);
		then = now();
		if (then - last < shortest)
			shortest = then - last;
		last = then;
	}
	return shortest;
}

static NOINLINE void spin(uint64_t turns, uint64_t shortest)
{
	uint64_t last = now();

	for (; turns; turns--) {
		sink = turn(sink);
		last = losses_note(last, now(), shortest);
	}
}

static NOINLINE void descend(unsigned int depth, uint64_t turns, uint64_t shortest)
{
	if (depth > 1)
		descend(depth - 1, turns, shortest);
	else
		spin(turns, shortest);
	sink++;		/* no call in its place */
}

int main(int argc, char **argv)
{
	const bool right = argc == 3 || argc == 4;
	unsigned int depth = right ? (unsigned int)atoi(argv[1]) : 0;
	uint64_t turns = right ? strtoull(argv[2], NULL, 10) : 0;

	if (!depth || !turns) {
		fprintf(stderr, "usage: nested DEPTH TURNS [FOLDER]\n");
		return 2;
	}
	map_files(argv[3]);
	losses_begin();
	warm_up();
	losses_warm();
	descend(depth, turns, warm_up());
	return losses_print();
}
