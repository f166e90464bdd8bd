// SPDX-License-Identifier: GPL-2.0
/*
 * facefuzz.c - structured garbage for everything that the module shows to user space:
 * the netlink family, the device's calls, its mappings, the rings' control pages, all
 * at once while it samples. Nothing but clean errors may come of it; that the kernel
 * survived and nothing was left behind is for the caller to see.
 *
 *	facefuzz SEED OPERATIONS	at least; prints how many of which were done (stress.h)
 *
 * Needs root. To be run in a guest.
 */
#include <errno.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "face.h"

struct face *face;

static const char *const names[FACE_NR] = {
	"messages", "dumps-left", "calls", "maps", "stores", "sessions"
};

/*
 * So many of all, and a fiftieth of them at least of each kind, whatever each costs on
 * this kernel.
 */
bool face_over(void)
{
	static const enum face_what kinds[] = { FACE_MESSAGES, FACE_CALLS, FACE_MAPS };
	uint64_t sum = 0, n;
	bool enough = true;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		n = __atomic_load_n(&face->counts[kinds[i]], __ATOMIC_RELAXED);
		sum += n;
		enough = enough && n >= face->limit / 50;
	}
	return rp_stop || __atomic_load_n(&face->failed, __ATOMIC_RELAXED) ||
	       (enough && sum >= face->limit);
}

void face_did(enum face_what what)
{
	rp_count(&face->counts[what]);
}

void face_answer(const char *what, int error, const int *allowed, size_t nr)
{
	if (!error)
		return;
	for (size_t i = 0; i < nr; i++)
		if (allowed[i] == error)
			return;
	fprintf(stderr, "facefuzz: %s: %s\n", what, strerror(error));
	__atomic_store_n(&face->failed, 1, __ATOMIC_RELAXED);
}

int face_fd(uint64_t *random)
{
	return __atomic_load_n(&face->slots[rp_below(random, FACE_SLOTS)].fd,
			       __ATOMIC_RELAXED);
}

uint32_t face_session(uint64_t *random)
{
	return __atomic_load_n(&face->slots[rp_below(random, FACE_SLOTS)].session,
			       __ATOMIC_RELAXED);
}

uint32_t face_number(uint64_t *random)
{
	switch (rp_below(random, 10)) {
	case 0:
		return 0;
	case 1:
		return 1;
	case 2:
		return UINT32_MAX - rp_below(random, 2);
	case 3:
		return (uint32_t)INT32_MAX + rp_below(random, 2);
	case 4:
		return 1u << rp_below(random, 32);
	case 5:
		return (1u << rp_below(random, 32)) - 1;
	case 6:
		return face_session(random);
	case 7:
		return (uint32_t)getpid();
	case 8:
		return rp_magnitude(random, 12000);
	default:
		return (uint32_t)rp_random(random);
	}
}

static pid_t start(face_worker *work, uint64_t state)
{
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, 0);

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	work(&state);
	_exit(0);
}

/* Waits for all; those who do not notice that it is over are told so. */
static void await(const pid_t *pids, size_t nr)
{
	int status;
	pid_t pid;

	for (;;) {
		pid = wait(&status);
		if (pid < 0 && errno != EINTR)
			return;
		if (pid < 0) {
			for (size_t i = 0; i < nr; i++)
				kill(pids[i], SIGTERM);
		} else if (status) {
			fprintf(stderr, "facefuzz: a worker ended with status %#x\n", status);
			__atomic_store_n(&face->failed, 1, __ATOMIC_RELAXED);
		}
	}
}

int main(int argc, char **argv)
{
	static face_worker *const workers[] = {
		face_netlink, face_netlink, face_device, face_mapping, face_scribble,
	};
	pid_t pids[sizeof(workers) / sizeof(*workers)];
	size_t nr;

	if (argc != 3) {
		fprintf(stderr, "usage: facefuzz SEED OPERATIONS\n");
		return 2;
	}
	face = rp_shared(sizeof(*face));
	face->limit = strtoull(argv[2], NULL, 0);
	for (int i = 0; i < FACE_SLOTS; i++)
		face->slots[i].fd = -1;
	rp_stop_on_term();
	for (nr = 0; nr < sizeof(workers) / sizeof(*workers); nr++) {
		pids[nr] = start(workers[nr], rp_random_state(rp_seed_of(argv[1]), nr));
		if (pids[nr] < 0) {
			perror("facefuzz: clone");
			face->failed = 1;
			break;
		}
	}
	await(pids, nr);
	rp_report("facefuzz", names, face->counts, FACE_NR);
	return face->failed;
}
