// SPDX-License-Identifier: GPL-2.0
/*
 * Files are read while they are there: the program and plug-ins when their mappings come,
 * others with the first sample that lies in them, whichever of the two comes first. When
 * the window is closed, the files of these tests are gone.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "collector.h"
#include "namer_fixture.h"
#include "own_budget_fixture.h"
#include "own_program.h"

__attribute__((noinline)) void prompt_test_function(void);
void prompt_test_function(void)
{
	__asm__ volatile("" ::: "memory");
}

/* A process that has mapped a copy of this program, which may be deleted. */
struct process {
	struct fixture f;
	struct rp_collector collector;
	char copy[40];
	struct own_code code;
	uint64_t inode;
};

static void note(void *arg, struct rp_aspace *as, const struct rp_maps *maps)
{
	struct process *p = arg;

	rp_namer_note(p->f.namer, as, maps);
}

static struct rp_own_budget *budget;	/* NULL: none */

static void begin(struct process *p)
{
	const struct rp_spaces_options spaces = { .mapped = note, .arg = p };
	struct rp_namer_options o = { .proc = "/nonexistent", .budget = budget };
	int fd;

	strcpy(p->copy, "/tmp/test_namer_prompt.XXXXXX");
	fd = mkstemp(p->copy);
	assert_true(fd >= 0);
	close(fd);
	p->inode = copy_own_program(p->copy);
	p->code = own_code_at((uintptr_t)prompt_test_function);
	open_fixture(&p->f, &o);
	rp_spaces_free(p->f.spaces);
	p->f.spaces = rp_spaces_new(&spaces);
	assert_non_null(p->f.spaces);
	p->collector = (struct rp_collector){
		.spaces = p->f.spaces, .window = p->f.window, .namer = p->f.namer,
	};
}

static void take(struct process *p, const void *rec)
{
	rp_collector_record(&p->collector, 0, rec);
}

/* As whoever has nothing else to do then. */
static void collect(struct process *p, const void *rec)
{
	take(p, rec);
	while (!rp_namer_read(p->f.namer))
		;
}

/* To be freed. */
static struct rp_space *space_of(struct process *p, uint32_t map_gen, uint32_t flags)
{
	struct rp_space *rec = make_space(p->f.id, map_gen);
	struct rp_map *m = add_map(&rec, p->code.start, p->code.end, p->code.offset, p->copy);

	m->inode = p->inode;
	m->flags = flags;
	return rec;
}

static void collect_space(struct process *p, uint32_t map_gen, uint32_t flags)
{
	struct rp_space *rec = space_of(p, map_gen, flags);

	collect(p, rec);
	free(rec);
}

static void collect_sample(struct process *p, uint32_t map_gen)
{
	uint64_t addr = (uintptr_t)prompt_test_function;
	struct rp_sample *s = make_sample(p->f.id, map_gen, 0, 1, &addr);

	collect(p, s);
	free(s);
}

/* The file goes, the window is closed. */
static void end(struct process *p, bool named)
{
	unlink(p->copy);
	finish(&p->f);
	if (named)
		assert_string_equal(name(p->f.p, 1, 0), "prompt_test_function");
	else
		assert_non_null(strstr(name(p->f.p, 1, 0), "+0x"));
	assert_string_equal(mapping_of(p->f.p, 1, 0), p->copy);
	close_fixture(&p->f);
}

static void test_program(void **state)
{
	struct process p;

	(void)state;
	begin(&p);
	collect_space(&p, 1, RP_MAP_EXE);
	unlink(p.copy);
	collect_sample(&p, 1);
	end(&p, true);
}

/* A library costs nothing before a sample lies in it. */
static void test_library(void **state)
{
	struct process p;

	(void)state;
	begin(&p);
	collect_space(&p, 1, 0);
	collect_sample(&p, 1);
	end(&p, true);

	begin(&p);
	collect_space(&p, 1, 0);
	unlink(p.copy);
	collect_sample(&p, 1);
	end(&p, false);
}

/* What the process maps later is read at once, as are the files that such samples lie in. */
static void test_plugin(void **state)
{
	struct rp_space *rec;
	struct process p;

	(void)state;
	begin(&p);
	rec = make_space(p.f.id, 1);
	add_map(&rec, 0x1000, 0x2000, 0, "/no/such/program");
	collect(&p, rec);
	free(rec);
	collect_space(&p, 2, 0);
	unlink(p.copy);
	collect_sample(&p, 2);
	end(&p, true);
}

/* The first samples come before the mappings. */
static void test_early(void **state)
{
	struct process p;

	(void)state;
	begin(&p);
	collect_sample(&p, 0);
	collect_space(&p, 1, 0);
	end(&p, true);
}

/* A file is opened at once, and not read before the rings are empty: others may wait there. */
static void test_files_wait(void **state)
{
	struct rp_namer_stats before, then;
	struct rp_space *rec;
	struct process p;

	(void)state;
	begin(&p);
	rp_namer_stats(p.f.namer, &before);
	rec = space_of(&p, 1, RP_MAP_EXE);
	take(&p, rec);
	free(rec);
	unlink(p.copy);
	rp_namer_stats(p.f.namer, &then);
	assert_int_equal(then.symbol_bytes, before.symbol_bytes);
	rp_namer_read(p.f.namer);
	rp_namer_stats(p.f.namer, &then);
	assert_true(then.symbol_bytes > before.symbol_bytes);
	collect_sample(&p, 1);
	end(&p, true);
}

/* What waits when the window is closed is read for it. */
static void test_what_waits_is_read(void **state)
{
	uint64_t addr = (uintptr_t)prompt_test_function;
	struct rp_sample *s;
	struct process p;

	(void)state;
	begin(&p);
	collect_space(&p, 1, 0);
	s = make_sample(p.f.id, 1, 0, 1, &addr);
	take(&p, s);
	free(s);
	finish(&p.f);
	assert_string_equal(name(p.f.p, 1, 0), "prompt_test_function");
	assert_int_equal(rp_namer_read(p.f.namer), -1);
	unlink(p.copy);
	close_fixture(&p.f);
}

static uint64_t put_off(const struct process *p)
{
	struct rp_namer_stats s;

	rp_namer_stats(p->f.namer, &s);
	return s.put_off;
}

static void new_profile(struct process *p)
{
	rp_profile_free(p->f.p);
	p->f.p = rp_profile_new();
	assert_non_null(p->f.p);
	assert_int_equal(rp_namer_begin(p->f.p, 1000, 2000, 99), 0);
	rp_window_reset(p->f.window);
}

/* Ahead of need half of the budget is left; the end of a window may have it. */
static void test_the_end_has_the_rest_of_the_budget(void **state)
{
	struct process p;

	(void)state;
	budget = make_budget();
	begin(&p);
	spend_budget(1);
	collect_space(&p, 1, RP_MAP_EXE);
	assert_int_equal(rp_namer_read(p.f.namer), 30500);
	assert_int_equal(rp_namer_read_last(p.f.namer), 500);
	/* A quarter of it is there again. */
	__atomic_add_fetch(&budget_now, BUDGET_MINUTE / 4, __ATOMIC_SEQ_CST);
	assert_int_equal(rp_namer_read(p.f.namer), 15500);
	assert_int_equal(rp_namer_read_last(p.f.namer), -1);
	collect_sample(&p, 1);
	end(&p, true);
	rp_own_budget_free(budget);
	budget = NULL;
}

/* A window is closed all the same, and the next one that can has its names. */
static void test_names_come_later(void **state)
{
	struct process p;

	(void)state;
	budget = make_budget();
	begin(&p);
	spend_budget(2);
	collect_space(&p, 1, 0);
	collect_sample(&p, 1);
	finish(&p.f);
	assert_non_null(strstr(name(p.f.p, 1, 0), "+0x"));
	assert_string_equal(mapping_of(p.f.p, 1, 0), p.copy);
	assert_false(p.f.p->mappings[frame(p.f.p, 1, 0)->mapping].has_functions);
	assert_int_equal(put_off(&p), 1);
	assert_int_equal(rp_namer_read(p.f.namer), -1);

	new_profile(&p);
	pass_minutes(2);
	collect_sample(&p, 1);
	assert_int_equal(put_off(&p), 1);
	end(&p, true);
	rp_own_budget_free(budget);
	budget = NULL;
}

/* What was read stays named, whatever there is left. */
static void test_what_is_known_needs_no_budget(void **state)
{
	struct process p;

	(void)state;
	budget = make_budget();
	begin(&p);
	collect_space(&p, 1, 0);
	collect_sample(&p, 1);
	spend_budget(2);
	finish(&p.f);
	assert_string_equal(name(p.f.p, 1, 0), "prompt_test_function");
	assert_int_equal(put_off(&p), 0);
	/* Nor does memory that is short take it from the window. */
	rp_namer_save_memory(p.f.namer, 0);
	new_profile(&p);
	collect_sample(&p, 1);
	end(&p, true);
	rp_own_budget_free(budget);
	budget = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_program),
		cmocka_unit_test(test_library),
		cmocka_unit_test(test_plugin),
		cmocka_unit_test(test_early),
		cmocka_unit_test(test_files_wait),
		cmocka_unit_test(test_what_waits_is_read),
		cmocka_unit_test(test_the_end_has_the_rest_of_the_budget),
		cmocka_unit_test(test_names_come_later),
		cmocka_unit_test(test_what_is_known_needs_no_budget),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
