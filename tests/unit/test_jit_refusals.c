// SPDX-License-Identifier: GPL-2.0
/*
 * Files that say where code made at run time is, and are somebody else's or a trap: given
 * up, and why is told once.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sys/stat.h>

#include "jit_names_fixture.h"

/* Nothing is named, and the reason is told once, however often one looks. */
static void check_refused(enum rp_jit_refusal why)
{
	sampled();
	assert_string_equal(called(), "[anon]+0x10");
	assert_string_equal(called(), "[anon]+0x10");
	assert_int_equal(refused(why), 1);
	assert_int_equal(all_refused(), 1);
}

static void refuses_a_link(void **state)
{
	char target[] = "/tmp/test_jit_refusals.XXXXXX";
	int fd = mkstemp(target);

	(void)state;
	close(fd);
	put_text(target, 0, "30000000 20 trap\n");
	assert_int_equal(symlink(target, map), 0);
	check_refused(RP_JIT_LINK);
	/* Gone, and the right file there: all is well. */
	unlink(map);
	put_text(map, 0, "30000000 20 good\n");
	assert_string_equal(called(), "good");
	unlink(target);
}

static void refuses_a_link_to_secrets(void **state)
{
	(void)state;
	assert_int_equal(symlink("/etc/shadow", map), 0);
	check_refused(RP_JIT_LINK);
}

static void refuses_a_fifo(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(map, 0644), 0);
	check_refused(RP_JIT_KIND);
}

static void refuses_a_folder(void **state)
{
	(void)state;
	assert_int_equal(mkdir(map, 0755), 0);
	check_refused(RP_JIT_KIND);
	rmdir(map);
}

static void refuses_a_file_of_two_names(void **state)
{
	char other[80];

	(void)state;
	put_text(map, 0, "30000000 20 trap\n");
	snprintf(other, sizeof(other), "%s.other", map);
	assert_int_equal(link(map, other), 0);
	check_refused(RP_JIT_NAMES);
	unlink(other);
}

static void refuses_another_users(void **state)
{
	(void)state;
	put_text(map, 0, "30000000 20 trap\n");
	if (chown(map, 12345, 0))
		skip();
	check_refused(RP_JIT_OWNER);
}

static void refuses_one_from_before(void **state)
{
	const struct timespec times[] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };

	(void)state;
	put_text(map, 0, "30000000 20 trap\n");
	assert_int_equal(utimensat(AT_FDCWD, map, times, 0), 0);
	check_refused(RP_JIT_OLD);
}

static void refuses_ten_gigabytes(void **state)
{
	(void)state;
	put_text(map, 0, "30000000 20 trap\n");
	assert_int_equal(truncate(map, (off_t)10 << 30), 0);
	check_refused(RP_JIT_SIZE);
}

/* One that becomes as large later is read up to the limit, a part in each window. */
static void reads_zeros_once(void **state)
{
	(void)state;
	sampled();
	put_text(map, 0, "30000000 20 good\n");
	assert_string_equal(called(), "good");
	assert_int_equal(truncate(map, (off_t)10 << 30), 0);
	assert_string_equal(called(), "good");
	assert_int_equal(refused(RP_JIT_LATER), 1);
	assert_string_equal(called(), "good");
	assert_string_equal(called(), "good");
	assert_string_equal(called(), "good");
	assert_int_equal(refused(RP_JIT_SIZE), 1);
	assert_int_equal(all_refused(), 2);
}

static void refuses_garbage(void **state)
{
	FILE *file = fopen(map, "w");
	int i;

	(void)state;
	assert_non_null(file);
	for (i = 0; i < 2000; i++)
		fprintf(file, "user%d:x:%d:0::/root:/bin/sh\n", i, i);
	fprintf(file, "30000000 20 trap\n");
	fclose(file);
	sampled();
	close_window();
	assert_int_equal(refused(RP_JIT_FORMAT), 0);	/* a line of it is one */
	assert_int_equal(truncate(map, 50000), 0);
	close_window();
	assert_int_equal(refused(RP_JIT_FORMAT), 1);
	assert_string_equal(called(), "[anon]+0x10");
}

/* What it says of itself counts where only the place speaks for it. */
static void refuses_another_processs_dump(void **state)
{
	int fd = open(dump, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

	(void)state;
	put_head(fd, f.id.tgid + 1);
	put_load(fd, f.id.tgid + 1, 100, CODE, "trap");
	close(fd);
	check_refused(RP_JIT_PROCESS);
}

static void refuses_what_is_no_dump(void **state)
{
	(void)state;
	put_text(dump, 0, "30000000 20 trap, and as long as the head of a jitdump\n");
	check_refused(RP_JIT_FORMAT);
}

int main(int argc, char **argv)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(refuses_a_link),
		TEST(refuses_a_link_to_secrets),
		TEST(refuses_a_fifo),
		TEST(refuses_a_folder),
		TEST(refuses_a_file_of_two_names),
		TEST(refuses_another_users),
		TEST(refuses_one_from_before),
		TEST(refuses_ten_gigabytes),
		TEST(reads_zeros_once),
		TEST(refuses_garbage),
		TEST(refuses_another_processs_dump),
		TEST(refuses_what_is_no_dump),
	};

	rp_jail_main(argc, argv);
	return cmocka_run_group_tests_name("jit_refusals", tests, make_files, NULL) +
	       cmocka_run_group_tests_name("jit_refusals in a jail", tests, start_jail,
					  stop_jail_and_remove_files);
}
