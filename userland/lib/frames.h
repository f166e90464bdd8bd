/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames: what a location looks like to people. Addresses of the same function are
 * one frame, inlined functions are frames of their own, an address without a name
 * is a frame named FILE+0xOFFSET.
 *
 * Frames have ids from 1, like a profile's tables. They refer to the profile,
 * which must outlive them and stay unchanged.
 */
#ifndef RP_FRAMES_H
#define RP_FRAMES_H

#include "profile.h"

/* Order and number are part of what the flame graph's page knows. */
enum rp_frame_kind {
	RP_FRAME_USER,
	RP_FRAME_KERNEL,
	RP_FRAME_UNRESOLVED,		/* user space, without a name */
	RP_FRAME_KERNEL_UNRESOLVED,
	RP_FRAME_PROCESS,		/* no function: the process that a stack is of */
};

struct rp_frame {
	const char *name;
	const char *mapping;		/* file name of the mapping, or "" */
	const char *source;		/* source file, or "" */
	enum rp_frame_kind kind;
};

struct rp_frames;

/* The most frames of one stack: deeper ones (from the leaf's side) are dropped. */
#define RP_FRAMES_DEPTH_MAX 65536

/*
 * What a frame is, from the file name of its mapping and the name of its function
 * ("" if there is none). The one place where this is decided: the kernel and its
 * modules have mappings that begin "[kernel"; a name is unresolved if it is
 * missing, "[unknown]", 0xADDRESS or ANYTHING+0xOFFSET.
 */
enum rp_frame_kind rp_frame_classify(const char *mapping, const char *function);
/* "user", "kernel", "unresolved", "kernel unresolved", "process". */
const char *rp_frame_kind_name(enum rp_frame_kind kind);
static inline bool rp_frame_is_kernel(enum rp_frame_kind kind)
{
	return kind == RP_FRAME_KERNEL || kind == RP_FRAME_KERNEL_UNRESOLVED;
}

/* NULL and errno without memory. */
struct rp_frames *rp_frames_new(const struct rp_profile *p);
void rp_frames_free(struct rp_frames *f);

uint32_t rp_frames_count(const struct rp_frames *f);
/* id must be one that these frames gave out. */
struct rp_frame rp_frames_get(const struct rp_frames *f, uint32_t id);

/* The frames of a stack, root first, and how many; valid until the next call. */
const uint32_t *rp_frames_of_stack(struct rp_frames *f, uint32_t stack, uint32_t *ret_nr);
/* The frame that stands for a process. 0 without memory. */
uint32_t rp_frames_process(struct rp_frames *f, const char *name);

#endif
