/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel images: where the kernel proper and each module lie, from /proc/modules.
 *
 * Image 0 is the kernel proper; its bounds are set by who reads kallsyms. A module has
 * the base and size that /proc/modules shows. From 6.4 on a module's parts lie apart and
 * the base is that of its text, but the size still is the sum of all parts: so a module
 * ends at the next one's base at the latest. An image without a known base has base 0.
 */
#ifndef RP_KERNEL_IMAGES_H
#define RP_KERNEL_IMAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "build_id.h"

#define RP_KERNEL_IMAGES_MAX	65535
#define RP_KERNEL_IMAGE_NAME	64

struct rp_kernel_image {
	char name[RP_KERNEL_IMAGE_NAME];	/* "": the kernel proper */
	uint64_t base, end;			/* [base, end); 0, 0: unknown */
	struct rp_build_id build_id;		/* size 0: none */
	bool has_build_id;			/* it was asked for */
};

struct rp_kernel_images {
	struct rp_kernel_image *of;
	size_t nr, room;
	uint16_t *by_base;		/* those with a base, ascending; after _sort() */
	size_t nr_by_base;
	uint64_t hash;			/* of the list as read: names, bases, sizes */
};

/* Reads the list; a missing file is an empty one. 0 or -ENOMEM. */
int rp_kernel_images_read(const char *path, struct rp_kernel_images *ret);
void rp_kernel_images_free(struct rp_kernel_images *images);

/* The number of the image of that name, added if it is new; or -ENOMEM, -E2BIG. */
int rp_kernel_images_get(struct rp_kernel_images *images, const char *name);

/* To be called once the kernel's bounds are known: makes _find() possible. 0, -ENOMEM. */
int rp_kernel_images_sort(struct rp_kernel_images *images);

/*
 * The build id of the image with that number, size 0 if there is none. sysfs: where it is
 * read when it is asked for the first time; NULL: "/sys".
 */
const struct rp_build_id *rp_kernel_images_build_id(struct rp_kernel_images *images, int number,
						    const char *sysfs);

/* The image that holds the address, or -ENOENT. */
int rp_kernel_images_find(const struct rp_kernel_images *images, uint64_t address);

#endif
