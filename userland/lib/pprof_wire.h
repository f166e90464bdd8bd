/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Walking over a protobuf message's fields without unpacking it; private to the
 * pprof reader. The messages inside are unpacked one at a time by protobuf-c.
 */
#ifndef RP_PPROF_WIRE_H
#define RP_PPROF_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rp_wire {
	const uint8_t *at, *end;
};

enum rp_wire_type {
	RP_WIRE_VARINT = 0,
	RP_WIRE_FIXED64 = 1,
	RP_WIRE_BYTES = 2,
	RP_WIRE_FIXED32 = 5,
};

struct rp_wire_field {
	uint32_t number;
	enum rp_wire_type type;
	uint64_t value;			/* VARINT */
	const uint8_t *data;		/* BYTES */
	size_t len;
};

/* 1: *ret_field is filled; 0: the end; -EBADMSG: not a protobuf message. */
int rp_wire_next(struct rp_wire *w, struct rp_wire_field *ret_field);
/* 0 or -EBADMSG. */
int rp_wire_varint(struct rp_wire *w, uint64_t *ret_value);

#endif
