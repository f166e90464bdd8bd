/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This process as one that makes code at run time: the files in which it says so, its
 * samples, and what they are called in the profile.
 */
#ifndef TEST_JIT_NAMES_FIXTURE_H
#define TEST_JIT_NAMES_FIXTURE_H

#include <fcntl.h>

#include "jail_fixture.h"
#include "namer_fixture.h"
#include "own_budget_fixture.h"

#define CODE 0x30000000ull	/* executable memory without a file */
#define CODE_SIZE 0x100000ull

static struct fixture f;
static char map[64], dump[64];

/* After the group with a jail, which is the last. */
static inline int stop_jail_and_remove_files(void **state)
{
	int err = stop_jail(state);

	return remove_files(state) ? -1 : err;
}

static inline int begin(void **state)
{
	struct rp_namer_options o = { .jail = jail };

	(void)state;
	snprintf(map, sizeof(map), "/tmp/perf-%d.map", getpid());
	snprintf(dump, sizeof(dump), "/tmp/jit-%d.dump", getpid());
	unlink(map);
	unlink(dump);
	open_fixture(&f, &o);
	return 0;
}

static inline int end(void **state)
{
	(void)state;
	close_fixture(&f);
	unlink(map);
	unlink(dump);
	return 0;
}

/* ---- what a process does ------------------------------------------------------- */

static inline void put_text(const char *path, int flags, const char *text)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC | flags, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static inline void put_head(int fd, uint32_t pid)
{
	const uint32_t head[] = { 0x4A695444, 1, 40, 62, 0, pid, 0, 0, 0, 0 };

	assert_int_equal(write(fd, head, sizeof(head)), sizeof(head));
}

static inline void put_load(int fd, uint32_t pid, uint64_t time, uint64_t address,
			    const char *name)
{
	uint8_t rec[128] = { 0 };
	const uint32_t words[] = { 0, 128 }, who[] = { pid, pid };
	const uint64_t where[] = { address, address, 0x100 - 0xc0, 1 };

	memcpy(rec, words, 8);
	memcpy(rec + 8, &time, 8);
	memcpy(rec + 16, who, 8);
	memcpy(rec + 24, where, 32);
	memcpy(rec + 56, name, strlen(name));	/* at most 7 bytes: then comes the code */
	assert_int_equal(write(fd, rec, sizeof(rec)), sizeof(rec));
}

/* ---- what is seen of it -------------------------------------------------------- */

static inline void put_space(struct rp_space_id id)
{
	struct rp_space *s = make_space(id, 1);

	add_map(&s, CODE, CODE + CODE_SIZE, 0, "")->flags = RP_MAP_ANON;
	add_space(&f, s);
}

static inline void put_sample(struct rp_space_id id, uint64_t address, uint64_t time,
			      uint32_t tid)
{
	struct rp_sample *s = make_sample(id, 1, 0, 1, &address);

	s->time = time;
	s->tid = tid;
	add_sample(&f, s, 0);
}

/* The window as it is, in a profile of its own. */
static inline void close_window(void)
{
	rp_profile_free(f.p);
	f.p = rp_profile_new();
	assert_non_null(f.p);
	assert_int_equal(rp_namer_begin(f.p, 1000, 2000, 99), 0);
	finish(&f);
}

/* What the first sample's function is called when a window is closed now. */
static inline const char *called(void)
{
	close_window();
	return name(f.p, 1, 0);
}

static inline uint64_t refused(enum rp_jit_refusal why)
{
	struct rp_namer_stats s;

	rp_namer_stats(f.namer, &s);
	return s.jit.refused[why];
}

static inline uint64_t all_refused(void)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < RP_JIT_REFUSALS_NR; i++)
		sum += refused(i);
	return sum;
}

/* This process has been sampled at an address of such memory. */
static inline void sampled(void)
{
	put_space(f.id);
	put_sample(f.id, CODE + 0x10, 0, f.id.tgid);
}

#endif
