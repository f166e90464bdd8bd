// SPDX-License-Identifier: GPL-2.0
/*
 * debuginfod against a server on the loopback, which is not always there and not always
 * friendly. Files are made by the compiler ($CC, else cc) and strip.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "debug_cache.h"
#include "debug_fetcher.h"
#include "http_fixture.h"
#include "work_folder.h"

#define SECOND 1000000000ull

static const struct rp_build_id right = { 5, { 0xab, 0xcd, 0xef, 0x01, 0x23 } };
static char why[256];

static int make_all(void **state)
{
	if (make_folder(state))
		return -1;
	run("echo 'int seen(int x) { return x + 1; }' >a.c && "
	    "%s -g -shared -fPIC -Wl,--build-id=0xabcdef0123 -o right a.c && "
	    "%s -g -shared -fPIC -Wl,--build-id=0xabcdef0124 -o wrong a.c && "
	    "%s -g -shared -fPIC -Wl,--build-id=none -o without a.c && "
	    "strip -o bare right && head -c 5000 right >half && echo text >text",
	    compiler(), compiler(), compiler());
	return http_start();
}

static int remove_all(void **state)
{
	http_stop();
	return remove_tree(state);
}

/*
 * With an empty cache, one server, and limits that a test can reach: in time, those that ask
 * once, whom nothing is answered.
 */
static struct rp_debuginfod *open_anew(bool once)
{
	const struct rp_debuginfod_options o = {
		.urls = http_urls(), .folder = in_folder("cache"), .cache_bytes = 8 << 20,
		.file_bytes = 1 << 20, .timeout_ns = (once ? 1 : 600) * SECOND,
		.once = once,
	};
	struct rp_debuginfod *d;

	run("rm -rf cache");
	http_forget();
	if (rp_debuginfod_open(&d, &o, why, sizeof(why)))
		fail_msg("%s", why);
	return d;
}

static enum rp_debuginfod_answer get(struct rp_debuginfod *d)
{
	struct rp_debuginfod_job job = { .id = right };

	return rp_debuginfod_get(d, &job, NULL, NULL, why, sizeof(why));
}

static bool is_cached(void)
{
	return try("cmp -s right cache/.build-id/ab/cdef0123.debug");
}

/* No file but finished ones of the names that are known. */
static void expect_no_rest(void)
{
	run("! find cache -type f | grep -v -e '/[0-9a-f]*[.]debug$' -e '/[0-9a-f]*[.]absent$'");
}

static void serve(enum http_mode mode, const char *file)
{
	http_serve(mode, file ? in_folder(file) : NULL);
}

/* ---- answers --------------------------------------------------------------- */

static void a_hit_is_kept(void **state)
{
	struct rp_debuginfod *d = open_anew(false);
	struct rp_debuginfod_stats stats;

	(void)state;
	serve(HTTP_FILE, "right");
	if (get(d) != RP_DEBUGINFOD_HERE)
		fail_msg("%s", why);
	assert_string_equal(http.path, "/base/buildid/abcdef0123/debuginfo");
	assert_true(is_cached());
	/* Again: from the cache. */
	assert_int_equal(get(d), RP_DEBUGINFOD_HERE);
	assert_int_equal(http.requests, 1);
	rp_debuginfod_stats(d, &stats);
	assert_int_equal(stats.downloads, 1);
	assert_int_equal(stats.requests, 1);
	expect_no_rest();
	rp_debuginfod_close(d);
}

static void none_is_remembered_for_those_who_were_asked(void **state)
{
	struct rp_debuginfod *d = open_anew(false);

	(void)state;
	http_serve_status(404);
	assert_int_equal(get(d), RP_DEBUGINFOD_NONE);
	assert_non_null(strstr(why, "HTTP 404"));
	serve(HTTP_FILE, "right");
	assert_int_equal(get(d), RP_DEBUGINFOD_NONE);
	assert_int_equal(http.requests, 1);
	/* Another list of servers has not been asked; and a while later, who was is again. */
	run("echo more >>cache/.build-id/ab/cdef0123.absent");
	assert_int_equal(get(d), RP_DEBUGINFOD_HERE);
	run("rm -r cache/.build-id/ab");
	http_serve_status(404);
	assert_int_equal(get(d), RP_DEBUGINFOD_NONE);
	assert_int_equal(get(d), RP_DEBUGINFOD_NONE);
	assert_int_equal(http.requests, 3);
	run("touch -d '2 hours ago' cache/.build-id/ab/cdef0123.absent");
	assert_int_equal(get(d), RP_DEBUGINFOD_NONE);
	assert_int_equal(http.requests, 4);
	rp_debuginfod_close(d);
}

/* Each is refused, leaves nothing, and is not asked for again. */
static void what_is_not_it_is_refused(void **state)
{
	static const struct {
		enum http_mode mode;
		const char *file, *sentence;
	} cases[] = {
		{ HTTP_FILE, "wrong", "has another build id" },
		{ HTTP_FILE, "without", "has no build id" },
		{ HTTP_FILE, "bare", "has neither symbols nor debugging data" },
		{ HTTP_FILE, "half", "" },	/* what it says depends on where it is cut */
		{ HTTP_FILE, "text", "ELF" },
		{ HTTP_ENDLESS, NULL, "is larger than the limit of 1048576 bytes" },
		{ HTTP_LARGE, NULL, "is larger than the limit of 1048576 bytes" },
	};
	struct rp_debuginfod_stats stats;
	struct rp_debuginfod *d;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		d = open_anew(false);
		serve(cases[i].mode, cases[i].file);
		assert_int_equal(get(d), RP_DEBUGINFOD_NONE);
		if (!strstr(why, cases[i].sentence))
			fail_msg("case %zu: %s", i, why);
		assert_int_equal(get(d), RP_DEBUGINFOD_NONE);
		assert_int_equal(http.requests, 1);
		rp_debuginfod_stats(d, &stats);
		assert_int_equal(stats.refused, 1);
		assert_int_equal(stats.downloads, 0);
		run("! find cache -name '*.debug' | grep .");
		expect_no_rest();
		rp_debuginfod_close(d);
	}
}

static void an_answer_that_does_not_end_is_tried_thrice(void **state)
{
	struct rp_debuginfod_job job = { .id = right };
	struct rp_debuginfod *d = open_anew(false);
	enum rp_debuginfod_answer answer;
	unsigned int i;

	(void)state;
	serve(HTTP_CUT, "right");
	for (i = 0; i < 1000; i++) {
		answer = rp_debuginfod_get(d, &job, NULL, NULL, why, sizeof(why));
		if (answer != RP_DEBUGINFOD_LATER)
			break;
		usleep(20000);
	}
	assert_int_equal(answer, RP_DEBUGINFOD_NONE);
	assert_int_equal(http.requests, RP_DEBUGINFOD_TRIES);
	expect_no_rest();
	rp_debuginfod_close(d);
	d = open_anew(true);
	serve(HTTP_STALL, "right");
	assert_int_equal(get(d), RP_DEBUGINFOD_LATER);
	expect_no_rest();
	rp_debuginfod_close(d);
}

/* ---- servers that are down -------------------------------------------------------- */

static void a_server_that_is_down_is_left_alone(void **state)
{
	struct rp_debuginfod_job job = { .id = right };
	struct rp_debuginfod *d = open_anew(false);

	(void)state;
	http_serve_status(503);
	http.more = "Retry-After: 1000\r\n";
	assert_int_equal(get(d), RP_DEBUGINFOD_LATER);
	serve(HTTP_FILE, "right");
	assert_int_equal(get(d), RP_DEBUGINFOD_LATER);
	assert_int_equal(http.requests, 1);
	assert_true(rp_debuginfod_ready_ns(d, &job) > 100 * SECOND);
	assert_true(rp_debuginfod_ready_ns(d, &job) < UINT64_MAX);
	run("! find cache -type f | grep .");
	rp_debuginfod_close(d);

	d = open_anew(true);
	serve(HTTP_HANG, NULL);
	assert_int_equal(get(d), RP_DEBUGINFOD_LATER);
	assert_true(rp_debuginfod_ready_ns(d, &job) == UINT64_MAX);
	rp_debuginfod_close(d);
}

static void the_cache_does_without_a_server(void **state)
{
	struct rp_debuginfod *d = open_anew(true);

	(void)state;
	http_stop();
	assert_int_equal(get(d), RP_DEBUGINFOD_LATER);
	run("mkdir -p cache/.build-id/ab && cp right cache/.build-id/ab/cdef0123.debug");
	assert_int_equal(get(d), RP_DEBUGINFOD_HERE);
	rp_debuginfod_close(d);
	assert_int_equal(http_start(), 0);
}

static void a_damaged_cache_is_mended(void **state)
{
	static const char *const damages[] = {
		"cp wrong cache/.build-id/ab/cdef0123.debug",
		"cp half cache/.build-id/ab/cdef0123.debug",
		"cp text cache/.build-id/ab/cdef0123.debug",
		": >cache/.build-id/ab/cdef0123.debug",
	};
	struct rp_debuginfod *d = open_anew(false);
	unsigned int i;

	(void)state;
	serve(HTTP_FILE, "right");
	assert_int_equal(get(d), RP_DEBUGINFOD_HERE);
	for (i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		run("%s", damages[i]);
		assert_int_equal(get(d), RP_DEBUGINFOD_HERE);
		assert_true(is_cached());
		assert_int_equal(http.requests, 2 + i);
	}
	/* What is no file of ours is not touched, and not waited for. */
	run("rm cache/.build-id/ab/cdef0123.debug && mkfifo cache/.build-id/ab/cdef0123.debug");
	assert_int_equal(get(d), RP_DEBUGINFOD_NONE);
	assert_non_null(strstr(why, "cannot be kept"));
	run("test -p cache/.build-id/ab/cdef0123.debug");
	/* That was nobody's answer. */
	run("rm cache/.build-id/ab/cdef0123.debug");
	assert_int_equal(get(d), RP_DEBUGINFOD_HERE);
	rp_debuginfod_close(d);
}

/* What cannot be written here is not believed to be nowhere. */
static void a_full_disk_is_not_remembered(void **state)
{
	struct rp_debuginfod *d = open_anew(false);
	struct rlimit before, full;

	(void)state;
	serve(HTTP_FILE, "right");
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	full = before;
	full.rlim_cur = 1000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	assert_int_equal(get(d), RP_DEBUGINFOD_NONE);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_non_null(strstr(why, "cannot be written: "));
	run("! find cache -type f | grep .");
	assert_int_equal(get(d), RP_DEBUGINFOD_HERE);
	assert_int_equal(http.requests, 2);
	rp_debuginfod_close(d);
}

/* ---- redirects ------------------------------------------------------------------ */

static void redirects_lead_to_http_only(void **state)
{
	char to_itself[128], to_a_file[512];
	struct rp_debuginfod *d = open_anew(false);

	(void)state;
	snprintf(to_itself, sizeof(to_itself), "http://127.0.0.1:%u/elsewhere", http.port);
	snprintf(to_a_file, sizeof(to_a_file), "file://%s", in_folder("right"));
	serve(HTTP_REDIRECT, "right");
	http.location = to_itself;
	assert_int_equal(get(d), RP_DEBUGINFOD_HERE);
	assert_string_equal(http.path, "/elsewhere");
	assert_int_equal(http.requests, 2);
	rp_debuginfod_close(d);

	d = open_anew(false);
	serve(HTTP_REDIRECT, "right");
	http.location = to_a_file;
	assert_int_equal(get(d), RP_DEBUGINFOD_NONE);
	assert_non_null(strstr(why, "file"));
	assert_int_equal(http.requests, 1);
	rp_debuginfod_close(d);
}

/* ---- the bound of the cache -------------------------------------------------------- */

static void the_least_used_go_first(void **state)
{
	const struct rp_build_id other = { 2, { 0xab, 0x01 } };
	struct rp_debug_cache *c;
	struct rp_newfile f;
	int fd;

	(void)state;
	run("rm -rf cache && mkdir -p cache/.build-id/ab cache/.build-id/cd && "
	    "for i in 1 2 3; do head -c 1000 /dev/zero >cache/.build-id/cd/0$i.debug; done && "
	    "touch -d '4 hours ago' cache/.build-id/cd/01.debug && "
	    "touch -d '6 hours ago' cache/.build-id/cd/02.debug && "
	    /* Written long ago and read since. */
	    "touch -m -d '8 hours ago' cache/.build-id/cd/03.debug && "
	    "touch -a -d '2 hours ago' cache/.build-id/cd/03.debug && "
	    "echo x >cache/.build-id/cd/.ringprof-1.tmp && "
	    "touch -d '2 hours ago' cache/.build-id/cd/.ringprof-1.tmp && echo y >cache/mine");
	assert_int_equal(rp_debug_cache_open(&c, in_folder("cache"), 3500, why, sizeof(why)), 0);
	run("cd cache/.build-id/cd && test -e 01.debug -a -e 02.debug -a -e 03.debug && "
	    "test ! -e .ringprof-1.tmp");
	assert_int_equal(rp_debug_cache_create(c, &other, &f), 0);
	assert_int_equal(ftruncate(f.fd, 1200), 0);
	assert_int_equal(rp_debug_cache_commit(c, &f), 0);
	run("cd cache/.build-id/cd && test -e 01.debug -a ! -e 02.debug -a -e 03.debug");
	fd = rp_debug_cache_get(c, &other);
	assert_true(fd >= 0);
	close(fd);
	/* More than all of it is not taken, and costs nobody his place. */
	assert_int_equal(rp_debug_cache_create(c, &right, &f), 0);
	assert_int_equal(ftruncate(f.fd, 3501), 0);
	assert_int_equal(rp_debug_cache_commit(c, &f), -EFBIG);
	assert_int_equal(rp_debug_cache_get(c, &right), -ENOENT);
	run("test -e cache/mine -a -e cache/.build-id/ab/01.debug");
	rp_debug_cache_close(c);
	/* A smaller bound holds from the start. */
	assert_int_equal(rp_debug_cache_open(&c, in_folder("cache"), 1300, why, sizeof(why)), 0);
	assert_false(try("ls cache/.build-id/cd/*.debug 2>/dev/null"));
	rp_debug_cache_close(c);
	assert_int_equal(rp_debug_cache_open(&c, in_folder("text/x"), 0, why, sizeof(why)),
			 -ENOTDIR);
	assert_non_null(strstr(why, "cannot keep debug files in"));
}

/* Whoever looks in it later stands elsewhere, and follows no "..". */
static void the_folder_has_one_path(void **state)
{
	struct rp_debug_cache *c;
	char cwd[PATH_MAX];

	(void)state;
	run("rm -rf cache");
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(rp_debug_cache_open(&c, "cache/../cache/in", 0, why, sizeof(why)), 0);
	assert_int_equal(chdir(cwd), 0);
	assert_string_equal(rp_debug_cache_folder(c), in_folder("cache/in"));
	rp_debug_cache_close(c);
}

/* ---- the thread -------------------------------------------------------------------- */

static struct rp_debug_fetcher *start_fetcher(void)
{
	const struct rp_debuginfod_options o = {
		.urls = http_urls(), .folder = in_folder("cache"), .file_bytes = 1 << 20,
		.timeout_ns = 600 * SECOND,
	};
	struct rp_debug_fetcher *f;

	run("rm -rf cache");
	http_forget();
	if (rp_debug_fetcher_start(&f, &o, why, sizeof(why)))
		fail_msg("%s", why);
	return f;
}

static void the_thread_fetches_each_once(void **state)
{
	const struct rp_build_id nowhere = { 3, { 1, 2, 3 } }, none = { 0 }, one = { 1, { 1 } };
	struct rp_debug_fetcher *f = start_fetcher();
	struct rp_debug_fetcher_stats stats;
	struct rp_build_id id;

	(void)state;
	assert_false(rp_debug_fetcher_arrived(f, &id));
	serve(HTTP_FILE, "right");
	rp_debug_fetcher_want(f, &right);
	rp_debug_fetcher_want(f, &nowhere);
	rp_debug_fetcher_want(f, &none);
	rp_debug_fetcher_want(f, &one);
	rp_debug_fetcher_want(f, &right);
	assert_true(rp_debug_fetcher_wait(f, 600 * SECOND));
	assert_true(rp_debug_fetcher_arrived(f, &id));
	assert_true(rp_build_id_equal(&id, &right));
	assert_false(rp_debug_fetcher_arrived(f, &id));
	rp_debug_fetcher_want(f, &right);
	rp_debug_fetcher_want(f, &nowhere);
	assert_true(rp_debug_fetcher_wait(f, 600 * SECOND));
	assert_false(rp_debug_fetcher_arrived(f, &id));
	assert_int_equal(http.requests, 2);
	rp_debug_fetcher_stats(f, &stats);
	assert_int_equal(stats.debuginfod.downloads, 1);
	assert_int_equal(stats.nowhere, 1);
	assert_int_equal(stats.waiting, 0);
	rp_debug_fetcher_stop(f);
}

/* A server that says nothing keeps nobody waiting, and the thread is ended all the same. */
static void nobody_waits_for_a_silent_server(void **state)
{
	struct rp_debug_fetcher *f = start_fetcher();
	struct rp_debug_fetcher_stats stats;
	struct rp_build_id id = { 4, { 1, 2, 3, 4 } };
	unsigned int i;

	(void)state;
	serve(HTTP_HANG, NULL);
	for (i = 0; i < 300; i++) {
		id.bytes[0] = (uint8_t)i;
		id.bytes[1] = (uint8_t)(i >> 8);
		rp_debug_fetcher_want(f, &id);
	}
	assert_false(rp_debug_fetcher_wait(f, 10000000));
	rp_debug_fetcher_stats(f, &stats);
	assert_int_equal(stats.waiting, RP_DEBUG_FETCHER_QUEUE);
	assert_int_equal(stats.forgotten, 300 - RP_DEBUG_FETCHER_QUEUE);
	rp_debug_fetcher_stop(f);
}

static void what_a_server_has_comes_when_it_is_back(void **state)
{
	struct rp_debug_fetcher *f = start_fetcher();
	struct rp_build_id id;
	unsigned int i;

	(void)state;
	serve(HTTP_FILE, "right");
	http_stop();
	rp_debug_fetcher_want(f, &right);
	while (!rp_debug_fetcher_wait(f, SECOND))
		;
	assert_false(rp_debug_fetcher_arrived(f, &id));
	assert_int_equal(http_start(), 0);
	for (i = 0; i < 6000 && !rp_debug_fetcher_arrived(f, &id); i++)
		usleep(10000);
	assert_true(i < 6000);
	assert_true(is_cached());
	rp_debug_fetcher_stop(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hit_is_kept),
		cmocka_unit_test(none_is_remembered_for_those_who_were_asked),
		cmocka_unit_test(what_is_not_it_is_refused),
		cmocka_unit_test(an_answer_that_does_not_end_is_tried_thrice),
		cmocka_unit_test(a_server_that_is_down_is_left_alone),
		cmocka_unit_test(the_cache_does_without_a_server),
		cmocka_unit_test(a_damaged_cache_is_mended),
		cmocka_unit_test(a_full_disk_is_not_remembered),
		cmocka_unit_test(redirects_lead_to_http_only),
		cmocka_unit_test(the_least_used_go_first),
		cmocka_unit_test(the_folder_has_one_path),
		cmocka_unit_test(the_thread_fetches_each_once),
		cmocka_unit_test(nobody_waits_for_a_silent_server),
		cmocka_unit_test(what_a_server_has_comes_when_it_is_back),
	};

	return cmocka_run_group_tests(tests, make_all, remove_all);
}
