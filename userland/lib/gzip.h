/* SPDX-License-Identifier: GPL-2.0 */
/*
 * gzip as a stream: out to a file descriptor or into memory, and in from either,
 * with a limit on what a small hostile file may grow to.
 */
#ifndef RP_GZIP_H
#define RP_GZIP_H

#include "why.h"

#include <stddef.h>
#include <stdint.h>

struct rp_gzip;

/*
 * fd < 0: into memory. By zlib's quickest level, which takes less than half the instructions
 * of its usual one, for profiles that are a tenth larger. NULL without memory.
 */
struct rp_gzip *rp_gzip_new(int fd);
/* Compress some more. 0 or -errno. */
int rp_gzip_add(struct rp_gzip *g, const void *data, size_t len);
/* The end. ret_data (which the caller frees) and ret_len only into memory. */
int rp_gzip_finish(struct rp_gzip *g, void **ret_data, size_t *ret_len);
void rp_gzip_free(struct rp_gzip *g);

/*
 * Everything that comes out of fd (or lies in memory), inflated if it is gzip or
 * zlib, several members included, and as it is otherwise. At most max bytes come
 * out of it (-EFBIG); cut or damaged is -EBADMSG. 0 or -errno with a sentence.
 */
int rp_gunzip_fd(int fd, size_t max, void **ret_data, size_t *ret_len, char *why,
		 size_t why_size);
int rp_gunzip_mem(const void *in, size_t in_len, size_t max, void **ret_data,
		  size_t *ret_len, char *why, size_t why_size);

#endif
