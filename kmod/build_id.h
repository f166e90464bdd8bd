/* SPDX-License-Identifier: GPL-2.0 */
/*
 * build_id.h - the build id of a mapped file, without input or output. Task context.
 */
#ifndef RP_KMOD_BUILD_ID_H
#define RP_KMOD_BUILD_ID_H

#include <linux/types.h>

struct file;

/*
 * Fills ret (RP_BUILD_ID_MAX bytes) and returns the length; 0: not known. Task
 * context; does not sleep.
 */
unsigned int rp_build_id_of(struct file *file, u8 *ret);

#endif
