/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel symbols: names for addresses in the running kernel and its modules.
 *
 * The table comes from /proc/kallsyms and /proc/modules and is sorted, flat and
 * compact: about 14 bytes a function besides its name. Only functions are kept
 * (types t, T, w, W); whatever follows a function ends it, and so do the end of
 * the kernel's text and of the module. An address that no function covers has no
 * name; it does not get its neighbour's.
 *
 * Secrets Absolute kernel addresses disclose where KASLR put the kernel. What
 *         leaves the host (profiles, JSON) is `rel` only, which counts from the
 *         image's text start: the kernel's _text (_stext where the kernel does not
 *         list that), or the module's base. Where has_rel is false there is no such
 *         number, and the address may not leave in any form; the name may.
 * Names   Those of the kernel as they are, clone suffixes included (foo.cold,
 *         foo.isra.0). Padding symbols (__pfx_foo, __cfi_foo) never name anything.
 *         Of several names for one address: global before weak before local, then
 *         fewer leading underscores, then the shorter, then the first in the
 *         alphabet. Markers of the linker script (_stext, __irqentry_text_end) name
 *         nothing.
 * Modules A symbol's [module] in kallsyms. The kernel uses the same form for
 *         generated code: "bpf" (BPF programs and trampolines) and "__builtin__…"
 *         (ftrace, kprobes). These have no base, thus has_rel is false, and no list has
 *         their sizes: a name reaches 64 KiB at most.
 * Memory  Everything belongs to the table. Pointers from a lookup hold until the
 *         next rp_kernel_symbols_refresh() that returns 1, or _free().
 * Threads Lookups count misses, so one thread at a time.
 */
#ifndef RP_KERNEL_SYMBOLS_H
#define RP_KERNEL_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "build_id.h"

struct rp_kernel_symbols;

struct rp_kernel_symbol {
	const char *name;	/* the function, or NULL: known image, no function there */
	uint64_t offset;	/* of the address in the function; 0 without a name */
	const char *module;	/* NULL: the kernel proper */
	bool has_rel;
	uint64_t rel;		/* address minus the image's text start */
	uint64_t image_size;	/* rel is below it; 0 if unknown (has_rel false) */
	int image;		/* private */
};

struct rp_kernel_symbols_stats {
	size_t symbols, modules;
	size_t bytes;		/* memory held */
	uint64_t loads;		/* times that the table was read */
	uint64_t misses;	/* look-ups that found no image at all */
};

/*
 * Reads the tables; NULL means /proc/kallsyms and /proc/modules. A missing
 * /proc/modules is a kernel without modules. Fails only with -ENOMEM: a kernel
 * that hides its symbols gives an empty table, and rp_kernel_symbols_problem()
 * says why, so that the caller may go on with addresses alone.
 */
int rp_kernel_symbols_open(const char *kallsyms, const char *modules,
			   struct rp_kernel_symbols **ret);
void rp_kernel_symbols_free(struct rp_kernel_symbols *ks);

/* NULL: names are there. Otherwise a sentence: what is wrong and what to do. */
const char *rp_kernel_symbols_problem(const struct rp_kernel_symbols *ks);

/*
 * To be called at the end of each window, before its addresses are named. Reads
 * /proc/modules (a few KiB) and loads the tables again if modules came or went and,
 * less and less often as long as it does not help, if the last load had a problem or
 * addresses were seen that belong to nothing, which is how new BPF programs show.
 * Returns 1 if the tables are new, 0 if they are as they were, -ENOMEM (and the old
 * ones stay).
 */
int rp_kernel_symbols_refresh(struct rp_kernel_symbols *ks);

/*
 * Names an address. For a return address pass the address minus 1, as for user
 * space. 0: *ret is filled; the name may still be NULL. -ENOENT: the address is
 * in no known image: it may not leave, and there is nothing to say about it.
 * -ENODATA: the kernel hides its addresses (see _problem).
 */
int rp_kernel_symbols_lookup(struct rp_kernel_symbols *ks, uint64_t address,
			     struct rp_kernel_symbol *ret);

/*
 * The build id of the image in which a look-up has found an address, size 0 if there is none.
 * It is read once for each load of the tables, from sysfs (NULL: "/sys").
 */
const struct rp_build_id *rp_kernel_symbols_build_id(struct rp_kernel_symbols *ks,
						     const struct rp_kernel_symbol *sym,
						     const char *sysfs);

void rp_kernel_symbols_stats(const struct rp_kernel_symbols *ks,
			     struct rp_kernel_symbols_stats *ret);

#endif
