// SPDX-License-Identifier: GPL-2.0
/*
 * Records of jitdumps are small heads before machine code that nobody here looks at:
 * a chunk is read only where a head is, so what is skipped costs nothing.
 */
#include "jit_input.h"

#include <errno.h>
#include <unistd.h>

static int fill(struct rp_jit_input *in, uint64_t offset)
{
	uint64_t left = offset < in->size ? in->size - offset : 0;
	size_t want = left < RP_JIT_CHUNK ? (size_t)left : RP_JIT_CHUNK;
	ssize_t n;

	in->at = offset;
	in->len = 0;
	while (in->len < want) {
		if (!*in->allowance) {
			errno = EAGAIN;
			return -1;
		}
		n = pread(in->fd, in->buffer + in->len, want - in->len,
			  (off_t)(offset + in->len));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (!n)
			break;		/* it became shorter */
		in->len += (size_t)n;
		*in->allowance -= (uint64_t)n < *in->allowance ? (uint64_t)n : *in->allowance;
	}
	return 0;
}

const uint8_t *rp_jit_input_view(struct rp_jit_input *in, uint64_t offset, size_t wanted,
				 size_t *ret_len)
{
	uint64_t left = offset < in->size ? in->size - offset : 0;
	size_t have;

	if (wanted > left)
		wanted = (size_t)left;
	have = offset >= in->at && offset - in->at < in->len ?
		(size_t)(in->len - (offset - in->at)) : 0;
	if (have < wanted) {
		if (fill(in, offset))
			return NULL;
		have = in->len;
	}
	*ret_len = have < wanted ? have : wanted;
	return in->buffer + (offset - in->at);
}
