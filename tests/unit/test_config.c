// SPDX-License-Identifier: GPL-2.0
/*
 * The configuration: what it takes, and that every error says where and what.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "config_fixture.h"
#include "proto/ringprof.h"

static void test_defaults(void **state)
{
	char why[RP_CONFIG_WHY_SIZE];
	struct rp_config c;
	struct said s;

	(void)state;
	assert_int_equal(read_text(&c, "# nothing\n\n; at all\n[export]\n", &s), 0);
	assert_int_equal(c.sampling.frequency, 19);
	assert_int_equal(c.sampling.kernel_depth, 127);
	assert_int_equal(c.sampling.budget_ppm, 0);
	assert_int_equal(c.budget.cpu_percent, 5);
	assert_int_equal(c.budget.memory_bytes, 128 << 20);
	assert_int_equal(c.sampling.coalesce_ms, 1000);
	assert_int_equal(c.sampling.modes, RP_MODE_ALL);
	assert_int_equal(c.sampling.tick, RP_TICK_AUTO);
	assert_int_equal(c.symbols.lines, 0);
	assert_int_equal(c.symbols.inlines, 0);
	assert_int_equal(c.symbols.debug_dirs.nr, 0);
	assert_int_equal(c.symbols.servers.nr, 0);
	assert_string_equal(c.symbols.server_directory, "/var/cache/ringprof/debuginfod");
	assert_int_equal(c.sampling.ring_bytes, RP_RING_BYTES_DEFAULT);
	assert_true(c.window.length_ns == 60000000000u);
	assert_string_equal(c.output.directory, "/var/lib/ringprof/profiles");
	assert_true(c.output.keep_bytes == 1u << 30);
	assert_true(c.output.keep_age_ns == 7 * 86400 * 1000000000ull);
	assert_null(c.export.url);
	assert_null(c.export.spool_directory);
	assert_true(c.export.spool_bytes == 64u << 20);
	assert_int_equal(c.resource.nr, 0);
	assert_int_equal(rp_config_check(&c, why, sizeof(why)), 0);
	rp_config_free(&c);
}

static void test_everything(void **state)
{
	static const char text[] =
		"\xef\xbb\xbf[sampling]\n"
		"frequency = 999\n"
		"  kernel-depth=0\n"		/* indented: not a continuation */
		"budget = 0.25%\n"
		"coalesce = 0\n"
		"\tuser-depth = 64\n"
		"modes = user , kthread\n"
		"tick = perf\n"
		"ring-size = 1M\n"
		"[symbols]\n"
		"inlines = yes\n"
		"debug-directory = /srv/debug files\ndebug-directory = /opt/debug/\n"
		"debuginfod = http://a\ndebuginfod = https://b/c@d\ndebuginfod-timeout = 2s\n"
		"debuginfod-directory = /x\ndebuginfod-bytes = 4M\ndebuginfod-file-bytes = 1M\n"
		"[budget]\ncpu = 3\nmemory = 0\n"
		"[window]\nlength = 2s ; short\n"
		"[output]\ndirectory =\nkeep-files = 5\nkeep-bytes = 0\nkeep-age = 36h\n"
		"[export]\n"
		"url = https://profiles.example:4040/base/\n"
		"tenant = team-a\ntimeout = 5s\n"
		"spool-directory = /var/spool/x\nspool-bytes = 128K\n"
		"header = X-One: 1\nheader = X-Two: a b\n"
		"token-file = /run/secret\n"
		"[resource]\n"
		"service.version = 1.2\ncloud.region = eu-central-1\nteam = Caf\xc3\xa9\n";
	struct rp_config c;
	struct said s;

	(void)state;
	assert_int_equal(read_text(&c, text, &s), 0);
	assert_int_equal(s.nr, 0);
	assert_int_equal(c.sampling.frequency, 999);
	assert_int_equal(c.sampling.kernel_depth, 0);
	assert_int_equal(c.sampling.budget_ppm, 2500);
	assert_int_equal(c.sampling.coalesce_ms, 0);
	assert_int_equal(c.sampling.user_depth, 64);
	assert_int_equal(c.sampling.modes, RP_MODE_USER | RP_MODE_KTHREAD);
	assert_int_equal(c.sampling.tick, RP_TICK_PERF);
	assert_int_equal(c.symbols.lines, 0);
	assert_int_equal(c.symbols.inlines, 1);
	assert_int_equal(c.symbols.debug_dirs.nr, 2);
	assert_string_equal(c.symbols.debug_dirs.items[0], "/srv/debug files");
	assert_string_equal(c.symbols.debug_dirs.items[1], "/opt/debug/");
	assert_int_equal(c.symbols.servers.nr, 2);
	assert_string_equal(c.symbols.servers.items[1], "https://b/c@d");
	assert_string_equal(c.symbols.server_directory, "/x");
	assert_int_equal(c.symbols.server_bytes, 4 << 20);
	assert_int_equal(c.symbols.server_file_bytes, 1 << 20);
	assert_true(c.symbols.server_timeout_ns == 2000000000u);
	assert_int_equal(c.sampling.ring_bytes, 1 << 20);
	assert_int_equal(c.budget.cpu_percent, 3);
	assert_int_equal(c.budget.memory_bytes, 0);
	assert_true(c.window.length_ns == 2000000000u);
	assert_null(c.output.directory);
	assert_int_equal(c.output.keep_files, 5);
	assert_int_equal(c.output.keep_bytes, 0);
	assert_true(c.output.keep_age_ns == 36 * 3600 * 1000000000ull);
	assert_string_equal(c.export.url, "https://profiles.example:4040/base/");
	assert_string_equal(c.export.tenant, "team-a");
	assert_true(c.export.timeout_ns == 5000000000u);
	assert_string_equal(c.export.spool_directory, "/var/spool/x");
	assert_int_equal(c.export.spool_bytes, 128 << 10);
	assert_int_equal(c.export.headers.nr, 2);
	assert_string_equal(c.export.headers.items[1], "X-Two: a b");
	assert_string_equal(c.export.token_file, "/run/secret");
	assert_int_equal(c.resource.nr, 3);
	assert_string_equal(rp_attributes_get(&c.resource, "team"), "Caf\xc3\xa9");
	rp_config_free(&c);
}

/* One wrong line, number 2, behind its section's. */
static const struct {
	const char *section, *line, *sentence;
} wrong[] = {
	{ "sampling", "freqency = 19", "there is no key freqency in [sampling]; there are: frequency, kernel-depth, user-depth, modes, tick, budget, coalesce, ring-size" },
	{ "sampling", "frequency = fast", "frequency = fast: this is not a whole number" },
	{ "sampling", "frequency = 0", "must be 1 to 10000" },
	{ "sampling", "frequency = 10001", "must be 1 to 10000" },
	{ "sampling", "frequency = 99999999999999999999999", "must be 1 to 10000" },
	{ "sampling", "frequency = -1", "is not a whole number" },
	{ "sampling", "frequency = 1e3", "is not a whole number" },
	{ "sampling", "frequency =", "is not a whole number" },
	{ "sampling", "frequency", "neither [section] nor key = value" },
	{ "sampling", "user-depth = 128", "must be 0 to 127" },
	{ "sampling", "modes = kernel user", "needs commas" },
	{ "sampling", "modes = kernel,", "is not a list of kernel, user and kthread" },
	{ "sampling", "tick = quartz", "is none of auto, hrtimer and perf" },
	{ "sampling", "budget = 1", "budget = 1: this is not a share: write a percentage" },
	{ "sampling", "coalesce = 5", "coalesce = 5: this is not a duration" },
	{ "sampling", "coalesce = 61s", "must be 0ms to 1m" },
	{ "sampling", "budget = .5%", "is not a share" },
	{ "sampling", "budget = 1.%", "is not a share" },
	{ "sampling", "budget = 1.00001%", "is not a share" },
	{ "sampling", "budget = 1.1.1%", "is not a share" },
	{ "sampling", "budget = 0%", "must be 0.0001% to 100%" },
	{ "sampling", "budget = 100.0001%", "must be 0.0001% to 100%" },
	{ "sampling", "budget = 99999999999999999999%", "must be 0.0001% to 100%" },
	{ "symbols", "lines = perhaps", "is neither yes nor no" },
	{ "symbols", "inlines =", "is neither yes nor no" },
	{ "symbols", "debug-directory = lib/debug", "debug-directory = lib/debug: this is not an absolute path" },
	{ "symbols", "debug-directory = /a/../b", "has a .. in it" },
	{ "symbols", "debug-directory = /a/..", "has a .. in it" },
	{ "symbols", "debuginfod = ftp://host/", "is not a URL of http or https" },
	{ "symbols", "debuginfod = http:///x", "is not a URL of http or https" },
	{ "symbols", "debuginfod = https://", "is not a URL of http or https" },
	{ "symbols", "debuginfod = https://a https://b", "without spaces" },
	{ "symbols", "debuginfod = https://me:secret@host/", "holds a user or a password" },
	{ "symbols", "debuginfod = https://host/?a=b", "has a query" },
	{ "symbols", "debuginfod-directory = cache", "is not an absolute path" },
	{ "symbols", "debuginfod-bytes = 0", "must be at least 1M" },
	{ "symbols", "debuginfod-timeout = 0", "is not a duration" },
	{ "sampling", "tick =", "is none of auto, hrtimer and perf" },
	{ "sampling", "modes = all", "is not a list of kernel, user and kthread" },
	{ "sampling", "ring-size = 3K", "must be 16K to 64M" },
	{ "sampling", "ring-size = 768K", "is not a power of two" },
	{ "sampling", "ring-size = 1T", "is not a size" },
	{ "budget", "cpu = 101", "must be 0 to 100" },
	{ "budget", "cpu = 1%", "is not a whole number" },
	{ "budget", "memory = 1M", "must be at least 8M" },
	{ "budget", "memory = some", "is not a size" },
	{ "window", "length = 60", "is not a duration" },
	{ "window", "length = 500ms", "must be 1s to 1h" },
	{ "window", "length = 2h", "must be 1s to 1h" },
	{ "window", "lenght = 2s", "there is no key lenght in [window]; there are: length" },
	{ "output", "directory = profiles", "is not an absolute path" },
	{ "output", "keep-bytes = 20000000000G", "must be at least 0" },
	{ "export", "url = localhost:4040", "is not a URL of http or https" },
	{ "export", "url = file:///etc/passwd", "is not a URL of http or https" },
	{ "export", "url = http://", "is not a URL" },
	{ "export", "url = http://me:secret@host/", "holds a user or a password" },
	{ "export", "url = http://host/?a=b", "has a query" },
	{ "export", "header = nonsense", "is not a header: write it as Name: value" },
	{ "export", "header = X-A:", "is not a header" },
	{ "export", "spool-bytes = 1K", "must be at least 64K" },
	{ "export", "tenant = \xc3\xa9", "printable ASCII" },
	{ "resource", "service.name =", "has no value" },
	{ "resource", "two words = x", "is not an attribute's name" },
	{ "resource", "a = \xff", "is not UTF-8" },
	{ "service \"^/x$\"", "match = name", "match = name: this is none of exe, comm, cmdline, unit, container, pod and cgroup" },
	{ "service \"^/x$\"", "service.name =", "service.name = : this has no value" },
	{ "service \"^/x$\"", "two words = x", "is not an attribute's name" },
	{ "service \"^/x$\"", "service.name = $1", "the pattern has no group 1, only 0" },
	{ "service \"^/(x)$\"", "service.name = $2", "the pattern has no group 2, only 1" },
	{ "service \"^/x$\"", "service.name = $HOME", "$ stands for a group of the pattern" },
	{ "service \"^/x$\"", "service.name = a$", "$ stands for a group of the pattern" },
};

static void test_each_error(void **state)
{
	char text[512], place[64];
	struct rp_config c;
	struct said s;
	size_t i;

	(void)state;
	snprintf(place, sizeof(place), "%s:2: ", path);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text, sizeof(text), "[%s]\n%s\n", wrong[i].section, wrong[i].line);
		assert_int_not_equal(read_text(&c, text, &s), 0);
		if (s.nr != 1 || strncmp(s.text, place, strlen(place)) ||
		    !strstr(s.text, wrong[i].sentence))
			fail_msg("'%s' gives %u sentences: %s", wrong[i].line, s.nr, s.text);
		rp_config_free(&c);
	}
}

static void test_places(void **state)
{
	static const char text[] =
		"frequency = 1\n"			/* 1: no section */
		"[sampling]\n"
		"frequency = 1\n"
		"frequency = 2\n"			/* 4: twice */
		"[smapling]\n"				/* 5: unknown, said once */
		"frequency = 1\n"
		"[nothing]\n"				/* 7: unknown and empty */
		"[resource]\n"
		"a = b\n"
		"a = c\n";				/* 10: twice */
	struct rp_config c;
	struct said s;

	(void)state;
	assert_int_not_equal(read_text(&c, text, &s), 0);
	rp_config_free(&c);
	expect_said(&s, 1, "a key stands before");
	expect_said(&s, 4, "frequency is given twice: line 3");
	expect_said(&s, 5, "there is no section [smapling]");
	expect_said(&s, 10, "a is given twice");
	assert_int_equal(s.nr, 5);
}

static void test_hostile_lines(void **state)
{
	char text[8192];
	struct rp_config c;
	struct said s;
	FILE *f;

	(void)state;
	/* Longer than inih's line: it would go on with the rest as a line of its own. */
	memset(text, 'x', sizeof(text));
	memcpy(text, "[resource]\na = ", 15);
	strcpy(text + 4000, "\n[sampling]\nfrequency = 1\n");
	assert_int_not_equal(read_text(&c, text, &s), 0);
	assert_int_equal(s.nr, 1);
	assert_non_null(strstr(s.text, ":2: the line is too long"));
	rp_config_free(&c);

	memset(text, 'x', sizeof(text));
	memcpy(text, "[service \"x\"]\nteam = a\n[service \"", 33);
	strcpy(text + 400, "\"]\nteam = b\n");
	assert_int_not_equal(read_text(&c, text, &s), 0);
	assert_int_equal(s.nr, 1);
	assert_non_null(strstr(s.text, ":3: the line is too long"));
	rp_config_free(&c);

	assert_int_not_equal(read_bytes(&c, "[window]\nlength\0 = 5s\n", 22, &s), 0);
	assert_int_equal(s.nr, 1);
	rp_config_free(&c);

	f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(rp_config_init(&c), 0);
	s = (struct said){ 0 };
	assert_int_not_equal(rp_config_read(&c, "/nonexistent/file", hear, &s), 0);
	assert_non_null(strstr(s.text, "cannot read the configuration"));
	rp_config_free(&c);
}

static void test_command_line(void **state)
{
	char why[RP_CONFIG_WHY_SIZE];
	struct rp_config c;

	(void)state;
	assert_int_equal(rp_config_init(&c), 0);
	assert_int_equal(rp_config_set_text(&c, "window.length=5s", why, sizeof(why)), 0);
	assert_int_equal(rp_config_set_text(&c, "window.length=6s", why, sizeof(why)), 0);
	assert_true(c.window.length_ns == 6000000000u);
	assert_int_equal(rp_config_set_text(&c, "resource.service.name=a=b", why,
					    sizeof(why)), 0);
	assert_string_equal(rp_attributes_get(&c.resource, "service.name"), "a=b");
	assert_int_not_equal(rp_config_set_text(&c, "service.service.name=x", why,
						sizeof(why)), 0);
	assert_non_null(strstr(why, "rules stand in the file only"));
	assert_int_not_equal(rp_config_set_text(&c, "window", why, sizeof(why)), 0);
	assert_non_null(strstr(why, "section.key=value"));
	assert_int_not_equal(rp_config_set_text(&c, "length=1.5s", why, sizeof(why)), 0);
	assert_int_not_equal(rp_config_set(&c, "window", "length", "x", why,
					   sizeof(why)), 0);
	assert_non_null(strstr(why, "length = x: this is not a duration"));
	rp_config_free(&c);
}

static void check_contradiction(const char *set1, const char *set2, const char *sentence)
{
	char why[RP_CONFIG_WHY_SIZE];
	struct rp_config c;

	assert_int_equal(rp_config_init(&c), 0);
	assert_int_equal(rp_config_set_text(&c, set1, why, sizeof(why)), 0);
	assert_int_equal(rp_config_set_text(&c, set2, why, sizeof(why)), 0);
	assert_int_not_equal(rp_config_check(&c, why, sizeof(why)), 0);
	if (!strstr(why, sentence))
		fail_msg("'%s' is not in: %s", sentence, why);
	rp_config_free(&c);
}

static void test_contradictions(void **state)
{
	(void)state;
	check_contradiction("output.directory=", "export.url=", "go nowhere");
	check_contradiction("sampling.modes=kthread", "export.url=", "must name kernel or user");
	check_contradiction("sampling.kernel-depth=0", "sampling.user-depth=0", "no stack");
	check_contradiction("export.username=me", "export.url=", "go together");
	check_contradiction("symbols.debuginfod=http://a", "symbols.debuginfod-directory=",
			    "needs a place");
	check_contradiction("symbols.debuginfod-bytes=1M", "symbols.debuginfod-file-bytes=2M",
			    "lower that");
}

/* Secrets and URLs are not repeated where they might be logged. */
static void test_secrets(void **state)
{
	char why[RP_CONFIG_WHY_SIZE];
	struct rp_config c;

	(void)state;
	assert_int_equal(rp_config_init(&c), 0);
	assert_int_not_equal(rp_config_set(&c, "export", "url", "http://me:pass1@h/", why,
					   sizeof(why)), 0);
	assert_null(strstr(why, "pass1"));
	assert_int_not_equal(rp_config_set(&c, "export", "header", "Auth pass2", why,
					   sizeof(why)), 0);
	assert_null(strstr(why, "pass2"));
	rp_config_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_everything),
		cmocka_unit_test(test_each_error),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_hostile_lines),
		cmocka_unit_test(test_command_line),
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_secrets),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
