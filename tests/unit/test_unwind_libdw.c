// SPDX-License-Identifier: GPL-2.0
/*
 * Unwind tables of whole libraries against elfutils' libdw, an implementation that has
 * nothing in common with ours: at each address of their code, one step by the table from
 * made-up registers and memory has to give what libdw's rules give from the same. So also
 * expressions are compared, by running them.
 *
 * What a table does not say has to be listed, be of a reason that is known for that file,
 * and be little.
 */
#include <fcntl.h>
#include <gelf.h>
#include <glob.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "unwind_compile.h"
#include "unwind_oracle.h"

struct comparison {
	const char *file;
	Dwarf_CFI *cfi;
	struct rp_unwind_built built;
	uint64_t addresses, rows, unsaid, less, signals, plt, special, stubs, backwards;
	GElf_Shdr linkage;	/* the section .plt */
	uint64_t listed_unsaid;
};

static void expect_caller(struct comparison *c, const struct rp_unwind_rule *rule,
			  const struct frame *f, uint64_t address)
{
	struct rp_unwind_state s = {
		.pc = address, .sp = SP_VALUE, .fp = register_value(rp_unwind_fp(machine)),
		.lr = register_value(30), .exact = 1, .fp_known = 1 };
	enum rp_unwind_step step = rp_unwind_one(&s, rule, machine, &reader);

	if (f->root && step == RP_UNWIND_ROOT)
		return;
	/* The description itself says that the stack does not rise. */
	if (!f->root && step == RP_UNWIND_BACKWARDS && f->cfa <= SP_VALUE) {
		c->backwards++;
		return;
	}
	if (step != RP_UNWIND_CALLER || f->root || s.sp != f->cfa || s.pc != f->pc ||
	    (rule->fp != RP_UNWIND_ELSEWHERE &&
	     (s.fp_known != f->fp_known || (s.fp_known && s.fp != f->fp))))
		fail_msg("%s: at %#llx: step %d, sp %#llx not %#llx, pc %#llx not %#llx, fp %d %#llx not %d %#llx, root %d",
			 c->file, (unsigned long long)address, step,
			 (unsigned long long)s.sp, (unsigned long long)f->cfa,
			 (unsigned long long)s.pc, (unsigned long long)f->pc,
			 s.fp_known, (unsigned long long)s.fp,
			 f->fp_known, (unsigned long long)f->fp, f->root);
}

/* True if the range of a reason of that class has the place. */
static bool listed(const struct comparison *c, uint64_t offset, enum rp_unwind_reason_class class)
{
	size_t i;

	for (i = 0; i < c->built.nr_listed; i++) {
		const struct rp_unwind_listed *l = &c->built.listed[i];

		if (rp_unwind_reason_class(l->reason) == class && offset >= l->offset &&
		    offset - l->offset < l->size)
			return true;
	}
	return false;
}

static void compare_row(struct comparison *c, const struct rp_unwind_rule *rule,
			const struct frame *f, uint64_t address, uint64_t offset)
{
	c->rows++;
	the_pc = address;
	if (f->signal) {
		assert_int_equal(rule->cfa, RP_UNWIND_CFA_SIGNAL);
		return;
	}
	if (f->other_ra || rule->cfa == RP_UNWIND_CFA_UNSAID) {
		assert_int_equal(rule->cfa, RP_UNWIND_CFA_UNSAID);
		assert_true(listed(c, offset, RP_UNWIND_CLASS_UNSAID));
		return;
	}
	if (rule->fp == RP_UNWIND_ELSEWHERE)
		assert_true(listed(c, offset, RP_UNWIND_CLASS_LESS));
	expect_caller(c, rule, f, address);
}

/* Without a description: a signal's return, the entry point, or a linker's stub. */
static void expect_special(struct comparison *c, const struct rp_unwind_rule *rule,
			   uint64_t address)
{
	if (address - c->linkage.sh_addr < c->linkage.sh_size)
		c->stubs++;
	else if (rule->cfa != RP_UNWIND_CFA_SIGNAL && rule->ra != RP_UNWIND_LOST)
		fail_msg("%s: at %#llx: libdw says nothing: %s", c->file,
			 (unsigned long long)address, dwarf_errmsg(-1));
	else
		c->special++;
}

static void find_linkage(struct comparison *c, Elf *elf)
{
	Elf_Scn *section = NULL;
	GElf_Shdr sh;
	size_t names;

	assert_int_equal(elf_getshdrstrndx(elf, &names), 0);
	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &sh) &&
		    !strcmp(elf_strptr(elf, names, sh.sh_name), ".plt"))
			c->linkage = sh;
}

static void compare_segment(struct comparison *c, const GElf_Phdr *p)
{
	unsigned int step = machine == RP_UNWIND_X86_64 ? 1 : 4;
	const struct rp_unwind_rule *rule, *before = NULL;
	struct frame f = { .found = false };
	uint64_t i, address, offset;

	for (i = 0; i < p->p_filesz; i += step) {
		address = p->p_vaddr + i;
		offset = p->p_offset + i;
		rule = rp_unwind_find(c->built.table, offset);
		c->addresses++;
		if (!f.found || address >= f.end) {
			f = ask_libdw(c->cfi, address);
			before = NULL;
		}
		c->plt += rule->cfa == RP_UNWIND_CFA_PLT;
		c->unsaid += rule->cfa == RP_UNWIND_CFA_UNSAID;
		c->less += rule->fp == RP_UNWIND_ELSEWHERE;
		c->signals += rule->cfa == RP_UNWIND_CFA_SIGNAL;
		if (f.found && (rule != before || rule->cfa == RP_UNWIND_CFA_PLT)) {
			/* What an expression says depends on the place. */
			if (rule->cfa == RP_UNWIND_CFA_PLT) {
				the_pc = address;
				f = ask_libdw(c->cfi, address);
			}
			compare_row(c, rule, &f, address, offset);
		} else if (!f.found && rule->cfa != RP_UNWIND_CFA_NONE) {
			expect_special(c, rule, address);
		}
		before = rule;
	}
}

/* What is not said is listed whole; each of it is of a reason that was looked at. */
static void check_list(struct comparison *c, unsigned int max_ranges)
{
	unsigned int step = machine == RP_UNWIND_X86_64 ? 1 : 4, ranges = 0;
	size_t i;

	for (i = 0; i < c->built.nr_listed; i++) {
		const struct rp_unwind_listed *l = &c->built.listed[i];

		print_message("#   %#llx, %llu bytes: %s\n", (unsigned long long)l->address,
			      (unsigned long long)l->size, rp_unwind_reason_name(l->reason));
		if (rp_unwind_reason_class(l->reason) == RP_UNWIND_CLASS_UNSAID) {
			ranges++;
			c->listed_unsaid += l->size / step;
			assert_true(l->reason == RP_UNWIND_REASON_RA_REGISTER ||
				    l->reason == RP_UNWIND_REASON_CFA_EXPRESSION ||
				    l->reason == RP_UNWIND_REASON_SP_RULE);
		} else {
			assert_int_equal(rp_unwind_reason_class(l->reason),
					 RP_UNWIND_CLASS_LESS);
		}
	}
	assert_int_equal(c->listed_unsaid, c->unsaid);
	assert_true(ranges <= max_ranges);
	assert_true(c->unsaid * 500 <= c->addresses);	/* 0.2 % */
	assert_true(c->less * 500 <= c->addresses);
}

static void compare_elf(struct comparison *c, Elf *elf, unsigned int max_ranges)
{
	GElf_Phdr p;
	size_t nr, i;

	assert_non_null(elf);
	c->cfi = dwarf_getcfi_elf(elf);
	assert_non_null(c->cfi);
	machine = c->built.table->machine;
	find_linkage(c, elf);
	assert_int_equal(elf_getphdrnum(elf, &nr), 0);
	for (i = 0; i < nr; i++)
		if (gelf_getphdr(elf, i, &p) && p.p_type == PT_LOAD && p.p_flags & PF_X)
			compare_segment(c, &p);
	print_message("# %s: %llu addresses, %llu rows compared; %llu unsaid, %llu less, %llu of signals, %llu of linkage, %llu and %llu of linkage not described, %llu rows backwards\n",
		      c->file, (unsigned long long)c->addresses, (unsigned long long)c->rows,
		      (unsigned long long)c->unsaid, (unsigned long long)c->less,
		      (unsigned long long)c->signals, (unsigned long long)c->plt,
		      (unsigned long long)c->special, (unsigned long long)c->stubs,
		      (unsigned long long)c->backwards);
	assert_in_range(c->backwards, 0, 4);
	assert_int_equal(c->stubs * (machine == RP_UNWIND_X86_64 ? 1 : 4), c->built.stats.stubs);
	check_list(c, max_ranges);
	rp_unwind_built_free(&c->built);
	dwarf_cfi_end(c->cfi);
	elf_end(elf);
}

static void compare_file(const char *path, unsigned int max_ranges)
{
	struct comparison c = { .file = path };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char why[256] = "";

	assert_true(fd >= 0);
	elf_version(EV_CURRENT);
	if (rp_unwind_compile_fd(fd, path, SIZE_MAX, &c.built, why, sizeof(why)))
		fail_msg("%s", why);
	compare_elf(&c, elf_begin(fd, ELF_C_READ_MMAP, NULL), max_ranges);
	assert_true(c.rows > 100);
	close(fd);
}

struct search {
	const char *name;
	char path[4096 + 64];
};

static int look(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct search *s = arg;
	const char *slash = strrchr(info->dlpi_name, '/');

	(void)size;
	if (!slash || strncmp(slash + 1, s->name, strlen(s->name)) != 0)
		return 0;
	snprintf(s->path, 4096, "%s", info->dlpi_name);
	return 1;
}

/* A library of this process, by the beginning of its name. */
static void compare_loaded(const char *name, unsigned int max_ranges)
{
	struct search s = { .name = name };

	if (!dl_iterate_phdr(look, &s))
		skip();
	compare_file(s.path, max_ranges);
}

/* One that no test uses, where the C library lies. */
static void compare_beside(const char *pattern, unsigned int max_ranges)
{
	struct search s = { .name = "libc.so." };
	glob_t found = { 0 };

	if (!dl_iterate_phdr(look, &s))
		skip();
	snprintf(strrchr(s.path, '/') + 1, 64, "%s", pattern);
	if (glob(s.path, 0, NULL, &found)) {
		globfree(&found);
		skip();
	}
	compare_file(found.gl_pathv[0], max_ranges);
	globfree(&found);
}

static void compare_arm64(const char *name, unsigned int max_ranges)
{
	char path[256];

	snprintf(path, sizeof(path), "/usr/aarch64-linux-gnu/lib/%s", name);
	if (access(path, R_OK) != 0)
		skip();
	compare_file(path, max_ranges);
}

static void the_c_library(void **state)
{
	(void)state;
	compare_loaded("libc.so.", 8);
}

static void the_dynamic_linker(void **state)
{
	(void)state;
	compare_loaded("ld-linux", 2);
}

static void libcrypto(void **state)
{
	(void)state;
	compare_beside("libcrypto.so.*", 8);
}

static void the_cplusplus_library(void **state)
{
	(void)state;
	compare_loaded("libstdc++.so.", 2);
}

static void libdw(void **state)
{
	(void)state;
	compare_loaded("libdw", 2);
}

/* What the kernel maps into each process, which is no file. */
static void the_vdso(void **state)
{
	struct comparison c = { .file = "[vdso]" };
	unsigned long start = 0, end = 0;
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[4352], why[256];

	(void)state;
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps))
		if (strstr(line, "[vdso]"))
			assert_int_equal(sscanf(line, "%lx-%lx", &start, &end), 2);
	fclose(maps);
	if (!start)
		skip();
	if (rp_unwind_compile_memory((void *)start, end - start, "[vdso]", SIZE_MAX, &c.built,
				     why, sizeof(why)))
		fail_msg("%s", why);
	elf_version(EV_CURRENT);
	compare_elf(&c, elf_memory((char *)start, end - start), 2);
	assert_true(c.rows > 4);
}

static void arm64_c_library(void **state)
{
	(void)state;
	compare_arm64("libc.so.6", 4);
}

static void arm64_dynamic_linker(void **state)
{
	(void)state;
	compare_arm64("ld-linux-aarch64.so.1", 2);
}

static void arm64_cplusplus_library(void **state)
{
	(void)state;
	compare_arm64("libstdc++.so.6", 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_c_library),
		cmocka_unit_test(the_dynamic_linker),
		cmocka_unit_test(libcrypto),
		cmocka_unit_test(the_cplusplus_library),
		cmocka_unit_test(libdw),
		cmocka_unit_test(the_vdso),
		cmocka_unit_test(arm64_c_library),
		cmocka_unit_test(arm64_dynamic_linker),
		cmocka_unit_test(arm64_cplusplus_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
