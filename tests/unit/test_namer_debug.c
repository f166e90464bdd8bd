// SPDX-License-Identifier: GPL-2.0
/*
 * Names of a stripped file's functions, from the folders of debug files that the namer is
 * told, and from a server once it has answered. Files are made by the compiler ($CC, else cc)
 * and strip.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "debug_fetcher.h"
#include "http_fixture.h"
#include "namer_fixture.h"
#include "work_folder.h"

#define BASE 0x10000000ull

static int make_all(void **state)
{
	if (make_files(state) || make_folder(state))
		return -1;
	run("echo 'static __attribute__((noinline)) int hidden(int x) { return x * x; }\n"
	    "int seen(int x) { return hidden(x) + 1; }' >a.c && "
	    "%s -O1 -shared -fPIC -Wl,--build-id=0xabcdef0123 -o full.so a.c && "
	    "strip -o bare.so full.so && mkdir -p debug/.build-id/ab other/.build-id/ab && "
	    "cp full.so debug/.build-id/ab/cdef0123.debug && "
	    "%s -O1 -shared -fPIC -Wl,--build-id=0xabcdef0124 -o "
	    "other/.build-id/ab/cdef0123.debug a.c", compiler(), compiler());
	return http_start();
}

static int remove_all(void **state)
{
	http_stop();
	return remove_files(state) + remove_tree(state);
}

/* A window with a sample in each of the functions of a file there. */
static void open_with(struct fixture *f, struct rp_namer_options *o, const char *path)
{
	static const uint8_t id[] = { 0xab, 0xcd, 0xef, 0x01, 0x23 };
	uint64_t hidden = BASE + nm_address("full.so", "hidden");
	uint64_t seen = BASE + nm_address("full.so", "seen");
	struct rp_space *rec;
	struct rp_map *m;

	open_fixture(f, o);
	rec = make_space(f->id, 1);
	m = add_map(&rec, BASE, BASE + (1 << 20), 0, path);
	m->flags = RP_MAP_EXE;
	m->build_id_len = sizeof(id);
	memcpy(m->build_id, id, sizeof(id));
	add_space(f, rec);
	add_user(f, 1, &hidden);
	add_user(f, 1, &seen);
}

/* What the hidden function of a stripped file is called without a debug file. */
static const char *unnamed(const char *file)
{
	static char text[64];

	snprintf(text, sizeof(text), "%s+0x%llx", file,
		 (unsigned long long)nm_address("full.so", "hidden"));
	return text;
}

/* And that of bare.so with these folders. */
static void expect(const char *const *dirs, const char *expected)
{
	struct rp_namer_options o = { .debug_dirs = dirs };
	struct fixture f;

	open_with(&f, &o, in_folder("bare.so"));
	finish(&f);
	assert_string_equal(name(f.p, 1, 0), expected);
	close_fixture(&f);
}

static void from_a_folder(void **state)
{
	const char *right[] = { in_folder("none"), in_folder("debug"), NULL };
	const char *wrong[] = { in_folder("none"), in_folder("other"), NULL };
	const char *slash[] = { in_folder("debug/"), NULL };

	(void)state;
	expect(NULL, unnamed("bare.so"));
	expect(right, "hidden");
	expect(slash, "hidden");
	expect(wrong, unnamed("bare.so"));
}

/*
 * That of a container, which has ended when there is time to read files: by build id, and by
 * a link in a folder to which an absolute link leads.
 */
static void expect_of_root(const char *path)
{
	struct rp_namer_options o = { .proc = in_folder("proc") };
	const struct rp_aspace *as;
	struct fixture f;

	open_with(&f, &o, path);
	as = rp_spaces_find(f.spaces, &f.id);
	rp_namer_note(f.namer, as, rp_aspace_newest(as));
	run("mv proc gone");
	finish(&f);
	assert_string_equal(name(f.p, 1, 0), "hidden");
	assert_string_equal(name(f.p, 2, 0), "seen");
	close_fixture(&f);
	run("mv gone proc");
}

static void from_a_root_that_is_gone(void **state)
{
	int pid = getpid();

	(void)state;
	run("mkdir -p proc/%d inner/lib inner/usr/lib/debug/.build-id/ab inner/app inner/else && "
	    "cp bare.so inner/lib && "
	    "cp full.so inner/usr/lib/debug/.build-id/ab/cdef0123.debug && "
	    "ln -s ../../inner proc/%d/root", pid, pid);
	expect_of_root("/lib/bare.so");
	run("rm -r inner/usr && cp full.so inner/else/far.debug && cp bare.so inner/app && "
	    "ln -s /else inner/app/.debug && objcopy --add-gnu-debuglink=inner/else/far.debug "
	    "inner/app/bare.so");
	expect_of_root("/app/bare.so");
}

/* ---- from a server ------------------------------------------------------------------- */

/* The window again, which stays as it is: the same samples, as if they had come later. */
static void expect_now(struct fixture *f, const char *hidden)
{
	rp_profile_free(f->p);
	f->p = rp_profile_new();
	assert_non_null(f->p);
	assert_int_equal(rp_namer_begin(f->p, 1000, 2000, 99), 0);
	finish(f);
	assert_string_equal(name(f->p, 1, 0), hidden);
	assert_string_equal(name(f->p, 2, 0), "seen");
}

static struct rp_debug_fetcher *start_fetcher(struct rp_namer_options *o)
{
	static const char *dirs[2];
	const struct rp_debuginfod_options options = {
		.urls = http_urls(), .folder = in_folder("cache"),
	};
	struct rp_debug_fetcher *f;
	char why[256];

	run("rm -rf cache && cp bare.so app.so");
	http_forget();
	if (rp_debug_fetcher_start(&f, &options, why, sizeof(why)))
		fail_msg("%s", why);
	dirs[0] = rp_debug_fetcher_folder(f);
	*o = (struct rp_namer_options){ .debug_dirs = dirs, .fetcher = f };
	return f;
}

static void wait_for(struct rp_debug_fetcher *f)
{
	assert_true(rp_debug_fetcher_wait(f, 600 * 1000000000ull));
}

static void from_a_server(void **state)
{
	struct rp_namer_options o;
	struct rp_debug_fetcher *fetcher = start_fetcher(&o);
	struct fixture f;

	(void)state;
	http_serve(HTTP_FILE, in_folder("full.so"));
	open_with(&f, &o, in_folder("app.so"));
	expect_now(&f, unnamed("app.so"));
	wait_for(fetcher);
	expect_now(&f, "hidden");
	expect_now(&f, "hidden");
	assert_int_equal(http.requests, 1);
	close_fixture(&f);
	rp_debug_fetcher_stop(fetcher);

	/* The file has gone meanwhile: what was known of it still is. */
	fetcher = start_fetcher(&o);
	open_with(&f, &o, in_folder("app.so"));
	expect_now(&f, unnamed("app.so"));
	wait_for(fetcher);
	run("rm app.so");
	expect_now(&f, unnamed("app.so"));
	close_fixture(&f);
	rp_debug_fetcher_stop(fetcher);

	/* What has its symbols is not asked for. */
	fetcher = start_fetcher(&o);
	run("cp full.so app.so");
	open_with(&f, &o, in_folder("app.so"));
	expect_now(&f, "hidden");
	wait_for(fetcher);
	assert_int_equal(http.requests, 0);
	close_fixture(&f);
	rp_debug_fetcher_stop(fetcher);
}

/* Nobody has it: it is asked for once, and the windows go on. */
static void from_no_server(void **state)
{
	struct rp_namer_options o;
	struct rp_debug_fetcher *fetcher = start_fetcher(&o);
	struct fixture f;

	(void)state;
	http_serve_status(404);
	open_with(&f, &o, in_folder("app.so"));
	expect_now(&f, unnamed("app.so"));
	wait_for(fetcher);
	expect_now(&f, unnamed("app.so"));
	wait_for(fetcher);
	assert_int_equal(http.requests, 1);
	close_fixture(&f);
	rp_debug_fetcher_stop(fetcher);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_a_folder),
		cmocka_unit_test(from_a_root_that_is_gone),
		cmocka_unit_test(from_a_server),
		cmocka_unit_test(from_no_server),
	};

	return cmocka_run_group_tests(tests, make_all, remove_all);
}
