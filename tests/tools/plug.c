// SPDX-License-Identifier: GPL-2.0
/*
 * plug.c - a CPU that goes and comes, at any moment.
 *
 *	plug SEED CPU	until SIGTERM; prints counts (stress.h). The CPU is on at the end.
 */
#include <errno.h>
#include <fcntl.h>

#include "stress.h"

enum what { OFF, ON, NR };
static const char *const names[NR] = { "off", "on" };
static uint64_t counts[NR];

/* False: not now. The kernel answers EBUSY while others have it hold still. */
static bool set(const char *path, bool on)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done;

	if (fd < 0) {
		perror(path);
		exit(1);
	}
	done = write(fd, on ? "1" : "0", 1) == 1;
	if (!done && errno != EBUSY && errno != EINTR) {
		perror(path);
		exit(1);
	}
	close(fd);
	if (done)
		counts[on ? ON : OFF]++;
	return done;
}

int main(int argc, char **argv)
{
	uint64_t random;
	char path[64];

	if (argc != 3) {
		fprintf(stderr, "usage: plug SEED CPU\n");
		return 2;
	}
	random = rp_random_state(rp_seed_of(argv[1]), 0);
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%s/online", argv[2]);
	rp_stop_on_term();
	while (!rp_stop) {
		rp_pause_us(rp_magnitude(&random, 2000000));
		if (!set(path, false))
			continue;
		rp_pause_us(rp_magnitude(&random, 300000));
		while (!set(path, true))
			rp_pause_us(10000);
	}
	rp_report("plug", names, counts, NR);
	return 0;
}
