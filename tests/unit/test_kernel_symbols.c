// SPDX-License-Identifier: GPL-2.0
/* Kernel symbols: lists as kernels of several ages show them, as fixtures in files. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel_symbols.h"

#define BASE 0xffffffff9a000000ull	/* where KASLR put this kernel */
#define MOD  0xffffffffc0400000ull

static char kallsyms[] = "/tmp/test_kallsyms.XXXXXX";
static char modules[] = "/tmp/test_modules.XXXXXX";

static const char kernel_list[] =
	"0000000000000000 A fixed_percpu_data\n"
	"0000000000001000 A cpu_debug_store\n"
	"ffffffff9a000000 T startup_64\n"
	"ffffffff9a000000 T _stext\n"
	"ffffffff9a000000 T _text\n"
	"ffffffff9a000100 T __x64_sys_write\n"
	"ffffffff9a000100 t __do_sys_write\n"
	"ffffffff9a000100 W sys_write_weak\n"
	"ffffffff9a0001f0 t __pfx_vfs_read\n"
	"ffffffff9a000200 T vfs_read\n"
	"ffffffff9a000300 t vfs_read.cold\n"
	"ffffffff9a000340 t helper.isra.0\n"
	"ffffffff9a000380 T __irqentry_text_start\n"
	"ffffffff9a000380 T asm_irq\n"
	"ffffffff9a0003c0 T __irqentry_text_end\n"
	"ffffffff9a000400 T last_function\n"
	"ffffffff9a000500 T _etext\n"
	"ffffffff9a001000 D __start_rodata\n"
	"ffffffff9a001010 r some_table\n"
	"ffffffff9a002000 T _sinittext\n"
	"ffffffff9a002000 t init_function\n"
	"ffffffff9a002100 T _einittext\n"
	"ffffffff9a003000 B __bss_start\n"
	"ffffffff9a004000 B _end\n";

static const char module_list[] =
	"ext4 20480 1 - Live 0xffffffffc0400000\n"
	"jbd2 8192 1 ext4, Live 0xffffffffc0402000 (OE)\n";

static const char module_symbols[] =
	"ffffffffc0402000 t journal_start\t[jbd2]\n"
	"ffffffffc0400010 t ext4_read\t[ext4]\n"
	"ffffffffc0400100 T ext4_write\t[ext4]\n"
	"ffffffffc0401000 r ext4_table\t[ext4]\n"
	"ffffffffc0402100 r journal_name\t[jbd2]\n"
	"ffffffffc0300000 t ext4_init\t[ext4]\n"
	"ffffffffc0300400 d ext4_initdata\t[ext4]\n";

static void write_file(const char *path, const char *one, const char *two)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(one, f) >= 0 && fputs(two, f) >= 0);
	fclose(f);
}

static struct rp_kernel_symbols *open_all(const char *bpf)
{
	struct rp_kernel_symbols *ks = NULL;
	char two[2048];

	snprintf(two, sizeof(two), "%s%s", module_symbols, bpf);
	write_file(kallsyms, kernel_list, two);
	write_file(modules, module_list, "");
	assert_int_equal(rp_kernel_symbols_open(kallsyms, modules, &ks), 0);
	return ks;
}

/* name NULL: the image is known and the function is not. */
static void expect(struct rp_kernel_symbols *ks, uint64_t address, const char *module,
		   const char *name, uint64_t offset)
{
	struct rp_kernel_symbol s;

	assert_int_equal(rp_kernel_symbols_lookup(ks, address, &s), 0);
	if (name)
		assert_string_equal(s.name, name);
	else
		assert_null(s.name);
	if (module)
		assert_string_equal(s.module, module);
	else
		assert_null(s.module);
	assert_int_equal(s.offset, offset);
}

static void expect_none(struct rp_kernel_symbols *ks, uint64_t address)
{
	struct rp_kernel_symbol s;

	assert_int_equal(rp_kernel_symbols_lookup(ks, address, &s), -ENOENT);
}

static void names_the_kernel(void **state)
{
	struct rp_kernel_symbols *ks = open_all("");

	(void)state;
	assert_null(rp_kernel_symbols_problem(ks));
	expect(ks, BASE, NULL, "startup_64", 0);
	expect(ks, BASE + 0x100, NULL, "__x64_sys_write", 0);
	expect(ks, BASE + 0x1ef, NULL, "__x64_sys_write", 0xef);
	expect(ks, BASE + 0x1f0, NULL, NULL, 0);	/* padding */
	expect(ks, BASE + 0x200, NULL, "vfs_read", 0);
	expect(ks, BASE + 0x2ff, NULL, "vfs_read", 0xff);
	expect(ks, BASE + 0x301, NULL, "vfs_read.cold", 1);
	expect(ks, BASE + 0x340, NULL, "helper.isra.0", 0);
	expect(ks, BASE + 0x380, NULL, "asm_irq", 0);	/* not the marker */
	expect(ks, BASE + 0x3c0, NULL, NULL, 0);	/* behind the end marker */
	expect(ks, BASE + 0x4ff, NULL, "last_function", 0xff);
	expect(ks, BASE + 0x500, NULL, NULL, 0);	/* _etext */
	expect(ks, BASE + 0x1010, NULL, NULL, 0);	/* data */
	expect(ks, BASE + 0x2010, NULL, "init_function", 0x10);
	expect(ks, BASE + 0x2100, NULL, NULL, 0);
	expect(ks, BASE + 0x3fff, NULL, NULL, 0);
	expect_none(ks, BASE + 0x4000);
	expect_none(ks, BASE - 1);
	expect_none(ks, 0);
	expect_none(ks, 0x1000);			/* per-CPU offsets are not addresses */
	expect_none(ks, UINT64_MAX);
	rp_kernel_symbols_free(ks);
}

static void names_modules(void **state)
{
	struct rp_kernel_symbols *ks = open_all("");
	struct rp_kernel_symbols_stats stats;

	(void)state;
	expect(ks, MOD, "ext4", NULL, 0);		/* before its first function */
	expect(ks, MOD + 0x10, "ext4", "ext4_read", 0);
	expect(ks, MOD + 0xfff, "ext4", "ext4_write", 0xeff);
	expect(ks, MOD + 0x1000, "ext4", NULL, 0);	/* its data */
	/* ext4's size reaches over jbd2, since it is the sum of parts that lie apart. */
	expect(ks, MOD + 0x2000, "jbd2", "journal_start", 0);
	expect(ks, MOD + 0x2100, "jbd2", NULL, 0);
	expect(ks, MOD + 0x3fff, "jbd2", NULL, 0);
	expect_none(ks, MOD + 0x4000);
	rp_kernel_symbols_stats(ks, &stats);
	assert_int_equal(stats.modules, 2);
	assert_int_equal(stats.loads, 1);
	assert_int_equal(stats.misses, 1);
	assert_in_range(stats.bytes, 1, 100000);
	rp_kernel_symbols_free(ks);
}

static void addresses_leave_relative_only(void **state)
{
	struct rp_kernel_symbols *ks = open_all(
		"ffffffffc0600000 t bpf_prog_6deef7357e7b4530_count\t[bpf]\n"
		"ffffffffc0601000 t ftrace_trampoline\t[__builtin__ftrace]\n");
	struct rp_kernel_symbol s;

	(void)state;
	assert_int_equal(rp_kernel_symbols_lookup(ks, BASE + 0x234, &s), 0);
	assert_true(s.has_rel);
	assert_int_equal(s.rel, 0x234);
	assert_int_equal(s.image_size, 0x4000);
	assert_int_equal(rp_kernel_symbols_lookup(ks, MOD + 0x123, &s), 0);
	assert_true(s.has_rel);
	assert_int_equal(s.rel, 0x123);
	assert_int_equal(s.image_size, 0x2000);

	/* Names are there, bases are not. */
	expect(ks, 0xffffffffc0600008, "bpf", "bpf_prog_6deef7357e7b4530_count", 8);
	assert_int_equal(rp_kernel_symbols_lookup(ks, 0xffffffffc0600008, &s), 0);
	assert_false(s.has_rel);
	assert_int_equal(s.rel, 0);
	expect(ks, 0xffffffffc0601000, "__builtin__ftrace", "ftrace_trampoline", 0);
	expect_none(ks, 0xffffffffc0601000 + 65536);	/* no name reaches for ever */
	/* A module's init text lies apart from its base. */
	assert_int_equal(rp_kernel_symbols_lookup(ks, 0xffffffffc0300010, &s), 0);
	assert_string_equal(s.name, "ext4_init");
	assert_string_equal(s.module, "ext4");
	assert_false(s.has_rel);
	rp_kernel_symbols_free(ks);
}

static void hidden_bases_keep_addresses_in(void **state)
{
	struct rp_kernel_symbols *ks;
	struct rp_kernel_symbol s;

	(void)state;
	write_file(kallsyms, kernel_list, module_symbols);
	write_file(modules, "ext4 20480 1 - Live 0x0000000000000000\n", "");
	assert_int_equal(rp_kernel_symbols_open(kallsyms, modules, &ks), 0);
	assert_int_equal(rp_kernel_symbols_lookup(ks, MOD + 0x10, &s), 0);
	assert_string_equal(s.name, "ext4_read");
	assert_false(s.has_rel);
	rp_kernel_symbols_free(ks);

	/* No _text and no _stext: the kernel's own base is unknown. */
	write_file(kallsyms, "ffffffff9a000100 T some_function\n", "");
	assert_int_equal(rp_kernel_symbols_open(kallsyms, modules, &ks), 0);
	assert_int_equal(rp_kernel_symbols_lookup(ks, BASE + 0x110, &s), 0);
	assert_string_equal(s.name, "some_function");
	assert_false(s.has_rel);
	rp_kernel_symbols_free(ks);
}

static void hidden_addresses_are_explained(void **state)
{
	struct rp_kernel_symbols *ks;
	struct rp_kernel_symbol s;

	(void)state;
	write_file(modules, "", "");
	write_file(kallsyms, "0000000000000000 T _text\n0000000000000000 T vfs_read\n",
		   "0000000000000000 t ext4_read\t[ext4]\n");
	assert_int_equal(rp_kernel_symbols_open(kallsyms, modules, &ks), 0);
	assert_non_null(rp_kernel_symbols_problem(ks));
	assert_non_null(strstr(rp_kernel_symbols_problem(ks), "kernel.kptr_restrict"));
	assert_int_equal(rp_kernel_symbols_lookup(ks, BASE, &s), -ENODATA);

	/* Once the kernel shows them, the next window has names. */
	write_file(kallsyms, kernel_list, "");
	assert_int_equal(rp_kernel_symbols_refresh(ks), 1);
	assert_null(rp_kernel_symbols_problem(ks));
	expect(ks, BASE + 0x200, NULL, "vfs_read", 0);
	rp_kernel_symbols_free(ks);
}

static void missing_files(void **state)
{
	struct rp_kernel_symbols *ks;

	(void)state;
	assert_int_equal(rp_kernel_symbols_open("/nonexistent/kallsyms", modules, &ks), 0);
	assert_non_null(strstr(rp_kernel_symbols_problem(ks), "/nonexistent/kallsyms"));
	rp_kernel_symbols_free(ks);

	write_file(kallsyms, kernel_list, "");
	assert_int_equal(rp_kernel_symbols_open(kallsyms, "/nonexistent/modules", &ks), 0);
	assert_null(rp_kernel_symbols_problem(ks));
	expect(ks, BASE + 0x200, NULL, "vfs_read", 0);
	rp_kernel_symbols_free(ks);

	write_file(kallsyms, "", "");
	assert_int_equal(rp_kernel_symbols_open(kallsyms, modules, &ks), 0);
	assert_non_null(rp_kernel_symbols_problem(ks));
	rp_kernel_symbols_free(ks);
}

static void odd_lines_are_skipped(void **state)
{
	struct rp_kernel_symbols *ks;

	(void)state;
	write_file(modules, "", "");
	write_file(kallsyms,
		   "\n \nffffffff9a000000\nffffffff9a000000 \nffffffff9a000000 T\n"
		   "ffffffff9a000000 T \nnonsense T x\nffffffff9a000000 T _text\n"
		   "ffffffff9a000010 T good\nffffffff9a000020 t $x\n"
		   "ffffffff9a000030 t a_module_name_that_never_ends\t[aaaaaaaaaaaaaaaaaaaaaaaaa"
		   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]\n",
		   "ffffffff9a001000 T _end\nffffffff9a000800 T no_newline");
	assert_int_equal(rp_kernel_symbols_open(kallsyms, modules, &ks), 0);
	expect(ks, BASE + 0x2f, NULL, "good", 0x1f);
	expect(ks, BASE + 0xfff, NULL, "no_newline", 0x7ff);
	rp_kernel_symbols_free(ks);
}

static void refresh_follows_modules(void **state)
{
	struct rp_kernel_symbols *ks = open_all("");
	struct rp_kernel_symbols_stats stats;

	(void)state;
	assert_int_equal(rp_kernel_symbols_refresh(ks), 0);
	/* Use counts change all the time and mean nothing. */
	write_file(modules, "ext4 20480 7 - Live 0xffffffffc0400000\n",
		   "jbd2 8192 3 ext4, Live 0xffffffffc0402000 (OE)\n");
	assert_int_equal(rp_kernel_symbols_refresh(ks), 0);
	write_file(modules, module_list, "xfs 4096 0 - Live 0xffffffffc0700000\n");
	write_file(kallsyms, kernel_list, "ffffffffc0700000 t xfs_read\t[xfs]\n");
	assert_int_equal(rp_kernel_symbols_refresh(ks), 1);
	expect(ks, 0xffffffffc0700004, "xfs", "xfs_read", 4);
	expect_none(ks, 0xffffffffc0701000);
	rp_kernel_symbols_stats(ks, &stats);
	assert_int_equal(stats.loads, 2);
	rp_kernel_symbols_free(ks);
}

static void odd_modules_are_skipped(void **state)
{
	struct rp_kernel_symbols_stats stats;
	struct rp_kernel_symbols *ks = NULL;

	(void)state;
	write_file(kallsyms, kernel_list, "ffffffffc0400010 t ext4_read\t[ext4]\n");
	write_file(modules, "\next4\next4 \next4 1\n 20480 1 - Live 0xffffffffc0300000\n"
		   "ext4 many 1 - Live 0xffffffffc0300000\next4 20480 1 - Live\n"
		   "ext4 20480 1 - Live nowhere\n"
		   "a_name_of_64_characters_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 8192 1 - "
		   "Live 0xffffffffc0500000\n",
		   "ext4   20480  1  -  Live  0xffffffffc0400000");
	assert_int_equal(rp_kernel_symbols_open(kallsyms, modules, &ks), 0);
	expect(ks, MOD + 0x14, "ext4", "ext4_read", 4);
	rp_kernel_symbols_stats(ks, &stats);
	assert_int_equal(stats.modules, 1);
	rp_kernel_symbols_free(ks);
}

static void expect_build_id(struct rp_kernel_symbols *ks, const char *sysfs, uint64_t address,
			    int byte)
{
	const struct rp_build_id *id;
	struct rp_kernel_symbol s;

	assert_int_equal(rp_kernel_symbols_lookup(ks, address, &s), 0);
	id = rp_kernel_symbols_build_id(ks, &s, sysfs);
	assert_int_equal(id->size, byte ? 1 : 0);
	assert_int_equal(id->bytes[0], byte);
}

/* Once for each load: sysfs is a file to be opened for each image. */
static void build_ids(void **state)
{
	char sysfs[] = "/tmp/test_kernel_sysfs.XXXXXX", command[256], notes[128];
	static const char note[] = "\4\0\0\0\1\0\0\0\3\0\0\0GNU\0\1\0\0";
	struct rp_kernel_symbols *ks = open_all("");
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(sysfs));
	snprintf(command, sizeof(command), "mkdir -p %s/module/ext4/notes", sysfs);
	assert_int_equal(system(command), 0);
	snprintf(notes, sizeof(notes), "%s/module/ext4/notes/.note.gnu.build-id", sysfs);
	f = fopen(notes, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(note, 1, sizeof(note), f), sizeof(note));
	fclose(f);
	expect_build_id(ks, sysfs, MOD + 0x10, 1);
	expect_build_id(ks, sysfs, MOD + 0x2000, 0);
	expect_build_id(ks, sysfs, BASE + 0x100, 0);
	assert_int_equal(unlink(notes), 0);
	assert_int_equal(rp_kernel_symbols_refresh(ks), 0);
	expect_build_id(ks, sysfs, MOD + 0x10, 1);
	write_file(modules, module_list, "xfs 4096 0 - Live 0xffffffffc0700000\n");
	assert_int_equal(rp_kernel_symbols_refresh(ks), 1);
	expect_build_id(ks, sysfs, MOD + 0x10, 0);
	snprintf(command, sizeof(command), "rm -r %s", sysfs);
	assert_int_equal(system(command), 0);
	rp_kernel_symbols_free(ks);
}

static void refresh_follows_unknown_addresses_but_backs_off(void **state)
{
	struct rp_kernel_symbols *ks = open_all("");
	struct rp_kernel_symbols_stats stats;
	int i;

	(void)state;
	expect_none(ks, 0xffffffffc0600000);
	write_file(kallsyms, kernel_list, "ffffffffc0600000 t bpf_prog_1\t[bpf]\n");
	assert_int_equal(rp_kernel_symbols_refresh(ks), 1);
	expect(ks, 0xffffffffc0600000, "bpf", "bpf_prog_1", 0);
	for (i = 0; i < 100; i++) {
		expect_none(ks, 0xffffffffc0900000);
		assert_in_range(rp_kernel_symbols_refresh(ks), 0, 1);
	}
	rp_kernel_symbols_stats(ks, &stats);
	assert_in_range(stats.loads, 4, 9);	/* after 1, 2, 4, 8 … windows */
	rp_kernel_symbols_free(ks);
}

static void thirty_two_bits(void **state)
{
	struct rp_kernel_symbols *ks;
	struct rp_kernel_symbol s;

	(void)state;
	write_file(modules, "snd 4096 0 - Live 0xbf000000\n", "");
	write_file(kallsyms, "c0008000 T _text\nc0008000 T stext\nc0008040 t $a\n"
			     "c0008100 T do_work\nc0100000 D _end\n",
		   "bf000000 t $t\t[snd]\nbf000010 t snd_play\t[snd]\n");
	assert_int_equal(rp_kernel_symbols_open(kallsyms, modules, &ks), 0);
	assert_int_equal(rp_kernel_symbols_lookup(ks, 0xc0008104, &s), 0);
	assert_string_equal(s.name, "do_work");
	assert_int_equal(s.rel, 0x104);
	expect(ks, 0xbf000ffc, "snd", "snd_play", 0xfec);
	expect_none(ks, 0xbf001000);
	rp_kernel_symbols_free(ks);
}

/* 200,000 functions: every one is found at both of its ends. */
static void many_symbols(void **state)
{
	struct rp_kernel_symbols_stats stats;
	struct rp_kernel_symbols *ks;
	struct rp_kernel_symbol s;
	char name[32];
	uint64_t i;
	FILE *f = fopen(kallsyms, "w");

	(void)state;
	assert_non_null(f);
	fprintf(f, "%llx T _text\n", BASE);
	for (i = 200000; i--; )		/* from the last, so that sorting has work */
		fprintf(f, "%llx t function_%llu\n", (unsigned long long)(BASE + i * 32),
			(unsigned long long)i);
	fprintf(f, "%llx T _end\n", BASE + 200000 * 32ull);
	fclose(f);
	write_file(modules, "", "");
	assert_int_equal(rp_kernel_symbols_open(kallsyms, modules, &ks), 0);
	for (i = 0; i < 200000; i++) {
		snprintf(name, sizeof(name), "function_%llu", (unsigned long long)i);
		assert_int_equal(rp_kernel_symbols_lookup(ks, BASE + i * 32, &s), 0);
		assert_string_equal(s.name, name);
		assert_int_equal(rp_kernel_symbols_lookup(ks, BASE + i * 32 + 31, &s), 0);
		assert_string_equal(s.name, name);
		assert_int_equal(s.offset, 31);
	}
	rp_kernel_symbols_stats(ks, &stats);
	assert_int_equal(stats.symbols, 200000);
	assert_in_range(stats.bytes, 1 << 20, 8 << 20);
	rp_kernel_symbols_free(ks);
}

/* The running kernel, if it shows itself: what the list says, the table says. */
static void this_kernel(void **state)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	struct rp_kernel_symbols *ks;
	struct rp_kernel_symbol s;
	unsigned long long addr;
	char type, name[512];
	size_t checked = 0;

	(void)state;
	assert_int_equal(rp_kernel_symbols_open(NULL, NULL, &ks), 0);
	if (rp_kernel_symbols_problem(ks) || !f) {
		rp_kernel_symbols_free(ks);
		if (f)
			fclose(f);
		skip();
	}
	while (fscanf(f, "%llx %c %511s%*[^\n]", &addr, &type, name) == 3) {
		if (type != 'T' || strncmp(name, "vfs_", 4) != 0)
			continue;
		assert_int_equal(rp_kernel_symbols_lookup(ks, addr, &s), 0);
		assert_non_null(s.name);
		assert_int_equal(s.offset, 0);
		checked++;
	}
	fclose(f);
	assert_in_range(checked, 10, 10000);
	rp_kernel_symbols_free(ks);
}

static int make_files(void **state)
{
	int a = mkstemp(kallsyms), b = mkstemp(modules);

	(void)state;
	if (a < 0 || b < 0)
		return -1;
	close(a);
	close(b);
	return 0;
}

static int remove_files(void **state)
{
	(void)state;
	return unlink(kallsyms) | unlink(modules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_the_kernel),
		cmocka_unit_test(names_modules),
		cmocka_unit_test(addresses_leave_relative_only),
		cmocka_unit_test(hidden_bases_keep_addresses_in),
		cmocka_unit_test(hidden_addresses_are_explained),
		cmocka_unit_test(missing_files),
		cmocka_unit_test(odd_lines_are_skipped),
		cmocka_unit_test(refresh_follows_modules),
		cmocka_unit_test(odd_modules_are_skipped),
		cmocka_unit_test(build_ids),
		cmocka_unit_test(refresh_follows_unknown_addresses_but_backs_off),
		cmocka_unit_test(thirty_two_bits),
		cmocka_unit_test(many_symbols),
		cmocka_unit_test(this_kernel),
	};

	return cmocka_run_group_tests_name("kernel_symbols", tests, make_files, remove_files);
}
