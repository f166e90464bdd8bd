// SPDX-License-Identifier: GPL-2.0
/*
 * Names of stubs (NAME@plt), with objdump as the judge, in what compilers and linkers at
 * hand make for three machines: of each kind of stub that there is.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "elf_symbols.h"
#include "plt_stub.h"
#include "work_folder.h"

static struct rp_elf_symbols *load(void)
{
	struct rp_elf_symbols *es = NULL;
	const char *path = in_folder("linked");
	char err[256] = "";
	int fd;

	fd = rp_elf_open(path, NULL, err, sizeof(err));
	if (fd < 0 || rp_elf_symbols_from_fd(fd, path, NULL, &es, err, sizeof(err)))
		fail_msg("%s", err);
	close(fd);
	return es;
}

/*
 * Every stub that objdump names has that name with us, and begins and ends there. What it
 * calls *ABS*+0x… has the name of the function there. Returns how many there were.
 */
static unsigned int agree(const char *objdump, unsigned int *ret_resolved)
{
	struct rp_elf_symbols *es = load();
	char line[512], name[256];
	struct rp_elf_symbol s, target;
	unsigned long long addr, resolver;
	unsigned int nr = 0;
	FILE *f;

	f = output_of("%s -d linked | grep '@plt>:$'", objdump);
	while (fgets(line, sizeof(line), f)) {
		assert_int_equal(sscanf(line, "%llx <%255[^>]>:", &addr, name), 2);
		if (rp_elf_symbols_lookup(es, addr, &s))
			fail_msg("no name at %llx, which is %s", addr, name);
		assert_int_equal(s.start, addr);
		if (sscanf(name, "*ABS*+0x%llx@plt", &resolver) == 1) {
			assert_int_equal(rp_elf_symbols_lookup(es, resolver, &target), 0);
			snprintf(name, sizeof(name), "%s@plt", target.name);
			++*ret_resolved;
		}
		name[strcspn(name, "@")] = '\0';	/* versions are cut off */
		strcat(name, "@plt");
		assert_string_equal(s.name, name);
		/* Up to the next, or its padding. */
		assert_true(s.size >= 6 && s.size <= 24 && s.size % 4 == 0);
		assert_int_equal(rp_elf_symbols_lookup(es, addr + s.size - 1, &s), 0);
		assert_string_equal(s.name, name);
		nr++;
	}
	pclose(f);
	rp_elf_symbols_free(es);
	return nr;
}

/* A program that calls three functions of a library by stubs, and one by its address. */
static void expect_stubs(const char *cc, const char *objdump, const char *options,
			 unsigned int want)
{
	unsigned int nr, resolved = 0;

	if (!try("%s -O1 -w %s -o linked a.c", cc, options))
		fail_msg("%s %s cannot make it", cc, options);
	nr = agree(objdump, &resolved);
	if (nr < want)
		fail_msg("%s %s: %u stubs", cc, options, nr);
	assert_int_equal(resolved, 0);
	/* Stripping takes nothing away: it is by what the dynamic linker reads. */
	assert_true(try("%.*sstrip linked", (int)(strlen(objdump) - strlen("objdump")), objdump));
	assert_int_equal(agree(objdump, &resolved), nr);
}

static void x86_64(void **state)
{
	(void)state;
	expect_stubs(compiler(), "objdump", "-Wl,-z,lazy", 3);
	expect_stubs(compiler(), "objdump", "-Wl,-z,now", 3);
	expect_stubs(compiler(), "objdump", "-no-pie", 3);
	expect_stubs(compiler(), "objdump", "-fPIC -shared", 3);
	expect_stubs(compiler(), "objdump", "-fcf-protection -Wl,-z,ibtplt -Wl,-z,lazy", 3);
	expect_stubs(compiler(), "objdump", "-fcf-protection -Wl,-z,ibtplt -Wl,-z,now", 3);
	/* One whose address is taken as well has a stub of another kind. */
	expect_stubs(compiler(), "objdump", "-DADDRESS", 3);
	expect_stubs(compiler(), "objdump", "-DADDRESS -fcf-protection -Wl,-z,ibtplt", 3);
}

static void other_linkers(void **state)
{
	static const char *const names[] = { "lld", "gold" };
	unsigned int i, tried = 0;
	char options[256];

	(void)state;
	for (i = 0; i < 2; i++) {
		if (!try("command -v ld.%s >/dev/null", names[i]))
			continue;
		tried++;
		snprintf(options, sizeof(options), "-fuse-ld=%s -Wl,-z,lazy", names[i]);
		expect_stubs(compiler(), "objdump", options, 3);
		snprintf(options, sizeof(options), "-fuse-ld=%s -Wl,-z,now -no-pie", names[i]);
		expect_stubs(compiler(), "objdump", options, 3);
	}
	if (!tried)
		skip();
}

static void i386(void **state)
{
	(void)state;
	if (!try("%s -m32 -o linked a.c 2>/dev/null", compiler()))
		skip();
	expect_stubs(compiler(), "objdump", "-m32 -fPIE -pie", 3);
	expect_stubs(compiler(), "objdump", "-m32 -fno-pie -no-pie", 3);
	expect_stubs(compiler(), "objdump", "-m32 -fPIC -shared -DADDRESS", 3);
	expect_stubs(compiler(), "objdump", "-m32 -fcf-protection -Wl,-z,ibtplt -Wl,-z,lazy", 3);
}

#define BARE "-shared -fPIC -nostdlib "

static void arm64(void **state)
{
	const char *cc = "aarch64-linux-gnu-gcc", *objdump = "aarch64-linux-gnu-objdump";

	(void)state;
	if (!try("command -v %s %s >/dev/null", cc, objdump))
		skip();
	/* There need be no C library for it. */
	expect_stubs(cc, objdump, BARE "-Wl,-z,lazy", 3);
	expect_stubs(cc, objdump, BARE "-Wl,-z,now -DADDRESS", 3);
	expect_stubs(cc, objdump, BARE "-mbranch-protection=standard -Wl,-z,force-bti", 3);
	expect_stubs(cc, objdump, BARE "-Wl,-z,pac-plt", 3);
	expect_stubs(cc, objdump, BARE "-mbranch-protection=standard "
		     "-Wl,-z,force-bti -Wl,-z,pac-plt", 3);
}

/* The C library calls those of its functions that have variants by stubs of its own. */
static void resolvers_have_their_function_s_name(void **state)
{
	unsigned int resolved = 0;

	(void)state;
	assert_true(try("cp \"$(ldd /bin/sh | sed -n 's/.*=> \\(.*libc\\.so\\.6\\) .*/\\1/p')\" linked"));
	assert_true(agree("objdump", &resolved) > 0);
	if (!resolved)
		skip();		/* a C library without variants */
}

/* No section headers, no names; a relocation elsewhere, no name: never the neighbour's. */
static void a_stub_without_a_relocation_has_no_name(void **state)
{
	struct rp_elf_symbols *es;
	struct rp_elf_symbol s;
	unsigned long long addr = 0;
	FILE *f;

	(void)state;
	assert_true(try("%s -O1 -w -Wl,-z,lazy -o linked a.c", compiler()));
	f = output_of("objdump -d linked | sed -n 's/ <puts@plt>:$//p'");
	assert_int_equal(fscanf(f, "%llx", &addr), 1);
	pclose(f);
	es = load();
	assert_int_equal(rp_elf_symbols_lookup(es, addr, &s), 0);
	assert_string_equal(s.name, "puts@plt");
	rp_elf_symbols_free(es);
	assert_true(try("strip linked && objcopy --remove-section .rela.plt --remove-section .rel.plt "
			"linked linked 2>/dev/null"));
	es = load();
	assert_int_not_equal(rp_elf_symbols_lookup(es, addr, &s), 0);
	rp_elf_symbols_free(es);
}

static void code_that_is_no_stub(void **state)
{
	static const uint8_t jump[] = { 0xff, 0x25, 0xfe, 0xff, 0xff, 0xff };
	static const uint8_t push[] = { 0x68, 0x78, 0x56, 0x34, 0x12, 0xe9, 0, 0, 0, 0 };
	struct rp_plt_stub stub;
	size_t size;

	(void)state;
	for (size = 0; size < sizeof(jump); size++)
		assert_false(rp_plt_stub_x86(jump, size, true, &stub));
	assert_true(rp_plt_stub_x86(jump, sizeof(jump), true, &stub));
	assert_int_equal(rp_plt_stub_word(&stub, 0x1000, 0), 0x1004);
	assert_int_equal(stub.push_end, 0);
	assert_true(rp_plt_stub_x86(jump, sizeof(jump), false, &stub));
	assert_int_equal(rp_plt_stub_word(&stub, 0x1000, 0), 0xfffffffe);
	for (size = 0; size < 5; size++)
		assert_false(rp_plt_stub_x86(push, size, true, &stub));
	assert_true(rp_plt_stub_x86(push, sizeof(push), true, &stub));
	assert_int_equal(stub.pushed, 0x12345678);
	assert_int_equal(stub.kind, RP_PLT_NO_WORD);
	assert_int_equal(stub.size, sizeof(push));
	/* Of the head: adrp's word is there, but what is loaded is not what is added. */
	assert_false(rp_plt_stub_arm64((const uint8_t[]){
		0x90, 0, 0, 0xb0, 0x11, 0x02, 0x40, 0xf9, 0x10, 0x22, 0, 0x91,
		0x20, 0x02, 0x1f, 0xd6 }, 16, &stub));
	assert_true(rp_plt_stub_arm64((const uint8_t[]){
		0x90, 0, 0, 0xb0, 0x11, 0x06, 0x40, 0xf9, 0x10, 0x22, 0, 0x91,
		0x20, 0x02, 0x1f, 0xd6 }, 16, &stub));
	assert_int_equal(rp_plt_stub_word(&stub, 0x5ff0, 0), 0x5000 + 0x11000 + 8);
	assert_true(rp_plt_stub_arm64((const uint8_t[]){
		0xf0, 0xff, 0xff, 0xf0, 0x11, 0x06, 0x40, 0xf9, 0x10, 0x22, 0, 0x91,
		0x20, 0x02, 0x1f, 0xd6 }, 16, &stub));
	assert_int_equal(rp_plt_stub_word(&stub, 0x5ff0, 0), 0x5000 - 0x1000 + 8);
}

/* A lazy linker's: what looks a function up stands before the stubs of .plt. */
static void the_head_is_called_plt(void **state)
{
	static const char *const sets[][2] = {
		{ "", "-Wl,-z,lazy" },
		{ "", "-m32 -Wl,-z,lazy" },
		{ "", "-fcf-protection -Wl,-z,ibtplt -Wl,-z,lazy" },
		{ "aarch64-linux-gnu-", BARE "-Wl,-z,lazy" },
		{ "aarch64-linux-gnu-", BARE "-mbranch-protection=standard -Wl,-z,force-bti" },
	};
	const unsigned int nr = sizeof(sets) / sizeof(sets[0]);
	struct rp_elf_symbols *es;
	struct rp_elf_symbol s, last;
	unsigned long long addr = 0;
	unsigned int i;
	FILE *f;

	(void)state;
	for (i = 0; i < nr; i++) {
		if (!try("%s%s -O1 -w %s -o linked a.c 2>/dev/null", sets[i][0],
			 *sets[i][0] ? "gcc" : compiler(), sets[i][1]))
			continue;	/* what is not at hand; the first one always is */
		f = output_of("%sobjdump -h linked | awk '$2 == \".plt\" { print $4 }'",
			      sets[i][0]);
		assert_int_equal(fscanf(f, "%llx", &addr), 1);
		pclose(f);
		es = load();
		assert_int_equal(rp_elf_symbols_lookup(es, addr, &s), 0);
		assert_string_equal(s.name, ".plt");
		assert_int_equal(s.start, addr);
		assert_int_equal(s.size, *sets[i][0] ? 32 : 16);
		assert_int_equal(rp_elf_symbols_lookup(es, addr + s.size - 1, &last), 0);
		assert_string_equal(last.name, ".plt");
		assert_true(rp_elf_symbols_lookup(es, addr + s.size, &last) ||
			    strcmp(last.name, ".plt"));
		rp_elf_symbols_free(es);
	}
}

static int make_source(void **state)
{
	if (make_folder(state))
		return -1;
	return try("cat >a.c <<'END'\n"
		"int puts(const char *), abs(int), getpid(void); long random(void);\n"
		"#ifdef ADDRESS\nlong (*volatile f)(void) = random;\n"
		"long g(void) { return (long)random; }\n#endif\n"
		"int h(void) { return puts(\"x\") + getpid() + (int)random() + 1; }\n"
		"int main(void) { return h(); }\nEND") ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(x86_64),
		cmocka_unit_test(other_linkers),
		cmocka_unit_test(i386),
		cmocka_unit_test(arm64),
		cmocka_unit_test(resolvers_have_their_function_s_name),
		cmocka_unit_test(the_head_is_called_plt),
		cmocka_unit_test(a_stub_without_a_relocation_has_no_name),
		cmocka_unit_test(code_that_is_no_stub),
	};

	return cmocka_run_group_tests_name("elf_plt", tests, make_source, remove_tree);
}
