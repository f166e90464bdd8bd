// SPDX-License-Identifier: GPL-2.0
/*
 * The jail: what comes out of a real one is what parsing here gives; what a real one cannot
 * do any more; and jails of which a file has made something else.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf_symbols_pack.h"
#include "jail.h"
#include "jail_fakes.h"
#include "jail_private.h"
#include "jail_debug.h"
#include "jail_symbols.h"
#include "jail_table.h"
#include "jail_wire.h"
#include "why.h"
#include "work_folder.h"

static char why[RP_WHY_SIZE];

/* ---- real ones -------------------------------------------------------------------------- */

static int open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

/* A library that is surely there: our own C library. */
static const char *libc_path(void)
{
	static char path[PATH_MAX];
	char line[PATH_MAX + 128], *at;
	FILE *maps = fopen("/proc/self/maps", "re");

	assert_non_null(maps);
	while (!*path && fgets(line, sizeof(line), maps)) {
		at = strchr(line, '/');
		if (at && strstr(at, "/libc.so.6"))
			snprintf(path, sizeof(path), "%.*s", (int)strcspn(at, "\n"), at);
	}
	fclose(maps);
	assert_true(*path);
	return path;
}

static int whole_symbols(struct rp_jail *j, int fd, const char *path,
			 const struct rp_debug_search *where, struct rp_elf_symbols **ret,
			 char *err, size_t err_size)
{
	size_t nr;

	return rp_jail_symbols(j, fd, path, where, NULL, &nr, ret, err, err_size);
}

static void expect_equal(const struct rp_elf_symbols *a, const struct rp_elf_symbols *b)
{
	struct rp_elf_symbols_info ia, ib;
	struct rp_elf_symbol sa, sb;
	uint64_t offset, va, vb;
	int r;

	rp_elf_symbols_info(a, &ia);
	rp_elf_symbols_info(b, &ib);
	assert_int_equal(ia.symbols, ib.symbols);
	assert_int_equal(ia.bytes, ib.bytes);
	assert_int_equal(ia.machine, ib.machine);
	assert_int_equal(ia.type, ib.type);
	assert_int_equal(ia.is_64, ib.is_64);
	assert_int_equal(ia.symtab, ib.symtab);
	assert_int_equal(ia.partial, ib.partial);
	assert_true(rp_build_id_equal(rp_elf_symbols_build_id(a), rp_elf_symbols_build_id(b)));
	for (offset = 0; offset < 2u << 20; offset += 61) {
		r = rp_elf_symbols_vaddr(a, offset, &va);
		assert_int_equal(rp_elf_symbols_vaddr(b, offset, &vb), r);
		if (r)
			continue;
		assert_int_equal(va, vb);
		r = rp_elf_symbols_lookup(a, va, &sa);
		assert_int_equal(rp_elf_symbols_lookup(b, va, &sb), r);
		if (r)
			continue;
		assert_string_equal(sa.name, sb.name);
		assert_int_equal(sa.start, sb.start);
		assert_int_equal(sa.size, sb.size);
	}
}

static void symbols_are_the_same(void **state)
{
	struct rp_jail *j = start(NULL);
	struct rp_elf_symbols *here, *there;
	struct rp_jail_stats stats;
	int fd = open_file(libc_path());

	(void)state;
	assert_int_equal(whole_symbols(NULL, fd, "libc", NULL, &here, why, sizeof(why)), 0);
	if (whole_symbols(j, fd, "libc", NULL, &there, why, sizeof(why)))
		fail_msg("%s", why);
	expect_equal(here, there);
	rp_elf_symbols_free(here);
	rp_elf_symbols_free(there);
	close(fd);
	rp_jail_stats(j, &stats);
	assert_int_equal(stats.jobs, 1);
	assert_int_equal(stats.started, 1);
	assert_true(stats.cpu_ns[RP_JAIL_SYMBOLS] > 0);
	rp_jail_stop(j);
}

static void tables_are_the_same(void **state)
{
	const struct rp_file_id other = { .kind = RP_FILE_BUILD_ID, .build_id_len = 20 };
	struct rp_file_id id = { .kind = RP_FILE_INODE };
	struct rp_jail *j = start(NULL);
	int fd = open_file(libc_path()), err;
	void *here = NULL, *there = NULL;
	size_t size_here, size_there;
	struct stat st;

	(void)state;
	assert_int_equal(fstat(fd, &st), 0);
	id.inode = st.st_ino;
	err = rp_jail_table(NULL, &id, fd, "libc", &here, &size_here, why, sizeof(why));
	if (err == -ENOTSUP) {	/* of a machine without tables */
		assert_int_equal(rp_jail_table(j, &id, fd, "libc", &there, &size_there, why,
					       sizeof(why)), err);
	} else {
		assert_int_equal(err, 0);
		if (rp_jail_table(j, &id, fd, "libc", &there, &size_there, why, sizeof(why)))
			fail_msg("%s", why);
		assert_int_equal(size_here, size_there);
		assert_memory_equal(here, there, size_here);
	}
	assert_int_equal(rp_jail_table(j, &other, fd, "libc", &there, &size_there, why,
				       sizeof(why)), -ESTALE);
	assert_non_null(strstr(why, "is not the file that is mapped"));
	free(here);
	free(there);
	close(fd);
	rp_jail_stop(j);
}

static void what_is_no_elf_file_has_a_sentence(void **state)
{
	struct rp_jail *j = start(NULL);
	struct rp_elf_symbols *es = NULL;
	const char *path = in_folder("text");
	int fd, i;

	(void)state;
	fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "#!/bin/sh\n", 10), 10);
	for (i = 0; i < 2; i++) {
		assert_int_equal(whole_symbols(i ? j : NULL, fd, path, NULL, &es, why,
						 sizeof(why)), -ENOEXEC);
		assert_non_null(strstr(why, path));
	}
	close(fd);
	rp_jail_stop(j);
}

/* Its own process may not look for them. */
static void debug_files_are_handed_in(void **state)
{
	const char *dirs[] = { folder, NULL }, *path = in_folder("bare.so");
	const char *inside[] = { "/hidden", NULL };
	struct rp_debug_search where = { .dirs = dirs };
	struct rp_elf_symbols *es;
	struct rp_elf_symbols_info info;
	struct rp_jail *j;
	int fd;

	(void)state;
	run("mkdir -p .build-id/ab && echo 'int exported(int x) { return x; }' >a.c && "
	    "%s -shared -fPIC -Wl,--build-id=0xabcdef0123 -o .build-id/ab/cdef0123.debug a.c && "
	    "strip -o bare.so .build-id/ab/cdef0123.debug && mkdir hidden && "
	    "cp -r .build-id hidden", compiler());
	fd = open_file(path);
	j = start(NULL);
	assert_int_equal(whole_symbols(j, fd, path, &where, &es, why, sizeof(why)), 0);
	rp_elf_symbols_info(es, &info);
	assert_int_equal(info.symtab, RP_ELF_SYMTAB_DEBUG_FILE);
	rp_elf_symbols_free(es);
	assert_int_equal(whole_symbols(j, fd, path, NULL, &es, why, sizeof(why)), 0);
	rp_elf_symbols_info(es, &info);
	assert_int_equal(info.symtab, RP_ELF_SYMTAB_NONE);
	rp_elf_symbols_free(es);
	/* In another root, where the path leads to something else, or to nothing. */
	where = (struct rp_debug_search){ .root = folder, .path = "/lib/bare.so", .dirs = inside };
	assert_int_equal(whole_symbols(j, fd, path, &where, &es, why, sizeof(why)), 0);
	rp_elf_symbols_info(es, &info);
	assert_int_equal(info.symtab, RP_ELF_SYMTAB_DEBUG_FILE);
	rp_elf_symbols_free(es);
	where.root = NULL;
	assert_int_equal(whole_symbols(j, fd, path, &where, &es, why, sizeof(why)), 0);
	rp_elf_symbols_info(es, &info);
	assert_int_equal(info.symtab, RP_ELF_SYMTAB_NONE);
	rp_elf_symbols_free(es);
	close(fd);
	rp_jail_stop(j);
}

/* The same proof inside as outside, with the same sentence. */
static void debug_files_prove_themselves(void **state)
{
	const struct rp_build_id right = { 5, { 0xab, 0xcd, 0xef, 0x01, 0x23 } };
	const struct rp_build_id wrong = { 5, { 0xab, 0xcd, 0xef, 0x01, 0x24 } };
	struct rp_jail *j = start(NULL), *where[2] = { NULL, j };
	int fd = open_file(in_folder(".build-id/ab/cdef0123.debug"));
	int bare = open_file(in_folder("bare.so")), text = open_file("/etc/passwd"), i;

	(void)state;
	for (i = 0; i < 2; i++) {
		assert_int_equal(rp_jail_debug_check(where[i], fd, "f", &right, why,
						     sizeof(why)), 0);
		assert_int_equal(rp_jail_debug_check(where[i], fd, "f", &wrong, why,
						     sizeof(why)), -ESTALE);
		assert_string_equal(why, "f: has another build id");
		assert_int_equal(rp_jail_debug_check(where[i], bare, "f", &right, why,
						     sizeof(why)), -ESTALE);
		assert_string_equal(why, "f: has neither symbols nor debugging data");
		assert_int_equal(rp_jail_debug_check(where[i], text, "f", &right, why,
						     sizeof(why)), -ENOEXEC);
	}
	close(fd);
	close(bare);
	close(text);
	rp_jail_stop(j);
}

static void it_can_do_nothing_else(void **state)
{
	struct rp_jail *j = start("escapes");
	int fd = open_file("/etc/passwd");
	void *can = NULL;
	size_t size;

	(void)state;
	if (rp_jail_ask(j, RP_JAIL_TABLE, fd, NULL, 0, NULL, NULL, &can, &size, why, sizeof(why)))
		fail_msg("%s", why);
	assert_string_equal(can, "");
	free(can);
	close(fd);
	rp_jail_stop(j);
}

static uint64_t of_libc(struct rp_jail *j)
{
	struct rp_elf_symbols *es;
	int fd = open_file(libc_path());

	assert_int_equal(whole_symbols(j, fd, "libc", NULL, &es, why, sizeof(why)), 0);
	rp_elf_symbols_free(es);
	close(fd);
	return rp_jail_cpu_ns(j);
}

/* One that rests has given everything back, and what it took still counts. */
static void its_time_counts(void **state)
{
	struct rp_jail *j = start(NULL);
	uint64_t first, second;
	pid_t pid = rp_jail_pid(j);

	(void)state;
	assert_true(pid > 0);
	first = of_libc(j);
	assert_true(first > 0);
	assert_true(rp_jail_rest(j));
	assert_int_equal(rp_jail_pid(j), 0);
	assert_true(rp_jail_cpu_ns(j) >= first);
	second = of_libc(j);
	assert_true(second > first);
	assert_true(rp_jail_pid(j) > 0 && rp_jail_pid(j) != pid);
	/* As does what it took for what it died of. */
	kill(rp_jail_pid(j), SIGKILL);
	while (rp_jail_pid(j))
		usleep(1000);
	assert_true(rp_jail_cpu_ns(j) >= second);
	assert_true(rp_jail_rest(NULL));
	rp_jail_stop(j);
}

/* ---- keepers of hostile ones -------------------------------------------------------------- */

static void one_that_does_not_start(void **state)
{
	struct rp_jail *j = NULL;

	(void)state;
	setenv(MODE, "mute", 1);
	assert_int_equal(rp_jail_start(&j, NULL, why, sizeof(why)), -EPIPE);
	assert_non_null(strstr(why, "does not answer"));
	setenv(MODE, "refuses", 1);
	assert_int_equal(rp_jail_start(&j, NULL, why, sizeof(why)), -EPERM);
	assert_non_null(strstr(why, "the door does not close"));
	unsetenv(MODE);
	assert_null(j);
}

/* Whatever one made of itself: a damaged file, and the next job has a good one. */
static void one_that_misbehaves(void **state)
{
	static const struct {
		const char *mode, *text;
	} cases[] = {
		{ "dies", "died of it" }, { "garbage", "out of turn" },
		{ "huge", "out of turn" }, { "hangs", "took longer" },
		{ "spins", "more than 1 s of CPU time" },
	};
	struct rp_jail_stats stats;
	struct rp_elf_symbols *es;
	struct rp_jail *j;
	int fd = open_file(libc_path());
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		j = start(cases[i].mode);
		assert_int_equal(whole_symbols(j, fd, "f", NULL, &es, why, sizeof(why)),
				 -EBADMSG);
		if (!strstr(why, cases[i].text))
			fail_msg("%s: %s", cases[i].mode, why);
		rp_jail_stats(j, &stats);
		assert_int_equal(stats.died + stats.late, 1);
		rp_jail_stop(j);
	}
	j = start("dies");
	assert_int_equal(whole_symbols(j, fd, "f", NULL, &es, why, sizeof(why)), -EBADMSG);
	assert_int_equal(whole_symbols(j, fd, "f", NULL, &es, why, sizeof(why)), 0);
	rp_elf_symbols_free(es);
	rp_jail_stats(j, &stats);
	assert_int_equal(stats.started, 2);
	rp_jail_stop(j);
	close(fd);
}

static void one_that_lies(void **state)
{
	struct rp_elf_symbols *es = NULL;
	struct rp_jail *j = start("lies");
	struct rp_jail_stats stats;
	int fd = open_file(libc_path());

	(void)state;
	assert_int_equal(whole_symbols(j, fd, "f", NULL, &es, why, sizeof(why)), -EBADMSG);
	assert_string_equal(why, "its parser answered with what cannot be");
	assert_null(es);
	/* It is not asked again. */
	assert_int_equal(whole_symbols(j, fd, "f", NULL, &es, why, sizeof(why)), 0);
	rp_elf_symbols_free(es);
	es = NULL;
	rp_jail_stats(j, &stats);
	assert_int_equal(stats.started, 2);
	assert_int_equal(stats.died, 1);
	rp_jail_stop(j);
	j = start("claims");
	assert_int_equal(whole_symbols(j, fd, "f", NULL, &es, why, sizeof(why)), -EBADMSG);
	rp_jail_stop(j);
	assert_null(es);
	close(fd);
}

static void one_that_asks_for_more(void **state)
{
	const char *dirs[] = { "/usr/lib/debug", NULL };
	const struct rp_debug_search where = { .path = "/opt/app/bin/x", .dirs = dirs },
		at_root = { .path = "/x", .dirs = dirs };
	struct rp_jail *j = start("opens");
	int fd = open_file("/etc/passwd");
	void *got = NULL;
	size_t size;

	(void)state;
	assert_int_equal(rp_jail_ask(j, RP_JAIL_TABLE, fd, NULL, 0, NULL, NULL, &got, &size, why,
				     sizeof(why)), 0);
	assert_int_equal(atoi(got), -EACCES);
	free(got);
	close(fd);
	rp_jail_stop(j);

	assert_true(rp_debug_search_allows(&where, "/usr/lib/debug/.build-id/ab/c.debug"));
	assert_true(rp_debug_search_allows(&where, "/opt/app/bin/x.debug"));
	assert_true(rp_debug_search_allows(&where, "/opt/app/bin/.debug/x.debug"));
	assert_false(rp_debug_search_allows(&where, "/opt/app/binary"));
	assert_false(rp_debug_search_allows(&where, "/opt/app/bin/../../../etc/shadow"));
	assert_false(rp_debug_search_allows(&where, "/usr/lib/debug/.."));
	assert_false(rp_debug_search_allows(&where, "/etc/shadow"));
	assert_false(rp_debug_search_allows(&where, ""));
	assert_true(rp_debug_search_allows(&at_root, "/x.debug"));
	assert_false(rp_debug_search_allows(&at_root, "/etc/shadow"));
}

/* ---- what comes out of it ------------------------------------------------------------------- */

static void any_flipped_byte_is_safe(void **state)
{
	struct rp_elf_symbols *es, *other;
	int fd = open_file("/proc/self/exe"), r;
	struct rp_elf_symbol s;
	uint8_t *data;
	size_t size, i;
	void *packed, *copy;

	(void)state;
	assert_int_equal(rp_elf_symbols_from_fd(fd, "self", NULL, &es, why, sizeof(why)), 0);
	close(fd);
	assert_int_equal(rp_elf_symbols_pack(es, &packed, &size), 0);
	data = packed;
	for (i = 0; i < 2000; i++) {
		size_t at = i < 200 ? i : i * 2654435761u % size;
		uint8_t was = data[at];

		data[at] ^= 1u << i % 8;
		copy = malloc(size);
		memcpy(copy, data, size);
		r = rp_elf_symbols_unpack(copy, size, &other);
		data[at] = was;
		if (r) {
			assert_int_equal(r, -EBADMSG);
			free(copy);
			continue;
		}
		if (!rp_elf_symbols_lookup(other, 0x10000 + i * 16, &s))
			assert_true(strlen(s.name) < size);
		rp_elf_symbols_free(other);
	}
	for (i = 0; i < 300; i++)
		assert_int_equal(rp_elf_symbols_unpack(data, i, &other), -EBADMSG);
	assert_int_equal(rp_elf_symbols_unpack(data, size - 1, &other), -EBADMSG);
	free(packed);
	rp_elf_symbols_free(es);
}

int main(int argc, char **argv)
{
	const char *mode = jail_mode(argc, argv);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(symbols_are_the_same),
		cmocka_unit_test(tables_are_the_same),
		cmocka_unit_test(what_is_no_elf_file_has_a_sentence),
		cmocka_unit_test(debug_files_are_handed_in),
		cmocka_unit_test(debug_files_prove_themselves),
		cmocka_unit_test(it_can_do_nothing_else),
		cmocka_unit_test(its_time_counts),
		cmocka_unit_test(one_that_does_not_start),
		cmocka_unit_test(one_that_misbehaves),
		cmocka_unit_test(one_that_lies),
		cmocka_unit_test(one_that_asks_for_more),
		cmocka_unit_test(any_flipped_byte_is_safe),
	};

	if (mode)
		be_a_jail(mode);
	rp_jail_main(argc, argv);
	return cmocka_run_group_tests_name("jail", tests, make_folder, remove_tree);
}
