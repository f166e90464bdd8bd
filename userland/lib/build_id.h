/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Build ids: the linker's fingerprint of a file (.note.gnu.build-id).
 *
 * Usually 20 bytes (SHA-1), with lld also 8 or 16, by --build-id=0x… any length.
 * Profiles carry them in lower-case hex. An empty one (size 0) means: has none.
 *
 * Errors  -ENOENT: there is no build id there. -EBADMSG: the notes are not well
 *         formed. Anything else: errno of opening or reading the file. The output
 *         is untouched on failure.
 */
#ifndef RP_BUILD_ID_H
#define RP_BUILD_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RP_BUILD_ID_BYTES		64	/* bytes; a longer one counts as malformed */
#define RP_BUILD_ID_HEX		(2 * RP_BUILD_ID_BYTES + 1)

struct rp_build_id {
	uint8_t size;			/* 0: none */
	uint8_t bytes[RP_BUILD_ID_BYTES];
};

/* Writes the hex form with its NUL into ret (RP_BUILD_ID_HEX bytes); returns ret. */
char *rp_build_id_hex(const struct rp_build_id *id, char *ret);

/* The other way, either case of letters; -EBADMSG: it is no such text, or an empty one. */
int rp_build_id_from_hex(const char *hex, struct rp_build_id *ret);

bool rp_build_id_equal(const struct rp_build_id *a, const struct rp_build_id *b);

/*
 * Finds the build id in an ELF note segment or section that is in memory. swap:
 * the notes are of the other byte order; align: 4, or 8 where p_align says 8.
 */
int rp_build_id_from_notes(const void *notes, size_t size, size_t align, bool swap,
			   struct rp_build_id *ret);

/*
 * The running kernel's, from SYSFS/kernel/notes, and a loaded module's, from
 * SYSFS/module/NAME/notes/.note.gnu.build-id. sysfs NULL means "/sys".
 */
int rp_build_id_of_kernel(const char *sysfs, struct rp_build_id *ret);
int rp_build_id_of_module(const char *sysfs, const char *module, struct rp_build_id *ret);

#endif
