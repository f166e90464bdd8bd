// SPDX-License-Identifier: GPL-2.0
/*
 * Whole walks of this process's own stacks, from where a signal interrupted it up to the
 * root, by the tables of all that it has mapped: through the C library's code without
 * frame pointers, signals on other stacks, and in a thread. The compiler's own unwinder,
 * by backtrace(), has to see the same frames.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "proto/unwind_step.h"
#include "unwind_compile.h"

#define IMAGES_MAX	64
#define DEPTH		128

#if defined(__x86_64__)
#define MACHINE		RP_UNWIND_X86_64
#else
#define MACHINE		RP_UNWIND_ARM64
#endif

/* ---- what is mapped -------------------------------------------------------------- */

static struct image {
	uint64_t start, end, offset;
	struct rp_unwind_table *table;	/* NULL: none */
} images[IMAGES_MAX];
static unsigned int nr_images;
static void *theirs[DEPTH];		/* what backtrace() sees */

static void map(uint64_t start, uint64_t end, uint64_t offset, const char *path)
{
	struct rp_unwind_built built = { 0 };
	char why[256] = "";
	int fd, r;

	assert_true(nr_images < IMAGES_MAX);
	if (!strcmp(path, "[vdso]")) {
		r = rp_unwind_compile_memory((void *)(uintptr_t)start, end - start, path, 0,
					     &built, why, sizeof(why));
	} else {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		r = rp_unwind_compile_fd(fd, path, 0, &built, why, sizeof(why));
		close(fd);
	}
	if (r)
		print_message("# %s\n", why);
	images[nr_images++] = (struct image){ start, end, offset, built.table };
}

static int map_all(void **state)
{
	FILE *maps;
	unsigned long start, end, offset;
	char line[4352], path[4096];

	(void)state;
	backtrace(theirs, 1);		/* which loads a library */
	maps = fopen("/proc/self/maps", "re");
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx r-xp %lx %*s %*s %4095s", &start, &end, &offset,
			   path) == 4 && (path[0] == '/' || !strcmp(path, "[vdso]")))
			map(start, end, offset, path);
	fclose(maps);
	return 0;
}

static int unmap_all(void **state)
{
	(void)state;
	while (nr_images)
		free(images[--nr_images].table);
	return 0;
}

static const struct rp_unwind_rule *find(uint64_t pc)
{
	static const struct rp_unwind_rule none;
	unsigned int i;

	for (i = 0; i < nr_images; i++)
		if (pc >= images[i].start && pc < images[i].end && images[i].table)
			return rp_unwind_find(images[i].table,
					      pc - images[i].start + images[i].offset);
	return &none;
}

/* ---- a walk ------------------------------------------------------------------------ */

struct walk {
	uint64_t pcs[DEPTH];
	unsigned int nr, signals, by_fp;
	enum rp_unwind_step end;
	uint64_t saved_at;		/* stack pointer of the last signal's frame, or 0 */
	const ucontext_t *uc;
};

/* Without a check of ASan's, which knows where variables lie on the stack, but not why. */
__attribute__((no_sanitize("address")))
static _Bool read_word(void *arg, __u64 address, __u64 *ret)
{
	(void)arg;
	if (address < 4096 || address % 8)
		return 0;
	*ret = *(const volatile __u64 *)(uintptr_t)address;
	return 1;
}

static _Bool read_register(void *arg, unsigned int reg, __u64 *ret)
{
	const struct walk *w = arg;

	if (w->saved_at)
		return read_word(NULL, rp_unwind_saved_at(MACHINE, w->saved_at, reg), ret);
#if defined(__x86_64__)
	*ret = w->uc->uc_mcontext.gregs[rp_unwind_x86_64_word(reg)];
	return 1;
#elif defined(__aarch64__)
	*ret = reg < 31 ? w->uc->uc_mcontext.regs[reg] : 0;
	return reg < 31;
#else
	return 0;
#endif
}

static __u64 code(__u64 address)
{
	return address & 0x00ffffffffffffull;	/* of 48 bits, and no signature */
}

static struct rp_unwind_state interrupted(const ucontext_t *uc)
{
	struct rp_unwind_state s = { .exact = 1, .fp_known = 1 };

#if defined(__x86_64__)
	s.pc = uc->uc_mcontext.gregs[REG_RIP];
	s.sp = uc->uc_mcontext.gregs[REG_RSP];
	s.fp = uc->uc_mcontext.gregs[REG_RBP];
#elif defined(__aarch64__)
	s.pc = uc->uc_mcontext.pc;
	s.sp = uc->uc_mcontext.sp;
	s.fp = uc->uc_mcontext.regs[29];
	s.lr = uc->uc_mcontext.regs[30];
#else
	(void)uc;
#endif
	return s;
}

static void walk(struct walk *w, const ucontext_t *uc)
{
	const struct rp_unwind_reader reader = { read_word, read_register, code, w };
	struct rp_unwind_state s = interrupted(uc);
	uint64_t sp;

	*w = (struct walk){ .uc = uc, .end = RP_UNWIND_CALLER };
	while (w->nr < DEPTH) {
		w->pcs[w->nr++] = s.pc;
		sp = s.sp;
		w->end = rp_unwind_one(&s, find(rp_unwind_place(&s)), MACHINE, &reader);
		if (w->end == RP_UNWIND_NO_RULE) {
			w->end = rp_unwind_by_fp(&s, MACHINE, &reader);
			w->by_fp++;
		}
		if (w->end == RP_UNWIND_SIGNALLED) {
			w->saved_at = sp;
			w->signals++;
		} else if (w->end != RP_UNWIND_CALLER) {
			return;
		}
	}
}

/* ---- stacks ---------------------------------------------------------------------------- */

static struct walk ours;
static int nr_theirs;

static void look(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	nr_theirs = backtrace(theirs, DEPTH);
	walk(&ours, context);
}

/* A signal's handler that is interrupted itself. */
static void raise_another(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	(void)context;
	raise(SIGUSR1);
}

static int compare(const void *a, const void *b)
{
	raise(SIGUSR1);
	return *(const int *)a - *(const int *)b;
}

static void handle(int number, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	assert_int_equal(sigaction(number, &action, NULL), 0);
}

/* backtrace() begins in the handler; from what it interrupted on, both are the same. */
static void expect_same(unsigned int signals)
{
	unsigned int i;
	int from = 0;

	while (from < nr_theirs && (uintptr_t)theirs[from] != ours.pcs[0])
		from++;
	for (i = 0; i < ours.nr && from + (int)i < nr_theirs; i++)
		if ((uintptr_t)theirs[from + i] != ours.pcs[i])
			fail_msg("frame %u: %#llx instead of %p", i,
				 (unsigned long long)ours.pcs[i], theirs[from + i]);
	assert_int_equal(ours.end, RP_UNWIND_ROOT);
	assert_int_equal(ours.signals, signals);
	assert_int_equal(ours.by_fp, 0);
	assert_int_equal(ours.nr, nr_theirs - from);
	assert_true(ours.nr > 4);
}

static void through_the_c_library(void **state)
{
	int numbers[] = { 3, 1, 2 };

	(void)state;
	handle(SIGUSR1, look, 0);
	qsort(numbers, 3, sizeof(*numbers), compare);
	assert_int_equal(numbers[0], 1);
	expect_same(0);
}

static void through_a_signal(void **state)
{
	(void)state;
	handle(SIGUSR1, look, 0);
	handle(SIGUSR2, raise_another, 0);
	raise(SIGUSR2);
	expect_same(1);
}

static void through_a_signal_on_another_stack(void **state)
{
	stack_t stack = { .ss_size = 256 << 10 }, none = { .ss_flags = SS_DISABLE };

	(void)state;
	stack.ss_sp = malloc(stack.ss_size);
	assert_int_equal(sigaltstack(&stack, NULL), 0);
	handle(SIGUSR1, look, 0);
	handle(SIGUSR2, raise_another, SA_ONSTACK);
	raise(SIGUSR2);
	expect_same(1);
	assert_int_equal(sigaltstack(&none, NULL), 0);
	free(stack.ss_sp);
}

static void *thread(void *arg)
{
	int numbers[] = { 2, 1 };

	qsort(numbers, 2, sizeof(*numbers), compare);
	return arg;
}

static void in_a_thread(void **state)
{
	pthread_t id;

	(void)state;
	handle(SIGUSR1, look, 0);
	assert_int_equal(pthread_create(&id, NULL, thread, NULL), 0);
	assert_int_equal(pthread_join(id, NULL), 0);
	expect_same(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(through_the_c_library),
		cmocka_unit_test(through_a_signal),
		cmocka_unit_test(through_a_signal_on_another_stack),
		cmocka_unit_test(in_a_thread),
	};

#if !defined(__x86_64__) && !defined(__aarch64__)
	return 0;
#endif
	return cmocka_run_group_tests(tests, map_all, unmap_all);
}
