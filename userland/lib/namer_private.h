/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What namer.c and namer_*.c share. Private to them.
 */
#ifndef RP_NAMER_PRIVATE_H
#define RP_NAMER_PRIVATE_H

#include "jit_names.h"
#include "kernel_symbols.h"
#include "name_cache.h"
#include "namer.h"
#include "namer_last.h"
#include "symbol_cache.h"

/* A file to be read while it is there. */
struct rp_namer_file {
	const struct rp_mapped *m;
	uint32_t tgid;
	int fd;				/* the file itself, or -1 */
	int root;			/* its process's, where its debug file may be; or -1 */
};

struct rp_namer {
	struct rp_namer_options options;
	int device;			/* or -1 */
	struct rp_kernel_symbols *kernel;
	struct rp_symbol_cache *symbols;
	struct rp_jit_names *jit;
	struct rp_elf_symbols *vdso;	/* NULL: there is none */
	uint64_t vdso_size;		/* bytes of its mapping */
	struct rp_mapped_file vdso_file;	/* its key in the cache */
	struct rp_name_cache cache;
	struct rp_namer_last last;
	/* Those that wait: [next, nr), of which so many are open. */
	struct rp_namer_file *files;
	size_t next_file, nr_files, room_files, open_files;
	bool reading;			/* one of them: nothing else can be parsed now */
	bool over_budget;		/* in the window that is being closed */
	bool unread;			/* the file that was asked for last, for that */
	bool any_asks;			/* any file's note says so */
	void (*meanwhile)(void *arg);
	void *meanwhile_arg;
	struct rp_namer_stats stats;
};

/*
 * One frame as a location of p; returns its id, 0 without memory (p->error is set).
 * The address has been moved back already where it is a return address.
 */
uint32_t rp_namer_kernel(struct rp_namer *n, struct rp_profile *p, uint64_t address);
/* The one location that stands for a whole kernel stack that has no names. */
uint32_t rp_namer_kernel_hidden(struct rp_namer *n, struct rp_profile *p);

/* All but the first are return addresses: the call is the byte before. */
static inline uint64_t rp_namer_call(const uint64_t *addr, unsigned int i)
{
	return i && addr[i] ? addr[i] - 1 : addr[i];
}

struct rp_namer_frame {
	uint64_t address;
	uint32_t tgid;
	bool is_32bit;
	const struct rp_maps *maps;	/* or NULL */
	const struct rp_jit_process *jit;	/* or NULL */
	uint64_t time;			/* CLOCK_MONOTONIC, ns */
};
uint32_t rp_namer_user(struct rp_namer *n, struct rp_profile *p,
		       const struct rp_namer_frame *f);
/* The same in code made at run time; also 0: nothing is known of that address. */
uint32_t rp_namer_jit(struct rp_namer *n, struct rp_profile *p,
		      const struct rp_namer_frame *f);
/* The mapping as one of p. has: what is known of its file. */
#define RP_NAMER_FUNCTIONS	1u	/* symbols */
#define RP_NAMER_LINES		2u	/* what options.debug asks for, of some addresses */
uint32_t rp_namer_user_mapping(struct rp_namer *n, struct rp_profile *p,
			       const struct rp_mapped *m, unsigned int has);
/*
 * The table of a mapped file; NULL: there is none. Then its places are the symbol cache's.
 * held: the file itself, which is closed, and its process's root, if they are; or NULL.
 */
const struct rp_elf_symbols *rp_namer_symbols(struct rp_namer *n, const struct rp_mapped *m,
					      uint32_t tgid,
					      const struct rp_namer_file *held);

/* While a window is closed: may something be read that it needs? Once not, no more. */
bool rp_namer_affords(struct rp_namer *n);

/* Files whose debug files have arrived are read again when they are next asked for. */
void rp_namer_take_fetched(struct rp_namer *n);

/* Lets go of all that waits. */
void rp_namer_forget_all(struct rp_namer *n);

/* Asks the files for what is needed to name all that is in the window. 0 or -ENOMEM. */
int rp_namer_ask(struct rp_namer *n, struct rp_spaces *spaces, const struct rp_window *w);
/*
 * The location with what was found of the address, straight after rp_namer_symbols() of its
 * file. sym: the function by ELF, or NULL. 0: nothing is known that sym does not say.
 */
uint32_t rp_namer_lines(struct rp_namer *n, struct rp_profile *p, const struct rp_mapped *m,
			uint64_t address, uint64_t vaddr, const struct rp_elf_symbol *sym);

/* A location with one line, whose function has this name (and no other). */
uint32_t rp_namer_location(struct rp_profile *p, uint32_t mapping, uint64_t address,
			   const char *name);
/* The same with a symbol's name, demangled once for each key. */
uint32_t rp_namer_symbol(struct rp_namer *n, struct rp_profile *p, uint32_t mapping,
			 uint64_t address, const char *symbol,
			 const struct rp_name_key *key);

/* Loads our own vdso's symbols; without one, nothing happens. */
int rp_namer_vdso_open(struct rp_namer *n);

#endif
