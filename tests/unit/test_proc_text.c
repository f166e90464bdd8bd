// SPDX-License-Identifier: GPL-2.0
/*
 * Text of /proc/PID: what is in it that a process has chosen, and what a bound has cut.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "proc_text.h"

static void test_lines(void **state)
{
	static const char status[] = "Name:\tUid:\t7\nNStgid:\t42\t9\nUid:\t1\t33\t1\t2\n"
		"Groups:\t \nNSpid:\t42\t9\t8\nCut:\t12";

	(void)state;
	assert_memory_equal(rp_proc_line(status, "Name"), "Uid:\t7\n", 7);
	assert_int_equal(rp_proc_number(status, "Uid", 2), 33);
	assert_int_equal(rp_proc_number(status, "Uid", 4), 2);
	assert_int_equal(rp_proc_number(status, "NSpid", 1), 42);
	assert_int_equal(rp_proc_number(status, "NSpid", RP_PROC_LAST), 8);
	assert_int_equal(rp_proc_number(status, "Groups", 1), -1);
	assert_int_equal(rp_proc_number(status, "Pid", 1), -1);
	assert_null(rp_proc_line(status, "Cut"));
	assert_null(rp_proc_line("", "Uid"));
}

static void test_files(void **state)
{
	char text[RP_PROC_STATUS_MAX];
	int folder = rp_proc_open("/proc", (uint32_t)getpid());
	ssize_t len;

	(void)state;
	assert_true(folder >= 0);
	len = rp_proc_read(folder, "status", text, sizeof(text));
	assert_true(len > 0 && len == (ssize_t)strlen(text));
	assert_int_equal(rp_proc_number(text, "Pid", 1), getpid());
	assert_int_equal(rp_proc_number(text, "Uid", 2), geteuid());
	assert_int_equal(rp_proc_read(folder, "status", text, 6), 5);
	assert_string_equal(text, "Name:");
	len = rp_proc_exe(folder, text, sizeof(text));
	assert_true(len > 0 && len == (ssize_t)strlen(text));
	assert_string_equal(strrchr(text, '/'), "/test_proc_text");
	assert_int_equal(rp_proc_read(folder, "none", text, sizeof(text)), -ENOENT);
	close(folder);
	assert_int_equal(rp_proc_open("/nonexistent", 1), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
