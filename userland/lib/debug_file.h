/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Separate debug files: where the symbols and the debugging data are that were taken out
 * of an executable or library, as Debian's -dbg and -dbgsym packages have them.
 *
 * By build id   DIR/.build-id/xx/yyyy.debug, the id in hex, its first byte apart.
 * By link       the name in section .gnu_debuglink, beside the file, in .debug beside it,
 *               and in DIR and the file's own path below it. The section is that name with
 *               its NUL, padded to 4 bytes, and the CRC-32 (zlib's) of the debug file in
 *               the byte order of the ELF file.
 * Proof         The build ids are equal; or, if one of the two has none, the CRC is. And it
 *               is of the same machine, another file, and has symbols or .debug_info.
 * Where         Each in the root of the process that maps the file, whose links cannot
 *               lead out of it, and then in ours.
 * Hostile       The file's name and path, and everything that lies in its root.
 *
 * Not there     A second file that both share (.gnu_debugaltlink, by dwz) is not looked
 *               for; has_alt says that there is one.
 * Threads       Any number at once.
 */
#ifndef RP_DEBUG_FILE_H
#define RP_DEBUG_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "build_id.h"
#include "elf_file.h"

#define RP_DEBUG_DIR		"/usr/lib/debug"
#define RP_DEBUG_CRC_MAX	(256ull << 20)	/* bytes of which a CRC is made */

/* Where to look. All zero: by build id, in RP_DEBUG_DIR. */
struct rp_debug_search {
	const char *root;		/* of the process: "/proc/PID/root"; NULL: ours */
	const char *path;		/* the file's, in that root; NULL: nothing beside it */
	const char *const *dirs;	/* ended by NULL; NULL: RP_DEBUG_DIR alone */
	const char *file;		/* one of ours that may be it, before all; or NULL */
	/*
	 * Opens a path for us, in `root` (of which it matters only if it is NULL) or in our own: a
	 * descriptor, or -errno. NULL: rp_root_open() does.
	 */
	int (*open)(bool in_root, const char *path);
};

/*
 * Is this path one of those where a search looks? For who opens for somebody whom he does
 * not trust: it is in or below one of `dirs`, or beside `path`, and has no "..".
 */
bool rp_debug_search_allows(const struct rp_debug_search *where, const char *path);

/* Is that root (NULL, or a path of ours) the one that we have ourselves? */
bool rp_debug_root_is_ours(const char *root);

struct rp_debug_file {
	int fd;				/* for reading; close it */
	bool has_symtab;		/* .symtab */
	bool has_dwarf;			/* .debug_info, compressed or not */
	bool has_alt;			/* parts of that are in yet another file */
	char path[PATH_MAX];		/* for messages: in the process's root, or ours */
};

/* What .gnu_debuglink says. */
struct rp_debug_link {
	char name[NAME_MAX + 1];	/* of a file, without a slash */
	uint32_t crc;
};

/*
 * Finds, opens and proves the debug file of a file that was begun. 0; -ENOENT: it names
 * none, or none is there; -ESTALE: what was there is another's; -ENOMEM. f->err then says
 * what was tried first and failed, if anything was there. *ret is filled on success only.
 */
int rp_debug_file_open(struct rp_elf_file *f, const struct rp_debug_search *where,
		       struct rp_debug_file *ret);

/*
 * The build id of what may be a debug file, whose program headers may lie: by sections
 * first. *ret stays empty if there is none. 0 or -ENOMEM.
 */
int rp_debug_build_id(struct rp_elf_file *f, struct rp_build_id *ret);

/*
 * Is a file that was begun the debug file of that build id? 0; -ESTALE and a sentence in
 * f->err: it has another one or none, or neither symbols nor debugging data; -ENOMEM.
 */
int rp_debug_file_check(struct rp_elf_file *f, const struct rp_build_id *id);

/* 0, -ENOENT: there is no such section; -EBADMSG: it is not well formed; -ENOMEM. */
int rp_debug_link_read(struct rp_elf_file *f, struct rp_debug_link *ret);

#endif
