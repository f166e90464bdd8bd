/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Any valid pprof file (ours, Go's, ...), gzip'ed or plain, into a profile.
 *
 * Ids may be any numbers in any order, fields may come in any order, repeated
 * numbers packed or not; unknown fields are skipped. What is equal is merged, so
 * ids change. Not kept: Location.is_folded, lines without a function, a second
 * label with the same key, the "pprof::" labels.
 *
 * The file is taken for hostile: every index is checked, inflated size, depth and
 * labels are limited, and an error says which entry was wrong.
 *
 * All return NULL and errno (EBADMSG: not a valid pprof; EFBIG: too big) with a
 * sentence in why, which includes the path for rp_pprof_read_file().
 */
#ifndef RP_PPROF_READ_H
#define RP_PPROF_READ_H

#include "profile.h"
#include "why.h"

/* The most that a file may inflate to: many million samples. */
#define RP_PPROF_READ_MAX ((size_t)512 << 20)

/* path "-" is stdin. */
struct rp_profile *rp_pprof_read_file(const char *path, char *why, size_t why_size);
/* max: 0 is RP_PPROF_READ_MAX. */
struct rp_profile *rp_pprof_read_mem(const void *data, size_t len, size_t max, char *why,
				     size_t why_size);

#endif
