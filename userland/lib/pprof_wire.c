// SPDX-License-Identifier: GPL-2.0
/*
 * Strings stand behind the samples that name them, so the reader walks over the
 * file several times, once per table. Unpacking the whole Profile instead would
 * cost about ten times the file's size, in millions of allocations.
 */
#include "pprof_wire.h"

#include <errno.h>

int rp_wire_varint(struct rp_wire *w, uint64_t *ret_value)
{
	uint64_t value = 0;
	unsigned int shift;
	uint8_t byte;

	for (shift = 0; shift < 64 && w->at < w->end; shift += 7) {
		byte = *w->at++;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*ret_value = value;
			return 0;
		}
	}
	return -EBADMSG;
}

static int skip(struct rp_wire *w, uint64_t len)
{
	if (len > (uint64_t)(w->end - w->at))
		return -EBADMSG;
	w->at += len;
	return 0;
}

/* Groups (wire types 3 and 4) were given up before pprof was made. */
int rp_wire_next(struct rp_wire *w, struct rp_wire_field *ret_field)
{
	struct rp_wire_field f = { 0 };
	uint64_t tag;
	int err;

	if (w->at == w->end)
		return 0;
	err = rp_wire_varint(w, &tag);
	if (err || tag >> 3 == 0 || tag >> 3 > 0x1fffffff)
		return -EBADMSG;
	f.number = (uint32_t)(tag >> 3);
	f.type = tag & 7;
	switch (tag & 7) {
	case RP_WIRE_VARINT:
		err = rp_wire_varint(w, &f.value);
		break;
	case RP_WIRE_FIXED64:
		err = skip(w, 8);
		break;
	case RP_WIRE_FIXED32:
		err = skip(w, 4);
		break;
	case RP_WIRE_BYTES:
		err = rp_wire_varint(w, &f.value);
		f.data = w->at;
		f.len = f.value;
		if (!err)
			err = skip(w, f.value);
		break;
	default:
		return -EBADMSG;
	}
	if (err)
		return err;
	*ret_field = f;
	return 1;
}
