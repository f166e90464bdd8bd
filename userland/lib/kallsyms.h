/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kallsyms: the kernel's list of symbols, read and sorted, for kernel_symbols.c to make
 * its table from.
 *
 * Functions have a name; everything else that begins at an address (data, padding,
 * markers of the linker script) is a gap: an entry whose name is 0 and which only ends
 * the function before it. Entries are sorted by address and, at one address, from the
 * best name to the worst, gaps last. Nothing is merged yet.
 */
#ifndef RP_KALLSYMS_H
#define RP_KALLSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel_images.h"

#define RP_KALLSYMS_GAP 3

struct rp_kallsyms_entry {
	uint64_t addr;
	uint32_t name;		/* place in the names; 0: a gap */
	uint16_t image;		/* number in the images */
	uint8_t rank;		/* 0 global, 1 weak, 2 local, RP_KALLSYMS_GAP */
};

struct rp_kallsyms {
	struct rp_kernel_images images;
	struct rp_kallsyms_entry *entries;
	size_t nr, room;
	char *names;				/* NUL after each; place 0 is "" */
	size_t names_size, names_room;
	uint64_t text, stext, etext, end;	/* the kernel's own markers; 0: not seen */
	int last_image;				/* of the line before */
	bool seen_address;			/* any that is not zero, i.e. not hidden */
	int error;				/* errno of opening or reading, or 0 */
};

/* 0 or -ENOMEM; a file that cannot be read is in ret->error. */
int rp_kallsyms_read(const char *kallsyms, const char *modules, struct rp_kallsyms *ret);
void rp_kallsyms_free(struct rp_kallsyms *k);

#endif
