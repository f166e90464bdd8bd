// SPDX-License-Identifier: GPL-2.0
/*
 * The namer, on this very process: its mappings as /proc/self/maps tells them, its
 * own functions, the C library's, the vdso's; and on a kernel made of two files.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "elf_symbols.h"
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

struct fixture {
	struct rp_spaces *spaces;
	struct rp_window *window;
	struct rp_namer *namer;
	struct rp_profile *p;
	struct rp_space_id id;
};

static void write_file(char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	fclose(f);
}

static void open_fixture(struct fixture *f, struct rp_namer_options *o)
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

static void close_fixture(struct fixture *f)
{
	rp_profile_free(f->p);
	rp_namer_free(f->namer);
	rp_window_free(f->window);
	rp_spaces_free(f->spaces);
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

static void add_space(struct fixture *f, struct rp_space *rec)
{
	assert_int_equal(rp_spaces_add(f->spaces, rec), 0);
	free(rec);
}

static void add_sample(struct fixture *f, struct rp_sample *s, uint32_t cpu)
{
	struct rp_aspace *as = rp_spaces_get(f->spaces, &s->space);

	assert_non_null(as);
	assert_int_equal(rp_window_add(f->window, as, cpu, s), 0);
	free(s);
}

static void add_user(struct fixture *f, unsigned int nr, const uint64_t *addr)
{
	add_sample(f, make_sample(f->id, 1, 0, nr, addr), 0);
}

static void add_kernel(struct fixture *f, unsigned int nr, const uint64_t *addr)
{
	add_sample(f, make_sample(f->id, 1, nr, 0, addr), 0);
}

static void finish(struct fixture *f)
{
	assert_int_equal(rp_namer_close(f->namer, f->spaces, f->window, f->p), 0);
	assert_int_equal(f->p->error, 0);
}

/* Frame n of sample id; what it is called. */
static const struct rp_profile_location *frame(const struct rp_profile *p, uint64_t id,
					       uint32_t n)
{
	const struct rp_profile_stack *stack = &p->stacks[p->samples[id].stack];

	assert_true(n < stack->nr);
	return &p->locations[p->frames[stack->first + n]];
}

static const struct rp_profile_function *function(const struct rp_profile *p, uint64_t id,
						  uint32_t n)
{
	const struct rp_profile_location *l = frame(p, id, n);

	assert_int_equal(l->nr_lines, 1);
	return &p->functions[p->lines[l->first_line].function];
}

static const char *name(const struct rp_profile *p, uint64_t id, uint32_t n)
{
	return rp_profile_str(p, function(p, id, n)->name);
}

static const char *mapping_of(const struct rp_profile *p, uint64_t id, uint32_t n)
{
	return rp_profile_str(p, p->mappings[frame(p, id, n)->mapping].filename);
}

static const struct rp_profile_label *label(const struct rp_profile *p, uint64_t id,
					    const char *key)
{
	uint32_t string = rp_profile_find_string(p, key);

	return string ? rp_profile_find_label(p, p->samples[id].labelset, string) : NULL;
}

static const char *label_text(const struct rp_profile *p, uint64_t id, const char *key)
{
	const struct rp_profile_label *l = label(p, id, key);

	return l ? rp_profile_str(p, l->str) : NULL;
}

/* ---- user ---------------------------------------------------------------------- */

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

/* ---- kernel -------------------------------------------------------------------- */

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
	struct rp_space *rec;
	struct fixture f;

	(void)state;
	open_fixture(&f, &o);
	assert_int_equal(rp_namer_begin(c.first, 1, 2, 99), 0);
	assert_int_equal(rp_namer_begin(c.second, 1, 2, 99), 0);
	for (uint32_t tgid = 1; tgid <= 3; tgid++) {
		rec = make_space(space_id(tgid, 1, 1), 1);
		add_map(&rec, 0x10000, 0x11000, 0, "")->flags = RP_MAP_ANON;
		add_space(&f, rec);
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

static int make_files(void **state)
{
	int one = mkstemp(kallsyms), two = mkstemp(modules);

	(void)state;
	if (one < 0 || two < 0)
		return -1;
	close(one);
	close(two);
	return 0;
}

static int remove_files(void **state)
{
	(void)state;
	unlink(kallsyms);
	unlink(modules);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_functions),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_missing_file),
		cmocka_unit_test(test_map_files),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_vdso),
		cmocka_unit_test(test_kernel),
		cmocka_unit_test(test_kernel_hidden),
		cmocka_unit_test(test_profile),
		cmocka_unit_test(test_kernel_threads),
		cmocka_unit_test(test_callbacks),
		cmocka_unit_test(test_two_windows),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
