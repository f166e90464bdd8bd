// SPDX-License-Identifier: GPL-2.0
/*
 * liblzma keeps to a limit of memory by itself and asks for the dictionary that the stream
 * names at once; how large the result gets is for its caller to watch. The room for it
 * grows as it comes, since no header that says how large it will be is worth believing.
 */
#include "debug_data.h"

#include <errno.h>
#include <lzma.h>
#include <stdlib.h>

#define ROOM_FIRST (256u << 10)

struct unpacked {
	uint8_t *data;
	size_t size, room;
};

static int grow(struct unpacked *u)
{
	size_t room = u->room ? 2 * u->room : ROOM_FIRST;
	uint8_t *data;

	if (u->room == RP_DEBUG_DATA_MAX)
		return -EFBIG;
	data = realloc(u->data, room);
	if (!data)
		return -ENOMEM;
	u->data = data;
	u->room = room;
	return 0;
}

static int error_of(lzma_ret code)
{
	switch (code) {
	case LZMA_OK:
	case LZMA_STREAM_END:
		return 0;
	case LZMA_MEM_ERROR:
		return -ENOMEM;
	case LZMA_MEMLIMIT_ERROR:
		return -EFBIG;
	default:
		return -EBADMSG;
	}
}

static int unpack(lzma_stream *xz, struct unpacked *u)
{
	lzma_ret code = LZMA_OK;
	int r = 0;

	while (!r && code != LZMA_STREAM_END) {
		if (u->size == u->room)
			r = grow(u);
		if (r)
			break;
		xz->next_out = u->data + u->size;
		xz->avail_out = u->room - u->size;
		code = lzma_code(xz, LZMA_FINISH);
		u->size = u->room - xz->avail_out;
		r = error_of(code);
	}
	return r;
}

int rp_debug_data_unpack(struct rp_elf_file *f, void **ret_image, size_t *ret_size)
{
	lzma_stream xz = LZMA_STREAM_INIT;
	struct unpacked u = { 0 };
	struct rp_elf_table packed;
	const GElf_Shdr *sh;
	int r;

	r = rp_elf_file_section(f, ".gnu_debugdata", &sh);
	if (r || !sh)
		return r ? r : -ENOENT;
	r = rp_elf_file_table(f, ELF_T_BYTE, sh->sh_offset, sh->sh_size,
			      RP_DEBUG_DATA_PACKED_MAX, &packed);
	if (r)
		return r;
	r = error_of(lzma_stream_decoder(&xz, RP_DEBUG_DATA_MEMORY_MAX, 0));
	xz.next_in = packed.data;
	xz.avail_in = packed.size;
	if (!r)
		r = unpack(&xz, &u);
	lzma_end(&xz);
	free(packed.data);
	if (r) {
		free(u.data);
		return r;
	}
	*ret_image = u.data;
	*ret_size = u.size;
	return 0;
}
