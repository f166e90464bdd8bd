// SPDX-License-Identifier: GPL-2.0
/*
 * Lines and inlined functions of this very program, as libdw says them: of every row of its
 * line programs, and of addresses in all of its functions.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "debug_info.h"

#define FRAMES 128

static int fd;
static Dwarf *oracle;

/* ---- what is asked ------------------------------------------------------------------ */

struct list {
	uint64_t *address;
	size_t nr, room;
};

static void add(struct list *l, uint64_t address)
{
	if (l->nr == l->room) {
		l->room = l->room ? l->room * 2 : 1024;
		l->address = realloc(l->address, l->room * sizeof(*l->address));
		assert_non_null(l->address);
	}
	l->address[l->nr++] = address;
}

static int compare(const void *va, const void *vb)
{
	uint64_t a = *(const uint64_t *)va, b = *(const uint64_t *)vb;

	return a < b ? -1 : a > b;
}

/* Ascending, each once. */
static void settle(struct list *l)
{
	size_t i, n = 0;

	qsort(l->address, l->nr, sizeof(*l->address), compare);
	for (i = 0; i < l->nr; i++)
		if (!i || l->address[i] != l->address[n - 1])
			l->address[n++] = l->address[i];
	l->nr = n;
}

static void find(unsigned int what, const struct list *l, struct rp_debug_places *places)
{
	struct rp_debug_info *info;
	char text[512];

	assert_int_equal(rp_debug_info_open(fd, "self", NULL, &info, text, sizeof(text)), 0);
	assert_int_equal(rp_debug_info_find(info, what, l->address, l->nr, places), 0);
	if (rp_debug_info_said(info, text, sizeof(text)))
		fail_msg("%s", text);
	rp_debug_info_close(info);
}

/* ---- lines ---------------------------------------------------------------------------- */

static void each_row(void (*row)(Dwarf_Lines *lines, size_t i, size_t nr, void *arg), void *arg)
{
	Dwarf_Off at = 0, next;
	size_t head, nr, i;
	Dwarf_Lines *lines;
	Dwarf_Die die;

	for (; !dwarf_nextcu(oracle, at, &next, &head, NULL, NULL, NULL); at = next) {
		if (!dwarf_offdie(oracle, at + head, &die) ||
		    dwarf_getsrclines(&die, &lines, &nr))
			continue;
		for (i = 0; i < nr; i++)
			row(lines, i, nr, arg);
	}
}

/* The last row of an address counts, and none that ends a sequence. */
static bool counts(Dwarf_Lines *lines, size_t i, size_t nr, Dwarf_Addr *ret)
{
	Dwarf_Line *line = dwarf_onesrcline(lines, i);
	Dwarf_Addr next = 0;
	bool ends;

	assert_int_equal(dwarf_lineendsequence(line, &ends), 0);
	assert_int_equal(dwarf_lineaddr(line, ret), 0);
	if (i + 1 < nr)
		assert_int_equal(dwarf_lineaddr(dwarf_onesrcline(lines, i + 1), &next), 0);
	return !ends && next > *ret;
}

static void add_row(Dwarf_Lines *lines, size_t i, size_t nr, void *arg)
{
	Dwarf_Addr address;

	if (counts(lines, i, nr, &address))
		add(arg, address);
}

struct checking {
	struct rp_debug_places *places;
	size_t checked;
};

/* libdw leaves a path as it was given to the compiler; ours begins where that ran. */
static void check_path(const char *ours, const char *theirs)
{
	size_t n = strlen(ours), m = strlen(theirs);

	assert_true(*ours == '/' && n >= m);
	assert_string_equal(ours + (n - m), theirs);
	assert_true(n == m || (*theirs != '/' && ours[n - m - 1] == '/'));
}

static void check_row(Dwarf_Lines *lines, size_t i, size_t nr, void *arg)
{
	struct checking *c = arg;
	struct rp_debug_frame f;
	Dwarf_Addr address;
	unsigned int n;
	int number;

	if (!counts(lines, i, nr, &address))
		return;
	assert_true(rp_debug_places_get(c->places, address, &f, 1, &n));
	assert_int_equal(n, 1);
	assert_int_equal(dwarf_lineno(dwarf_onesrcline(lines, i), &number), 0);
	assert_int_equal(f.line, number);
	check_path(f.file, dwarf_linesrc(dwarf_onesrcline(lines, i), NULL, NULL));
	c->checked++;
}

static void lines_are_those_of_libdw(void **state)
{
	struct rp_debug_places places = { 0 };
	struct checking c = { .places = &places };
	struct list l = { 0 };

	(void)state;
	each_row(add_row, &l);
	settle(&l);
	find(RP_DEBUG_LINES, &l, &places);
	each_row(check_row, &c);
	assert_true(c.checked > 3000);
	rp_debug_places_free(&places);
	free(l.address);
}

/* ---- functions ------------------------------------------------------------------------ */

static const char *name_of(Dwarf_Die *die)
{
	Dwarf_Attribute a;
	const char *name;

	if (dwarf_attr_integrate(die, DW_AT_linkage_name, &a))
		return dwarf_formstring(&a);
	name = dwarf_diename(die);
	return name ? name : "";
}

/* The chain of a function and those inlined there, outermost first. */
static void chain(Dwarf_Die *scope, Dwarf_Addr pc, Dwarf_Die *ret, unsigned int *nr)
{
	Dwarf_Die child;
	int tag;

	if (dwarf_child(scope, &child))
		return;
	do {
		tag = dwarf_tag(&child);
		if (tag == DW_TAG_lexical_block) {
			if (dwarf_haspc(&child, pc) != 0)
				chain(&child, pc, ret, nr);
		} else if (tag == DW_TAG_inlined_subroutine && dwarf_haspc(&child, pc) > 0) {
			assert_true(*nr < FRAMES);
			ret[(*nr)++] = child;
			chain(&child, pc, ret, nr);
			return;
		}
	} while (!dwarf_siblingof(&child, &child));
}

static void each_function(void (*function)(Dwarf_Die *die, void *arg), void *arg)
{
	Dwarf_Off at = 0, next;
	Dwarf_Die die, child;
	Dwarf_Addr low;
	size_t head;

	for (; !dwarf_nextcu(oracle, at, &next, &head, NULL, NULL, NULL); at = next) {
		if (!dwarf_offdie(oracle, at + head, &die) || dwarf_child(&die, &child))
			continue;
		do {
			if (dwarf_tag(&child) == DW_TAG_subprogram &&
			    !dwarf_lowpc(&child, &low) && low)
				function(&child, arg);
		} while (!dwarf_siblingof(&child, &child));
	}
}

static void add_function(Dwarf_Die *die, void *arg)
{
	Dwarf_Addr low = 0, high = 0, pc;

	dwarf_lowpc(die, &low);
	dwarf_highpc(die, &high);
	for (pc = low; pc < high; pc += 7)
		add(arg, pc);
}

static void check_chain(struct checking *c, Dwarf_Die *function, Dwarf_Addr pc)
{
	struct rp_debug_frame frame[FRAMES];
	unsigned int nr = 1, n, i;
	Dwarf_Die die[FRAMES];
	Dwarf_Attribute a;
	Dwarf_Word line;

	die[0] = *function;
	chain(function, pc, die, &nr);
	assert_true(rp_debug_places_get(c->places, pc, frame, FRAMES, &n));
	assert_int_equal(n, nr);
	for (i = 0; i < nr; i++) {
		assert_string_equal(frame[nr - 1 - i].function, name_of(&die[i]));
		if (!i)
			continue;
		assert_non_null(dwarf_attr(&die[i], DW_AT_call_line, &a));
		assert_int_equal(dwarf_formudata(&a, &line), 0);
		assert_int_equal(frame[nr - i].line, line);
		assert_string_not_equal(frame[nr - i].file, "");
	}
	c->checked += nr > 1;
}

static void check_function(Dwarf_Die *die, void *arg)
{
	Dwarf_Addr low = 0, high = 0, pc;

	dwarf_lowpc(die, &low);
	dwarf_highpc(die, &high);
	for (pc = low; pc < high; pc += 7)
		check_chain(arg, die, pc);
}

static void inlined_functions_are_those_of_libdw(void **state)
{
	struct rp_debug_places places = { 0 };
	struct checking c = { .places = &places };
	struct list l = { 0 };

	(void)state;
	each_function(add_function, &l);
	settle(&l);
	find(RP_DEBUG_LINES | RP_DEBUG_INLINES, &l, &places);
	each_function(check_function, &c);
	assert_true(c.checked > 1000);
	rp_debug_places_free(&places);
	free(l.address);
}

/* ---- asking --------------------------------------------------------------------------- */

static void addresses_nobody_knows(void **state)
{
	uint64_t at[] = { 0, 1, 0xfff, UINT64_MAX - 1, UINT64_MAX };
	struct list l = { .address = at, .nr = 5 };
	struct rp_debug_places places = { 0 };
	struct rp_debug_frame f;
	unsigned int n, i;

	(void)state;
	find(RP_DEBUG_LINES | RP_DEBUG_INLINES, &l, &places);
	for (i = 0; i < l.nr; i++) {
		assert_true(rp_debug_places_get(&places, at[i], &f, 1, &n));
		assert_int_equal(n, 1);
		assert_string_equal(f.function, "");
		assert_string_equal(f.file, "");
		assert_int_equal(f.line, 0);
	}
	assert_false(rp_debug_places_get(&places, 2, &f, 1, &n));
	rp_debug_places_free(&places);
}

static void one_at_a_time_is_the_same_as_all_at_once(void **state)
{
	struct rp_debug_places all = { 0 }, each = { 0 };
	struct rp_debug_frame a[FRAMES], b[FRAMES];
	struct rp_debug_info *info;
	struct list l = { 0 };
	unsigned int n, m, f;
	size_t i, step;

	(void)state;
	each_function(add_function, &l);
	settle(&l);
	step = l.nr / 40 + 1;
	find(RP_DEBUG_LINES | RP_DEBUG_INLINES, &l, &all);
	assert_int_equal(rp_debug_info_open(fd, "self", NULL, &info, NULL, 0), 0);
	for (i = l.nr - 1; i > step; i -= step) {
		assert_int_equal(rp_debug_info_find(info, RP_DEBUG_LINES | RP_DEBUG_INLINES,
						    &l.address[i], 1, &each), 0);
		assert_true(rp_debug_places_get(&all, l.address[i], a, FRAMES, &n));
		assert_true(rp_debug_places_get(&each, l.address[i], b, FRAMES, &m));
		assert_int_equal(n, m);
		for (f = 0; f < n; f++) {
			assert_string_equal(a[f].function, b[f].function);
			assert_string_equal(a[f].file, b[f].file);
			assert_int_equal(a[f].line, b[f].line);
		}
	}
	rp_debug_info_close(info);
	rp_debug_places_free(&all);
	rp_debug_places_free(&each);
	free(l.address);
}

static void without_debugging_data(void **state)
{
	struct rp_debug_info *info = NULL;
	char text[256] = "";
	int other = open("/dev/null", O_RDONLY), program;

	(void)state;
	assert_int_equal(rp_debug_info_open(other, "null", NULL, &info, text, sizeof(text)), -ENOTSUP);
	assert_non_null(strstr(text, "null: is not a regular file"));
	assert_int_equal(rp_debug_info_open_memory("hello", 5, "text", &info, text,
						   sizeof(text)), -ENOEXEC);
	program = open("/bin/true", O_RDONLY);
	assert_true(program >= 0);
	assert_int_equal(rp_debug_info_open(program, "true", NULL, &info, text, sizeof(text)),
			 -ENODATA);
	assert_string_equal(text, "true: has no debugging data");
	assert_null(info);
	close(program);
	close(other);
}

static void strings_are_kept_once(void **state)
{
	struct rp_string_pool pool = { 0 };
	uint32_t id[1000], i;
	char text[32];

	(void)state;
	assert_int_equal(rp_string_pool_add(&pool, "", 0), 0);
	assert_string_equal(rp_string_pool_get(&pool, 0), "");
	for (i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "name\n%u", i);
		id[i] = rp_string_pool_add(&pool, text, strlen(text));
		assert_int_not_equal(id[i], 0);
	}
	for (i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "name\n%u", i);
		assert_int_equal(rp_string_pool_add(&pool, text, strlen(text)), id[i]);
		text[4] = '?';
		assert_string_equal(rp_string_pool_get(&pool, id[i]), text);
	}
	assert_false(pool.partial);
	rp_string_pool_free(&pool);
}

static int set_up(void **state)
{
	(void)state;
	fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	oracle = fd < 0 ? NULL : dwarf_begin(fd, DWARF_C_READ);
	return oracle ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	dwarf_end(oracle);
	close(fd);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_those_of_libdw),
		cmocka_unit_test(inlined_functions_are_those_of_libdw),
		cmocka_unit_test(addresses_nobody_knows),
		cmocka_unit_test(one_at_a_time_is_the_same_as_all_at_once),
		cmocka_unit_test(without_debugging_data),
		cmocka_unit_test(strings_are_kept_once),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
