// SPDX-License-Identifier: GPL-2.0
/*
 * device.c - the calls on /dev/ringprof: set up in every wrong way, again and again,
 * to and from addresses that are none, on files that another worker is just closing.
 * This worker also makes the sessions that all workers use, and ends them.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "face.h"
#include "tests/tools/tables.h"

/* What a file that was closed and is something else by now answers is in it, too. */
static const int clean[] = {
	EINVAL, EBUSY, EFAULT, ENOTTY, EBADF, ENOMEM, ESPIPE, EOPNOTSUPP, EAGAIN, EDESTADDRREQ,
	ENOENT, ENOSPC,
};

static void answered(const char *what, long result)
{
	face_did(FACE_CALLS);
	face_answer(what, result < 0 ? errno : 0, clean, sizeof(clean) / sizeof(*clean));
}

/* ---- addresses -------------------------------------------------------------------- */

/* Two pages, of which the second cannot be touched. */
static char *edge(void)
{
	static char *pages;
	size_t page = (size_t)getpagesize();

	if (!pages) {
		pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		mprotect(pages + page, page, PROT_NONE);
	}
	return pages + page;
}

/* Where a struct of this size may be read or written, or may not. */
static void *somewhere(uint64_t *random, void *right, size_t size)
{
	switch (rp_below(random, 8)) {
	case 0:
		return NULL;
	case 1:
		return edge() - rp_below(random, (uint32_t)size + 1);
	case 2:
		return (void *)(uintptr_t)(0xffffffff80000000u + face_number(random));
	case 3:
		return (void *)(uintptr_t)rp_random(random);
	default:
		return right;
	}
}

/* ---- calls ------------------------------------------------------------------------ */

static uint32_t ring_bytes(uint64_t *random)
{
	switch (rp_below(random, 8)) {
	case 0:		/* large ones cost time and memory: seldom */
		return rp_one_in(random, 64) ? RP_RING_BYTES_MAX : 1u << 20;
	case 1:
		return RP_RING_BYTES_MAX << 1;
	case 2:
		return RP_RING_BYTES_MIN >> 1;
	case 3:
		return RP_RING_BYTES_MIN + 1 + rp_below(random, 1000);
	case 4:
		return (uint32_t)rp_random(random) | 1;
	default:
		return RP_RING_BYTES_MIN << rp_below(random, 4);
	}
}

static void set_up(uint64_t *random, int fd)
{
	struct rp_setup setup = { .ring_bytes = ring_bytes(random) };

	if (rp_one_in(random, 2))
		setup.watermark = face_number(random);
	if (rp_one_in(random, 2))
		setup.flags = face_number(random);
	if (rp_one_in(random, 4))
		setup.reserved = face_number(random);
	setup.session = setup.nr_cpus = setup.page_size = (uint32_t)rp_random(random);
	answered("RP_IOC_SETUP", ioctl(fd, RP_IOC_SETUP,
				       somewhere(random, &setup, sizeof(setup))));
}

static void query(uint64_t *random, int fd)
{
	struct rp_query q;

	answered("RP_IOC_QUERY", ioctl(fd, RP_IOC_QUERY, somewhere(random, &q, sizeof(q))));
	if (rp_one_in(random, 4))
		answered("RP_IOC_FLUSH", ioctl(fd, RP_IOC_FLUSH));
}

/* A table that is right, or nearly, of one of a few files; or the question for one. */
static void table(uint64_t *random, int fd)
{
	struct rp_unwind_table *t = rp_table_make(1 + rp_below(random, 64),
						  rp_below(random, 2048),
						  1 + rp_below(random, 64));
	size_t size = (size_t)rp_unwind_size(t);
	struct rp_table_load load = {
		.file = { .kind = RP_FILE_INODE, .inode = rp_below(random, 64) },
		.table = (uintptr_t)t, .size = size,
	};

	if (rp_one_in(random, 2))
		((uint32_t *)(void *)t)[rp_below(random, (uint32_t)size / 4)] = face_number(random);
	if (rp_one_in(random, 4))
		load.size = rp_one_in(random, 2) ? 0 : face_number(random);
	if (rp_one_in(random, 4))
		((uint32_t *)(void *)&load)[rp_below(random, sizeof(load) / 4)] =
			face_number(random);
	if (rp_one_in(random, 8))
		load.table = (uintptr_t)somewhere(random, t, size);
	answered("RP_IOC_TABLE", ioctl(fd, RP_IOC_TABLE,
				       somewhere(random, &load, sizeof(load))));
	free(t);
}

/* Our type with any number, size and direction; and anything at all. */
static void any_ioctl(uint64_t *random, int fd)
{
	static char buffer[16384];	/* an ioctl's size has 14 bits */
	uint32_t x = (uint32_t)rp_random(random);
	unsigned long cmd = x;

	if (!rp_one_in(random, 4))
		cmd = _IOC(x & 3, 'R', 0xe0 + (x >> 2) % 5, (x >> 8) % 64);
	answered("an ioctl", ioctl(fd, cmd, somewhere(random, buffer, sizeof(buffer))));
}

static void look(uint64_t *random, int fd)
{
	struct pollfd p = { .fd = fd, .events = (short)rp_random(random) };
	struct stat st;
	char byte;

	switch (rp_below(random, 7)) {
	case 0:
		answered("read", read(fd, somewhere(random, &byte, 1), 1));
		break;
	case 1:
		answered("write", write(fd, somewhere(random, &byte, 1), 1));
		break;
	case 2:
		answered("lseek", lseek(fd, (off_t)rp_random(random), SEEK_SET));
		break;
	case 3:
		answered("fstat", fstat(fd, &st));
		break;
	case 4:
		answered("fcntl", fcntl(fd, F_SETFL, O_ASYNC | O_NONBLOCK));
		break;
	default:
		answered("poll", poll(&p, 1, 0));
	}
}

/* A second descriptor of the same session, for a moment or in a child. */
static void share(uint64_t *random, int fd)
{
	int other = fcntl(fd, F_DUPFD_CLOEXEC, 100);
	pid_t pid;

	answered("dup", other);
	if (rp_one_in(random, 8)) {
		pid = fork();
		if (!pid)
			_exit(0);	/* with a table of its own, in which it was open */
		waitpid(pid, NULL, 0);
	}
	if (other >= 0)
		close(other);
}

static void act(uint64_t *random, int fd)
{
	switch (rp_below(random, 16)) {
	case 0: case 1: case 2: case 3: case 4:
		set_up(random, fd);
		break;
	case 5: case 6:
		query(random, fd);
		break;
	case 7: case 8: case 9: case 10:
		any_ioctl(random, fd);
		break;
	case 11:	/* which both take long */
		if (rp_one_in(random, 16))
			share(random, fd);
		else if (rp_one_in(random, 4))
			table(random, fd);
		break;
	default:
		look(random, fd);
	}
}

/* ---- sessions ---------------------------------------------------------------------- */

static void start(uint64_t *random, uint32_t session)
{
	uint16_t family = 0;
	int netlink = rp_genl_open(&family), error;
	struct rp_message m;

	if (netlink < 0) {
		face_answer("the family", -netlink, NULL, 0);
		return;
	}
	rp_message_begin(&m, family, RP_CMD_SET);
	rp_message_put_u32(&m, RP_A_SESSION, session);
	/* Not often: others set what they like, and a tick on a debug kernel is long. */
	rp_message_put_u32(&m, RP_A_FREQ, rp_magnitude(random, 200));
	error = rp_genl_ask(netlink, &m, NULL, 0);
	if (!error) {
		rp_message_begin(&m, family, RP_CMD_START);
		rp_message_put_u32(&m, RP_A_SESSION, session);
		error = rp_genl_ask(netlink, &m, NULL, 0);
	}
	face_answer("starting a session that is set up", error, NULL, 0);
	face_did(FACE_SESSIONS);
	close(netlink);
}

/* Another session in a slot, in some state: open, or set up, or running. */
static void renew(uint64_t *random)
{
	struct face_slot *slot = &face->slots[rp_below(random, FACE_SLOTS)];
	struct rp_setup setup = { .ring_bytes = RP_RING_BYTES_MIN << rp_below(random, 3) };
	int how = (int)rp_below(random, 8), old;
	int fd = open(RP_DEVICE_PATH, how ? O_RDWR | O_CLOEXEC : O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		face_answer("opening the device", errno, NULL, 0);
		return;
	}
	if (how > 1) {
		if (ioctl(fd, RP_IOC_SETUP, &setup))
			face_answer("setting up", errno, NULL, 0);
		__atomic_store_n(&slot->session, setup.session, __ATOMIC_RELAXED);
	}
	old = __atomic_exchange_n(&slot->fd, fd, __ATOMIC_RELAXED);
	if (old >= 0)
		close(old);
	/* Not those whom the others have not yet seen, and never all of them. */
	if (how > 5)
		start(random, setup.session);
}

void face_device(uint64_t *random)
{
	for (int i = 0; i < 2 * FACE_SLOTS; i++)
		renew(random);
	while (!face_over()) {
		act(random, face_fd(random));
		if (rp_one_in(random, 512))
			renew(random);
	}
}
