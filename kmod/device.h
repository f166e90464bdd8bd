/* SPDX-License-Identifier: GPL-2.0 */
/*
 * device.h - /dev/ringprof; its manual is proto/ringprof.h. Task context: load and
 * unload.
 */
#ifndef RP_KMOD_DEVICE_H
#define RP_KMOD_DEVICE_H

int rp_device_init(void);
void rp_device_exit(void);

#endif
