// SPDX-License-Identifier: GPL-2.0
/*
 * unload.c - asks for the module to be unloaded at any moment: refused while somebody
 * uses it, and loaded again where it was not.
 *
 *	unload SEED FILE	until SIGTERM; prints counts (stress.h). FILE is the
 *				module; it is loaded at the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

#include "stress.h"
#include "proto/ringprof.h"

enum what { REFUSED, UNLOADED, LOADED, NR };
static const char *const names[NR] = { "refused", "unloaded", "loaded" };
static uint64_t counts[NR];

static void die(const char *what)
{
	fprintf(stderr, "unload: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void load(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		die(file);
	close(fd);
	counts[LOADED]++;
}

int main(int argc, char **argv)
{
	uint64_t random;

	if (argc != 3) {
		fprintf(stderr, "usage: unload SEED FILE\n");
		return 2;
	}
	random = rp_random_state(rp_seed_of(argv[1]), 0);
	rp_stop_on_term();
	while (!rp_stop) {
		if (!syscall(SYS_delete_module, RP_DEVICE_NAME, O_NONBLOCK)) {
			counts[UNLOADED]++;
			rp_pause_us(rp_magnitude(&random, 20000));
			load(argv[2]);
		} else if (errno == EWOULDBLOCK || errno == EBUSY) {
			counts[REFUSED]++;
		} else {
			die("delete_module");
		}
		rp_pause_us(rp_magnitude(&random, 100000));
	}
	rp_report("unload", names, counts, NR);
	return 0;
}
