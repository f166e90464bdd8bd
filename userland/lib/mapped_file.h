/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A mapped file, to be read: it may have been deleted or replaced since, may lie in
 * another mount namespace, and its process may be gone.
 */
#ifndef RP_MAPPED_FILE_H
#define RP_MAPPED_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spaces.h"

/*
 * Opens candidate nr (0, 1, ...) of the places where the file of a mapping of process
 * tgid may be, which has still to prove that it is the one: PROC/TGID/map_files/RANGE,
 * PATH in PROC/TGID/root (which links on the way do not lead out of), PATH. Returns a
 * descriptor, with its name in err; -ENODATA: there are no more candidates; or -errno, with
 * a sentence in err.
 */
int rp_mapped_file_open(const char *proc, uint32_t tgid, const struct rp_mapped *m,
			unsigned int nr, char *err, size_t err_size);

/* Is it what stands at its path for us? Later it will be as well. Costs a stat. */
bool rp_mapped_file_at_path(const struct rp_mapped_file *file);

/*
 * The image of our own vdso, and its size in bytes: the kernel's is the same in every
 * 64-bit process. NULL: there is none.
 */
const void *rp_vdso_image(size_t *ret_size);

#endif
