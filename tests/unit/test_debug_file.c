// SPDX-License-Identifier: GPL-2.0
/*
 * Separate debug files, as objcopy makes them of what the compiler makes here ($CC, else
 * cc): found at each of their places, and never taken for another file's.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "debug_file.h"
#include "root_open.h"
#include "work_folder.h"

#define ID "c0ffee0123456789"

/*
 * What is found for a file (in the test's folder) that is at a path in a root, both of
 * them in that folder; either may be NULL. In the folder "debug", always.
 */
static int find(const char *file, const char *root, const char *path,
		struct rp_debug_file *ret, char err[PATH_MAX])
{
	const char *dirs[] = { root ? "/debug" : in_folder("debug"), NULL };
	char full[PATH_MAX], base[PATH_MAX];
	struct rp_debug_search where = { .root = root, .path = path, .dirs = dirs };
	struct rp_elf_file f = { .name = file, .err = err, .err_size = PATH_MAX };
	struct stat st;
	int r;

	if (root) {
		snprintf(base, sizeof(base), "%s", in_folder(root));
		where.root = base;
	} else if (path) {
		snprintf(full, sizeof(full), "%s", in_folder(path));
		where.path = full;
	}
	err[0] = '\0';
	f.fd = rp_root_open(NULL, in_folder(file), &st, err, PATH_MAX);
	if (f.fd < 0)
		fail_msg("%s", err);
	f.size = st.st_size;
	if (rp_elf_file_begin(&f))
		fail_msg("%s", err);
	r = rp_debug_file_open(&f, &where, ret);
	rp_elf_file_end(&f);
	close(f.fd);
	return r;
}

/* It is found, and its path ends so. */
static void expect(const char *file, const char *root, const char *path, const char *end)
{
	struct rp_debug_file d = { 0 };
	char err[PATH_MAX];

	if (find(file, root, path, &d, err))
		fail_msg("%s", err);
	if (strlen(d.path) < strlen(end) || strcmp(d.path + strlen(d.path) - strlen(end), end))
		fail_msg("%s was found, not %s", d.path, end);
	assert_true(d.has_symtab && d.has_dwarf && !d.has_alt);
	close(d.fd);
}

/* It is not found, and the sentence says why. */
static void expect_none(const char *file, const char *root, const char *path, int code,
			const char *why)
{
	struct rp_debug_file d = { .fd = -2 };
	char err[PATH_MAX];

	assert_int_equal(find(file, root, path, &d, err), -code);
	if (!strstr(err, why))
		fail_msg("'%s' does not say '%s'", err, why);
	assert_int_equal(d.fd, -2);
}

/*
 * For each of build id ID, another, and none: NAME.full, its debug file NAME.debug, and
 * what is left of it, NAME, which names the debug file in a link.
 */
static int make_files(void **state)
{
	static const char *const ids[][2] = {
		{ "same", "0x" ID }, { "other", "0xdeadbeef01234567" }, { "none", "none" },
	};
	size_t i;

	if (make_folder(state))
		return -1;
	run("echo 'int f(int x) { return x * 3; }' >f.c; echo 'int f(int x) { return x - 3; }' >g.c");
	for (i = 0; i < 3; i++) {
		run("%s -g -O1 -shared -fPIC -Wl,--build-id=%s -o %s.full %s.c",
		    compiler(), ids[i][1], ids[i][0], i == 1 ? "g" : "f");
		run("objcopy --only-keep-debug %s.full %s.debug", ids[i][0], ids[i][0]);
		run("objcopy -S --add-gnu-debuglink=%s.debug %s.full %s", ids[i][0], ids[i][0],
		    ids[i][0]);
	}
	run("mkdir -p debug/.build-id/c0 keep && mv *.debug *.full keep");
	return 0;
}

static void clean_up(void)
{
	run("rm -rf root debug .debug *.debug && mkdir -p debug/.build-id/c0");
}

static const char by_id[] = "debug/.build-id/c0/ffee0123456789.debug";

static void each_place_is_looked_at(void **state)
{
	(void)state;
	expect_none("same", NULL, "same", ENOENT, "in none of the places");
	expect_none("same", NULL, NULL, ENOENT, "in none of the places");
	run("mkdir -p debug%s && cp keep/same.debug debug%s/", folder, folder);
	expect("same", NULL, "same", "/same.debug");
	run("mkdir .debug && cp keep/same.debug .debug/");
	expect("same", NULL, "same", "/.debug/same.debug");
	run("cp keep/same.debug .");
	expect("same", NULL, "same", "/same.debug");
	run("cp keep/same.debug %s", by_id);
	expect("same", NULL, "same", by_id);
	expect("same", NULL, NULL, by_id);
	clean_up();
}

static void without_a_build_id_the_crc_decides(void **state)
{
	(void)state;
	run("cp keep/none.debug .");
	expect("none", NULL, "none", "/none.debug");
	run("printf x >>none.debug");
	expect_none("none", NULL, "none", ESTALE, "has another CRC");
	run("truncate -s 257M none.debug");
	expect_none("none", NULL, "none", ENOENT, "a CRC is made of");
	/* One that has an id where the file has none is no proof either. */
	run("cp keep/same.debug none.debug");
	expect_none("none", NULL, "none", ESTALE, "has another CRC");
	clean_up();
}

static void another_files_is_refused(void **state)
{
	(void)state;
	run("cp keep/other.debug %s", by_id);
	expect_none("same", NULL, "same", ESTALE, "has another build id");
	run("cp keep/other.debug same.debug");
	expect_none("same", NULL, "same", ESTALE, "has another build id");
	/* The next place is looked at all the same. */
	run("mkdir .debug && cp keep/same.debug .debug/");
	expect("same", NULL, "same", "/.debug/same.debug");
	clean_up();
}

static void what_has_no_symbols_is_refused(void **state)
{
	(void)state;
	run("cp same %s", by_id);
	expect_none("same", NULL, "same", ESTALE, "neither symbols nor debugging data");
	/* Itself: the link may say anything. */
	run("rm %s && objcopy --remove-section .gnu_debuglink same itself && "
	    "cp keep/same.debug itself.debug && objcopy --add-gnu-debuglink=itself.debug itself && "
	    "rm itself.debug && ln itself itself.debug", by_id);
	expect_none("itself", NULL, "itself", ENOENT, "in none of the places");
	run("rm itself.debug && echo nonsense >itself.debug");
	expect_none("itself", NULL, "itself", ENOENT, "is not an ELF file");
	run("rm itself.debug && mkfifo itself.debug");
	expect_none("itself", NULL, "itself", ENOENT, "is not a regular file");
	run("rm itself itself.debug");
	clean_up();
}

static void a_process_root_is_not_left(void **state)
{
	(void)state;
	run("mkdir -p root/bin root/debug/.build-id/c0 && cp same root/bin/prog");
	expect_none("same", "root", "/bin/prog", ENOENT, "in none of the places");
	run("cp keep/same.debug root/%s", by_id);
	expect("same", "root", "/bin/prog", by_id);
	/* A link is followed in the root only. */
	run("mv root/%s root/bin/same.dbg && ln -s /bin/same.dbg root/%s", by_id, by_id);
	expect("same", "root", "/bin/prog", by_id);
	run("rm root/%s && ln -s %s/keep/same.debug root/%s", by_id, folder, by_id);
	run("cmp -s root/%s keep/same.debug", by_id);
	expect_none("same", "root", "/bin/prog", ENOENT, "in none of the places");
	run("cp keep/same.debug root/bin/");
	expect("same", "root", "/bin/prog", "/bin/same.debug");
	clean_up();
}

/* Section .gnu_debuglink is made from a file of these bytes. */
static int read_link(const char *bytes, struct rp_debug_link *ret)
{
	char err[256];
	struct rp_elf_file f = { .name = "linked", .err = err, .err_size = sizeof(err) };
	struct stat st;
	int r;

	run("printf '%s' >bytes && objcopy --remove-section .gnu_debuglink "
	    "--add-section .gnu_debuglink=bytes same linked", bytes);
	f.fd = rp_root_open(NULL, in_folder("linked"), &st, err, sizeof(err));
	assert_true(f.fd >= 0);
	f.size = st.st_size;
	assert_int_equal(rp_elf_file_begin(&f), 0);
	r = rp_debug_link_read(&f, ret);
	rp_elf_file_end(&f);
	close(f.fd);
	return r;
}

static void links_are_checked(void **state)
{
	struct rp_debug_link link = { 0 };
	char many[2048];

	(void)state;
	assert_int_equal(read_link("abc\\000\\001\\002\\003\\004", &link), 0);
	assert_string_equal(link.name, "abc");
	assert_int_equal(link.crc, 0x04030201);
	assert_int_equal(read_link("abcd\\000\\000\\000\\000\\001\\000\\000\\000", &link), 0);
	assert_string_equal(link.name, "abcd");
	assert_int_equal(link.crc, 1);
	assert_int_equal(read_link("../a\\000\\000\\000\\000\\001\\000\\000\\000", &link), -EBADMSG);
	assert_int_equal(read_link("..\\000\\000\\001\\000\\000\\000", &link), -EBADMSG);
	assert_int_equal(read_link(".\\000\\000\\000\\001\\000\\000\\000", &link), -EBADMSG);
	assert_int_equal(read_link("\\000\\000\\000\\000\\001\\000\\000\\000", &link), -EBADMSG);
	assert_int_equal(read_link("abcdefgh", &link), -EBADMSG);
	assert_int_equal(read_link("abc\\000\\001\\002\\003", &link), -EBADMSG);
	memset(many, 'm', 256);
	strcpy(many + 256, "\\000\\000\\000\\000\\001\\000\\000\\000");
	assert_int_equal(read_link(many, &link), -EBADMSG);
	assert_string_equal(link.name, "abcd");
}

static void a_shared_part_is_told_of(void **state)
{
	struct rp_debug_file d = { 0 };
	char err[PATH_MAX];

	(void)state;
	run("printf 'x' >bytes && objcopy --add-section .gnu_debugaltlink=bytes keep/same.debug %s",
	    by_id);
	assert_int_equal(find("same", NULL, NULL, &d, err), 0);
	assert_true(d.has_alt);
	close(d.fd);
	clean_up();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_place_is_looked_at),
		cmocka_unit_test(without_a_build_id_the_crc_decides),
		cmocka_unit_test(another_files_is_refused),
		cmocka_unit_test(what_has_no_symbols_is_refused),
		cmocka_unit_test(a_process_root_is_not_left),
		cmocka_unit_test(links_are_checked),
		cmocka_unit_test(a_shared_part_is_told_of),
	};

	return cmocka_run_group_tests(tests, make_files, remove_tree);
}
