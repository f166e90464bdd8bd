// SPDX-License-Identifier: GPL-2.0
/*
 * Names of a stripped file's functions, from the folders of debug files that the namer is
 * told. Files are made by the compiler ($CC, else cc) and strip.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

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
	return 0;
}

static int remove_all(void **state)
{
	return remove_files(state) + remove_tree(state);
}

/* What the hidden function of the stripped file is called with these folders. */
static void expect(const char *const *dirs, const char *expected)
{
	static const uint8_t id[] = { 0xab, 0xcd, 0xef, 0x01, 0x23 };
	struct rp_namer_options o = { .debug_dirs = dirs };
	uint64_t at = BASE + nm_address("full.so", "hidden");
	struct rp_space *rec;
	struct fixture f;
	struct rp_map *m;

	open_fixture(&f, &o);
	rec = make_space(f.id, 1);
	m = add_map(&rec, BASE, BASE + (1 << 20), 0, in_folder("bare.so"));
	m->build_id_len = sizeof(id);
	memcpy(m->build_id, id, sizeof(id));
	add_space(&f, rec);
	add_user(&f, 1, &at);
	finish(&f);
	assert_string_equal(name(f.p, 1, 0), expected);
	close_fixture(&f);
}

static void from_a_folder(void **state)
{
	const char *right[] = { in_folder("none"), in_folder("debug"), NULL };
	const char *wrong[] = { in_folder("none"), in_folder("other"), NULL };
	const char *slash[] = { in_folder("debug/"), NULL };
	char unnamed[64];

	(void)state;
	snprintf(unnamed, sizeof(unnamed), "bare.so+0x%llx",
		 (unsigned long long)nm_address("full.so", "hidden"));
	expect(NULL, unnamed);
	expect(right, "hidden");
	expect(slash, "hidden");
	expect(wrong, unnamed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_a_folder),
	};

	return cmocka_run_group_tests(tests, make_all, remove_all);
}
