// SPDX-License-Identifier: GPL-2.0
/*
 * From an appliance to where the symbols are: addresses of a stripped program are named as
 * the daemon does it, go through a file, and get their names from what is here. nm is the
 * judge.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <limits.h>

#include "debug_index.h"
#include "namer_fixture.h"
#include "pprof_read.h"
#include "pprof_write.h"
#include "symbolize.h"
#include "work_folder.h"

#define ID "c0ffee0123456789"
#define BIAS 0x7f1200000000ull	/* where the loader put it */

/* The segment of code of the program. */
static struct {
	unsigned long long offset, vaddr, size;
} code;

static uint64_t address_of(const char *symbol)
{
	return BIAS + nm_address("keep/full", symbol);
}

/* As /proc/PID/maps would show the segment: whole pages. */
static void add_mapping(struct rp_space **rec, const char *path, uint64_t from, uint64_t to,
			bool with_id)
{
	uint64_t start = BIAS + (code.vaddr & ~0xfffull);
	struct rp_map *m = add_map(rec, start + from, start + to,
				   (code.offset & ~0xfffull) + from, path);

	if (with_id) {
		m->build_id_len = 8;
		memcpy(m->build_id, "\xc0\xff\xee\x01\x23\x45\x67\x89", 8);
	}
}

static uint64_t mapped_size(void)
{
	return ((code.vaddr + code.size + 0xfff) & ~0xfffull) - (code.vaddr & ~0xfffull);
}

/*
 * The appliance's profile: in the folder "appliance" is the stripped program. halves: the
 * mapping was split at its second page.
 */
static struct rp_profile *taken(bool halves, bool with_id)
{
	struct rp_namer_options o = { 0 };
	const char *path = in_folder("appliance/program");
	struct rp_profile *back;
	char why[RP_WHY_SIZE];
	struct rp_space *rec;
	struct fixture f;
	size_t len;
	void *data;

	open_fixture(&f, &o);
	rec = make_space(f.id, 1);
	if (halves)
		add_mapping(&rec, path, 0, 0x1000, with_id);
	add_mapping(&rec, path, halves ? 0x1000 : 0, mapped_size(), with_id);
	add_space(&f, rec);
	/* Two addresses of one function differ by nothing when they are named. */
	add_user(&f, 3, (uint64_t[]){ address_of("hidden_one"), address_of("hidden_two") + 2,
				      address_of("main") + 2 });
	add_user(&f, 3, (uint64_t[]){ address_of("hidden_one") + 1, address_of("hidden_two") + 2,
				      address_of("main") + 2 });
	add_kernel(&f, 1, (uint64_t[]){ KERNEL + 0x200 });
	add_user(&f, 1, (uint64_t[]){ 0x1234 });
	finish(&f);
	assert_int_equal(rp_pprof_write_mem(f.p, &data, &len, why, sizeof(why)), 0);
	back = rp_pprof_read_mem(data, len, 0, why, sizeof(why));
	assert_non_null(back);
	free(data);
	close_fixture(&f);
	return back;
}

static struct rp_symbolize_result symbolized(const struct rp_profile *p)
{
	struct rp_symbolize_result result;
	char why[RP_WHY_SIZE];
	struct rp_debug_index *ix;
	struct rp_build_id *ids;
	size_t nr;

	assert_int_equal(rp_symbolize_wanted(p, &ids, &nr), 0);
	ix = rp_debug_index_new(ids, nr);
	assert_non_null(ix);
	free(ids);
	assert_int_equal(rp_debug_index_add(ix, in_folder("here"), why, sizeof(why)), 0);
	assert_int_equal(rp_symbolize(p, ix, &result), 0);
	assert_int_equal(result.p->error, 0);
	assert_true(result.nr_rows <= 2);
	result.rows[0].from = NULL;	/* of the index, which goes */
	rp_debug_index_free(ix);
	return result;
}

/* What a location was recorded with is there in both, named or not. */
static void expect_kept(const struct rp_profile *from, const struct rp_profile *to)
{
	uint64_t i;

	assert_int_equal(from->nr_locations, to->nr_locations);
	assert_int_equal(from->nr_mappings, to->nr_mappings);
	for (i = 1; i <= from->nr_locations; i++)
		assert_int_equal(from->locations[i].address, to->locations[i].address);
	for (i = 1; i <= from->nr_mappings; i++) {
		const struct rp_profile_mapping *a = &from->mappings[i], *b = &to->mappings[i];

		assert_int_equal(a->start, b->start);
		assert_int_equal(a->limit, b->limit);
		assert_int_equal(a->offset, b->offset);
		assert_string_equal(rp_profile_str(from, a->filename),
				    rp_profile_str(to, b->filename));
		assert_string_equal(rp_profile_str(from, a->build_id),
				    rp_profile_str(to, b->build_id));
	}
	assert_int_equal(from->time_nanos, to->time_nanos);
	assert_int_equal(from->period, to->period);
	assert_int_equal(from->nr_types, to->nr_types);
	for (i = 0; i < from->nr_types; i++)
		assert_int_equal(rp_profile_total(from, i), rp_profile_total(to, i));
	assert_string_equal(label_text(from, 1, "comm"), label_text(to, 1, "comm"));
	assert_string_equal(rp_profile_str(from, from->default_type),
			    rp_profile_str(to, to->default_type));
}

static void expect_names(struct rp_profile *p, const struct rp_symbolize_result *r)
{
	assert_int_equal(r->named, 4);
	assert_int_equal(r->left, 0);
	assert_int_equal(r->nr_rows, 1);
	assert_string_equal(r->rows[0].build_id, ID);
	assert_string_equal(name(r->p, 1, 0), "hidden_one");
	assert_string_equal(name(r->p, 1, 1), "hidden_two");
	assert_string_equal(name(r->p, 1, 2), "main");
	assert_string_equal(name(r->p, 2, 0), "hidden_one");
	assert_int_equal(frame(r->p, 1, 0)->address, address_of("hidden_one"));
	assert_int_equal(frame(r->p, 2, 0)->address, address_of("hidden_one") + 1);
	/* One function, however many addresses it had. */
	assert_ptr_equal(function(r->p, 1, 0), function(r->p, 2, 0));
	assert_true(r->p->mappings[frame(r->p, 1, 0)->mapping].has_functions);
	/* What had a name keeps it; what lies nowhere stays. */
	assert_string_equal(name(r->p, 3, 0), "vfs_read");
	assert_string_equal(name(r->p, 4, 0), "[unmapped]");
	expect_kept(p, r->p);
}

static void expect_left(struct rp_profile *p, const struct rp_symbolize_result *r,
			enum rp_symbolize_reason why)
{
	char expected[64];

	assert_int_equal(r->named, 0);
	assert_int_equal(r->left, 4);
	assert_int_equal(r->rows[0].reasons[why], 4);
	snprintf(expected, sizeof(expected), "program+0x%llx", (unsigned long long)
		 (address_of("hidden_one") - BIAS - code.vaddr + code.offset));
	assert_string_equal(name(r->p, 1, 0), expected);
	assert_string_equal(name(p, 1, 0), expected);
	expect_kept(p, r->p);
}

/* here: commands that put files there, or "". */
static void with(const char *here, bool halves, bool with_id, bool found,
		 enum rp_symbolize_reason why)
{
	struct rp_symbolize_result r;
	struct rp_profile *p;

	run("rm -rf here && mkdir -p here/.build-id/c0 here/a/b && : %s", here);
	p = taken(halves, with_id);
	r = symbolized(p);
	if (found)
		expect_names(p, &r);
	else
		expect_left(p, &r, why);
	rp_profile_free(r.p);
	free(r.rows);
	rp_profile_free(p);
}

#define BY_ID "here/.build-id/c0/ffee0123456789"
#define NAMED true, 0

static void each_kind_of_file_does(void **state)
{
	(void)state;
	with("&& cp keep/full here/a/b/other-name", false, true, NAMED);
	with("&& cp keep/debug here/a/b/other-name", false, true, NAMED);
	with("&& cp keep/debug " BY_ID ".debug", false, true, NAMED);
	with("&& cp keep/full " BY_ID, false, true, NAMED);
	with("&& cp keep/debug here/a/x && cp appliance/program here/a/b/y", false, true, NAMED);
	with("&& cp keep/mini here/a/x", false, true, NAMED);
	/* Links of .build-id, as Fedora has them, are of the folder. */
	with("&& cp keep/debug here/a/x && ln -s ../../a/x " BY_ID ".debug", false, true, NAMED);
}

static void what_is_not_the_file_is_not_used(void **state)
{
	(void)state;
	with("", false, true, false, RP_SYMBOLIZE_NO_FILE);
	with("&& cp keep/other here/program && cp keep/other " BY_ID ".debug", false, true, false,
	     RP_SYMBOLIZE_NO_FILE);
	with("&& cp keep/none here/program && cp keep/none " BY_ID ".debug", false, true, false,
	     RP_SYMBOLIZE_NO_FILE);
	with("&& cp keep/full here/program", false, false, false, RP_SYMBOLIZE_NO_BUILD_ID);
	with("&& cp appliance/program here/program", false, true, false,
	     RP_SYMBOLIZE_NO_SYMBOLS);
	/* Links lead nowhere but in .build-id, and not out of the folder there. */
	with("&& ln -s ../keep/full here/program && ln -s ../../../keep/debug " BY_ID ".debug",
	     false, true, false, RP_SYMBOLIZE_NO_FILE);
	with("&& ln -s ../keep here/folder && mkfifo here/fifo " BY_ID ".debug", false, true,
	     false, RP_SYMBOLIZE_NO_FILE);
	with("&& head -c 3000 keep/full >here/program", false, true, false,
	     RP_SYMBOLIZE_NO_SYMBOLS);
}

/* A debug file says where functions are, but not what of it a part of a mapping was. */
static void parts_of_mappings_need_the_code(void **state)
{
	(void)state;
	assert_true(mapped_size() > 0x1000);
	with("&& cp keep/debug " BY_ID ".debug", true, true, false, RP_SYMBOLIZE_NO_PLACE);
	with("&& cp keep/debug " BY_ID ".debug && cp appliance/program here/a/p", true, true,
	     NAMED);
	with("&& cp keep/full here/a/p", true, true, NAMED);
}

static void build_ids_are_read_as_text(void **state)
{
	struct rp_build_id id = { 0 };
	char hex[2 * RP_BUILD_ID_HEX];

	(void)state;
	assert_int_equal(rp_build_id_from_hex("00Ff10", &id), 0);
	assert_int_equal(id.size, 3);
	assert_memory_equal(id.bytes, "\x00\xff\x10", 3);
	assert_int_not_equal(rp_build_id_from_hex("", &id), 0);
	assert_int_not_equal(rp_build_id_from_hex("0", &id), 0);
	assert_int_not_equal(rp_build_id_from_hex("00f", &id), 0);
	assert_int_not_equal(rp_build_id_from_hex("0g", &id), 0);
	assert_int_not_equal(rp_build_id_from_hex("go:abc/def", &id), 0);
	memset(hex, 'a', sizeof(hex));
	hex[2 * RP_BUILD_ID_BYTES] = '\0';
	assert_int_equal(rp_build_id_from_hex(hex, &id), 0);
	assert_int_equal(id.size, RP_BUILD_ID_BYTES);
	hex[2 * RP_BUILD_ID_BYTES] = 'a';
	hex[2 * RP_BUILD_ID_BYTES + 2] = '\0';
	assert_int_not_equal(rp_build_id_from_hex(hex, &id), 0);
}

static void compile(const char *name, const char *id)
{
	run("%s -g -O1 -fPIE -pie -Wl,--build-id=%s -o keep/%s a.c", compiler(), id, name);
}

static int make_dir(void **state)
{
	FILE *f;

	if (make_files(state) || make_folder(state))
		return -1;
	run("mkdir keep appliance && cat >a.c <<'END'\n"
	    "static __attribute__((noinline)) int hidden_one(int x) { return x * x + 1; }\n"
	    "static __attribute__((noinline)) int hidden_two(int x) { return x / 3 - 1; }\n"
	    "__asm__(\".text\\n.skip 5000, 0x90\\n\");\n"
	    "int main(int c, char **v) { (void)v; return hidden_one(c) + hidden_two(c); }\nEND");
	compile("full", "0x" ID);
	compile("other", "0xdeadbeef01234567");
	compile("none", "none");
	run("objcopy --only-keep-debug keep/full keep/debug && "
	    "strip -o appliance/program keep/full && strip --strip-debug -o keep/mini keep/full");
	f = output_of("readelf -lW keep/full | sed -n 's/ *LOAD *//; /R E/p'");
	assert_int_equal(fscanf(f, "%llx %llx %*x %llx", &code.offset, &code.vaddr, &code.size),
			 3);
	pclose(f);
	return 0;
}

static int remove_dir(void **state)
{
	return remove_tree(state) || remove_files(state);
}

static void a_folder_that_is_none_is_told_of(void **state)
{
	struct rp_debug_index *ix = rp_debug_index_new(NULL, 0);
	char path[PATH_MAX + 1], why[RP_WHY_SIZE] = "";

	(void)state;
	assert_non_null(ix);
	memset(path, '/', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(rp_debug_index_add(ix, path, why, sizeof(why)), -ENAMETOOLONG);
	assert_non_null(strstr(why, "cannot look for symbols in /"));
	rp_debug_index_free(ix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_file_does),
		cmocka_unit_test(what_is_not_the_file_is_not_used),
		cmocka_unit_test(parts_of_mappings_need_the_code),
		cmocka_unit_test(build_ids_are_read_as_text),
		cmocka_unit_test(a_folder_that_is_none_is_told_of),
	};

	return cmocka_run_group_tests_name("symbolize", tests, make_dir, remove_dir);
}
