/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A perf map or jitdump as it is read: a file that grows, and whose owner may do anything
 * to it meanwhile. It is read with pread() and never mapped, and no more of it than the
 * reader's allowance: whoever makes files faster than they can be read waits for a turn.
 */
#ifndef RP_JIT_INPUT_H
#define RP_JIT_INPUT_H

#include <stddef.h>
#include <stdint.h>

#define RP_JIT_CHUNK	(64u << 10)	/* bytes that are looked at together, at most */

struct rp_jit_input {
	int fd;
	uint64_t size;		/* where reading ends */
	uint64_t *allowance;	/* bytes that may still be read; shared */
	uint8_t *buffer;	/* RP_JIT_CHUNK bytes */
	uint64_t at;		/* offset in the file of what is in buffer */
	size_t len;
};

/*
 * The bytes at offset: *ret_len of them, as many as are there, at most wanted (and that at
 * most RP_JIT_CHUNK). They hold until the next call. NULL and errno: EAGAIN the allowance
 * is used up; or that of pread(). At the file's end: 0 bytes.
 */
const uint8_t *rp_jit_input_view(struct rp_jit_input *in, uint64_t offset, size_t wanted,
				 size_t *ret_len);

#endif
