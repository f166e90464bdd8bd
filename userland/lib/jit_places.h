/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a process's perf map and jitdump may lie, and opening them there.
 *
 * A perf map is /tmp/perf-PID.map in the process's root. A jitdump is what an executable
 * mapping of a file called jit-NUMBER.dump shows (it may be deleted, and the number may
 * be that of a parent that it was inherited from), else jit-PID.dump in /tmp or in the
 * process's working folder.
 */
#ifndef RP_JIT_PLACES_H
#define RP_JIT_PLACES_H

#include <sys/stat.h>

#include "jit_file.h"
#include "spaces.h"

#define RP_JIT_PATH_MAX 300	/* bytes of what is said of a path; longer ones are cut */

struct rp_jit_place {
	const struct rp_jit_owner *owner;
	const char *proc;
	const struct rp_maps *maps;	/* or NULL */
	/* What was found. */
	int fd;			/* -1: nothing, or it is refused */
	bool mapped;
	struct stat st;
};

/* May code in any of these mappings (or NULL) be made at run time? */
bool rp_jit_has_place(const struct rp_maps *maps);

/*
 * Opens what there is. RP_JIT_TAKEN, also if there is nothing; or why what there is is
 * refused. path: where it lies, for messages.
 */
enum rp_jit_refusal rp_jit_place_open(struct rp_jit_place *place, bool is_dump,
				      char path[static RP_JIT_PATH_MAX]);

#endif
