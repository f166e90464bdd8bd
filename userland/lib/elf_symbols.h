/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ELF symbols: the functions of one executable or library, sorted by address.
 *
 * The file is read once, with pread and never by mmap (a file that is truncated
 * while it is mapped kills its reader by SIGBUS); then the table stands alone: 16
 * bytes a function besides its name. 32 and 64 bit, both byte orders.
 *
 * Kept    Functions (STT_FUNC, STT_GNU_IFUNC) and, for assembly, untyped symbols in
 *         executable sections that no function covers; from .symtab and .dynsym
 *         both, or, in a file without section headers, from PT_DYNAMIC. If there is
 *         no .symtab, that of a separate debug file stands for it, else .gnu_debugdata.
 * Aliases One name an address, always the same one: sized before unsized, function
 *         before untyped, exported (global or weak) before local, then fewer leading
 *         underscores, then the shorter, then the first in the alphabet. So libc's
 *         "write" wins over "__write" and "__libc_write". Version suffixes (@GLIBC_…)
 *         are cut off. Where .symtab has a function, .dynsym's names for one of the same
 *         size and binding are not looked at: they are the same. An IFUNC's name stands
 *         for its resolver's address; the variant that it picked has its own name or none.
 * Bounds  A name covers [start, start + size). A symbol of size 0 covers what is
 *         there up to the next symbol or its section's end (in a stripped file 4 KiB
 *         at most). Outside of that there is no name, not the neighbour's.
 * Hostile Files are the profiled process's: everything in them is checked; sizes are
 *         bounded by the limits below. What is over a limit is left out, and the
 *         table says so (`partial`).
 * Errors  -ENOEXEC not ELF, or a kind of it that holds no code to name; -EBADMSG
 *         corrupt or truncated; -EFBIG over a limit that leaves nothing; -ENOMEM;
 *         otherwise errno of open or read. `err`, if not NULL, gets a sentence of at
 *         most err_size bytes with the path in it. Outputs are untouched on failure.
 *         A file without any symbols (stripped) is no failure: its addresses are
 *         still translated, and its build id is known.
 * Memory  The table owns everything that it hands out until rp_elf_symbols_free(). A
 *         million functions with names of 35 bytes take 52 MB, and 84 MB while the table
 *         is built; libc takes 64 KB.
 * Threads Read-only once built.
 */
#ifndef RP_ELF_SYMBOLS_H
#define RP_ELF_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "build_id.h"

#define RP_ELF_SYMBOLS_MAX	(2u << 20)	/* entries read from one table */
#define RP_ELF_STRINGS_MAX	(256u << 20)	/* bytes read, and bytes of names kept */
#define RP_ELF_SECTIONS_MAX	(1u << 20)
#define RP_ELF_SEGMENTS_MAX	1024u		/* PT_LOAD */
#define RP_ELF_NAME_MAX		65535u		/* bytes; longer ones are left out */

struct rp_debug_search;
struct rp_elf_symbols;
struct stat;

/* Where the table of all functions was, which strip takes away. */
enum rp_elf_symtab {
	RP_ELF_SYMTAB_NONE,		/* nowhere: exported functions only */
	RP_ELF_SYMTAB_OWN,		/* in the file */
	RP_ELF_SYMTAB_DEBUG_FILE,	/* in a separate one, debug_file.h */
	RP_ELF_SYMTAB_DEBUG_DATA,	/* packed in the file, debug_data.h */
};

struct rp_elf_symbol {
	const char *name;	/* as the linker knows it; rp_demangle() for people */
	uint64_t start;		/* vaddr */
	uint64_t size;		/* bytes that it covers */
	uint64_t offset;	/* of the looked-up address in it */
};

struct rp_elf_symbols_info {
	size_t symbols;		/* in the table, aliases merged */
	size_t bytes;		/* memory held by the table */
	uint16_t machine;	/* EM_… */
	uint16_t type;		/* ET_EXEC, ET_DYN */
	bool is_64;
	enum rp_elf_symtab symtab;
	bool partial;		/* something was over a limit and left out */
	bool picked;		/* functions of some addresses alone are in it */
};

/* Of a large file, the functions of some addresses. */
struct rp_elf_wanted {
	const uint64_t *addresses;	/* vaddr, ascending */
	size_t nr;
	size_t more_than;		/* symbols: large are those with more */
};
#define RP_ELF_PICK_FROM ((size_t)16 << 10)	/* symbols from which it pays */

/*
 * Opens a regular file for reading: never blocks on a FIFO, never opens a device or
 * socket (-ENOTSUP). Symbolic links are followed, since /proc/PID/exe and
 * /proc/PID/map_files/… are such. Returns the descriptor (close-on-exec) and fills
 * *ret_st if it is not NULL, or returns -errno.
 */
int rp_elf_open(const char *path, struct stat *ret_st, char *err, size_t err_size);

/*
 * Reads the file; fd stays the caller's. path is for messages only. where: the places of
 * its separate debug file; NULL: it is not looked for.
 */
int rp_elf_symbols_from_fd(int fd, const char *path, const struct rp_debug_search *where,
			   struct rp_elf_symbols **ret, char *err, size_t err_size);

/*
 * The same, but that of a file which has a large .symtab of its own only the functions are
 * read that it takes to name the wanted addresses as the whole table would: in a fraction of
 * the time and memory. Of another file, everything; info tells. wanted NULL: everything.
 */
int rp_elf_symbols_pick(int fd, const char *path, const struct rp_debug_search *where,
			const struct rp_elf_wanted *wanted, struct rp_elf_symbols **ret, char *err,
			size_t err_size);

/*
 * The same from an image in memory as the linker wrote it (the vdso, for example),
 * which is needed only during the call. name is for messages.
 */
int rp_elf_symbols_from_memory(const void *image, size_t size, const char *name,
			       struct rp_elf_symbols **ret, char *err, size_t err_size);
int rp_elf_symbols_pick_from_memory(const void *image, size_t size, const char *name,
				    const struct rp_elf_wanted *wanted,
				    struct rp_elf_symbols **ret, char *err, size_t err_size);

/*
 * Adds the functions of another table of the same file. 0; -EFBIG: that would be over a limit;
 * -ENOMEM; then nothing has changed.
 */
int rp_elf_symbols_merge(struct rp_elf_symbols *es, const struct rp_elf_symbols *more);

void rp_elf_symbols_free(struct rp_elf_symbols *es);

/*
 * File offset to vaddr, by the program headers. An address in a mapping (start, end,
 * pgoff in bytes) has the file offset `address - start + pgoff`. -ENOENT: no segment
 * holds that offset.
 */
int rp_elf_symbols_vaddr(const struct rp_elf_symbols *es, uint64_t file_offset,
			 uint64_t *ret_vaddr);

/*
 * The same for an address in a mapping of the file, [start, limit) at an offset of it, also
 * if this is a debug file, whose program headers do not say what was where in the file:
 * then the mapping has to be as large as the only segment of code. -ENOENT: it is not, or
 * there is no code there.
 */
int rp_elf_symbols_mapped(const struct rp_elf_symbols *es, uint64_t start, uint64_t limit,
			  uint64_t offset, uint64_t address, uint64_t *ret_vaddr);

/*
 * The function that covers vaddr; for a return address pass it minus 1. -ENOENT: none,
 * show the address as FILE+0x… then.
 */
int rp_elf_symbols_lookup(const struct rp_elf_symbols *es, uint64_t vaddr,
			  struct rp_elf_symbol *ret);

/* The file's build id; its size is 0 if there is none. */
const struct rp_build_id *rp_elf_symbols_build_id(const struct rp_elf_symbols *es);

void rp_elf_symbols_info(const struct rp_elf_symbols *es, struct rp_elf_symbols_info *ret);

#endif
