// SPDX-License-Identifier: GPL-2.0
/*
 * Paths in a root that somebody else has furnished: what lies in it is opened, what its
 * links promise outside of it is not.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "root_open.h"

static char root[] = "/tmp/test_root_open.XXXXXX";

static char *in_root(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/inside/%s", root, name);
	return path;
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* Opens and reads what the path leads to in the root. */
static int text_of(const char *path, char text[64])
{
	char inside[PATH_MAX], err[PATH_MAX + 64] = "";
	struct stat st;
	ssize_t n;
	int fd;

	snprintf(inside, sizeof(inside), "%s/inside", root);
	fd = rp_root_open(inside, path, &st, err, sizeof(err));
	if (fd < 0) {
		assert_non_null(strstr(err, path));
		return fd;
	}
	n = read(fd, text, 63);
	assert_true(n >= 0 && n == st.st_size);
	text[n] = '\0';
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	return 0;
}

static void expect(const char *path, const char *want)
{
	char text[64] = "";
	int r = text_of(path, text);

	if (r)
		fail_msg("%s: %s", path, strerror(-r));
	assert_string_equal(text, want);
}

static void expect_error(const char *path, int want)
{
	char text[64];

	assert_int_equal(text_of(path, text), -want);
}

static void link_to(const char *target, const char *name)
{
	assert_int_equal(symlink(target, in_root(name)), 0);
}

static int make_root(void **state)
{
	char path[PATH_MAX];

	(void)state;
	if (!mkdtemp(root))
		return -1;
	mkdir(in_root(""), 0755);
	mkdir(in_root("etc"), 0755);
	mkdir(in_root("dir"), 0755);
	mkdir(in_root("dir/deeper"), 0755);
	write_file(in_root("etc/secret"), "inner");
	write_file(in_root("dir/file"), "file");
	snprintf(path, sizeof(path), "%s/secret", root);
	write_file(path, "outer");
	return 0;
}

static int remove_root(void **state)
{
	char command[PATH_MAX + 16];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static void opens_what_lies_there(void **state)
{
	(void)state;
	expect("/dir/file", "file");
	expect("dir/file", "file");
	expect("//dir/./deeper/../file", "file");
	expect_error("/dir/none", ENOENT);
	expect_error("/dir/none/file", ENOENT);
	expect_error("/dir/file/more", ENOTDIR);
	expect_error("/dir/file/", ENOTDIR);
	expect_error("/dir", ENOTSUP);
	expect_error("/", ENOTSUP);
	expect_error("", ENOTSUP);
}

static void links_stay_inside(void **state)
{
	char outside[PATH_MAX];
	int fd;

	(void)state;
	link_to("/etc/secret", "dir/absolute");
	link_to("../etc/secret", "dir/relative");
	link_to("../../../../../../etc/secret", "dir/up");
	link_to("deeper", "dir/to_dir");
	link_to("/dir/to_dir/../../etc/", "dir/deeper/hop");
	expect("/dir/absolute", "inner");
	expect("/dir/relative", "inner");
	expect("/dir/up", "inner");
	expect("/dir/deeper/hop/secret", "inner");
	expect("/dir/to_dir/hop/secret", "inner");
	expect("/../../../etc/secret", "inner");

	/* The file is there for everybody else; only not below this root. */
	snprintf(outside, sizeof(outside), "%s/secret", root);
	link_to(outside, "dir/out");
	link_to("../../secret", "dir/out_relative");
	assert_int_equal(access(in_root("dir/out"), R_OK), 0);
	assert_int_equal(access(in_root("dir/out_relative"), R_OK), 0);
	expect_error("/dir/out", ENOENT);
	expect_error("/dir/out_relative", ENOENT);
	expect_error("/../secret", ENOENT);
	fd = rp_root_open(NULL, outside, NULL, NULL, 0);
	assert_true(fd >= 0);
	close(fd);
}

static void what_would_block_is_refused(void **state)
{
	char path[PATH_MAX];

	(void)state;
	assert_int_equal(mkfifo(in_root("dir/fifo"), 0644), 0);
	link_to("fifo", "dir/to_fifo");
	expect_error("/dir/fifo", ENOTSUP);
	expect_error("/dir/to_fifo", ENOTSUP);
	snprintf(path, sizeof(path), "%s", in_root("dir/fifo"));
	assert_int_equal(rp_root_open("/", path, NULL, NULL, 0), -ENOTSUP);
	assert_int_equal(rp_root_open("/none/such", "/dir/file", NULL, NULL, 0), -ENOENT);
	assert_int_equal(rp_root_open("/dev", "null", NULL, NULL, 0), -ENOTSUP);
}

static void loops_and_depths_end(void **state)
{
	char path[PATH_MAX], name[300];
	unsigned int i;

	(void)state;
	link_to("loop", "dir/loop");
	link_to("ping", "dir/pong");
	link_to("pong", "dir/ping");
	expect_error("/dir/loop", ELOOP);
	expect_error("/dir/ping", ELOOP);
	/* Grows by each step: has to end by its length or by the number of links. */
	link_to("./grow/././././././././././././././././././././././././././x", "dir/grow");
	expect_error("/dir/grow", ELOOP);

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	expect_error(name, ENAMETOOLONG);
	memset(path, '/', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	expect_error(path, ENOTSUP);

	/* Deeper than what is kept open; and up and down again any number of times. */
	snprintf(path, sizeof(path), "%s", in_root("deep"));
	assert_int_equal(mkdir(path, 0755), 0);
	for (i = 0; i < RP_ROOT_DEPTH_MAX; i++) {
		strcat(path, "/d");
		assert_int_equal(mkdir(path, 0755), 0);
	}
	strcat(path, "/file");
	write_file(path, "deep");
	expect_error(path + strlen(in_root("")) - 1, ENAMETOOLONG);
	path[0] = '\0';
	for (i = 0; i < 2 * RP_ROOT_DEPTH_MAX; i++)
		strcat(path, "/dir/..");
	strcat(path, "/dir/file");
	expect(path, "file");
}

/* No link is followed where anybody may have put one. */
static void direct_takes_no_link(void **state)
{
	char inside[PATH_MAX];
	struct stat st;
	int fd;

	(void)state;
	snprintf(inside, sizeof(inside), "%s/inside", root);
	link_to("/etc/secret", "dir/trap");
	link_to("/dir", "trap_on_the_way");
	expect("/dir/trap", "inner");
	expect("/trap_on_the_way/file", "file");
	assert_int_equal(rp_root_open_direct(inside, "/dir/trap", NULL, NULL, 0), -ELOOP);
	assert_int_equal(rp_root_open_direct(inside, "/trap_on_the_way/file", NULL, NULL, 0),
			 -ELOOP);
	assert_int_equal(rp_root_open_direct(inside, "/dir/none", NULL, NULL, 0), -ENOENT);
	fd = rp_root_open_direct(inside, "/dir/../dir/file", &st, NULL, 0);
	assert_true(fd >= 0);
	assert_int_equal(st.st_size, 4);
	close(fd);
}

/* The root of a process, as a container's is: its own, whatever ours is. */
static void roots_of_processes(void **state)
{
	char inside[PATH_MAX], of_process[64];
	int ready[2], status, fd;
	pid_t pid;
	char c;

	(void)state;
	if (getuid())
		skip();		/* chroot() is root's */
	snprintf(inside, sizeof(inside), "%s/inside", root);
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		if (!chroot(inside) && write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	snprintf(of_process, sizeof(of_process), "/proc/%d/root", pid);
	fd = rp_root_open(of_process, "/../etc/secret", NULL, NULL, 0);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, &c, 1), 1);
	assert_int_equal(c, 'i');
	close(fd);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	assert_int_equal(rp_root_open(of_process, "/etc/secret", NULL, NULL, 0), -ENOENT);
}

/* What fails half-way closes what it opened. */
static void leaves_nothing_open(void **state)
{
	char text[64];
	int before, after, i;

	(void)state;
	before = open("/", O_PATH | O_CLOEXEC);
	close(before);
	for (i = 0; i < 50; i++) {
		text_of("/dir/deeper/none", text);
		text_of("/dir/ping", text);
		text_of("/dir/fifo", text);
		text_of("/dir/file", text);
	}
	after = open("/", O_PATH | O_CLOEXEC);
	close(after);
	assert_int_equal(before, after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_what_lies_there),
		cmocka_unit_test(links_stay_inside),
		cmocka_unit_test(what_would_block_is_refused),
		cmocka_unit_test(loops_and_depths_end),
		cmocka_unit_test(direct_takes_no_link),
		cmocka_unit_test(roots_of_processes),
		cmocka_unit_test(leaves_nothing_open),
	};

	return cmocka_run_group_tests(tests, make_root, remove_root);
}
