/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of the namer share: spaces, a window and a profile, a kernel made of
 * two files, and what a finished profile says about a frame.
 */
#ifndef TEST_NAMER_FIXTURE_H
#define TEST_NAMER_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "namer.h"
#include "records.h"

#define KERNEL 0xffffffff9a000000ull	/* where KASLR put it */
#define MODULE 0xffffffffc0400000ull

static char kallsyms[] = "/tmp/test_namer.XXXXXX";
static char modules[] = "/tmp/test_namer.XXXXXX";

static const char kernel_list[] =
	"ffffffff9a000000 T _text\n"
	"ffffffff9a000200 T vfs_read\n"
	"ffffffff9a000300 T ksys_read\n"
	"ffffffff9a000400 T last_function\n"
	"ffffffff9a000500 T _etext\n"
	"ffffffffc0400010 t ext4_read\t[ext4]\n"
	"ffffffffc0500000 t bpf_prog_1234\t[bpf]\n"
	"ffffffffc0500100 t bpf_prog_5678\t[bpf]\n";
static const char module_list[] = "ext4 20480 1 - Live 0xffffffffc0400000\n";

struct fixture {
	struct rp_spaces *spaces;
	struct rp_window *window;
	struct rp_namer *namer;
	struct rp_profile *p;
	struct rp_space_id id;
};

static inline void write_file(char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	fclose(f);
}

static inline void open_fixture(struct fixture *f, struct rp_namer_options *o)
{
	const struct rp_spaces_options spaces = { 0 };

	write_file(kallsyms, kernel_list);
	write_file(modules, module_list);
	o->kallsyms = kallsyms;
	o->modules = modules;
	f->id = space_id((uint32_t)getpid(), 1, 1);
	f->spaces = rp_spaces_new(&spaces);
	f->window = rp_window_new(0);
	f->namer = rp_namer_new(o);
	f->p = rp_profile_new();
	assert_true(f->spaces && f->window && f->namer && f->p);
	assert_int_equal(rp_namer_begin(f->p, 1000, 2000, 99), 0);
}

static inline void close_fixture(struct fixture *f)
{
	rp_profile_free(f->p);
	rp_namer_free(f->namer);
	rp_window_free(f->window);
	rp_spaces_free(f->spaces);
}

static inline void add_space(struct fixture *f, struct rp_space *rec)
{
	assert_int_equal(rp_spaces_add(f->spaces, rec), 0);
	free(rec);
}

static inline void add_sample(struct fixture *f, struct rp_sample *s, uint32_t cpu)
{
	struct rp_aspace *as = rp_spaces_get(f->spaces, &s->space);

	assert_non_null(as);
	assert_int_equal(rp_window_add(f->window, as, cpu, s), 0);
	free(s);
}

static inline void add_user(struct fixture *f, unsigned int nr, const uint64_t *addr)
{
	add_sample(f, make_sample(f->id, 1, 0, nr, addr), 0);
}

static inline void add_kernel(struct fixture *f, unsigned int nr, const uint64_t *addr)
{
	add_sample(f, make_sample(f->id, 1, nr, 0, addr), 0);
}

static inline void finish(struct fixture *f)
{
	assert_int_equal(rp_namer_close(f->namer, f->spaces, f->window, f->p), 0);
	assert_int_equal(f->p->error, 0);
}

/* Frame n of sample id; what it is called. */
static inline const struct rp_profile_location *frame(const struct rp_profile *p, uint64_t id,
					       uint32_t n)
{
	const struct rp_profile_stack *stack = &p->stacks[p->samples[id].stack];

	assert_true(n < stack->nr);
	return &p->locations[p->frames[stack->first + n]];
}

static inline const struct rp_profile_function *function(const struct rp_profile *p, uint64_t id,
						  uint32_t n)
{
	const struct rp_profile_location *l = frame(p, id, n);

	assert_int_equal(l->nr_lines, 1);
	return &p->functions[p->lines[l->first_line].function];
}

static inline const char *name(const struct rp_profile *p, uint64_t id, uint32_t n)
{
	return rp_profile_str(p, function(p, id, n)->name);
}

static inline const char *mapping_of(const struct rp_profile *p, uint64_t id, uint32_t n)
{
	return rp_profile_str(p, p->mappings[frame(p, id, n)->mapping].filename);
}

static inline const struct rp_profile_label *label(const struct rp_profile *p, uint64_t id,
					    const char *key)
{
	uint32_t string = rp_profile_find_string(p, key);

	return string ? rp_profile_find_label(p, p->samples[id].labelset, string) : NULL;
}

static inline const char *label_text(const struct rp_profile *p, uint64_t id, const char *key)
{
	const struct rp_profile_label *l = label(p, id, key);

	return l ? rp_profile_str(p, l->str) : NULL;
}

static inline int make_files(void **state)
{
	int one = mkstemp(kallsyms), two = mkstemp(modules);

	(void)state;
	if (one < 0 || two < 0)
		return -1;
	close(one);
	close(two);
	return 0;
}

static inline int remove_files(void **state)
{
	(void)state;
	unlink(kallsyms);
	unlink(modules);
	return 0;
}

#endif
