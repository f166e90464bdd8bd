// SPDX-License-Identifier: GPL-2.0
/*
 * While a file is being parsed, and that takes its time, the rings go on being emptied: the
 * jail calls back, and what comes then is opened at once and read later, so that it may be
 * gone by then.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>

#include "jail.h"
#include "jail_fakes.h"
#include "jail_private.h"
#include "jail_wire.h"
#include "jit_names_fixture.h"
#include "own_program.h"
#include "why.h"

__attribute__((noinline)) void meanwhile_function(void);
void meanwhile_function(void)
{
	__asm__ volatile("" ::: "memory");
}

static int calls;

/* What is begun next has none. */
static void stop(void)
{
	rp_jail_stop(jail);
	jail = NULL;
}

static int ask(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), err;
	char why[RP_WHY_SIZE];
	size_t size;
	void *got;

	err = rp_jail_ask(jail, RP_JAIL_SYMBOLS, fd, "", 0, NULL, NULL, &got, &size, why,
			  sizeof(why));
	if (!err)
		free(got);
	close(fd);
	return err;
}

/* ---- the jail --------------------------------------------------------------------------- */

static void count(void *arg)
{
	struct rp_jail_stats stats;

	(void)arg;
	calls++;
	rp_jail_stats(jail, &stats);
	assert_int_equal(ask(), -EDEADLK);
}

static void one_that_takes_long(void **state)
{
	(void)state;
	calls = 0;
	jail = start("hangs");
	rp_jail_meanwhile(count, NULL);
	assert_int_equal(ask(), -EBADMSG);
	rp_jail_meanwhile(NULL, NULL);
	assert_true(calls > 0);
	calls = 0;
	/* The next one is real, and nobody is called any more. */
	assert_int_not_equal(ask(), -EBADMSG);
	assert_int_equal(calls, 0);
	stop();
}

static void tell(void *has_it)
{
	sem_post(has_it);
}

static void *other_thread(void *has_it)
{
	rp_jail_meanwhile(tell, has_it);
	ask();
	return NULL;
}

static void one_that_another_thread_has(void **state)
{
	pthread_t thread;
	sem_t has_it;

	(void)state;
	calls = 0;
	jail = start("hangs");
	assert_int_equal(sem_init(&has_it, 0, 0), 0);
	assert_int_equal(pthread_create(&thread, NULL, other_thread, &has_it), 0);
	assert_int_equal(sem_wait(&has_it), 0);
	rp_jail_meanwhile(count, NULL);
	ask();
	rp_jail_meanwhile(NULL, NULL);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(calls > 0);
	stop();
}

/* ---- the namer -------------------------------------------------------------------------- */

/* The mappings of a process that has just begun with a copy, which goes at once if told. */
static void note_copy(struct rp_space_id id, const char *path, bool unlinked)
{
	const struct own_code code = own_code_at((uintptr_t)meanwhile_function);
	struct rp_space *rec = make_space(id, 1);
	struct rp_map *m = add_map(&rec, code.start, code.end, code.offset, path);
	const struct rp_aspace *as;

	m->flags = RP_MAP_EXE;
	m->inode = copy_own_program(path);
	add_space(&f, rec);
	as = rp_spaces_find(f.spaces, &id);
	rp_namer_note(f.namer, as, rp_aspace_newest(as));
	if (unlinked)
		unlink(path);
}

static char first[64], second[64];

/* A process whose program goes at once; and one whose code is named in a file that goes. */
static void two_come_and_go(void *arg)
{
	const struct rp_aspace *as;

	(void)arg;
	if (calls++)
		return;
	note_copy(space_id(4002, 1, 1), second, true);
	put_space(f.id);
	put_text(map, 0, "30000000 20 made_code\n");
	as = rp_spaces_find(f.spaces, &f.id);
	rp_namer_note(f.namer, as, rp_aspace_newest(as));
	unlink(map);
	rp_namer_exited(f.namer, as);
}

static void what_comes_is_opened(void **state)
{
	const struct rp_space_id one = space_id(4001, 1, 1), two = space_id(4002, 1, 1);
	struct rp_namer_options o = { 0 };
	struct rp_namer_stats stats;
	const uint64_t addr = (uintptr_t)meanwhile_function;

	(void)state;
	calls = 0;
	snprintf(first, sizeof(first), "/tmp/test_meanwhile-%d.first", getpid());
	snprintf(second, sizeof(second), "/tmp/test_meanwhile-%d.second", getpid());
	jail = start("dies");
	assert_int_equal(ask(), -EBADMSG);
	o.jail = jail;
	close_fixture(&f);
	open_fixture(&f, &o);
	rp_namer_meanwhile(f.namer, two_come_and_go, NULL);
	note_copy(one, first, false);
	setenv(MODE, "slow", 1);
	assert_int_equal(rp_namer_read(f.namer), 0);
	unsetenv(MODE);
	assert_true(calls > 0);
	rp_namer_stats(f.namer, &stats);
	assert_int_equal(stats.jit.names, 0);
	while (rp_namer_read(f.namer) >= 0)
		;
	add_sample(&f, make_sample(one, 1, 0, 1, &addr), 0);
	add_sample(&f, make_sample(two, 1, 0, 1, &addr), 0);
	put_sample(f.id, CODE + 0x10, 0, f.id.tgid);
	finish(&f);
	assert_string_equal(name(f.p, 1, 0), "meanwhile_function");
	assert_string_equal(name(f.p, 2, 0), "meanwhile_function");
	assert_string_equal(mapping_of(f.p, 2, 0), second);
	assert_string_equal(name(f.p, 3, 0), "made_code");
	unlink(first);
	close_fixture(&f);	/* before its jail */
	stop();
	o.jail = NULL;
	open_fixture(&f, &o);
}

int main(int argc, char **argv)
{
	const char *mode = jail_mode(argc, argv);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_takes_long),
		cmocka_unit_test(one_that_another_thread_has),
		cmocka_unit_test_setup_teardown(what_comes_is_opened, begin, end),
	};

	if (mode && !strcmp(mode, "slow")) {
		rp_jail_go_apart();	/* who started it waits for that */
		usleep(200000);
	} else if (mode) {
		be_a_jail(mode);
	}
	rp_jail_main(argc, argv);
	return cmocka_run_group_tests(tests, make_files, remove_files);
}
