// SPDX-License-Identifier: GPL-2.0
/*
 * ELF symbols on files as tools make them: this test itself, the C library, the vdso, and
 * small libraries that the compiler builds here ($CC, else cc), with nm and readelf as
 * the judges.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "elf_symbols.h"
#include "work_folder.h"

static struct rp_elf_symbols *open_file(const char *path)
{
	struct rp_elf_symbols *es = NULL;
	char err[256] = "";
	int fd = rp_elf_open(path, NULL, err, sizeof(err));

	assert_true(fd >= 0);
	if (rp_elf_symbols_from_fd(fd, path, NULL, &es, err, sizeof(err)))
		fail_msg("%s", err);
	close(fd);
	return es;
}

/*
 * nm's functions against ours: at each address that nm gives, we must have a name, begin
 * there, and the name must be one that nm has for that address. Returns how many.
 */
static size_t compare_with_nm(const char *path, const char *options)
{
	struct rp_elf_symbols *es = open_file(path);
	struct nm_line { unsigned long long addr, size; char name[512]; } *lines = NULL;
	size_t nr = 0, room = 0, i, j;
	struct rp_elf_symbol s;
	char command[PATH_MAX + 64], text[1024], type;
	FILE *nm;

	/* Numeric sort: aliases are neighbours. */
	snprintf(command, sizeof(command), "nm -nS --defined-only %s %s", options, path);
	nm = popen(command, "r");
	assert_non_null(nm);
	while (fgets(text, sizeof(text), nm)) {
		struct nm_line l;

		if (sscanf(text, "%llx %llx %c %511[^@\n]", &l.addr, &l.size, &type, l.name) != 4 ||
		    !strchr("TtWwi", type))
			continue;
		if (nr == room) {
			room = room ? 2 * room : 256;
			lines = realloc(lines, room * sizeof(*lines));
			assert_non_null(lines);
		}
		lines[nr++] = l;
	}
	assert_int_equal(pclose(nm), 0);
	for (i = 0; i < nr; i++) {
		assert_int_equal(rp_elf_symbols_lookup(es, lines[i].addr, &s), 0);
		assert_int_equal(s.start, lines[i].addr);
		for (j = i; j > 0 && lines[j - 1].addr == lines[i].addr; j--)
			;
		while (j < nr && lines[j].addr == lines[i].addr &&
		       strcmp(lines[j].name, s.name) != 0)
			j++;
		if (j == nr || lines[j].addr != lines[i].addr)
			fail_msg("%s at %llx is not one of nm's names", s.name, lines[i].addr);
		assert_true(s.size >= lines[i].size);
		assert_int_equal(rp_elf_symbols_lookup(es, lines[i].addr + lines[i].size - 1,
						       &s), 0);
	}
	free(lines);
	rp_elf_symbols_free(es);
	return nr;
}

/* The path of the C library of this process. */
static const char *libc_path(void)
{
	static char path[PATH_MAX];
	char line[PATH_MAX + 128], *slash;
	FILE *f = fopen("/proc/self/maps", "r");

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		slash = strchr(line, '/');
		if (slash && strstr(slash, "/libc") &&
		    (strstr(slash, "/libc.so") || strstr(slash, "/libc-2"))) {
			slash[strcspn(slash, "\n")] = '\0';
			snprintf(path, sizeof(path), "%s", slash);
		}
	}
	fclose(f);
	return *path ? path : NULL;
}

static void agrees_with_nm(void **state)
{
	char self[PATH_MAX] = "";

	(void)state;
	assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	assert_in_range(compare_with_nm(self, ""), 50, 100000);
	if (libc_path())
		assert_in_range(compare_with_nm(libc_path(), "-D"), 500, 100000);
}

__attribute__((noinline)) static int a_function_to_find(int n)
{
	return n * 7 + 1;
}

/* From an address in this process, as the daemon goes: mapping, file offset, vaddr, name. */
static void names_a_live_address(void **state)
{
	uintptr_t address = (uintptr_t)a_function_to_find + 1;
	struct rp_elf_symbols *es = open_file("/proc/self/exe");
	unsigned long long start, end, offset;
	struct rp_elf_symbol s;
	char line[PATH_MAX + 128];
	FILE *f = fopen("/proc/self/maps", "r");
	bool found = false;
	uint64_t vaddr;

	(void)state;
	assert_int_equal(a_function_to_find(1), 8);
	assert_non_null(f);
	while (!found && fgets(line, sizeof(line), f))
		found = sscanf(line, "%llx-%llx %*s %llx", &start, &end, &offset) == 3 &&
			address >= start && address < end;
	fclose(f);
	assert_true(found);
	assert_int_equal(rp_elf_symbols_vaddr(es, address - start + offset, &vaddr), 0);
	assert_int_equal(rp_elf_symbols_lookup(es, vaddr, &s), 0);
	assert_string_equal(s.name, "a_function_to_find");
	assert_int_equal(s.offset, 1);
	rp_elf_symbols_free(es);
}

static void names_the_vdso(void **state)
{
	const uint8_t *image = (const uint8_t *)getauxval(AT_SYSINFO_EHDR);
	unsigned long long start, end;
	struct rp_elf_symbols_info info;
	struct rp_elf_symbols *es;
	char line[PATH_MAX + 128], err[256];
	bool found = false;
	FILE *f;

	(void)state;
	if (!image)
		skip();
	f = fopen("/proc/self/maps", "r");
	assert_non_null(f);
	while (!found && fgets(line, sizeof(line), f))
		found = sscanf(line, "%llx-%llx", &start, &end) == 2 &&
			start == (uintptr_t)image;
	fclose(f);
	assert_true(found);
	assert_int_equal(rp_elf_symbols_from_memory(image, end - start, "[vdso]", &es, err,
						    sizeof(err)), 0);
	rp_elf_symbols_info(es, &info);
	assert_in_range(info.symbols, 1, 1000);
	assert_int_not_equal(rp_elf_symbols_build_id(es)->size, 0);
	rp_elf_symbols_free(es);
}

static void build_id_agrees_with_readelf(void **state)
{
	struct rp_elf_symbols *es = open_file("/proc/self/exe");
	char line[256], hex[RP_BUILD_ID_HEX], theirs[RP_BUILD_ID_HEX] = "";
	FILE *f = popen("readelf -n /proc/$PPID/exe", "r");

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		sscanf(line, " Build ID: %128s", theirs);
	pclose(f);
	assert_string_equal(rp_build_id_hex(rp_elf_symbols_build_id(es), hex), theirs);
	rp_elf_symbols_free(es);
}

static const char source[] =
	"static int local_static(int n) { return n * 3; }\n"
	"int exported_one(int n) { return local_static(n) + 1; }\n"
	"int exported_two(int n) { return exported_one(n) + 2; }\n"
	"#ifndef PLAIN\n"
	"int an_alias(int n) __attribute__((alias(\"exported_two\")));\n"
	"int _an_alias(int n) __attribute__((alias(\"exported_two\")));\n"
	"int some_data[4] = { 1, 2, 3, 4 };\n"
	"__asm__(\".text\\n.globl asm_untyped\\nasm_untyped:\\n.skip 24\\n\"\n"
	"\"asm_next:\\n.skip 8\\n\");\n"
	"#endif\n";

/* Builds lib NAME with these options from the source above. */
static const char *build(const char *name, const char *options)
{
	const char *from = in_folder("lib.c"), *to = in_folder(name);
	FILE *f = fopen(from, "w");

	assert_non_null(f);
	fputs(source, f);
	fclose(f);
	run("%s -O0 -fPIC -shared -nostdlib -Wl,--build-id=0x1234abcd %s -o %s %s",
	    compiler(), options, to, from);
	return to;
}

static const char *name_at(const struct rp_elf_symbols *es, uint64_t vaddr)
{
	struct rp_elf_symbol s;

	return rp_elf_symbols_lookup(es, vaddr, &s) == 0 ? s.name : "(none)";
}

static void compiled_library(void **state)
{
	const char *path = build("full.so", "");
	struct rp_elf_symbols *es = open_file(path);
	struct rp_elf_symbols_info info;
	char hex[RP_BUILD_ID_HEX];

	(void)state;
	rp_elf_symbols_info(es, &info);
	assert_int_equal(info.symtab, RP_ELF_SYMTAB_OWN);
	assert_string_equal(rp_build_id_hex(rp_elf_symbols_build_id(es), hex), "1234abcd");
	assert_string_equal(name_at(es, nm_address(path, "local_static")), "local_static");
	assert_string_equal(name_at(es, nm_address(path, "exported_two")), "an_alias");
	assert_string_equal(name_at(es, nm_address(path, "asm_untyped") + 23), "asm_untyped");
	assert_string_equal(name_at(es, nm_address(path, "asm_next")), "asm_next");
	assert_string_equal(name_at(es, nm_address(path, "some_data")), "(none)");
	rp_elf_symbols_free(es);
}

/* What is left of a library when strip, and then less gentle tools, are done with it. */
static void stripped_library(void **state)
{
	static const char *const hashes[] = { "gnu", "sysv", "both" };
	const char *full = build("full.so", ""), *path;
	char options[64], name[64];
	struct rp_elf_symbols_info info;
	struct rp_elf_symbols *es;
	uint64_t exported;
	size_t i;
	int fd, bare;

	(void)state;
	for (i = 0; i < 3; i++) {
		/* Functions only, so that not one entry of the table may be missed. */
		snprintf(options, sizeof(options), "-DPLAIN -Wl,-Bsymbolic -Wl,--hash-style=%s", hashes[i]);
		full = build("full.so", options);
		exported = nm_address(full, "exported_one");
		for (bare = 0; bare < 2; bare++) {
			snprintf(name, sizeof(name), "stripped-%s-%d.so", hashes[i], bare);
			path = in_folder(name);
			run("strip -o %s %s", path, full);
			if (bare) {	/* no section headers at all */
				Elf64_Ehdr e;

				fd = open(path, O_RDWR);
				assert_int_equal(pread(fd, &e, sizeof(e), 0), sizeof(e));
				if (e.e_ident[EI_CLASS] != ELFCLASS64) {
					close(fd);
					continue;
				}
				e.e_shoff = e.e_shnum = e.e_shstrndx = 0;
				assert_int_equal(pwrite(fd, &e, sizeof(e), 0), sizeof(e));
				close(fd);
			}
			es = open_file(path);
			rp_elf_symbols_info(es, &info);
			assert_int_equal(info.symtab, RP_ELF_SYMTAB_NONE);
			assert_false(info.partial);
			assert_int_equal(info.symbols, 2);
			assert_string_equal(name_at(es, exported), "exported_one");
			assert_string_equal(name_at(es, nm_address(full, "local_static")),
					    "(none)");
			rp_elf_symbols_free(es);
		}
	}
}

static void uses_what_is_left(const uint8_t *file, size_t size)
{
	struct rp_elf_symbols *es;
	struct rp_elf_symbol s;
	char err[256];
	uint64_t vaddr;
	size_t at;
	int r;

	r = rp_elf_symbols_from_memory(file, size, "cut", &es, err, sizeof(err));
	if (r) {
		assert_true(r == -ENOEXEC || r == -EBADMSG || r == -EFBIG);
		return;
	}
	for (at = 0; at < 0x3000; at += 16)
		if (rp_elf_symbols_vaddr(es, at, &vaddr) == 0 &&
		    rp_elf_symbols_lookup(es, vaddr, &s) == 0)
			assert_in_range(s.offset, 0, s.size - 1);
	rp_elf_symbols_free(es);
}

static uint8_t *read_all(const char *path, size_t *ret_size)
{
	FILE *f = fopen(path, "r");
	uint8_t *data;
	long size;

	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	size = ftell(f);
	rewind(f);
	data = malloc(size);
	assert_int_equal(fread(data, 1, size, f), size);
	fclose(f);
	*ret_size = size;
	return data;
}

static void survives_cut_and_broken_libraries(void **state)
{
	const char *const paths[] = { build("cut.so", "-Wl,--hash-style=both"), libc_path() };
	size_t size, n, step, i, k;
	uint8_t *data, *copy;

	(void)state;
	srandom(2);
	for (i = 0; i < 2 && paths[i]; i++) {
		data = read_all(paths[i], &size);
		step = i ? size / 64 : 64;	/* the C library is large: fewer places */
		for (n = 0; n < size; n += step) {
			copy = malloc(n ? n : 1);
			memcpy(copy, data, n);
			uses_what_is_left(copy, n);
			free(copy);
		}
		/* Bytes changed in headers, dynamic segment, tables: everywhere. */
		copy = malloc(size);
		for (n = 0; n < (i ? 50 : 2000); n++) {
			memcpy(copy, data, size);
			for (k = 0; k < 1 + n % 32; k++)
				copy[(size_t)random() % (n % 2 ? size : 0x400)] = random();
			if (n % 3 == 0)
				memset(copy + 40, 0, 8);	/* e_shoff: by PT_DYNAMIC */
			uses_what_is_left(copy, size);
		}
		free(copy);
		free(data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_nm),
		cmocka_unit_test(names_a_live_address),
		cmocka_unit_test(names_the_vdso),
		cmocka_unit_test(build_id_agrees_with_readelf),
		cmocka_unit_test(compiled_library),
		cmocka_unit_test(stripped_library),
		cmocka_unit_test(survives_cut_and_broken_libraries),
	};

	return cmocka_run_group_tests_name("elf_files", tests, make_folder, remove_tree);
}
