/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A profile as a gzip'ed pprof (perftools.profiles.Profile).
 *
 * Ids are 1 .. N in order, string_table[0] is "", the main mapping is number 1.
 * It is packed and compressed piece by piece: memory stays at what the profile
 * itself takes plus the longest single stack.
 *
 * All return 0 or -errno and, on failure, leave a sentence in why (see why.h). A
 * profile with p->error set is not written.
 */
#ifndef RP_PPROF_WRITE_H
#define RP_PPROF_WRITE_H

#include "profile.h"
#include "why.h"

/* To an open file, a pipe or a socket. */
int rp_pprof_write_fd(const struct rp_profile *p, int fd, char *why, size_t why_size);
/* Into memory that the caller frees. */
int rp_pprof_write_mem(const struct rp_profile *p, void **ret_data, size_t *ret_len,
		       char *why, size_t why_size);
/* The file appears whole or not at all; sync: it survives a power cut. */
int rp_pprof_write_file(const struct rp_profile *p, const char *path, bool sync,
			char *why, size_t why_size);

#endif
