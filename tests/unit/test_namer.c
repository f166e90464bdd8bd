// SPDX-License-Identifier: GPL-2.0
/*
 * User frames, of this very process: its mappings as /proc/self/maps tells them, its
 * own functions, the C library's, the vdso's.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <sys/auxv.h>

#include "debug_info.h"
#include "elf_symbols.h"
#include "namer_fixture.h"
#include "own_program.h"

/* Their addresses are what is looked up; never inlined, never one and the same. */
__attribute__((noinline)) void namer_test_one(void);
__attribute__((noinline)) void namer_test_two(void);
void namer_test_one(void)
{
	__asm__ volatile("" ::: "memory");
}
void namer_test_two(void)
{
	__asm__ volatile("" : : "r"(2) : "memory");
}

/* Where it was called from. */
__attribute__((noinline)) uint64_t namer_test_here(void);
uint64_t namer_test_here(void)
{
	__asm__ volatile("" ::: "memory");
	return (uintptr_t)__builtin_return_address(0);
}

enum { INNER_LINE = __LINE__ + 3 };
static inline __attribute__((always_inline)) uint64_t namer_test_inner(void)
{
	uint64_t here = namer_test_here();

	__asm__ volatile("" : "+r"(here) : : "memory");
	return here;
}

enum { OUTER_LINE = __LINE__ + 4 };
__attribute__((noinline)) uint64_t namer_test_outer(void);
uint64_t namer_test_outer(void)
{
	return namer_test_inner() + 0;
}

/* The executable mappings of this process. */
static struct rp_space *own_space(const struct fixture *f)
{
	struct rp_space *rec = make_space(f->id, 1);
	unsigned long long start, end, offset, inode;
	unsigned int major, minor;
	char line[5000], mode[8], path[4200], exe[4200] = "";
	struct rp_map *m;
	FILE *maps = fopen("/proc/self/maps", "r");

	assert_non_null(maps);
	assert_true(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
	while (fgets(line, sizeof(line), maps)) {
		path[0] = '\0';
		if (sscanf(line, "%llx-%llx %7s %llx %x:%x %llu %4199s", &start, &end, mode,
			   &offset, &major, &minor, &inode, path) < 7 || mode[2] != 'x')
			continue;
		m = add_map(&rec, start, end, offset, path);
		m->inode = inode;
		m->dev_major = major;
		m->dev_minor = minor;
		m->flags = path[0] == '/' ? 0 : RP_MAP_ANON;
		m->flags |= strcmp(path, exe) ? 0 : RP_MAP_EXE;
	}
	fclose(maps);
	return rec;
}

static void test_own_functions(void **state)
{
	struct rp_namer_options o = { 0 };
	uint64_t one = (uintptr_t)namer_test_one, two = (uintptr_t)namer_test_two;
	uint64_t libc = (uintptr_t)dlsym(RTLD_DEFAULT, "getppid");
	struct fixture f;

	(void)state;
	open_fixture(&f, &o);
	add_space(&f, own_space(&f));
	/* The first as it is, the others are return addresses: one byte back. */
	add_user(&f, 4, (uint64_t[]){ one, two + 1, two, libc + 1 });
	finish(&f);
	assert_int_equal(f.p->nr_samples, 1);
	assert_string_equal(name(f.p, 1, 0), "namer_test_one");
	assert_string_equal(name(f.p, 1, 1), "namer_test_two");
	assert_string_not_equal(name(f.p, 1, 2), "namer_test_two");
	assert_string_equal(name(f.p, 1, 3), "getppid");
	assert_int_equal(frame(f.p, 1, 0)->address, one);
	assert_int_equal(frame(f.p, 1, 1)->address, two);
	assert_int_equal(frame(f.p, 1, 2)->address, two - 1);
	assert_non_null(strstr(mapping_of(f.p, 1, 0), "test_namer"));
	assert_non_null(strstr(mapping_of(f.p, 1, 3), "libc"));
	/* The program is mapping number 1. */
	assert_int_equal(f.p->main_mapping, frame(f.p, 1, 0)->mapping);
	assert_true(f.p->mappings[f.p->main_mapping].start <= one);
	assert_true(f.p->mappings[f.p->main_mapping].limit > one);
	assert_true(f.p->mappings[f.p->main_mapping].has_functions);
	close_fixture(&f);
}

/* Line i of a location: who, where. */
static void expect_line(const struct rp_profile *p, const struct rp_profile_location *l,
			unsigned int i, const char *function, const char *file, int64_t number)
{
	const struct rp_profile_line *line = &p->lines[l->first_line + i];
	const struct rp_profile_function *f = &p->functions[line->function];
	const char *path = rp_profile_str(p, f->filename);
	size_t length = strlen(path), end = strlen(file);

	assert_string_equal(rp_profile_str(p, f->name), function);
	assert_string_equal(rp_profile_str(p, f->system_name), function);
	assert_true(length >= end && (*file || !*path));
	assert_string_equal(path + length - end, file);
	assert_int_equal(line->line, number);
}

/* One window with a call in an inlined function, seen as options.debug says. */
static void look_at_lines(unsigned int debug)
{
	struct rp_namer_options o = { .debug = debug };
	uint64_t addr[] = { (uintptr_t)namer_test_one, namer_test_outer() };
	bool lines = debug & RP_DEBUG_LINES, inlines = debug & RP_DEBUG_INLINES;
	const char *file = lines ? "/test_namer.c" : "";
	const struct rp_profile_location *l;
	struct fixture f;

	open_fixture(&f, &o);
	add_space(&f, own_space(&f));
	add_user(&f, 2, addr);
	finish(&f);
	assert_null(rp_namer_debug_problem(f.namer));
	assert_int_equal(frame(f.p, 1, 0)->nr_lines, 1);
	l = frame(f.p, 1, 1);
	assert_int_equal(l->nr_lines, inlines ? 2 : 1);
	if (inlines)
		expect_line(f.p, l, 0, "namer_test_inner", file, lines ? INNER_LINE : 0);
	expect_line(f.p, l, inlines, "namer_test_outer", file, lines ? OUTER_LINE : 0);
	assert_int_equal(f.p->mappings[l->mapping].has_lines, lines);
	assert_int_equal(f.p->mappings[l->mapping].has_filenames, lines);
	assert_int_equal(f.p->mappings[l->mapping].has_inlines, inlines);
	assert_true(f.p->mappings[l->mapping].has_functions);
	close_fixture(&f);
}

static void test_lines(void **state)
{
	(void)state;
	look_at_lines(0);
	look_at_lines(RP_DEBUG_LINES);
	look_at_lines(RP_DEBUG_INLINES);
	look_at_lines(RP_DEBUG_LINES | RP_DEBUG_INLINES);
}

/* A mapping of this program's first code, whose file is changed by the caller. */
static struct rp_map *own_map(struct fixture *f, struct rp_space **ret, const char *path)
{
	struct rp_space *own = own_space(f);
	struct rp_map *m, *copy = NULL;
	char *at = (char *)(own + 1);

	*ret = make_space(f->id, 1);
	for (unsigned int i = 0; i < own->nr_maps && !copy; i++, at += m->size) {
		m = (struct rp_map *)at;
		if (!(m->flags & RP_MAP_EXE))
			continue;
		copy = add_map(ret, m->start, m->end, m->offset, path ? path : m->path);
		copy->inode = m->inode;
		copy->dev_major = m->dev_major;
		copy->dev_minor = m->dev_minor;
	}
	free(own);
	assert_non_null(copy);
	return copy;
}

static void expect_unnamed(struct fixture *f, const struct rp_map *m, const char *file)
{
	uint64_t one = (uintptr_t)namer_test_one;
	char expected[300];

	snprintf(expected, sizeof(expected), "%s+0x%llx", file,
		 (unsigned long long)(one - m->start + m->offset));
	add_user(f, 1, &one);
	finish(f);
	assert_string_equal(name(f->p, 1, 0), expected);
	assert_int_equal(frame(f->p, 1, 0)->address, one);
}

/* The file at the path is not the mapped one: no name is better than a wrong one. */
static void test_identity(void **state)
{
	struct rp_namer_options o = { 0 };
	struct rp_space *rec;
	struct fixture f;
	struct rp_map *m;

	(void)state;
	open_fixture(&f, &o);
	m = own_map(&f, &rec, NULL);
	m->inode += 1;
	assert_int_equal(rp_spaces_add(f.spaces, rec), 0);
	expect_unnamed(&f, m, "test_namer");
	free(rec);
	close_fixture(&f);

	open_fixture(&f, &o);
	m = own_map(&f, &rec, NULL);
	m->build_id_len = 20;
	memset(m->build_id, 0xab, 20);
	assert_int_equal(rp_spaces_add(f.spaces, rec), 0);
	expect_unnamed(&f, m, "test_namer");
	assert_string_equal(rp_profile_str(f.p, f.p->mappings[1].build_id),
			    "abababababababababababababababababababab");
	free(rec);
	close_fixture(&f);
}

/* A file that cannot be had has its offset in it as a name. */
static void test_missing_file(void **state)
{
	struct rp_namer_options o = { .proc = "/nonexistent" };
	struct rp_namer_stats stats;
	struct rp_space *rec;
	struct fixture f;
	struct rp_map *m;

	(void)state;
	open_fixture(&f, &o);
	m = own_map(&f, &rec, "/no/such/folder/prog");
	assert_int_equal(rp_spaces_add(f.spaces, rec), 0);
	expect_unnamed(&f, m, "prog");
	assert_string_equal(mapping_of(f.p, 1, 0), "/no/such/folder/prog");
	assert_false(f.p->mappings[1].has_functions);
	rp_namer_stats(f.namer, &stats);
	assert_int_equal(stats.user_unnamed, 1);
	free(rec);
	close_fixture(&f);
}

/* Renamed since it was mapped: /proc/PID/map_files still leads to it. */
static void test_map_files(void **state)
{
	struct rp_namer_options o = { 0 };
	uint64_t one = (uintptr_t)namer_test_one;
	struct rp_space *rec;
	struct fixture f;
	struct rp_map *m;
	char path[64];

	(void)state;
	open_fixture(&f, &o);
	m = own_map(&f, &rec, "/no/such/prog");
	snprintf(path, sizeof(path), "/proc/self/map_files/%llx-%llx",
		 (unsigned long long)m->start, (unsigned long long)m->end);
	if (access(path, R_OK) < 0) {	/* takes privileges that not every builder has */
		free(rec);
		close_fixture(&f);
		skip();
	}
	add_space(&f, rec);
	add_user(&f, 1, &one);
	finish(&f);
	assert_string_equal(name(f.p, 1, 0), "namer_test_one");
	close_fixture(&f);
}

/* Read while the file was to be had, named when it is gone. */
static void test_note(void **state)
{
	struct rp_namer_options o = { 0 };
	uint64_t one = (uintptr_t)namer_test_one;
	char copy[] = "/tmp/test_namer_copy.XXXXXX";
	char hidden[sizeof(copy) + 8];
	int fd = mkstemp(copy);
	const struct rp_aspace *as;
	struct rp_space *rec;
	struct fixture f;
	struct rp_map *m;
	uint64_t inode;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	snprintf(hidden, sizeof(hidden), "%s.hidden", copy);
	inode = copy_own_program(copy);
	for (int noted = 0; noted < 2; noted++) {
		open_fixture(&f, &o);
		m = own_map(&f, &rec, copy);
		m->inode = inode;
		m->flags = RP_MAP_DELETED;	/* not to be looked for later */
		add_space(&f, rec);
		as = rp_spaces_find(f.spaces, &f.id);
		if (!noted)
			assert_int_equal(rename(copy, hidden), 0);
		else
			assert_int_equal(rename(hidden, copy), 0);
		rp_namer_note(f.namer, as, rp_aspace_newest(as));
		if (noted)
			unlink(copy);
		add_user(&f, 1, &one);
		finish(&f);
		if (noted)
			assert_string_equal(name(f.p, 1, 0), "namer_test_one");
		else
			assert_non_null(strstr(name(f.p, 1, 0), "+0x"));
		close_fixture(&f);
	}
}

static void test_no_file(void **state)
{
	struct rp_namer_options o = { 0 };
	const uint64_t addr[] = { 0x10123, 0x20124, 0x99999 };
	struct rp_namer_stats stats;
	struct fixture f;
	struct rp_space *rec;

	(void)state;
	open_fixture(&f, &o);
	rec = make_space(f.id, 1);
	add_map(&rec, 0x10000, 0x11000, 0, "")->flags = RP_MAP_ANON;
	add_map(&rec, 0x20000, 0x21000, 0, "[heap]")->flags = RP_MAP_ANON;
	add_space(&f, rec);
	add_user(&f, 3, addr);
	add_user(&f, 3, addr);
	finish(&f);
	assert_string_equal(name(f.p, 1, 0), "[anon]+0x123");
	assert_string_equal(name(f.p, 1, 1), "[heap]+0x123");
	assert_string_equal(name(f.p, 1, 2), "[unmapped]");
	assert_string_equal(mapping_of(f.p, 1, 0), "[anon]");
	assert_int_equal(frame(f.p, 1, 2)->mapping, 0);
	assert_int_equal(frame(f.p, 1, 2)->address, 0x99998);
	rp_namer_stats(f.namer, &stats);
	assert_int_equal(stats.user_unmapped, 1);
	assert_int_equal(stats.user_unnamed, 2);
	close_fixture(&f);
}

/* The offset in our vdso of a function that it has on every architecture. */
static uint64_t vdso_function(const struct rp_map *m, const char **ret_name)
{
	const void *image = (const void *)(uintptr_t)m->start;
	static char found[128];
	struct rp_elf_symbols *es;
	struct rp_elf_symbol sym;
	uint64_t vaddr;

	assert_int_equal(rp_elf_symbols_from_memory(image, m->end - m->start, "[vdso]", &es,
						    NULL, 0), 0);
	for (vaddr = 0; vaddr < m->end - m->start; vaddr++) {
		if (rp_elf_symbols_lookup(es, vaddr, &sym) || sym.start != vaddr)
			continue;
		snprintf(found, sizeof(found), "%s", sym.name);
		*ret_name = found;
		break;
	}
	assert_true(vaddr < m->end - m->start);
	rp_elf_symbols_free(es);
	return m->start + vaddr;
}

static void test_vdso(void **state)
{
	struct rp_namer_options o = { 0 };
	struct rp_space *rec;
	struct rp_map *m = NULL;
	const char *expected;
	uint64_t address;
	struct fixture f;
	char *at;

	(void)state;
	if (!getauxval(AT_SYSINFO_EHDR))
		skip();
	open_fixture(&f, &o);
	rec = own_space(&f);
	at = (char *)(rec + 1);
	for (unsigned int i = 0; i < rec->nr_maps; i++) {
		m = (struct rp_map *)at;
		if (!strcmp(m->path, "[vdso]"))
			break;
		at += m->size;
	}
	assert_string_equal(m->path, "[vdso]");
	address = vdso_function(m, &expected);
	add_space(&f, rec);
	add_user(&f, 1, &address);
	finish(&f);
	assert_string_equal(name(f.p, 1, 0), expected);
	assert_string_equal(mapping_of(f.p, 1, 0), "[vdso]");
	close_fixture(&f);
}

/* The next window is named anew, by the same namer. */
static void test_two_windows(void **state)
{
	struct rp_namer_options o = { 0 };
	uint64_t one = (uintptr_t)namer_test_one, two = (uintptr_t)namer_test_two;
	struct fixture f;

	(void)state;
	open_fixture(&f, &o);
	add_space(&f, own_space(&f));
	add_user(&f, 1, &one);
	finish(&f);
	rp_window_reset(f.window);
	rp_spaces_trim(f.spaces);
	rp_profile_free(f.p);
	f.p = rp_profile_new();
	assert_int_equal(rp_namer_begin(f.p, 1, 2, 99), 0);
	add_user(&f, 1, &two);
	finish(&f);
	assert_int_equal(f.p->nr_samples, 1);
	assert_string_equal(name(f.p, 1, 0), "namer_test_two");
	close_fixture(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_functions),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_missing_file),
		cmocka_unit_test(test_map_files),
		cmocka_unit_test(test_note),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_vdso),
		cmocka_unit_test(test_two_windows),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
