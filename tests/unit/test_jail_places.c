// SPDX-License-Identifier: GPL-2.0
/*
 * Lines and inlined functions out of a jail: those of this very program, as reading it here
 * gives them; of files that are gone since; and out of jails of which a file has made something
 * else.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "debug_file.h"
#include "debug_places_pack.h"
#include "jail_fakes.h"
#include "jail_places.h"
#include "jail_private.h"
#include "jail_wire.h"
#include "symbol_cache.h"
#include "why.h"
#include "work_folder.h"

#define FRAMES 128
#define BOTH (RP_DEBUG_LINES | RP_DEBUG_INLINES)
#define NR 3000		/* addresses in code */

static char why[RP_WHY_SIZE], said[RP_WHY_SIZE];
static uint64_t addresses[NR];
static uintptr_t bias;		/* of this program's addresses */

static struct rp_jail *start_real(void)
{
	struct rp_jail *j = NULL;

	if (rp_jail_places_start(&j, why, sizeof(why)))
		fail_msg("%s", why);
	return j;
}

static struct rp_jail_places *open_path(struct rp_jail *j, const char *path,
					const struct rp_debug_search *where)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct rp_jail_places *p = NULL;

	assert_true(fd >= 0);
	if (rp_jail_places_open(j, fd, path, where, &p, why, sizeof(why)))
		fail_msg("%s", why);
	close(fd);
	return p;
}

static void find(struct rp_jail_places *p, const uint64_t *at, size_t nr,
		 struct rp_debug_places *ret)
{
	said[0] = '\0';
	assert_int_equal(rp_jail_places_find(p, BOTH, at, nr, ret, said, sizeof(said)), 0);
	if (*said)
		fail_msg("%s", said);
}

/* Of the first program header that is code, spread evenly. */
static int take_code(struct dl_phdr_info *info, size_t size, void *arg)
{
	size_t i, n;

	(void)size;
	(void)arg;
	bias = info->dlpi_addr;
	for (i = 0; i < info->dlpi_phnum && !(info->dlpi_phdr[i].p_flags & PF_X); i++)
		;
	for (n = 0; n < NR; n++)
		addresses[n] = info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz * n / NR;
	return 1;
}

/* How many of the addresses have a function that was inlined. */
static size_t expect_same(const struct rp_debug_places *a, const struct rp_debug_places *b,
			  const uint64_t *at, size_t nr)
{
	struct rp_debug_frame fa[FRAMES], fb[FRAMES];
	unsigned int na, nb, f;
	size_t i, inlined = 0;

	for (i = 0; i < nr; i++) {
		assert_true(rp_debug_places_get(a, at[i], fa, FRAMES, &na));
		assert_true(rp_debug_places_get(b, at[i], fb, FRAMES, &nb));
		assert_int_equal(na, nb);
		for (f = 0; f < na; f++) {
			assert_string_equal(fa[f].function, fb[f].function);
			assert_string_equal(fa[f].file, fb[f].file);
			assert_int_equal(fa[f].line, fb[f].line);
		}
		inlined += na > 1;
	}
	return inlined;
}

/* ---- real ones ---------------------------------------------------------------------- */

static void they_are_the_same(void **state)
{
	struct rp_debug_places here = { 0 }, there = { 0 };
	struct rp_jail *j = start_real();
	struct rp_jail_places *p;
	struct rp_jail_stats stats;

	(void)state;
	p = open_path(NULL, "/proc/self/exe", NULL);
	find(p, addresses, NR, &here);
	rp_jail_places_close(p);
	p = open_path(j, "/proc/self/exe", NULL);
	find(p, addresses, NR, &there);
	rp_jail_places_close(p);
	expect_same(&here, &there, addresses, NR);
	rp_jail_stats(j, &stats);
	assert_int_equal(stats.jobs, 2);
	assert_true(stats.cpu_ns[RP_JAIL_PLACES] > 0);
	rp_debug_places_free(&here);
	rp_debug_places_free(&there);
	rp_jail_stop(j);
}

/* In two goes, since each is far from the one before; and in the second some that are known. */
static void more_than_can_be_told_at_once(void **state)
{
	const size_t nr = 20000;
	uint64_t *far = malloc(nr * sizeof(*far)), before;
	struct rp_debug_places here = { 0 }, there = { 0 };
	struct rp_jail *j = start_real();
	struct rp_jail_places *p;
	size_t i;

	(void)state;
	assert_non_null(far);
	for (i = 0; i < nr; i++)
		far[i] = i < 100 ? addresses[i] : (uint64_t)i << 42;
	p = open_path(NULL, "/proc/self/exe", NULL);
	find(p, far, nr, &here);
	rp_jail_places_close(p);
	p = open_path(j, "/proc/self/exe", NULL);
	before = jobs_of(j);
	find(p, far, nr, &there);
	assert_in_range(jobs_of(j) - before, 2, 3);
	rp_jail_places_close(p);
	expect_same(&here, &there, far, nr);
	assert_int_equal(there.nr, nr);
	rp_debug_places_free(&here);
	rp_debug_places_free(&there);
	rp_jail_stop(j);
	free(far);
}

/* Time and again, of more files than a jail keeps anything of. */
static void many_files_in_turn(void **state)
{
	enum { FILES = RP_JAIL_PLACES_KEPT_NR + 2, STEP = 300 };
	struct rp_debug_places here = { 0 }, there[FILES] = { 0 };
	struct rp_jail_places *own = open_path(NULL, "/proc/self/exe", NULL), *p[FILES];
	struct rp_jail *j = start_real();
	size_t i, round;

	(void)state;
	find(own, addresses, 3 * STEP, &here);
	for (i = 0; i < FILES; i++)
		p[i] = open_path(j, "/proc/self/exe", NULL);
	for (round = 0; round < 3; round++)
		for (i = 0; i < FILES; i++)
			/* Those in the middle first: what comes later is to be sorted in. */
			find(p[i], addresses + (round + 1) % 3 * STEP, STEP, &there[i]);
	for (i = 0; i < FILES; i++) {
		expect_same(&here, &there[i], addresses, 3 * STEP);
		rp_debug_places_free(&there[i]);
		rp_jail_places_close(p[i]);
	}
	rp_jail_places_close(own);
	rp_debug_places_free(&here);
	rp_jail_stop(j);
}

/* ---- files that come and go ------------------------------------------------------------ */

static const char program[] =
	"static inline __attribute__((always_inline)) int within(int x, int y)\n"
	"{ return x * x + y * 7 - (x ^ y); }\n"
	"int exported(int x, int y);\n"
	"int exported(int x, int y)\n"
	"{ return within(x, y) * within(y, x) + within(x + y, x - y); }\n";

static void make_library(void)
{
	FILE *f = fopen(in_folder("a.c"), "we");

	assert_non_null(f);
	fputs(program, f);
	fclose(f);
	run("%s -g -O2 -shared -fPIC -o full.so a.c", compiler());
	run("objcopy --only-keep-debug full.so full.debug && strip -o bare.so full.so");
	run("objcopy --add-gnu-debuglink=full.debug bare.so");
}

/* All of its code, byte by byte. */
static size_t code_of(const char *path, uint64_t *ret, size_t room)
{
	struct rp_elf_symbols *es;
	struct rp_elf_symbol s;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t at;
	size_t n = 0;

	assert_true(fd >= 0);
	assert_int_equal(rp_elf_symbols_from_fd(fd, path, NULL, &es, why, sizeof(why)), 0);
	close(fd);
	for (at = 0; at < 1u << 16 && n < room; at++)
		if (!rp_elf_symbols_lookup(es, at, &s) && !strcmp(s.name, "exported"))
			ret[n++] = at;
	rp_elf_symbols_free(es);
	assert_true(n > 0);
	return n;
}

/* Found when it was opened, in the folder beside it; both are gone when it is asked. */
static void files_that_are_gone(void **state)
{
	struct rp_debug_places here = { 0 }, own = { 0 }, other = { 0 };
	struct rp_debug_search where = { .path = in_folder("bare.so") };
	struct rp_jail_places *p, *stripped;
	struct rp_jail *j = start_real();
	uint64_t at[256];
	size_t nr;

	(void)state;
	make_library();
	nr = code_of(in_folder("full.so"), at, 256);
	p = open_path(NULL, in_folder("full.so"), NULL);
	find(p, at, nr, &here);
	rp_jail_places_close(p);

	p = open_path(j, in_folder("full.so"), NULL);
	stripped = open_path(j, in_folder("bare.so"), &where);
	run("rm full.so bare.so full.debug && cp a.c full.debug");
	find(p, at, nr, &own);
	find(stripped, at, nr, &other);
	assert_true(expect_same(&here, &own, at, nr) > 0);
	assert_true(expect_same(&here, &other, at, nr) > 0);
	rp_jail_places_close(p);
	rp_jail_places_close(stripped);
	rp_debug_places_free(&here);
	rp_debug_places_free(&own);
	rp_debug_places_free(&other);
	rp_jail_stop(j);
}

static void without_debugging_data(void **state)
{
	struct rp_debug_search where = { .path = in_folder("bare.so") };
	struct rp_jail *j = start_real();
	struct rp_jail_places *p = NULL;
	int fd, i;

	(void)state;
	make_library();
	run("rm full.debug");
	fd = open(in_folder("bare.so"), O_RDONLY | O_CLOEXEC);
	for (i = 0; i < 4; i++)
		assert_int_equal(rp_jail_places_open(i % 2 ? j : NULL, fd, "bare.so",
						     i < 2 ? NULL : &where, &p, why,
						     sizeof(why)), -ENODATA);
	close(fd);
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(rp_jail_places_open(j, fd, "null", NULL, &p, why, sizeof(why)), -ENOTSUP);
	assert_string_equal(why, "null: is not a regular file");
	close(fd);
	assert_null(p);
	rp_jail_stop(j);
}

/* Where inlined functions are in pieces, and the list of these is cut off. */
static void what_is_lost_is_told(void **state)
{
	struct rp_debug_places places = { 0 };
	const char *path = in_folder("cut.so");
	struct rp_jail_places *p;
	struct rp_jail *j;
	uint64_t at[256];
	size_t nr;
	int i;

	(void)state;
	make_library();
	/* Not every compiler writes DWARF 5. */
	if (!try("objcopy --dump-section .debug_rnglists=lists full.so other.so"))
		skip();
	run("head -c 14 lists >cut && objcopy --update-section .debug_rnglists=cut full.so cut.so");
	nr = code_of(path, at, 256);
	j = start_real();
	for (i = 0; i < 2; i++) {
		p = open_path(i ? j : NULL, path, NULL);
		said[0] = '\0';
		assert_int_equal(rp_jail_places_find(p, BOTH, at, nr, &places, said,
						     sizeof(said)), 0);
		assert_string_equal(said, "1 of its units are corrupt, of a kind that is not "
				    "known, or take too long to unpack");
		assert_true(rp_debug_places_has(&places, at[0]));
		rp_jail_places_close(p);
		rp_debug_places_free(&places);
	}
	rp_jail_stop(j);
}

/* ---- keepers of hostile ones ------------------------------------------------------------ */

static void play_when_asked(const char *mode)
{
	struct rp_jail_head head = { .kind = RP_JAIL_DONE, .size = RP_DEBUG_PLACES_PACK_MAX + 1 };

	if (!strcmp(mode, "large"))
		send(RP_JAIL_FD, &head, sizeof(head), MSG_NOSIGNAL);
	if (!strcmp(mode, "fails"))
		answer(-EFBIG, "all of it\n\033 is too much");
	play(mode);
}

/* Opens as a good one would, but for the one that does not, and plays when it is asked. */
static void answer_jobs(const char *mode)
{
	struct rp_jail_head head;
	char text[64];
	void *words;
	int fd;

	rp_jail_go_apart();
	rp_jail_say(0, "");
	while (!rp_jail_receive(RP_JAIL_FD, 0, RP_JAIL_WORDS_MAX, &head, &fd, &words)) {
		free(words);
		close(fd);
		if (head.code != RP_JAIL_PLACES_OPEN)
			play_when_asked(mode);
		if (!strcmp(mode, "asks")) {
			snprintf(text, sizeof(text), "%d %d %d", rp_jail_open("O/etc/passwd"),
				 rp_jail_open("R/etc/passwd"), rp_jail_open("/etc/passwd"));
			answer(-EIO, text);
		} else {
			answer(0, "what is not asked for");
		}
	}
	_exit(1);
}

static void one_that_asks_for_more(void **state)
{
	const char *dirs[] = { "/usr/lib/debug", NULL };
	const struct rp_debug_search where = { .root = "/", .path = "/opt/x", .dirs = dirs };
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), i;
	struct rp_jail *j = start("asks");
	struct rp_jail_places *p = NULL;
	char expected[64];

	(void)state;
	snprintf(expected, sizeof(expected), "%d %d %d", -EACCES, -EACCES, -EACCES);
	for (i = 0; i < 2; i++) {
		assert_int_equal(rp_jail_places_open(j, fd, "self", i ? &where : NULL, &p, why,
						     sizeof(why)), -EIO);
		assert_string_equal(why, expected);
	}
	assert_null(p);
	close(fd);
	rp_jail_stop(j);
}

/* Whatever one made of itself: it is told, and that file is not asked for again. */
static void one_that_misbehaves(void **state)
{
	static const struct {
		const char *mode, *text;
	} cases[] = {
		{ "dies", "died of it" }, { "large", "out of turn" },
		{ "lies", "answered with what cannot be" }, { "claims", "yes" },
		{ "fails", "all of it?? is too much" }, { "hangs", "took longer" },
		{ "spins", "more than 1 s of CPU time" },
	};
	struct rp_debug_places places = { 0 };
	struct rp_jail_stats stats;
	struct rp_jail_places *p;
	struct rp_jail *j;
	uint64_t before;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		j = start(cases[i].mode);
		p = open_path(j, "/proc/self/exe", NULL);
		said[0] = '\0';
		assert_int_equal(rp_jail_places_find(p, BOTH, addresses, NR, &places, said,
						     sizeof(said)), 0);
		if (!strstr(said, "its lines are not read: ") || !strstr(said, cases[i].text))
			fail_msg("%s: %s", cases[i].mode, said);
		before = jobs_of(j);
		find(p, addresses, NR, &places);
		assert_int_equal(jobs_of(j), before);
		assert_int_equal(places.nr + places.nr_nodes + places.strings.size, 0);
		/* That was its end, but of those that just say that it failed. */
		rp_jail_stats(j, &stats);
		assert_int_equal(stats.died + stats.late, strcmp(cases[i].mode, "claims") &&
				 strcmp(cases[i].mode, "fails"));
		rp_jail_places_close(p);
		rp_jail_stop(j);
	}
}

static int open_self(void *arg, unsigned int n, char *err, size_t err_size)
{
	(void)arg;
	snprintf(err, err_size, "self");
	return n ? -ENODATA : open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
}

/* Its lines are lost, and neither its functions nor the lines of others. */
static void a_cache_that_loses_lines(void **state)
{
	struct rp_jail *good = start_real(), *bad = start("dies");
	const struct rp_file_identity id = { .ino = 0, .dev = 1 }, other = { .ino = 0, .dev = 2 };
	struct rp_symbol_source source = { .open = open_self, .jail = good, .lines_jail = bad };
	struct rp_symbol_cache *cache = rp_symbol_cache_new(256u << 20);
	struct rp_debug_frame f[FRAMES];
	const struct rp_elf_symbols *table;
	struct rp_elf_symbol s;
	const uint64_t here = (uintptr_t)a_cache_that_loses_lines - bias;
	unsigned int n;

	(void)state;
	rp_symbol_cache_want(cache, BOTH);
	table = rp_symbol_cache_get(cache, &id, &source, NULL, NULL);
	assert_non_null(table);
	assert_non_null(rp_symbol_cache_places(cache));
	assert_int_equal(rp_symbol_cache_find(cache, addresses, NR), 0);
	assert_false(rp_debug_places_has(rp_symbol_cache_places(cache), addresses[0]));
	assert_non_null(strstr(rp_symbol_cache_problem(cache),
			       "self: its lines are not read: its parser died of it"));
	table = rp_symbol_cache_get(cache, &id, &source, NULL, NULL);
	assert_int_equal(rp_elf_symbols_lookup(table, here, &s), 0);
	assert_string_equal(s.name, "a_cache_that_loses_lines");

	/* And once more, where nothing is said of a jail for lines: in that of the rest. */
	source.lines_jail = NULL;
	table = rp_symbol_cache_get(cache, &other, &source, NULL, NULL);
	assert_non_null(table);
	assert_int_equal(rp_symbol_cache_find(cache, &here, 1), 0);
	assert_true(rp_debug_places_get(rp_symbol_cache_places(cache), here, f, FRAMES, &n));
	assert_non_null(strstr(f[0].file, "test_jail_places.c"));
	assert_true(jobs_of(good) == 4 && f[0].line);
	rp_symbol_cache_free(cache);
	rp_jail_stop(good);
	rp_jail_stop(bad);
}

int main(int argc, char **argv)
{
	const char *mode = jail_mode(argc, argv);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_are_the_same),
		cmocka_unit_test(more_than_can_be_told_at_once),
		cmocka_unit_test(many_files_in_turn),
		cmocka_unit_test_setup_teardown(files_that_are_gone, make_folder, remove_tree),
		cmocka_unit_test_setup_teardown(without_debugging_data, make_folder, remove_tree),
		cmocka_unit_test_setup_teardown(what_is_lost_is_told, make_folder, remove_tree),
		cmocka_unit_test(one_that_asks_for_more),
		cmocka_unit_test(one_that_misbehaves),
		cmocka_unit_test(a_cache_that_loses_lines),
	};

	if (mode)
		answer_jobs(mode);
	rp_jail_main(argc, argv);
	dl_iterate_phdr(take_code, NULL);
	return cmocka_run_group_tests_name("jail_places", tests, NULL, NULL);
}
