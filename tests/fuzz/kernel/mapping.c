// SPDX-License-Identifier: GPL-2.0
/*
 * mapping.c - the rings' pages, mapped in every way and changed in every way that the
 * kernel knows, in an arena of addresses that holds nothing else; and a worker that
 * writes at random into the pages that it shares with the module.
 *
 * One thing is checked here beyond errors: the data of a ring can be made writable
 * in no way.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "face.h"

#define ARENA (16u << 20)

static const int clean[] = {
	EINVAL, EPERM, ENXIO, EACCES, ENOMEM, EAGAIN, EBADF, ENODEV, EOVERFLOW, EEXIST,
	EFAULT, EOPNOTSUPP, EBUSY, EIO,
};

static char *arena;
static size_t page;
static sigjmp_buf fault;

static void answered(const char *what, bool failed)
{
	face_did(FACE_MAPS);
	face_answer(what, failed ? errno : 0, clean, sizeof(clean) / sizeof(*clean));
}

static void faulted(int number)
{
	siglongjmp(fault, number);
}

/* Also takes away what is mapped there. */
static void clear_arena(void)
{
	char *at = mmap(arena, ARENA, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
			(arena ? MAP_FIXED : 0), -1, 0);

	if (at != MAP_FAILED)
		arena = at;
}

static void make_arena(void)
{
	struct sigaction action = { .sa_handler = faulted, .sa_flags = SA_NODEFER };

	page = (size_t)getpagesize();
	clear_arena();
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}

/* ---- mapping ------------------------------------------------------------------------ */

static char *place(uint64_t *random)
{
	return arena + rp_below(random, ARENA / (uint32_t)page - 64) * page;
}

static size_t data_size(uint64_t *random)
{
	return RP_RING_BYTES_MIN << rp_below(random, 3);
}

/* As the manual says, into the arena; the size may be another ring's. */
static void map_right(uint64_t *random)
{
	bool data = rp_one_in(random, 2);
	off_t at = (off_t)rp_below(random, 2) << RP_MMAP_SHIFT;
	void *p = mmap(place(random), data ? data_size(random) : page,
		       data ? PROT_READ : PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		       face_fd(random), at + (data ? (off_t)page : 0));

	answered("mmap", p == MAP_FAILED);
}

static void map_any(uint64_t *random)
{
	static const int flags[] = {
		MAP_SHARED, MAP_SHARED, MAP_PRIVATE, MAP_SHARED_VALIDATE, MAP_SHARED | MAP_POPULATE,
		MAP_SHARED | MAP_LOCKED, MAP_SHARED | MAP_NORESERVE, MAP_SHARED | MAP_HUGETLB,
		MAP_SHARED | MAP_GROWSDOWN, MAP_SHARED | MAP_SYNC, 0,
	};
	off_t at = (off_t)rp_below(random, rp_one_in(random, 8) ? 1u << 20 : 4) <<
		   RP_MMAP_SHIFT;
	size_t size = rp_one_in(random, 2) ? data_size(random) :
		      rp_one_in(random, 2) ? page : face_number(random);
	void *p;

	at += (off_t)(rp_below(random, 4) * page);
	if (rp_one_in(random, 16))
		at = (off_t)(rp_random(random) & ~(uint64_t)(page - 1));
	p = mmap(NULL, size, (int)rp_below(random, 8),
		 flags[rp_below(random, sizeof(flags) / sizeof(*flags))], face_fd(random), at);
	answered("mmap of anything", p == MAP_FAILED);
	if (p != MAP_FAILED)
		munmap(p, size);
}

/* ---- changing what is mapped -------------------------------------------------------- */

static void change(uint64_t *random)
{
	/* Not those that make memory fail on purpose: MADV_HWPOISON and its like. */
	static const int advice[] = {
		MADV_NORMAL, MADV_RANDOM, MADV_WILLNEED, MADV_DONTNEED, MADV_REMOVE, MADV_DONTFORK,
		MADV_DOFORK, MADV_MERGEABLE, MADV_HUGEPAGE, MADV_DONTDUMP, MADV_DODUMP, MADV_FREE,
		MADV_COLD, MADV_PAGEOUT,
	};
	char *at = place(random);
	size_t size = (1 + rp_below(random, 16)) * page;
	void *p;

	switch (rp_below(random, 6)) {
	case 0:
		answered("mprotect", mprotect(at, size, (int)rp_below(random, 8)));
		break;
	case 1:
		answered("munmap", munmap(at, size));
		break;
	case 2:
		p = mremap(at, size, (rp_below(random, 17)) * page,
			   MREMAP_MAYMOVE | MREMAP_FIXED, place(random));
		answered("mremap", p == MAP_FAILED);
		break;
	case 3:
		p = mremap(at, rp_one_in(random, 4) ? 0 : size, size + page, 0);
		answered("mremap in place", p == MAP_FAILED);
		break;
	case 4:
		answered("madvise", madvise(at, size, advice[rp_below(random, 14)]));
		break;
	default:
		answered("mlock", rp_one_in(random, 2) ? mlock(at, size) : munlock(at, size));
		answered("msync", msync(at, size, MS_SYNC));
	}
}

/* Pages that stay pinned for a moment after they were unmapped. */
static void pin(uint64_t *random)
{
	struct iovec vector = { .iov_base = place(random), .iov_len = page };
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return;
	answered("vmsplice", vmsplice(ends[1], &vector, 1, SPLICE_F_NONBLOCK) < 0);
	munmap(vector.iov_base, page);
	close(ends[0]);
	close(ends[1]);
}

/* A child that looks at what it must not have got, and changes what it has. */
static void fork_mapped(uint64_t *random)
{
	pid_t pid = fork();

	if (!pid) {
		munmap(place(random), 16 * page);
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
	answered("fork", pid < 0);
}

/* Data of a ring, made writable or written to as a debugger does it. */
static void spoil(uint64_t *random)
{
	size_t size = data_size(random);
	void *p = mmap(NULL, size, PROT_READ, MAP_SHARED, face_fd(random), (off_t)page);
	int memory;

	answered("mmap of data", p == MAP_FAILED);
	if (p == MAP_FAILED)
		return;
	if (!mprotect(p, size, PROT_READ | PROT_WRITE))
		face_answer("data made writable", EUCLEAN, NULL, 0);
	memory = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	if (memory >= 0 && pwrite(memory, "x", 1, (off_t)(uintptr_t)p) == 1)
		face_answer("data written through /proc", EUCLEAN, NULL, 0);
	close(memory);
	munmap(p, size);
}

static void touch(uint64_t *random)
{
	char *word = place(random) + rp_below(random, (uint32_t)page) / 4 * 4;
	volatile uint32_t *at = (void *)word;

	if (sigsetjmp(fault, 1))
		return;
	if (rp_one_in(random, 2))
		*at = face_number(random);
	else
		(void)*at;
}

/*
 * Most of what is done here never comes to the module. Where that costs little, it is not
 * to make up most of what is counted; under the kernel's own checkers, which follow each
 * object and each page, it costs far more than a call, and is not to take all time.
 */
static void give_way(void)
{
	const uint64_t *counts = face->counts;

	while (!face_over() && __atomic_load_n(&counts[FACE_MAPS], __ATOMIC_RELAXED) >
	       (__atomic_load_n(&counts[FACE_MESSAGES], __ATOMIC_RELAXED) +
		__atomic_load_n(&counts[FACE_CALLS], __ATOMIC_RELAXED)) / 32 + 1000)
		rp_pause_us(2000);
}

void face_mapping(uint64_t *random)
{
	make_arena();
	while (!face_over()) {
		give_way();
		/* A mapping keeps its session alive, and running: hundreds of them, in time. */
		if (rp_one_in(random, 256))
			clear_arena();
		switch (rp_below(random, 8)) {
		case 0: case 1:
			map_right(random);
			break;
		case 2: case 3:
			map_any(random);
			break;
		case 4:
			touch(random);
			break;
		case 5:
			if (rp_one_in(random, 16))
				pin(random);
			else if (rp_one_in(random, 16))
				spoil(random);
			else if (rp_one_in(random, 64))
				fork_mapped(random);
			break;
		default:
			change(random);
		}
	}
}

/* ---- scribbling ----------------------------------------------------------------------- */

static void scribble(uint64_t *random, struct rp_ring_control *control)
{
	volatile uint32_t *words = (void *)control;

	for (uint32_t nr = rp_magnitude(random, 1000); nr; nr--) {
		uint32_t x = (uint32_t)rp_random(random);

		switch (rp_below(random, 5)) {
		case 0:		/* anything at all */
			control->tail = x;
			break;
		case 1:		/* near to the head, behind it, before it, misaligned */
			control->tail = control->head + x % 256 - 128;
			break;
		case 2:		/* as if the ring were full, or as if it had been read */
			control->tail = control->head - (x & 1 ? 1u << (10 + x % 10) : 0);
			break;
		case 3:		/* what the module once wrote */
			control->head = x;
			break;
		default:	/* anywhere in the page */
			words[x % (page / sizeof(*words))] = face_number(random);
		}
		face_did(FACE_STORES);
	}
}

void face_scribble(uint64_t *random)
{
	struct rp_ring_control *control;

	make_arena();
	while (!face_over()) {
		give_way();
		control = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, face_fd(random),
			       (off_t)rp_below(random, 2) << RP_MMAP_SHIFT);
		answered("mmap of a control page", control == MAP_FAILED);
		if (control == MAP_FAILED)
			continue;
		if (!sigsetjmp(fault, 1))
			scribble(random, control);
		munmap(control, page);
		rp_pause_us(rp_magnitude(random, 2000));
	}
}
