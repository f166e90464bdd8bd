// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel says of a process: of a real one, and from files such as its own, with
 * what only containers have.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "identity.h"

#define ID	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define POD	"1f2e3d4c-0000-4abc-8def-001122334455"
#define PID	42

static char proc[64];

static char *path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%d/%s", proc, PID, name);
	return path;
}

static int make_process(void **state)
{
	(void)state;
	strcpy(proc, "/tmp/ringprof-unit.XXXXXX");
	return mkdtemp(proc) ? mkdir(path_of(""), 0755) : -1;
}

static int remove_process(void **state)
{
	(void)state;
	unlink(path_of("cgroup"));
	unlink(path_of("cmdline"));
	unlink(path_of("status"));
	unlink(path_of("exe"));
	return rmdir(path_of("")) || rmdir(proc);
}

/* size 0: up to the text's end. */
static void put(const char *name, const char *text, size_t size)
{
	FILE *f = fopen(path_of(name), "w");

	assert_non_null(f);
	size = size ? size : strlen(text);
	assert_int_equal(fwrite(text, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

static void read_files(struct rp_identity *id)
{
	assert_int_equal(rp_identity_read(proc, PID, id), 0);
}

static void test_container(void **state)
{
	struct rp_identity id, again;

	(void)state;
	put("cgroup", "0::/user.slice/user-7.slice/user@7.service/kubepods/pod" POD
	    "/libpod-" ID ".scope\n", 0);
	put("cmdline", "/bin/web\0--port\0" "80\0", 19);
	put("status", "Name:\ta\\nb\\\\c\\d\nUmask:\t0022\nTgid:\t42\nNgid:\t0\n"
	    "Uid:\t1\t33\t1\t1\nGid:\t0\t0\t0\t0\nNStgid:\t42\t7\nNSpid:\t42\t9\t7\n", 0);
	assert_int_equal(symlink("/opt/web (deleted)", path_of("exe")), 0);
	read_files(&id);
	assert_string_equal(id.container, ID);
	assert_string_equal(id.pod, POD);
	assert_string_equal(id.unit, "user@7.service");
	assert_string_equal(id.user_unit, "libpod-" ID ".scope");
	assert_string_equal(id.command, "/bin/web");
	assert_string_equal(id.cmdline, "/bin/web --port 80");
	assert_string_equal(id.comm, "a\nb\\c\\d");
	assert_string_equal(id.exe, "/opt/web");
	assert_true(id.has_uid);
	assert_int_equal(id.uid, 33);
	assert_true(id.has_vpid);
	assert_int_equal(id.vpid, 7);

	read_files(&again);
	assert_true(rp_identity_equal(&id, &again));
	rp_identity_free(&again);
	put("cgroup", "0::/\n", 0);
	read_files(&again);
	assert_null(again.container);
	assert_false(rp_identity_equal(&id, &again));
	rp_identity_free(&again);
	rp_identity_free(&id);
}

/* What another program left there is not taken for it. */
static void test_refresh(void **state)
{
	struct rp_identity id = { 0 };

	(void)state;
	assert_false(rp_identity_is_of(&id, NULL));
	assert_false(rp_identity_refresh(&id, proc, PID, "/bin/web"));
	put("cmdline", "one", 4);
	assert_int_equal(symlink("/run/root/bin/web", path_of("exe")), 0);
	assert_true(rp_identity_refresh(&id, proc, PID, "/bin/web"));
	assert_false(rp_identity_refresh(&id, proc, PID, "/bin/web"));
	assert_true(rp_identity_is_of(&id, "/bin/web"));
	assert_true(rp_identity_is_of(&id, ""));
	assert_false(rp_identity_is_of(&id, "/bin/we"));
	put("cmdline", "two", 4);
	assert_false(rp_identity_refresh(&id, proc, PID, "/bin/other"));
	assert_string_equal(id.command, "one");
	assert_true(rp_identity_refresh(&id, proc, PID, "/bin/web"));
	assert_string_equal(id.command, "two");
	assert_false(rp_identity_refresh(&id, proc, PID + 1, "/bin/web"));
	assert_string_equal(id.command, "two");

	/* It has exited, and nobody has waited for it yet. */
	put("cmdline", "", 0);
	assert_int_equal(unlink(path_of("exe")), 0);
	put("status", "Name:\tweb\nUid:\t0\t0\t0\t0\n", 0);
	assert_false(rp_identity_refresh(&id, proc, PID, "/bin/web"));
	assert_string_equal(id.command, "two");
	assert_string_equal(id.exe, "/run/root/bin/web");
	rp_identity_free(&id);
}

/* While a program is loaded it has no command line yet. */
static void test_complete(void **state)
{
	struct rp_identity id = { 0 };

	(void)state;
	put("cmdline", "", 0);
	assert_int_equal(symlink("/bin/web", path_of("exe")), 0);
	assert_true(rp_identity_refresh(&id, proc, PID, "/bin/web"));
	assert_null(id.command);
	assert_false(rp_identity_complete(&id, proc, PID));
	put("cmdline", "one", 4);
	assert_true(rp_identity_complete(&id, proc, PID));
	assert_string_equal(id.command, "one");

	/* What is there is not read again. */
	put("cmdline", "two", 4);
	assert_false(rp_identity_complete(&id, proc, PID));
	assert_string_equal(id.command, "one");
	rp_identity_free(&id);
}

/* Of an old kernel, or of a process that has gone in between. */
static void test_some(void **state)
{
	struct rp_identity id;

	(void)state;
	put("status", "Name:\tx\nUid:\t0\t0\t0\t0\n", 0);
	read_files(&id);
	assert_null(id.cgroup);
	assert_null(id.command);
	assert_null(id.exe);
	assert_true(id.has_uid);
	assert_int_equal(id.uid, 0);
	assert_false(id.has_vpid);
	rp_identity_free(&id);

	put("status", "Name:\tx\nNSpid:\t42\n", 0);
	read_files(&id);
	assert_false(id.has_uid);
	assert_false(id.has_vpid);
	rp_identity_free(&id);

	put("status", "", 0);
	assert_int_equal(rp_identity_read(proc, PID, &id), -ESRCH);
	assert_int_equal(rp_identity_read(proc, PID + 1, &id), -ENOENT);
}

/* A process may write there what it likes. */
static void test_command_line(void **state)
{
	struct rp_identity id;
	char text[4000];

	(void)state;
	memset(text, 'x', sizeof(text));
	put("cmdline", text, sizeof(text));
	read_files(&id);
	assert_int_equal(strlen(id.command), RP_IDENTITY_COMMAND_MAX);
	assert_int_equal(strlen(id.cmdline), RP_IDENTITY_CMDLINE_MAX);
	rp_identity_free(&id);

	put("cmdline", "a\x1b[2J\xff\0\0\0b\0\0", 12);
	read_files(&id);
	assert_string_equal(id.command, "a_[2J_");
	assert_string_equal(id.cmdline, "a\x1b[2J\xff   b");
	rp_identity_free(&id);

	put("cmdline", "\0x\0", 3);
	read_files(&id);
	assert_null(id.command);
	assert_string_equal(id.cmdline, " x");
	rp_identity_free(&id);
}

static void test_process(void **state)
{
	char sleep_name[] = "a sleeper", seconds[] = "60";
	char *const argv[] = { sleep_name, seconds, NULL };
	struct rp_identity id;
	pid_t pid = fork();
	int status, tries;

	(void)state;
	if (!pid) {
		execv("/bin/sleep", argv);
		_exit(127);
	}
	assert_true(pid > 0);
	for (tries = 0; tries < 500; tries++) {
		usleep(10000);
		assert_int_equal(rp_identity_read("/proc", (uint32_t)pid, &id), 0);
		if (id.command && !strcmp(id.command, "a sleeper"))
			break;
		rp_identity_free(&id);
	}
	assert_true(tries < 500);
	assert_string_equal(id.cmdline, "a sleeper 60");
	assert_non_null(strstr(id.exe, "/"));
	assert_true(id.has_uid);
	assert_int_equal(id.uid, geteuid());
	rp_identity_free(&id);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(rp_identity_read("/proc", (uint32_t)pid, &id) < 0);
}

static const struct rp_profile_label *label_of(const struct rp_profile *p,
					       const struct rp_profile_label *labels,
					       unsigned int nr, const char *key)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (!strcmp(rp_profile_str(p, labels[i].key), key))
			return &labels[i];
	fail_msg("there is no label %s", key);
	return NULL;
}

static void test_labels(void **state)
{
	char container[] = ID, unit[] = "a.service", command[] = "web";
	struct rp_identity id = {
		.container = container, .unit = unit, .command = command,
		.has_uid = true, .has_vpid = true, .vpid = 7,
	};
	struct rp_profile_label labels[RP_IDENTITY_LABELS_MAX];
	struct rp_profile *p = rp_profile_new();
	struct rp_attributes a = { 0 };
	unsigned int nr;

	(void)state;
	assert_non_null(p);
	nr = rp_identity_labels(&id, RP_IDENTITY_ALL, p, labels, RP_IDENTITY_LABELS_MAX);
	assert_int_equal(nr, 5);
	assert_string_equal(rp_profile_str(p, label_of(p, labels, nr, "container.id")->str), ID);
	assert_string_equal(rp_profile_str(p, label_of(p, labels, nr, "systemd.unit")->str),
			    "a.service");
	assert_string_equal(rp_profile_str(p, label_of(p, labels, nr, "process.command")->str),
			    "web");
	assert_int_equal(label_of(p, labels, nr, "process.user.id")->num, 0);
	assert_int_equal(label_of(p, labels, nr, "process.vpid")->num, 7);
	assert_int_equal(rp_identity_labels(&id, RP_IDENTITY_ALL, p, labels, 2), 2);
	assert_int_equal(rp_identity_labels(&id, RP_IDENTITY_USER, p, labels, 7), 1);
	rp_profile_free(p);

	assert_int_equal(rp_identity_attributes(&id, &a), 0);
	assert_int_equal(a.nr, 1);
	assert_string_equal(rp_attributes_get(&a, "container.id"), ID);
	rp_attributes_free(&a);
	assert_true(rp_identity_is_label("process.vpid"));
	assert_false(rp_identity_is_label("container.id"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_container, make_process, remove_process),
		cmocka_unit_test_setup_teardown(test_refresh, make_process, remove_process),
		cmocka_unit_test_setup_teardown(test_complete, make_process, remove_process),
		cmocka_unit_test_setup_teardown(test_some, make_process, remove_process),
		cmocka_unit_test_setup_teardown(test_command_line, make_process, remove_process),
		cmocka_unit_test(test_process),
		cmocka_unit_test(test_labels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
