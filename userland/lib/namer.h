/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The namer: closes a window. Every address gets its mapping, file and function, and
 * every entry of the window becomes a sample of a profile (equal ones merge there).
 *
 * Kernel  Only addresses relative to the text of the kernel (mapping
 *         [kernel.kallsyms]) or of the module ([kernel.kallsyms][NAME]) leave, each
 *         with its build id;
 *         code without such a base (BPF, ftrace) leaves by name alone, address 0. If
 *         the kernel hides its symbols, its whole stack is one location "[kernel]",
 *         and rp_namer_problem() says why.
 * User    The address as in the process, in a mapping with start, limit and offset.
 *         The file is looked for at /proc/PID/map_files/START-END, at
 *         /proc/PID/root/PATH and at PATH, and its identity is verified (build id,
 *         else device and inode); a stripped one's debug file likewise (debug_file.h).
 *         The kernel's vdso is named from our own.
 *         Code made at run time is named from its runtime's perf map or jitdump
 *         (jit_names.h), in the mapping [jit].
 *         Without a name: "FILE+0xOFFSET" (offset in the file), "[anon]+0xOFFSET" or
 *         "[heap]+0x..." (JIT code and the like; offset in the mapping). In no known
 *         mapping: "[unmapped]", with the address kept; but callers found by frame
 *         pointers end before the first such one, which is none (user_truncated says it).
 * Calls   All but the first address of each stack are return addresses: they are
 *         moved back by one byte, for the look-up and in the profile.
 * Lines   Where options.debug asks for them, by the file's debugging data or its debug
 *         file's: file and line in the function that the symbol names; and functions that
 *         were inlined as lines of their own in the same location, innermost first, each
 *         with its own. The last one is the ELF symbol's function.
 * Names   Demangled; the linker's own is the function's system_name.
 * Budget  With options.budget, files are read within it: those that wait, ahead of need, and
 *         when the window closes, as far as there is something left. The others' addresses
 *         are as without a name, or without lines, in this window, and counted
 *         (put_off); the file is wanted again with the next sample that lies in it.
 * Labels  pid, thread_id, cpu: numbers (CPU 0 and pid 0 survive: pprof_write gives a
 *         number 0 a unit). comm: the thread's name. kernel_truncated,
 *         user_truncated: the reason, if the stack does not reach its root. user_unwound:
 *         "frame-pointers", if any of its user frames was left by one and not by a table.
 *         Then those of options.labels.
 * Process The label process: the program's file name, or "[comm]" of a kernel thread,
 *         "[swapper]" of an idle task; a kernel thread's pid is its thread id.
 * Types   samples/count, cpu/nanoseconds (the default); period cpu/nanoseconds.
 * Threads One at a time.
 */
#ifndef RP_NAMER_H
#define RP_NAMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jit_names.h"
#include "profile.h"
#include "window.h"

struct rp_debug_fetcher;
struct rp_jail;
struct rp_namer;
struct rp_own_budget;

struct rp_namer_options {
	size_t symbols_bytes;	/* limit of cached symbol tables; 0: 256 MiB */
	size_t jit_bytes;	/* limit of names of JIT code; 0: 16 MiB */
	bool blind;		/* PIDs of records are not ours: JIT code has no names */
	bool one_window;	/* closed when its processes are over: see rp_jit_names_keep_looking() */
	struct rp_own_budget *budget;	/* of reading files; NULL: none */
	struct rp_jail *jail;	/* where files are parsed; NULL: in this process */
	struct rp_jail *lines_jail; /* their debugging data, which may be large; NULL: there */
	const char *proc;	/* NULL: "/proc" */
	const char *kallsyms, *modules;	/* NULL: those of proc */
	const char *sysfs;	/* NULL: "/sys"; for the build ids of kernel and modules */
	/* Where debug files are, ended by NULL (debug_file.h); NULL: RP_DEBUG_DIR. */
	const char *const *debug_dirs;
	/*
	 * Gets debug files of those that have no symbols, whose names are there from the
	 * first window on that is closed later; NULL: nobody is asked. Its folder is to be
	 * one of debug_dirs.
	 */
	struct rp_debug_fetcher *fetcher;
	unsigned int debug;	/* RP_DEBUG_LINES, RP_DEBUG_INLINES (debug_info.h) */
	/*
	 * Labels of a space (the resource's): writes up to room of them, interned
	 * in p, and returns how many. Called once a space, profile and window.
	 * May be NULL.
	 */
	unsigned int (*labels)(void *arg, struct rp_profile *p, struct rp_aspace *as,
			       const struct rp_maps *maps,
			       struct rp_profile_label *ret, unsigned int room);
	/*
	 * The profile that a space's samples go to; NULL: leave them out. May be NULL:
	 * all go to the one given to rp_namer_close(). Called once a space and window.
	 */
	struct rp_profile *(*profile)(void *arg, struct rp_aspace *as,
				      const struct rp_maps *maps);
	void *arg;
};

struct rp_namer_stats {		/* addresses since the namer was made, once a window */
	uint64_t kernel_named, kernel_unnamed;
	uint64_t user_named;
	uint64_t user_unnamed;	/* in a file or anonymous mapping, no function there */
	uint64_t user_unmapped;	/* in no known mapping */
	uint64_t put_off;	/* of them, of files that the budget left unread */
	struct rp_jit_names_stats jit;
	size_t symbol_bytes, kernel_bytes;	/* memory that names take now */
};

/* NULL and errno without memory. */
struct rp_namer *rp_namer_new(const struct rp_namer_options *o);
void rp_namer_free(struct rp_namer *n);

/*
 * The session (rp_device_fd()) that programs' files are had from, which it holds for that
 * (RP_SETUP_HOLD_FILES). Without one, or if it does not, only a process that still lives
 * can be asked.
 */
void rp_namer_device(struct rp_namer *n, int device);

/*
 * Prepares an empty profile: sample types, period (1e9 / frequency), start (since
 * 1970) and duration in nanoseconds. 0 or -errno.
 */
int rp_namer_begin(struct rp_profile *p, uint64_t time_nanos, uint64_t duration_nanos,
		   uint32_t frequency);

/*
 * Files are read while their process lives, since later they may be gone: deleted,
 * replaced, in a mount namespace that has ended. Each is once, wanted by whichever comes
 * first, and then read by read(), one a call:
 *
 * note() is for rp_spaces_options.mapped. It wants the program itself, what was mapped
 * after the process had begun (plug-ins), and what is not at its path for us. Costs a
 * stat for each other file that was not seen before.
 *
 * sampled() is the collector's, with a sample's user addresses (the first is no return
 * address): it wants the files in which they lie. False: some lie in no mapping that is
 * known.
 */
void rp_namer_note(struct rp_namer *n, const struct rp_aspace *as,
		   const struct rp_maps *maps);
bool rp_namer_sampled(struct rp_namer *n, const struct rp_aspace *as,
		      const struct rp_maps *maps, const uint64_t *addr, unsigned int nr);

/*
 * Called every few milliseconds while read() waits for a file to be parsed: empties the
 * rings. What comes then is opened at once and read later.
 */
void rp_namer_meanwhile(struct rp_namer *n, void (*call)(void *arg), void *arg);

/*
 * Reads one of these files. Returns after how many milliseconds it is to be called again: 0
 * when more are waiting and the rings have been looked at, -1 if there is nothing to wait for.
 */
int rp_namer_read(struct rp_namer *n);

/* The same when a window is about to be closed: what is read now is needed now. */
int rp_namer_read_last(struct rp_namer *n);

/* Reads all that waits, or puts it off, as closing a window does: to be called before rp_spaces_trim(). */
void rp_namer_read_all(struct rp_namer *n);

/* For rp_spaces_options.exited: names of code made at run time are read to their end. */
void rp_namer_exited(struct rp_namer *n, const struct rp_aspace *as);

/*
 * Names what is in the window and adds it to p (or to the profiles that
 * options.profile chose, each prepared by rp_namer_begin()). The window stays as it
 * is. Kernel symbols are brought up to date before and after it: for modules that
 * came since, and for code that had no name.
 * 0, -ENOMEM or -ENOSPC.
 */
int rp_namer_close(struct rp_namer *n, struct rp_spaces *spaces,
		   const struct rp_window *w, struct rp_profile *p);

/* The first file whose lines could not be read as they should be, and why; NULL: none. */
const char *rp_namer_debug_problem(const struct rp_namer *n);

/*
 * Memory is short, or is not any longer: symbol tables may take so many bytes, and what else is
 * kept to be fast goes.
 */
void rp_namer_save_memory(struct rp_namer *n, size_t symbols_bytes);

/* NULL: kernel names are there. Otherwise a sentence: what is wrong, what to do. */
const char *rp_namer_problem(const struct rp_namer *n);

/*
 * The name of the process that an entry belongs to: the program's file name, the
 * space's comm, or "[comm]" of a kernel thread. Returns buf.
 */
#define RP_NAMER_PROCESS_SIZE 64
char *rp_namer_process(const struct rp_window_entry *e, const struct rp_maps *maps,
		       char buf[static RP_NAMER_PROCESS_SIZE]);

void rp_namer_stats(const struct rp_namer *n, struct rp_namer_stats *ret);

#endif
