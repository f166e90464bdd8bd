// SPDX-License-Identifier: GPL-2.0
/*
 * Paths in another root, with openat2() and by walking: both give the same, and neither
 * gets out, whatever links, "..", FIFOs and devices lie there.
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
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "root_path.h"

static char dir[] = "/tmp/test_root_path.XXXXXX";
static int root;

/* Outside of the root is "secret"; what every link out tries to reach. */
static void put(const char *path, const char *text)
{
	int fd = openat(root, path, O_CREAT | O_WRONLY | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static int make_root(void **state)
{
	char path[PATH_MAX];

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/root", dir);
	if (mkdir(path, 0755))
		return -1;
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 || mkdirat(root, "a", 0755) || mkdirat(root, "a/b", 0755) ||
	    mkdirat(root, "tmp", 0755))
		return -1;
	put("../secret", "secret");
	put("secret", "inside");
	put("a/b/file", "file");
	return 0;
}

static int remove_root(void **state)
{
	char command[PATH_MAX];

	(void)state;
	close(root);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

/* What the file holds goes to text; 0 or -errno, the same by both ways. */
static int get(const char *path, enum rp_root_path_links links, char text[static 16])
{
	struct stat st, other;
	int fd = rp_root_path_open(root, path, links, &st);
	int again = rp_root_path_walk(root, path, links, &other);
	ssize_t n;

	*text = '\0';
	if (fd < 0) {
		assert_int_equal(again, fd);
		return fd;
	}
	assert_true(again >= 0);
	assert_int_equal(st.st_ino, other.st_ino);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC && fcntl(again, F_GETFD) & FD_CLOEXEC);
	n = read(again, text, 15);
	assert_true(n >= 0);
	text[n] = '\0';
	close(fd);
	close(again);
	return 0;
}

static void check(const char *path, enum rp_root_path_links links, const char *wanted)
{
	char text[16];

	assert_int_equal(get(path, links, text), 0);
	assert_string_equal(text, wanted);
}

static void refuse(const char *path, enum rp_root_path_links links, int err)
{
	char text[16];

	assert_int_equal(get(path, links, text), err);
}

static void test_plain(void **state)
{
	(void)state;
	check("/a/b/file", RP_ROOT_PATH_NO_LINKS, "file");
	check("//a/./b///file", RP_ROOT_PATH_FOLLOW, "file");
	refuse("/a/b/none", RP_ROOT_PATH_NO_LINKS, -ENOENT);
	refuse("/a/b/file/x", RP_ROOT_PATH_NO_LINKS, -ENOTDIR);
	refuse("/a/b/file/", RP_ROOT_PATH_NO_LINKS, -ENOTDIR);
	refuse("a/b/file", RP_ROOT_PATH_NO_LINKS, -EINVAL);
	refuse("", RP_ROOT_PATH_NO_LINKS, -EINVAL);
	refuse("/a/b", RP_ROOT_PATH_NO_LINKS, -ENOTSUP);
	refuse("/", RP_ROOT_PATH_FOLLOW, -ENOTSUP);
}

static void test_dotdot(void **state)
{
	(void)state;
	check("/a/b/../b/file", RP_ROOT_PATH_NO_LINKS, "file");
	check("/../secret", RP_ROOT_PATH_NO_LINKS, "inside");
	check("/a/../../../secret", RP_ROOT_PATH_FOLLOW, "inside");
	check("/a/b/../../../../../../../../../../secret", RP_ROOT_PATH_NO_LINKS, "inside");
}

static void test_links(void **state)
{
	(void)state;
	assert_int_equal(symlinkat("/etc/shadow", root, "tmp/perf-1.map"), 0);
	assert_int_equal(symlinkat("/secret", root, "tmp/absolute"), 0);
	assert_int_equal(symlinkat("../../../secret", root, "tmp/relative"), 0);
	assert_int_equal(symlinkat("/a", root, "tmp/folder"), 0);
	assert_int_equal(symlinkat("folder/b", root, "tmp/twice"), 0);
	assert_int_equal(symlinkat("loop", root, "tmp/loop"), 0);

	refuse("/tmp/perf-1.map", RP_ROOT_PATH_NO_LINKS, -ELOOP);
	refuse("/tmp/absolute", RP_ROOT_PATH_NO_LINKS, -ELOOP);
	refuse("/tmp/folder/b/file", RP_ROOT_PATH_NO_LINKS, -ELOOP);

	/* Followed, they lead where they lead in there. */
	refuse("/tmp/perf-1.map", RP_ROOT_PATH_FOLLOW, -ENOENT);
	check("/tmp/absolute", RP_ROOT_PATH_FOLLOW, "inside");
	check("/tmp/relative", RP_ROOT_PATH_FOLLOW, "inside");
	check("/tmp/folder/b/file", RP_ROOT_PATH_FOLLOW, "file");
	check("/tmp/twice/file", RP_ROOT_PATH_FOLLOW, "file");
	check("/tmp/twice/../../secret", RP_ROOT_PATH_FOLLOW, "inside");
	refuse("/tmp/loop", RP_ROOT_PATH_FOLLOW, -ELOOP);
}

static void test_not_a_file(void **state)
{
	(void)state;
	assert_int_equal(mkfifoat(root, "tmp/fifo", 0644), 0);
	refuse("/tmp/fifo", RP_ROOT_PATH_NO_LINKS, -ENOTSUP);
	refuse("/tmp/fifo", RP_ROOT_PATH_FOLLOW, -ENOTSUP);
	if (mknodat(root, "tmp/zero", S_IFCHR | 0644, (dev_t)(1 << 8 | 5)))
		return;		/* not root: the FIFO has to do */
	refuse("/tmp/zero", RP_ROOT_PATH_NO_LINKS, -ENOTSUP);
}

static void test_long(void **state)
{
	char path[PATH_MAX + 16];

	(void)state;
	memset(path, '/', sizeof(path));
	strcpy(path + PATH_MAX - 12, "/a/b/file");
	check(path, RP_ROOT_PATH_NO_LINKS, "file");
	memset(path, '/', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	refuse(path, RP_ROOT_PATH_NO_LINKS, -ENAMETOOLONG);
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[NAME_MAX + 2] = '\0';
	refuse(path, RP_ROOT_PATH_NO_LINKS, -ENAMETOOLONG);
}

/* The way of a container: a process in a root of its own. */
static void test_process(void **state)
{
	volatile int *ready = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char path[PATH_MAX], text[16] = "";
	struct stat st;
	pid_t pid;
	int fd, status;

	(void)state;
	if (getuid())
		skip();		/* chroot() is root's */
	snprintf(path, sizeof(path), "%s/root", dir);
	pid = fork();
	if (!pid) {
		*ready = chroot(path) ? -1 : 1;
		for (;;)
			pause();
	}
	while (!*ready)
		usleep(1000);
	assert_int_equal(*ready, 1);
	fd = rp_root_path_open_of("/proc", (uint32_t)pid, "/../secret",
				  RP_ROOT_PATH_NO_LINKS, &st);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, text, 15), 6);
	assert_string_equal(text, "inside");
	close(fd);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	assert_int_equal(rp_root_path_open_of("/proc", (uint32_t)pid, "/secret",
					      RP_ROOT_PATH_NO_LINKS, NULL), -ESRCH);
	munmap((void *)ready, 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_dotdot),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_not_a_file),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_process),
	};

	return cmocka_run_group_tests(tests, make_root, remove_root);
}
