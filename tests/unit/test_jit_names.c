// SPDX-License-Identifier: GPL-2.0
/*
 * Names of code made at run time, from the files of real processes (this one, and children
 * of it) to the profile: found, read on, given up when they are somebody else's or a trap.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "namer_fixture.h"

#define CODE 0x30000000ull	/* executable memory without a file */
#define CODE_SIZE 0x100000ull

static struct fixture f;
static char map[64], dump[64];

static int begin(void **state)
{
	struct rp_namer_options o = { 0 };

	(void)state;
	snprintf(map, sizeof(map), "/tmp/perf-%d.map", getpid());
	snprintf(dump, sizeof(dump), "/tmp/jit-%d.dump", getpid());
	unlink(map);
	unlink(dump);
	open_fixture(&f, &o);
	return 0;
}

static int end(void **state)
{
	(void)state;
	close_fixture(&f);
	unlink(map);
	unlink(dump);
	return 0;
}

/* ---- what a process does ------------------------------------------------------- */

static void put_text(const char *path, int flags, const char *text)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC | flags, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void put_head(int fd, uint32_t pid)
{
	const uint32_t head[] = { 0x4A695444, 1, 40, 62, 0, pid, 0, 0, 0, 0 };

	assert_int_equal(write(fd, head, sizeof(head)), sizeof(head));
}

static void put_load(int fd, uint32_t pid, uint64_t time, uint64_t address, const char *name)
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

/* ---- what is seen of it -------------------------------------------------------- */

static void put_space(struct rp_space_id id)
{
	struct rp_space *s = make_space(id, 1);

	add_map(&s, CODE, CODE + CODE_SIZE, 0, "")->flags = RP_MAP_ANON;
	add_space(&f, s);
}

static void put_sample(struct rp_space_id id, uint64_t address, uint64_t time, uint32_t tid)
{
	struct rp_sample *s = make_sample(id, 1, 0, 1, &address);

	s->time = time;
	s->tid = tid;
	add_sample(&f, s, 0);
}

/* The window as it is, in a profile of its own. */
static void close_window(void)
{
	rp_profile_free(f.p);
	f.p = rp_profile_new();
	assert_non_null(f.p);
	assert_int_equal(rp_namer_begin(f.p, 1000, 2000, 99), 0);
	finish(&f);
}

/* What the first sample's function is called when a window is closed now. */
static const char *called(void)
{
	close_window();
	return name(f.p, 1, 0);
}

static uint64_t refused(enum rp_jit_refusal why)
{
	struct rp_namer_stats s;

	rp_namer_stats(f.namer, &s);
	return s.jit.refused[why];
}

static uint64_t all_refused(void)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < RP_JIT_REFUSALS_NR; i++)
		sum += refused(i);
	return sum;
}

/* This process has been sampled at an address of such memory. */
static void sampled(void)
{
	put_space(f.id);
	put_sample(f.id, CODE + 0x10, 0, f.id.tgid);
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

/* New code may be where no mapping was known yet; and files' code is the file's. */
static void only_code_without_a_file(void **state)
{
	struct rp_space *s = make_space(f.id, 1);
	const uint64_t addr[] = { 0x10010, 0x20010, 0x50010, CODE + 0x10 };
	unsigned int i;

	(void)state;
	add_map(&s, 0x10000, 0x11000, 0, "/no/such/file");
	add_map(&s, 0x20000, 0x21000, 0, "[vdso]")->flags = RP_MAP_ANON;
	add_map(&s, CODE, CODE + CODE_SIZE, 0, "/memfd:doublemapper (deleted)")->flags =
		RP_MAP_DELETED;
	add_space(&f, s);
	for (i = 0; i < 4; i++)
		put_sample(f.id, addr[i], 0, i);
	put_text(map, 0, "10000 50000 low\n30000000 20 high\n");
	close_window();
	assert_string_equal(name(f.p, 1, 0), "file+0x10");
	assert_string_equal(name(f.p, 2, 0), "[vdso]+0x10");
	assert_string_equal(name(f.p, 3, 0), "low");
	assert_string_equal(mapping_of(f.p, 3, 0), "[jit]");
	assert_string_equal(name(f.p, 4, 0), "high");
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

/* ---- traps --------------------------------------------------------------------- */

/* Nothing is named, and the reason is told once, however often one looks. */
static void check_refused(enum rp_jit_refusal why)
{
	sampled();
	assert_string_equal(called(), "[anon]+0x10");
	assert_string_equal(called(), "[anon]+0x10");
	assert_int_equal(refused(why), 1);
	assert_int_equal(all_refused(), 1);
}

static void refuses_a_link(void **state)
{
	char target[] = "/tmp/test_jit_names.XXXXXX";
	int fd = mkstemp(target);

	(void)state;
	close(fd);
	put_text(target, 0, "30000000 20 trap\n");
	assert_int_equal(symlink(target, map), 0);
	check_refused(RP_JIT_LINK);
	/* Gone, and the right file there: all is well. */
	unlink(map);
	put_text(map, 0, "30000000 20 good\n");
	assert_string_equal(called(), "good");
	unlink(target);
}

static void refuses_a_link_to_secrets(void **state)
{
	(void)state;
	assert_int_equal(symlink("/etc/shadow", map), 0);
	check_refused(RP_JIT_LINK);
}

static void refuses_a_fifo(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(map, 0644), 0);
	check_refused(RP_JIT_KIND);
}

static void refuses_a_folder(void **state)
{
	(void)state;
	assert_int_equal(mkdir(map, 0755), 0);
	check_refused(RP_JIT_KIND);
	rmdir(map);
}

static void refuses_a_file_of_two_names(void **state)
{
	char other[80];

	(void)state;
	put_text(map, 0, "30000000 20 trap\n");
	snprintf(other, sizeof(other), "%s.other", map);
	assert_int_equal(link(map, other), 0);
	check_refused(RP_JIT_NAMES);
	unlink(other);
}

static void refuses_another_users(void **state)
{
	(void)state;
	put_text(map, 0, "30000000 20 trap\n");
	if (chown(map, 12345, 0))
		skip();
	check_refused(RP_JIT_OWNER);
}

static void refuses_one_from_before(void **state)
{
	const struct timespec times[] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };

	(void)state;
	put_text(map, 0, "30000000 20 trap\n");
	assert_int_equal(utimensat(AT_FDCWD, map, times, 0), 0);
	check_refused(RP_JIT_OLD);
}

static void refuses_ten_gigabytes(void **state)
{
	(void)state;
	put_text(map, 0, "30000000 20 trap\n");
	assert_int_equal(truncate(map, (off_t)10 << 30), 0);
	check_refused(RP_JIT_SIZE);
}

/* One that becomes as large later is read up to the limit, a part in each window. */
static void reads_zeros_once(void **state)
{
	(void)state;
	sampled();
	put_text(map, 0, "30000000 20 good\n");
	assert_string_equal(called(), "good");
	assert_int_equal(truncate(map, (off_t)10 << 30), 0);
	assert_string_equal(called(), "good");
	assert_int_equal(refused(RP_JIT_LATER), 1);
	assert_string_equal(called(), "good");
	assert_string_equal(called(), "good");
	assert_string_equal(called(), "good");
	assert_int_equal(refused(RP_JIT_SIZE), 1);
	assert_int_equal(all_refused(), 2);
}

static void refuses_garbage(void **state)
{
	FILE *file = fopen(map, "w");
	int i;

	(void)state;
	assert_non_null(file);
	for (i = 0; i < 2000; i++)
		fprintf(file, "user%d:x:%d:0::/root:/bin/sh\n", i, i);
	fprintf(file, "30000000 20 trap\n");
	fclose(file);
	sampled();
	close_window();
	assert_int_equal(refused(RP_JIT_FORMAT), 0);	/* a line of it is one */
	assert_int_equal(truncate(map, 50000), 0);
	close_window();
	assert_int_equal(refused(RP_JIT_FORMAT), 1);
	assert_string_equal(called(), "[anon]+0x10");
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

/* What it says of itself counts where only the place speaks for it. */
static void refuses_another_processs_dump(void **state)
{
	int fd = open(dump, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

	(void)state;
	put_head(fd, f.id.tgid + 1);
	put_load(fd, f.id.tgid + 1, 100, CODE, "trap");
	close(fd);
	check_refused(RP_JIT_PROCESS);
}

static void refuses_what_is_no_dump(void **state)
{
	(void)state;
	put_text(dump, 0, "30000000 20 trap, and as long as the head of a jitdump\n");
	check_refused(RP_JIT_FORMAT);
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
	struct rp_namer_options o = { .blind = true };

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
	struct rp_namer_options o = { .jit_bytes = 100000 };
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

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(maps_name),
		TEST(maps_grow),
		TEST(maps_begin_anew),
		TEST(only_code_without_a_file),
		TEST(processes_do_not_share_names),
		TEST(refuses_a_link),
		TEST(refuses_a_link_to_secrets),
		TEST(refuses_a_fifo),
		TEST(refuses_a_folder),
		TEST(refuses_a_file_of_two_names),
		TEST(refuses_another_users),
		TEST(refuses_one_from_before),
		TEST(refuses_ten_gigabytes),
		TEST(reads_zeros_once),
		TEST(refuses_garbage),
		TEST(dumps_name_by_time),
		TEST(refuses_another_processs_dump),
		TEST(refuses_what_is_no_dump),
		TEST(mapped_dumps_are_found),
		TEST(names_outlive_the_process),
		TEST(blind_ones_name_nothing),
		TEST(forgotten_when_not_sampled),
		TEST(memory_is_bounded),
		TEST(containers_have_their_own),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
