// SPDX-License-Identifier: GPL-2.0
/* Kernel frames, and what a sample of the profile has besides its stack. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "namer_fixture.h"

static void test_kernel(void **state)
{
	struct rp_namer_options o = { 0 };
	const uint64_t addr[] = {
		KERNEL + 0x210, KERNEL + 0x300, MODULE + 0x20, 0xffffffffc0500010,
		0xffffffffc0500110, 0xffffffffb0000000,
	};
	const struct rp_profile_mapping *m;
	struct fixture f;
	uint64_t i;

	(void)state;
	open_fixture(&f, &o);
	add_kernel(&f, 6, addr);
	finish(&f);
	assert_null(rp_namer_problem(f.namer));
	assert_string_equal(name(f.p, 1, 0), "vfs_read");
	assert_int_equal(frame(f.p, 1, 0)->address, 0x210);
	assert_string_equal(mapping_of(f.p, 1, 0), "[kernel.kallsyms]");
	/* A return address right behind vfs_read belongs to vfs_read. */
	assert_string_equal(name(f.p, 1, 1), "vfs_read");
	assert_int_equal(frame(f.p, 1, 1)->address, 0x2ff);
	assert_string_equal(name(f.p, 1, 2), "ext4_read");
	assert_string_equal(mapping_of(f.p, 1, 2), "[kernel.kallsyms][ext4]");
	assert_int_equal(frame(f.p, 1, 2)->address, 0x1f);
	/* Without a base: by name alone, and told apart by it. */
	assert_string_equal(name(f.p, 1, 3), "bpf_prog_1234");
	assert_string_equal(name(f.p, 1, 4), "bpf_prog_5678");
	assert_int_equal(frame(f.p, 1, 3)->address, 0);
	assert_string_equal(name(f.p, 1, 5), "[kernel]");
	/* Nothing that would tell where the kernel is. */
	for (i = 1; i <= f.p->nr_locations; i++)
		assert_true(f.p->locations[i].address < 1u << 20);
	for (i = 1; i <= f.p->nr_mappings; i++) {
		m = &f.p->mappings[i];
		assert_int_equal(m->start, 0);
		assert_true(m->limit < 1u << 30);
	}
	for (i = 1; i <= f.p->nr_strings; i++)
		assert_null(strstr(f.p->strings[i], "ffffffff"));
	close_fixture(&f);
}

/* What sysfs says; a module that has gone, and generated code, have none. */
static void test_kernel_build_ids(void **state)
{
	static const char dirs[] = "mkdir -p %s/kernel %s/module/ext4/notes && "
		"printf '\\4\\0\\0\\0\\3\\0\\0\\0\\3\\0\\0\\0GNU\\0\\1\\2\\3\\0' >%s/kernel/notes && "
		"printf '\\4\\0\\0\\0\\2\\0\\0\\0\\3\\0\\0\\0GNU\\0\\377\\376\\0\\0' "
		">%s/module/ext4/notes/.note.gnu.build-id";
	const uint64_t addr[] = { KERNEL + 0x210, MODULE + 0x20, 0xffffffffc0500010 };
	char sysfs[] = "/tmp/test_namer_sysfs.XXXXXX", command[512];
	struct rp_namer_options o = { .sysfs = sysfs };
	const char *want[] = { "010203", "fffe", "" };
	struct fixture f;
	int i;

	(void)state;
	assert_non_null(mkdtemp(sysfs));
	snprintf(command, sizeof(command), dirs, sysfs, sysfs, sysfs, sysfs);
	assert_int_equal(system(command), 0);
	open_fixture(&f, &o);
	add_kernel(&f, 3, addr);
	finish(&f);
	for (i = 0; i < 3; i++)
		assert_string_equal(rp_profile_str(f.p, f.p->mappings[frame(f.p, 1, i)->mapping]
						   .build_id), want[i]);
	close_fixture(&f);
	snprintf(command, sizeof(command), "rm -r %s", sysfs);
	assert_int_equal(system(command), 0);
}

static void test_kernel_hidden(void **state)
{
	struct rp_namer_options o = { 0 };
	const uint64_t addr[] = { KERNEL + 0x210, KERNEL + 0x300 };
	struct rp_profile *p;
	struct fixture f;

	(void)state;
	open_fixture(&f, &o);
	rp_namer_free(f.namer);
	write_file(kallsyms, "0000000000000000 T _text\n0000000000000000 T vfs_read\n");
	f.namer = rp_namer_new(&o);
	add_kernel(&f, 2, addr);
	add_kernel(&f, 1, addr);
	finish(&f);
	p = f.p;
	assert_non_null(rp_namer_problem(f.namer));
	assert_int_equal(p->nr_samples, 1);
	assert_int_equal(p->stacks[p->samples[1].stack].nr, 1);
	assert_string_equal(name(p, 1, 0), "[kernel]");
	assert_int_equal(frame(p, 1, 0)->address, 0);
	assert_string_equal(mapping_of(p, 1, 0), "[kernel.kallsyms]");
	assert_int_equal(rp_profile_values(p, 1)[0], 2);
	close_fixture(&f);
}

/* ---- samples ------------------------------------------------------------------- */

static void test_profile(void **state)
{
	struct rp_namer_options o = { 0 };
	const uint64_t addr[] = { KERNEL + 0x210, 0x10123, 0x10200 };
	struct rp_space *rec;
	struct rp_sample *s;
	struct fixture f;

	(void)state;
	open_fixture(&f, &o);
	for (uint32_t gen = 1; gen <= 2; gen++) {
		rec = make_space(f.id, gen);
		add_map(&rec, 0x10000, 0x11000, 0, "")->flags = RP_MAP_ANON;
		add_space(&f, rec);
		/* Two map_gens and two addresses, and the same once they have names. */
		s = make_sample(f.id, gen, 1, 2, addr);
		s->tid = 4711;
		s->user_stop = RP_STOP_FRAME;
		s->count = 5;
		s->flags |= RP_SAMPLE_FP_FRAMES;
		add_sample(&f, s, 0);
	}
	finish(&f);
	assert_int_equal(f.p->nr_samples, 1);
	assert_int_equal(rp_profile_values(f.p, 1)[0], 10);
	assert_int_equal(rp_profile_values(f.p, 1)[1], 2000);
	assert_string_equal(name(f.p, 1, 0), "vfs_read");
	assert_string_equal(name(f.p, 1, 1), "[anon]+0x123");
	assert_string_equal(name(f.p, 1, 2), "[anon]+0x1ff");

	assert_int_equal(label(f.p, 1, "pid")->num, getpid());
	assert_int_equal(label(f.p, 1, "thread_id")->num, 4711);
	assert_int_equal(label(f.p, 1, "cpu")->num, 0);
	assert_int_equal(label(f.p, 1, "cpu")->str, 0);
	assert_string_equal(label_text(f.p, 1, "comm"), "thread");
	assert_string_equal(label_text(f.p, 1, "process"), "process");
	assert_string_equal(label_text(f.p, 1, "user_truncated"), "frame");
	assert_string_equal(label_text(f.p, 1, "user_unwound"), "frame-pointers");
	assert_null(label_text(f.p, 1, "kernel_truncated"));

	assert_int_equal(f.p->nr_types, 2);
	assert_string_equal(rp_profile_str(f.p, f.p->types[0].type), "samples");
	assert_string_equal(rp_profile_str(f.p, f.p->types[1].unit), "nanoseconds");
	assert_string_equal(rp_profile_str(f.p, f.p->default_type), "cpu");
	assert_int_equal(f.p->period, 1000000000 / 99);
	assert_int_equal(f.p->time_nanos, 1000);
	assert_int_equal(f.p->duration_nanos, 2000);
	close_fixture(&f);
}

/* A space with one mapping, of no file, up to 0x11000. */
static void add_anon(struct fixture *f, struct rp_space_id id, uint64_t start)
{
	struct rp_space *rec = make_space(id, 1);

	add_map(&rec, start, 0x11000, 0, "")->flags = RP_MAP_ANON;
	add_space(f, rec);
}

/* What a frame pointer says may be anything: what lies nowhere is no caller. */
static void test_callers_that_are_none(void **state)
{
	const uint64_t addr[] = { 0x10124, 0x10200, 0x99999, 0x10300 };
	struct rp_namer_options o = { 0 };
	struct rp_sample *s;
	struct fixture f;

	(void)state;
	open_fixture(&f, &o);
	add_anon(&f, f.id, 0x10000);
	s = make_sample(f.id, 1, 0, 4, addr);
	s->flags = RP_SAMPLE_FP_FRAMES;
	add_sample(&f, s, 0);
	/* Nobody's guess: it may be a mapping that was never told. */
	add_sample(&f, make_sample(f.id, 1, 0, 4, addr), 1);
	/* The code that was interrupted is not guessed either. */
	s = make_sample(f.id, 1, 0, 1, &addr[2]);
	s->flags = RP_SAMPLE_FP_FRAMES;
	add_sample(&f, s, 2);
	finish(&f);
	assert_int_equal(f.p->nr_samples, 3);
	assert_int_equal(f.p->stacks[f.p->samples[1].stack].nr, 2);
	assert_string_equal(name(f.p, 1, 1), "[anon]+0x1ff");
	assert_string_equal(label_text(f.p, 1, "user_truncated"), "frame");
	assert_int_equal(f.p->stacks[f.p->samples[2].stack].nr, 4);
	assert_string_equal(name(f.p, 2, 2), "[unmapped]");
	assert_null(label_text(f.p, 2, "user_truncated"));
	assert_string_equal(name(f.p, 3, 0), "[unmapped]");
	close_fixture(&f);
}

static void add_user_of(struct fixture *f, struct rp_space_id id, uint32_t flags, unsigned int nr,
			const uint64_t *addr)
{
	struct rp_sample *s = make_sample(id, 1, 0, nr, addr);

	s->flags = flags;
	add_sample(f, s, 0);
}

static void expect_names(const struct rp_profile *p, uint64_t id, unsigned int nr,
			 const char *const *names)
{
	unsigned int i;

	assert_int_equal(p->stacks[p->samples[id].stack].nr, nr);
	for (i = 0; i < nr; i++)
		assert_string_equal(name(p, id, i), names[i]);
}

/* Callers that the stack before had are not looked up again: they have to be the same ones. */
static void test_callers_in_common(void **state)
{
	static const uint64_t first[] = { 0x10124, 0x10200, 0x10300, 0x10400 },
		leaf[] = { 0x10128, 0x10200, 0x10300, 0x10400 },
		shorter[] = { 0x10200, 0x10300, 0x10400 },
		caller[] = { 0x10124, 0x10208, 0x10300, 0x10400 },
		root[] = { 0x10400 }, none[] = { 0x10124, 0x99999, 0x10300, 0x10400 };
	static const char *const callers[] = {
		"[anon]+0x128", "[anon]+0x1ff", "[anon]+0x2ff", "[anon]+0x3ff",
	};
	const struct rp_space_id other = space_id(2, 1, 1);
	struct rp_namer_options o = { 0 };
	struct fixture f;

	(void)state;
	open_fixture(&f, &o);
	add_anon(&f, f.id, 0x10000);
	add_anon(&f, other, 0x10100);
	add_user_of(&f, f.id, 0, 4, first);
	add_user_of(&f, f.id, 0, 4, leaf);
	add_user_of(&f, f.id, RP_SAMPLE_FP_FRAMES, 3, shorter);
	add_user_of(&f, f.id, 0, 4, caller);
	add_user_of(&f, f.id, 0, 1, root);
	add_user_of(&f, other, 0, 4, leaf);
	add_user_of(&f, f.id, 0, 4, none);
	add_user_of(&f, f.id, RP_SAMPLE_FP_FRAMES, 4, none);
	add_user_of(&f, f.id, RP_SAMPLE_FP_FRAMES, 4, leaf);
	finish(&f);
	assert_int_equal(f.p->nr_samples, 9);
	expect_names(f.p, 1, 4, (const char *[]){ "[anon]+0x124", callers[1], callers[2],
						   callers[3] });
	expect_names(f.p, 2, 4, callers);
	assert_ptr_equal(frame(f.p, 1, 1), frame(f.p, 2, 1));
	expect_names(f.p, 3, 3, (const char *[]){ "[anon]+0x200", callers[2], callers[3] });
	expect_names(f.p, 4, 4, (const char *[]){ "[anon]+0x124", "[anon]+0x207", callers[2],
						   callers[3] });
	expect_names(f.p, 5, 1, (const char *[]){ "[anon]+0x400" });
	expect_names(f.p, 6, 4, (const char *[]){ "[anon]+0x28", "[anon]+0xff", "[anon]+0x1ff",
						   "[anon]+0x2ff" });
	expect_names(f.p, 7, 4, (const char *[]){ "[anon]+0x124", "[unmapped]", callers[2],
						   callers[3] });
	expect_names(f.p, 8, 1, (const char *[]){ "[anon]+0x124" });
	assert_string_equal(label_text(f.p, 8, "user_truncated"), "frame");
	expect_names(f.p, 9, 4, callers);
	close_fixture(&f);
}

static void test_kernel_threads(void **state)
{
	struct rp_namer_options o = { 0 };
	const uint64_t addr[] = { KERNEL + 0x210 };
	struct rp_sample *s;
	struct fixture f;

	(void)state;
	open_fixture(&f, &o);
	s = make_sample((struct rp_space_id){ 0 }, 0, 1, 0, addr);
	s->tid = 33;
	s->flags = RP_SAMPLE_KTHREAD;
	strcpy(s->comm, "kworker/0:1");
	add_sample(&f, s, 1);
	s = make_sample((struct rp_space_id){ 0 }, 0, 1, 0, addr);
	s->flags = RP_SAMPLE_IDLE_TASK;
	strcpy(s->comm, "swapper/3");
	add_sample(&f, s, 3);
	finish(&f);
	assert_int_equal(f.p->nr_samples, 2);
	assert_string_equal(label_text(f.p, 1, "process"), "[kworker/0:1]");
	assert_string_equal(label_text(f.p, 1, "comm"), "kworker/0:1");
	assert_int_equal(label(f.p, 1, "pid")->num, 33);
	assert_string_equal(label_text(f.p, 2, "process"), "[swapper]");
	assert_int_equal(label(f.p, 2, "pid")->num, 0);
	assert_int_equal(label(f.p, 2, "cpu")->num, 3);
	close_fixture(&f);
}

/* ---- callbacks ----------------------------------------------------------------- */

struct chooser {
	struct rp_profile *first, *second;
	unsigned int chosen, labelled;
};

static struct rp_profile *choose(void *arg, struct rp_aspace *as, const struct rp_maps *maps)
{
	struct chooser *c = arg;

	(void)maps;
	c->chosen++;
	return as->id.tgid == 1 ? c->first : as->id.tgid == 2 ? c->second : NULL;
}

static unsigned int add_service(void *arg, struct rp_profile *p, struct rp_aspace *as,
				const struct rp_maps *maps, struct rp_profile_label *ret,
				unsigned int room)
{
	struct chooser *c = arg;

	assert_non_null(maps);
	assert_true(room > 10);
	c->labelled++;
	ret[0] = (struct rp_profile_label){
		.key = rp_profile_string(p, "service.name"),
		.str = rp_profile_string(p, as->id.tgid == 1 ? "one" : "two"),
	};
	return 1;
}

static void test_callbacks(void **state)
{
	struct chooser c = { .first = rp_profile_new(), .second = rp_profile_new() };
	struct rp_namer_options o = { .profile = choose, .labels = add_service, .arg = &c };
	const uint64_t addr[] = { 0x10123, 0x10200 };
	struct fixture f;

	(void)state;
	open_fixture(&f, &o);
	assert_int_equal(rp_namer_begin(c.first, 1, 2, 99), 0);
	assert_int_equal(rp_namer_begin(c.second, 1, 2, 99), 0);
	for (uint32_t tgid = 1; tgid <= 3; tgid++) {
		add_anon(&f, space_id(tgid, 1, 1), 0x10000);
		add_sample(&f, make_sample(space_id(tgid, 1, 1), 1, 0, 1, addr), 0);
		add_sample(&f, make_sample(space_id(tgid, 1, 1), 1, 0, 1, addr + 1), 0);
	}
	finish(&f);
	assert_int_equal(c.chosen, 3);
	assert_int_equal(c.labelled, 2);
	assert_int_equal(f.p->nr_samples, 0);
	assert_int_equal(c.first->nr_samples, 2);
	assert_int_equal(c.second->nr_samples, 2);
	assert_string_equal(label_text(c.first, 2, "service.name"), "one");
	assert_string_equal(label_text(c.second, 1, "service.name"), "two");
	assert_string_equal(name(c.second, 2, 0), "[anon]+0x200");
	rp_profile_free(c.first);
	rp_profile_free(c.second);
	close_fixture(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kernel),
		cmocka_unit_test(test_kernel_build_ids),
		cmocka_unit_test(test_kernel_hidden),
		cmocka_unit_test(test_profile),
		cmocka_unit_test(test_callers_that_are_none),
		cmocka_unit_test(test_callers_in_common),
		cmocka_unit_test(test_kernel_threads),
		cmocka_unit_test(test_callbacks),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
