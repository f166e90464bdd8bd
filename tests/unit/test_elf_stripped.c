// SPDX-License-Identifier: GPL-2.0
/*
 * Symbols of stripped files, from where they are kept instead: a separate debug file, and
 * packed in the file itself. Files are made by the compiler ($CC, else cc), objcopy, strip
 * and xz.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "debug_file.h"
#include "elf_symbols.h"
#include "work_folder.h"

static struct rp_elf_symbols *load(const char *name, enum rp_elf_symtab want, bool partial)
{
	const char *path = in_folder(name);
	char err[256] = "";
	const char *dirs[] = { "/none/such", NULL };
	const struct rp_debug_search where = { .path = path, .dirs = dirs };
	struct rp_elf_symbols_info info;
	struct rp_elf_symbols *es = NULL;
	int fd;

	fd = rp_elf_open(path, NULL, err, sizeof(err));
	if (fd < 0 || rp_elf_symbols_from_fd(fd, path, &where, &es, err, sizeof(err)))
		fail_msg("%s", err);
	close(fd);
	rp_elf_symbols_info(es, &info);
	assert_int_equal(info.symtab, want);
	assert_int_equal(info.partial, partial);
	return es;
}

static void expect_names(struct rp_elf_symbols *es, const char *local)
{
	static const char *const names[] = { "exported", "hidden_one", "hidden_two" };
	struct rp_elf_symbol s;
	uint64_t addr;
	int i, r;

	for (i = 0; i < 3; i++) {
		addr = nm_address("full.so", names[i]);
		r = rp_elf_symbols_lookup(es, addr + 1, &s);
		if (i && !local) {
			assert_int_not_equal(r, 0);
			continue;
		}
		assert_int_equal(r, 0);
		assert_string_equal(s.name, names[i]);
		assert_int_equal(s.start, addr);
	}
	rp_elf_symbols_free(es);
}

static int make_files(void **state)
{
	if (make_folder(state))
		return -1;
	run("cat >a.c <<'END'\n"
	    "static __attribute__((noinline)) int hidden_one(int x) { return x * x + 1; }\n"
	    "static __attribute__((noinline)) int hidden_two(int x) { return x / 3 - 1; }\n"
	    "int exported(int x) { return hidden_one(x) + hidden_two(x); }\nEND");
	run("%s -g -O1 -shared -fPIC -Wl,--build-id=0xabcdef0123 -o full.so a.c", compiler());
	run("strip -o bare.so full.so && objcopy --only-keep-debug full.so full.debug");
	run("objcopy --add-gnu-debuglink=full.debug bare.so linked.so && mv full.debug kept");
	run("strip --strip-debug -o mini full.so && objcopy --only-keep-debug mini mini");
	return 0;
}

static void from_a_debug_file(void **state)
{
	(void)state;
	expect_names(load("full.so", RP_ELF_SYMTAB_OWN, false), "local");
	expect_names(load("linked.so", RP_ELF_SYMTAB_NONE, false), NULL);
	run("cp kept full.debug");
	expect_names(load("linked.so", RP_ELF_SYMTAB_DEBUG_FILE, false), "local");
	/* One of debugging data alone adds no names and takes none away. */
	run("objcopy --strip-all --keep-section='.debug*' --keep-section=.note.gnu.build-id "
	    "kept full.debug");
	expect_names(load("linked.so", RP_ELF_SYMTAB_NONE, false), NULL);
	run("rm full.debug");
}

/* What .symtab lost alone is in .dynsym still. */
static void from_both_tables(void **state)
{
	(void)state;
	run("objcopy --strip-symbol=exported full.so partly.so");
	expect_names(load("partly.so", RP_ELF_SYMTAB_OWN, false), "local");
	expect_names(load("full.so", RP_ELF_SYMTAB_OWN, false), "local");
}

static void pack(const char *command, const char *to)
{
	run("{ %s; } <mini >packed && objcopy --add-section .gnu_debugdata=packed bare.so %s",
	    command, to);
}

static void from_packed_data(void **state)
{
	(void)state;
	pack("xz", "packed.so");
	expect_names(load("packed.so", RP_ELF_SYMTAB_DEBUG_DATA, false), "local");
	pack("xz -9e --check=sha256", "packed.so");
	expect_names(load("packed.so", RP_ELF_SYMTAB_DEBUG_DATA, false), "local");
	pack("xz -0 --check=none", "packed.so");
	expect_names(load("packed.so", RP_ELF_SYMTAB_DEBUG_DATA, false), "local");
	/* A whole debug file is more. */
	run("objcopy --add-gnu-debuglink=kept packed.so both.so");
	expect_names(load("both.so", RP_ELF_SYMTAB_DEBUG_FILE, false), "local");
}

/* What cannot be unpacked leaves what is exported, and a mark. */
static void from_bad_data(void **state)
{
	(void)state;
	pack("cat", "bad.so");
	expect_names(load("bad.so", RP_ELF_SYMTAB_NONE, true), NULL);
	pack("xz | head -c 200", "bad.so");
	expect_names(load("bad.so", RP_ELF_SYMTAB_NONE, true), NULL);
	pack("xz | head -c -1", "bad.so");
	expect_names(load("bad.so", RP_ELF_SYMTAB_NONE, true), NULL);
	pack("echo no ELF file | xz", "bad.so");
	expect_names(load("bad.so", RP_ELF_SYMTAB_NONE, true), NULL);
	/* Small here and large when unpacked; and what asks for a dictionary of 1 GiB. */
	pack("cat - /dev/zero | head -c 34M | xz -1", "bad.so");
	expect_names(load("bad.so", RP_ELF_SYMTAB_NONE, true), NULL);
	pack("xz | python3 -c 'import sys, zlib; b = bytearray(sys.stdin.buffer.read()); "
	     "b[16] = 36; b[20:24] = zlib.crc32(b[12:20]).to_bytes(4, \"little\"); "
	     "sys.stdout.buffer.write(b)'", "bad.so");
	expect_names(load("bad.so", RP_ELF_SYMTAB_NONE, true), NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_a_debug_file),
		cmocka_unit_test(from_both_tables),
		cmocka_unit_test(from_packed_data),
		cmocka_unit_test(from_bad_data),
	};

	return cmocka_run_group_tests(tests, make_files, remove_tree);
}
