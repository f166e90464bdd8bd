// SPDX-License-Identifier: GPL-2.0
/*
 * Names of code made at run time, from the files of real processes (this one, and children
 * of it) to the profile: found, and read on.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "jit_names_fixture.h"

struct child {
	pid_t pid;
	int go[2], done[2];
	char map[64];
};

/* A child that stays until it is told to go on, appends a line, and ends. */
static void start_child(struct child *c)
{
	char one;

	assert_int_equal(pipe(c->go), 0);
	assert_int_equal(pipe(c->done), 0);
	c->pid = fork();
	if (!c->pid) {
		close(c->go[1]);	/* so that it sees the end of a test that failed */
		close(c->done[0]);
		snprintf(c->map, sizeof(c->map), "/tmp/perf-%d.map", getpid());
		put_text(c->map, O_TRUNC, "30000000 20 early\n");
		if (write(c->done[1], "x", 1) == 1 && read(c->go[0], &one, 1) == 1)
			put_text(c->map, O_APPEND, "30000100 20 late\n");
		_exit(0);
	}
	assert_int_equal(read(c->done[0], &one, 1), 1);
	snprintf(c->map, sizeof(c->map), "/tmp/perf-%d.map", c->pid);
}

static void end_child(struct child *c)
{
	int status, i;

	assert_int_equal(write(c->go[1], "x", 1), 1);
	assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
	assert_int_equal(status, 0);
	unlink(c->map);
	for (i = 0; i < 2; i++) {
		close(c->go[i]);
		close(c->done[i]);
	}
}

/* ---- maps ---------------------------------------------------------------------- */

static void maps_name(void **state)
{
	(void)state;
	sampled();
	assert_string_equal(called(), "[anon]+0x10");
	put_text(map, 0, "30000000 20 LazyCompile:~fib /tmp/work.js:1:10\n");
	assert_string_equal(called(), "LazyCompile:~fib /tmp/work.js:1:10");
	assert_string_equal(mapping_of(f.p, 1, 0), "[jit]");
	assert_int_equal(frame(f.p, 1, 0)->address, CODE + 0x10);
	assert_true(f.p->mappings[frame(f.p, 1, 0)->mapping].has_functions);
	assert_int_equal(all_refused(), 0);
}

static void maps_grow(void **state)
{
	(void)state;
	sampled();
	put_text(map, 0, "30000000 20 first\n30000000 20 sec");
	assert_string_equal(called(), "first");
	put_text(map, O_APPEND, "ond\n");
	assert_string_equal(called(), "second");
	put_text(map, O_APPEND, "30000100 20 elsewhere\n");
	assert_string_equal(called(), "second");
	assert_int_equal(all_refused(), 0);
}

static void maps_begin_anew(void **state)
{
	(void)state;
	sampled();
	put_text(map, 0, "30000000 20 first\n30000100 20 more\n");
	assert_string_equal(called(), "first");
	put_text(map, O_TRUNC, "30000000 20 shorter\n");
	assert_string_equal(called(), "shorter");
	put_text(map, O_TRUNC, "30000000 20 longer than what was there before\n");
	assert_string_equal(called(), "longer than what was there before");
	unlink(map);
	assert_string_equal(called(), "longer than what was there before");
	put_text(map, 0, "30000000 20 another file\n");
	assert_string_equal(called(), "another file");
	/* The names of the one before are gone. */
	unlink(map);
	put_text(map, 0, "30000100 20 not there\n");
	assert_string_equal(called(), "[anon]+0x10");
	assert_int_equal(all_refused(), 0);
}

/* Nothing is mapped after the file has come, and it goes before the window is closed. */
static void looked_for_once_more(void **state)
{
	const struct rp_aspace *as;
	int wait_ms;

	(void)state;
	sampled();
	as = rp_spaces_find(f.spaces, &f.id);
	rp_namer_note(f.namer, as, rp_aspace_newest(as));
	put_text(map, 0, "30000000 20 early\n");
	rp_namer_note(f.namer, as, rp_aspace_newest(as));
	wait_ms = rp_namer_read(f.namer);
	while (wait_ms > 0) {
		usleep(wait_ms * 1000);
		wait_ms = rp_namer_read(f.namer);
	}
	assert_int_equal(wait_ms, -1);
	unlink(map);
	assert_string_equal(called(), "early");
}

/* Nor is anything mapped when the file has come. */
static void looked_for_every_second(void **state)
{
	struct rp_namer_options o = { .one_window = true };
	const struct rp_aspace *as;
	int wait_ms, turns = 0;

	close_fixture(&f);
	open_fixture(&f, &o);
	(void)state;
	sampled();
	as = rp_spaces_find(f.spaces, &f.id);
	rp_namer_note(f.namer, as, rp_aspace_newest(as));
	put_text(map, 0, "30000000 20 late\n");
	for (wait_ms = rp_namer_read(f.namer); wait_ms >= 0; wait_ms = rp_namer_read(f.namer)) {
		assert_in_range(wait_ms, 1, 1001);
		usleep(wait_ms * 1000);
		turns++;
	}
	assert_in_range(turns, 1, 100);
	unlink(map);
	assert_string_equal(called(), "late");
}

/* Without anything left, a file is opened and read later, also when its process has ended. */
static void read_when_the_budget_allows(void **state)
{
	struct rp_own_budget *budget = make_budget();
	struct rp_namer_options o = { .jail = jail, .budget = budget };
	struct rp_namer_stats s;
	struct rp_aspace *as;

	close_fixture(&f);
	open_fixture(&f, &o);
	(void)state;
	sampled();
	put_text(map, 0, "30000000 20 dear\n");
	spend_budget(2);
	assert_string_equal(called(), "[anon]+0x10");
	pass_minutes(2);
	assert_string_equal(called(), "dear");

	put_text(map, O_APPEND, "30000000 20 dearer\n");
	spend_budget(2);
	as = rp_spaces_find(f.spaces, &f.id);
	as->exited = true;
	rp_namer_exited(f.namer, as);
	unlink(map);
	assert_in_range(rp_namer_read(f.namer), 60001, 100000);
	assert_string_equal(called(), "dear");
	rp_namer_stats(f.namer, &s);
	assert_int_equal(s.jit.unread, 1);
	rp_namer_save_memory(f.namer, 0);
	close_fixture(&f);
	rp_own_budget_free(budget);
	o.budget = NULL;
	open_fixture(&f, &o);
}

/* New code may be where no mapping was known yet; and files' code is the file's. */
static void only_code_without_a_file(void **state)
{
	struct rp_space *s = make_space(f.id, 1);
	const uint64_t addr[] = { 0x10010, 0x20010, 0x50010, CODE + 0x10, CODE + CODE_SIZE,
				  CODE + 2 * CODE_SIZE };
	unsigned int i;

	(void)state;
	add_map(&s, 0x10000, 0x11000, 0, "/no/such/file");
	add_map(&s, 0x20000, 0x21000, 0, "[vdso]")->flags = RP_MAP_ANON;
	/* To the kernel these are no files whose name is gone. */
	add_map(&s, CODE, CODE + CODE_SIZE, 0, "/memfd:doublemapper (deleted)");
	add_map(&s, CODE + CODE_SIZE, CODE + 2 * CODE_SIZE, 0, "/dev/zero (deleted)");
	add_map(&s, CODE + 2 * CODE_SIZE, CODE + 3 * CODE_SIZE, 0, "/SYSV00000000 (deleted)");
	add_space(&f, s);
	for (i = 0; i < 6; i++)
		put_sample(f.id, addr[i], 0, i);
	put_text(map, 0, "10000 50000 low\n30000000 20 high\n30100000 20 shared\n"
		 "30200000 20 sysv\n");
	close_window();
	assert_string_equal(name(f.p, 1, 0), "file+0x10");
	assert_string_equal(name(f.p, 2, 0), "[vdso]+0x10");
	assert_string_equal(name(f.p, 3, 0), "low");
	assert_string_equal(mapping_of(f.p, 3, 0), "[jit]");
	assert_string_equal(name(f.p, 4, 0), "high");
	assert_string_equal(name(f.p, 5, 0), "shared");
	assert_string_equal(name(f.p, 6, 0), "sysv");
}

/* Equal mappings are one object; names are not. */
static void processes_do_not_share_names(void **state)
{
	struct rp_space_id third = space_id(f.id.tgid + 1000000, 5, 1), second;
	struct child c;

	(void)state;
	start_child(&c);
	second = space_id((uint32_t)c.pid, 5, 1);
	sampled();
	put_space(second);
	put_space(third);
	put_sample(second, CODE + 0x10, 0, 7);
	put_sample(third, CODE + 0x10, 0, 8);
	put_text(map, 0, "30000000 20 mine\n");
	assert_string_equal(called(), "mine");
	assert_string_equal(name(f.p, 2, 0), "early");
	assert_string_equal(name(f.p, 3, 0), "[anon]+0x10");
	end_child(&c);
}

/* ---- jitdumps ------------------------------------------------------------------ */

static void dumps_name_by_time(void **state)
{
	int fd = open(dump, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

	(void)state;
	assert_true(fd >= 0);
	put_space(f.id);
	put_sample(f.id, CODE + 0x10, 150, 1);
	put_sample(f.id, CODE + 0x10, 250, 2);
	put_head(fd, f.id.tgid);
	put_load(fd, f.id.tgid, 100, CODE, "old");
	close_window();
	assert_string_equal(name(f.p, 1, 0), "old");
	assert_string_equal(name(f.p, 2, 0), "old");
	put_load(fd, f.id.tgid, UINT64_MAX / 2, CODE, "new");
	put_sample(f.id, CODE + 0x10, UINT64_MAX / 2 + 1, 3);
	close_window();
	assert_string_equal(name(f.p, 1, 0), "old");
	assert_string_equal(name(f.p, 2, 0), "old");
	assert_string_equal(name(f.p, 3, 0), "new");
	assert_string_equal(mapping_of(f.p, 3, 0), "[jit]");
	close(fd);
}

/* Anywhere, deleted: the mapping leads to it. */
static void mapped_dumps_are_found(void **state)
{
	char path[] = "/tmp/test_jit_names.XXXXXX", file[64];
	struct rp_space *s = make_space(f.id, 1);
	void *at;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(path));
	snprintf(file, sizeof(file), "%s/jit-77.dump", path);
	fd = open(file, O_CREAT | O_RDWR | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	put_head(fd, 77);	/* the parent that this one was forked from */
	put_load(fd, 77, 100, CODE, "mapped");
	at = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	assert_true(at != MAP_FAILED);
	close(fd);
	if (!getuid())		/* map_files are root's */
		unlink(file);
	add_map(&s, CODE, CODE + CODE_SIZE, 0, "")->flags = RP_MAP_ANON;
	add_map(&s, (uintptr_t)at, (uintptr_t)at + 4096, 0, file);
	add_space(&f, s);
	put_sample(f.id, CODE + 0x10, 200, 1);
	assert_string_equal(called(), "mapped");
	assert_int_equal(all_refused(), 0);
	munmap(at, 4096);
	unlink(file);
	rmdir(path);
}

/* ---- other processes ----------------------------------------------------------- */

static void note(struct rp_space_id id)
{
	const struct rp_aspace *as = rp_spaces_find(f.spaces, &id);

	rp_namer_note(f.namer, as, rp_aspace_newest(as));
}

/* Noted while it lived, it is read to the end though its file has no name any more. */
static void names_outlive_the_process(void **state)
{
	struct child c;
	struct rp_space_id id;
	struct rp_namer_stats s;

	(void)state;
	start_child(&c);
	id = space_id((uint32_t)c.pid, 5, 1);
	put_space(id);
	note(id);
	rp_namer_stats(f.namer, &s);
	assert_int_equal(s.jit.open_files, 1);
	assert_int_equal(s.jit.names, 1);
	end_child(&c);
	rp_namer_exited(f.namer, rp_spaces_find(f.spaces, &id));
	rp_namer_stats(f.namer, &s);
	assert_int_equal(s.jit.open_files, 0);
	assert_int_equal(s.jit.names, 2);
	put_sample(id, CODE + 0x10, 0, 1);
	put_sample(id, CODE + 0x110, 0, 1);
	close_window();
	assert_string_equal(name(f.p, 1, 0), "early");
	assert_string_equal(name(f.p, 2, 0), "late");
	rp_namer_stats(f.namer, &s);
	assert_int_equal(s.jit.open_files, 0);
	assert_int_equal(s.jit.names, 2);
	close_window();
	assert_string_equal(name(f.p, 2, 0), "late");
}

/* Where numbers of processes are not those of the records, theirs would be another's. */
static void blind_ones_name_nothing(void **state)
{
	struct rp_namer_options o = { .blind = true, .jail = jail };

	(void)state;
	close_fixture(&f);
	open_fixture(&f, &o);
	put_text(map, 0, "30000000 20 anybody's\n");
	sampled();
	note(f.id);
	assert_string_equal(called(), "[anon]+0x10");
}

/* Who is not asked for any more costs nothing. */
static void forgotten_when_not_sampled(void **state)
{
	struct rp_namer_stats s;
	int i;

	(void)state;
	sampled();
	put_text(map, 0, "30000000 20 first\n");
	assert_string_equal(called(), "first");
	rp_namer_stats(f.namer, &s);
	assert_int_equal(s.jit.processes, 1);
	assert_int_equal(s.jit.open_files, 1);
	rp_window_reset(f.window);
	for (i = 0; i < 3; i++)
		close_window();
	rp_namer_stats(f.namer, &s);
	assert_int_equal(s.jit.processes, 0);
	assert_int_equal(s.jit.open_files, 0);
	assert_int_equal(s.jit.bytes, 0);
	put_sample(f.id, CODE + 0x10, 0, f.id.tgid);
	assert_string_equal(called(), "first");
}

/* The limit holds over all processes; who was asked for longest ago goes. */
static void memory_is_bounded(void **state)
{
	struct rp_namer_options o = { .jit_bytes = 100000, .jail = jail };
	struct rp_namer_stats s;
	struct rp_space_id id;
	struct child c;
	FILE *file;
	int i;

	(void)state;
	close_fixture(&f);
	open_fixture(&f, &o);
	start_child(&c);
	id = space_id((uint32_t)c.pid, 5, 1);
	put_space(id);
	note(id);
	rp_namer_stats(f.namer, &s);
	assert_int_equal(s.jit.processes, 1);

	file = fopen(map, "w");
	assert_non_null(file);
	for (i = 0; i < 5000; i++)
		fprintf(file, "%llx 10 function number %d\n", CODE + 16 * (unsigned int)i, i);
	fclose(file);
	sampled();
	put_sample(f.id, CODE + 16 * 4999, 0, 2);
	close_window();
	assert_string_equal(name(f.p, 1, 0), "function number 1");
	assert_string_equal(name(f.p, 2, 0), "[anon]+0x13870");
	rp_namer_stats(f.namer, &s);
	assert_int_equal(s.jit.evictions, 1);
	assert_int_equal(s.jit.processes, 1);
	assert_int_equal(s.jit.refused[RP_JIT_MEMORY], 1);
	assert_in_range(s.jit.bytes, 90000, 100000);
	end_child(&c);
}

/* A container's: its own root, in which its number is 1. */
static void in_container(const char *root, int ready, int go)
{
	char one;

	if (chroot(root) || chdir("/"))
		_exit(1);
	put_text("/tmp/perf-1.map", 0, "30000000 20 contained\n");
	if (syscall(SYS_getpid) != 1 || write(ready, "x", 1) != 1 || read(go, &one, 1) != 1)
		_exit(1);
	_exit(0);
}

static void containers_have_their_own(void **state)
{
	char root[] = "/tmp/test_jit_names.XXXXXX", path[64], one;
	int ready[2], go[2], status, i;
	struct rp_space_id id;
	pid_t pid;

	(void)state;
	if (getuid())
		skip();
	assert_non_null(mkdtemp(root));
	snprintf(path, sizeof(path), "%s/tmp", root);
	assert_int_equal(mkdir(path, 0777), 0);
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(go), 0);
	/* As fork(), with namespaces of its own. */
	pid = (pid_t)syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0);
	if (!pid)
		in_container(root, ready[1], go[0]);
	assert_true(pid > 0);
	assert_int_equal(read(ready[0], &one, 1), 1);
	id = space_id((uint32_t)pid, 5, 1);
	put_space(id);
	put_sample(id, CODE + 0x10, 0, 1);
	assert_string_equal(called(), "contained");
	assert_int_equal(write(go[1], "x", 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	for (i = 0; i < 2; i++) {
		close(ready[i]);
		close(go[i]);
	}
	snprintf(path, sizeof(path), "rm -r %s", root);
	assert_int_equal(system(path), 0);
}

int main(int argc, char **argv)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(maps_name),
		TEST(maps_grow),
		TEST(maps_begin_anew),
		TEST(looked_for_once_more),
		TEST(looked_for_every_second),
		TEST(read_when_the_budget_allows),
		TEST(only_code_without_a_file),
		TEST(processes_do_not_share_names),
		TEST(dumps_name_by_time),
		TEST(mapped_dumps_are_found),
		TEST(names_outlive_the_process),
		TEST(blind_ones_name_nothing),
		TEST(forgotten_when_not_sampled),
		TEST(memory_is_bounded),
		TEST(containers_have_their_own),
	};

	rp_jail_main(argc, argv);
	return cmocka_run_group_tests_name("jit_names", tests, make_files, NULL) +
	       cmocka_run_group_tests_name("jit_names in a jail", tests, start_jail,
					  stop_jail_and_remove_files);
}
