// SPDX-License-Identifier: GPL-2.0
/*
 * owner.c - owners of sessions, several at once, who do everything that an owner may
 * do in no sensible order, and who are stopped and killed in the middle of it.
 *
 *	owner SEED	until SIGTERM; prints counts (stress.h)
 *
 * What is wanted of the module meanwhile: every request is carried out or refused for
 * a known reason; every record that is read is whole; taken = delivered + refused +
 * lost on every CPU whenever one looks; and an owner that stops and then reads all has
 * read as many samples as were delivered.
 *
 * Now and then there is no owner at all until the module has been unloaded and loaded
 * again by somebody else (unload.c), or for a while if nobody does.
 */
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "rings.h"
#include "stats.h"
#include "stress.h"

#define OWNERS 3
#define GAP_SECONDS 10		/* how long a gap without owners lasts at most */

enum what {
	SESSIONS, STARTS, STOPS, CHANGES, FILTERS, DEAD, LOOKS, SAMPLES, BALANCES, KILLS,
	STALLS, GAPS, NR
};
static const char *const names[NR] = {
	"sessions", "starts", "stops", "changes", "filters", "filters-of-the-dead",
	"looks", "reads", "balances", "kills", "stalls", "gaps"
};
static uint64_t *counts;

/* ---- one owner ------------------------------------------------------------------ */

struct owner {
	uint64_t random;
	struct rp_rings rings;
	uint32_t session;
	int netlink;
	uint16_t family;
};

static void wrong(const char *what, int error)
{
	fprintf(stderr, "owner: %s: %s\n", what, strerror(error < 0 ? -error : error));
	_exit(1);
}

static struct rp_message request(struct owner *o, uint8_t cmd)
{
	struct rp_message m;

	rp_message_begin(&m, o->family, cmd);
	rp_message_put_u32(&m, RP_A_SESSION, o->session);
	return m;
}

static void ask(struct owner *o, const struct rp_message *m, const char *what)
{
	char text[256];
	int error = rp_genl_ask(o->netlink, m, text, sizeof(text));

	if (error) {
		fprintf(stderr, "owner: the kernel says: %s\n", text);
		wrong(what, error);
	}
}

static void start(struct owner *o)
{
	struct rp_message m = request(o, RP_CMD_START);

	ask(o, &m, "START");
	rp_count(&counts[STARTS]);
}

static void stop(struct owner *o)
{
	struct rp_message m = request(o, RP_CMD_STOP);

	ask(o, &m, "STOP");
	rp_count(&counts[STOPS]);
}

static void change(struct owner *o)
{
	struct rp_message m = request(o, RP_CMD_SET);

	if (!rp_one_in(&o->random, 4))
		rp_message_put_u32(&m, RP_A_FREQ, rp_one_in(&o->random, 8) ? RP_FREQ_MAX :
				   rp_magnitude(&o->random, RP_FREQ_MAX));
	if (rp_one_in(&o->random, 4))
		rp_message_put_u32(&m, RP_A_KERNEL_DEPTH,
				   rp_below(&o->random, RP_DEPTH_MAX + 1));
	if (rp_one_in(&o->random, 4))
		rp_message_put_u32(&m, RP_A_USER_DEPTH,
				   rp_below(&o->random, RP_DEPTH_MAX + 1));
	if (rp_one_in(&o->random, 4))
		rp_message_put_u32(&m, RP_A_MODES, 1 + rp_below(&o->random, RP_MODE_ALL));
	if (rp_one_in(&o->random, 8))
		rp_message_put_u32(&m, RP_A_TICK,
				   RP_TICK_HRTIMER + rp_below(&o->random, RP_TICK_PERF));
	ask(o, &m, "SET");
	rp_count(&counts[CHANGES]);
}

/* A process to filter by, which may be gone by the time that it is asked for. */
static pid_t somebody(struct owner *o, bool *ret_dead)
{
	uint64_t random = o->random;
	pid_t pid;

	*ret_dead = false;
	switch (rp_below(&o->random, 6)) {
	case 0:
		return 1;
	case 1:
		return getpid();
	case 2:
		return getppid();
	default:
		pid = fork();
		if (!pid) {
			rp_pause_us(rp_magnitude(&random, 20000));
			_exit(0);
		}
		if (pid < 0)
			return getpid();
		*ret_dead = !rp_one_in(&o->random, 6);
		if (*ret_dead)
			waitpid(pid, NULL, 0);
		return pid;
	}
}

static void filter(struct owner *o)
{
	struct rp_message m = request(o, RP_CMD_SET);
	bool dead = false;
	int error;

	if (rp_one_in(&o->random, 3)) {
		rp_message_put_u32(&m, RP_A_FILTER, RP_FILTER_NONE);
	} else {
		rp_message_put_u32(&m, RP_A_FILTER, RP_FILTER_TREE +
				   rp_below(&o->random, 2));
		rp_message_put_u32(&m, RP_A_FILTER_PID, (uint32_t)somebody(o, &dead));
	}
	error = rp_genl_ask(o->netlink, &m, NULL, 0);
	/* The number of the dead may have been given to somebody else already. */
	if (error && !(dead && error == ESRCH))
		wrong("SET of a filter", error);
	rp_count(&counts[error ? DEAD : FILTERS]);
}

static struct rp_stats look(struct owner *o)
{
	struct rp_stats stats;
	int error = rp_stats_ask(o->netlink, o->family, o->session, &stats);

	if (error)
		wrong("STATS", error);
	if (stats.wrong || !stats.cpus) {
		fprintf(stderr, "owner: the sum does not hold on %u of %u CPUs\n",
			stats.wrong, stats.cpus);
		_exit(1);
	}
	rp_count(&counts[LOOKS]);
	return stats;
}

static void read_all(struct owner *o)
{
	int error = rp_rings_map(&o->rings);

	if (error)
		wrong("mmap", error);
	if (!rp_rings_read(&o->rings))
		_exit(1);
	rp_count(&counts[SAMPLES]);
}

static void wait_and_read(struct owner *o)
{
	struct pollfd p = { .fd = o->rings.fd, .events = POLLIN };

	poll(&p, 1, (int)rp_magnitude(&o->random, 200));
	read_all(o);
}

/* Stopped, read to the end: what was delivered and what was read are the same. */
static void balance(struct owner *o)
{
	struct rp_stats stats;

	stop(o);
	stats = look(o);
	read_all(o);
	if (stats.delivered != o->rings.samples) {
		fprintf(stderr, "owner: %llu samples delivered, %llu read\n",
			(unsigned long long)stats.delivered,
			(unsigned long long)o->rings.samples);
		_exit(1);
	}
	rp_count(&counts[BALANCES]);
	start(o);
}

/* Returns when there is no module just now. */
static void begin(struct owner *o)
{
	static const uint32_t sizes[] = { 0, 1u << 14, 1u << 16, 1u << 18 };
	int error;

	o->rings.setup.ring_bytes = sizes[rp_below(&o->random, 4)];
	o->rings.setup.watermark = rp_below(&o->random, 1u << 14);
	o->rings.setup.flags = rp_below(&o->random, RP_SETUP_FLAGS_ALL + 1);
	error = rp_rings_open(&o->rings);
	if (error == -ENOENT || error == -ENODEV || error == -ENXIO)
		_exit(0);
	if (error)
		wrong("open and set up", error);
	o->session = o->rings.setup.session;
	o->netlink = rp_genl_open(&o->family);
	if (o->netlink < 0)
		wrong("netlink", o->netlink);
	rp_count(&counts[SESSIONS]);
}

static void own(uint64_t state)
{
	static void (*const acts[])(struct owner *) = {
		start, stop, change, change, change, filter, filter, filter,
		wait_and_read, wait_and_read, read_all, balance,
	};
	static struct owner owner;
	unsigned int left;

	owner.random = state;
	signal(SIGTERM, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	begin(&owner);
	start(&owner);
	for (left = rp_magnitude(&owner.random, 300); left; left--) {
		acts[rp_below(&owner.random, sizeof(acts) / sizeof(*acts))](&owner);
		if (rp_one_in(&owner.random, 4))
			look(&owner);
		if (rp_one_in(&owner.random, 2))
			rp_pause_us(rp_magnitude(&owner.random, 20000));
	}
	if (rp_one_in(&owner.random, 2))
		close(owner.rings.fd);	/* and the mappings stay for a moment */
	_exit(0);
}

/* ---- all of them ------------------------------------------------------------------ */

static int failures;

static void reap(pid_t *owners, int flags)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, flags)) > 0) {
		if (!WIFSIGNALED(status) ? WEXITSTATUS(status) :
		    WTERMSIG(status) != SIGKILL) {
			fprintf(stderr, "owner: an owner ended with status %#x\n", status);
			failures++;
			rp_stop = 1;
		}
		for (int i = 0; i < OWNERS; i++)
			if (owners[i] == pid)
				owners[i] = 0;
	}
}

static void kill_all(pid_t *owners)
{
	for (int i = 0; i < OWNERS; i++)
		if (owners[i])
			kill(owners[i], SIGKILL);
	reap(owners, 0);
}

/* Differs between one loading of the module and the next; 0: there is none. */
static ino_t module_now(void)
{
	struct stat st;

	return stat("/sys/module/" RP_DEVICE_NAME, &st) ? 0 : st.st_ino;
}

static void gap(void)
{
	double end = rp_seconds() + GAP_SECONDS;
	ino_t before = module_now(), now = before;

	while (!rp_stop && rp_seconds() < end && (now == before || !now)) {
		rp_pause_us(5000);
		now = module_now();
	}
	rp_count(&counts[GAPS]);
}

static void torment(uint64_t *random, pid_t *owners)
{
	pid_t pid = owners[rp_below(random, OWNERS)];

	if (!pid)
		return;
	if (rp_one_in(random, 3)) {
		kill(pid, SIGKILL);
		rp_count(&counts[KILLS]);
		return;
	}
	kill(pid, SIGSTOP);
	rp_pause_us(rp_magnitude(random, 500000));
	kill(pid, SIGCONT);
	rp_count(&counts[STALLS]);
}

/* How much owners have done so far. */
static uint64_t done(void)
{
	uint64_t sum = 0;

	for (int what = SESSIONS; what <= BALANCES; what++)
		sum += __atomic_load_n(&counts[what], __ATOMIC_RELAXED);
	return sum;
}

/*
 * Torment comes after so much work, not after so much time: on a slow machine owners
 * would be killed before they have done anything. A gap is one torment of many, but for
 * the first, which comes soon: the slowest machine is to have one too.
 */
static void supervise(uint64_t seed)
{
	uint64_t random = rp_random_state(seed, 0), nth = 0, next = 0, until_gap = 4;
	pid_t owners[OWNERS] = { 0 };

	while (!rp_stop) {
		pid_t *owner = &owners[rp_below(&random, OWNERS)];

		reap(owners, WNOHANG);
		if (!*owner) {
			nth++;
			*owner = fork();
			if (!*owner)
				own(rp_random_state(seed, nth));
			if (*owner < 0)
				*owner = 0;
		} else if (done() >= next && rp_one_in(&random, 3)) {
			if (until_gap--) {
				torment(&random, owners);
			} else {
				kill_all(owners);
				gap();
				until_gap = rp_below(&random, 40);
			}
			next = done() + rp_magnitude(&random, 30);
		}
		rp_pause_us(rp_magnitude(&random, 100000));
	}
	kill_all(owners);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: owner SEED\n");
		return 2;
	}
	counts = rp_shared(NR * sizeof(*counts));
	/* What an owner that was killed has forked comes back here, to be reaped. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	rp_stop_on_term();
	supervise(rp_seed_of(argv[1]));
	rp_report("owner", names, counts, NR);
	return failures != 0;
}
