// SPDX-License-Identifier: GPL-2.0
/*
 * Apart from kallsyms because it answers questions that kallsyms does not: where an
 * image begins (without which no address may leave the host), and whether anything has
 * changed since (for a few KiB of reading instead of several MiB).
 */
#include "kernel_images.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FNV_BASIS 14695981039346656037ull
#define FNV_PRIME 1099511628211ull

static uint64_t hash_add(uint64_t hash, const void *data, size_t size)
{
	const uint8_t *p = data;

	while (size--)
		hash = (hash ^ *p++) * FNV_PRIME;
	return hash;
}

static int add(struct rp_kernel_images *images, const char *name)
{
	struct rp_kernel_image *of;
	size_t room;

	if (images->nr >= RP_KERNEL_IMAGES_MAX)
		return -E2BIG;
	if (images->nr == images->room) {
		room = images->room ? 2 * images->room : 64;
		of = realloc(images->of, room * sizeof(*of));
		if (!of)
			return -ENOMEM;
		images->of = of;
		images->room = room;
	}
	of = &images->of[images->nr];
	memset(of, 0, sizeof(*of));
	snprintf(of->name, sizeof(of->name), "%s", name);
	return images->nr++;
}

int rp_kernel_images_get(struct rp_kernel_images *images, const char *name)
{
	size_t i;

	for (i = 1; i < images->nr; i++)
		if (strcmp(images->of[i].name, name) == 0)
			return i;
	return add(images, name);
}

/* Behind n words and the spaces after each, or NULL if there are fewer. */
static char *skip_words(char *at, int n)
{
	while (n--) {
		at = strchr(at, ' ');
		if (!at)
			return NULL;
		at += strspn(at, " ");
	}
	return at;
}

/*
 * NAME SIZE REFERENCES USERS STATE BASE, and perhaps a word on its taints. By hand, since the
 * list is read for every window, and scanf takes longer than all else of that.
 */
static bool parse(char *line, char **name, uint64_t *size, uint64_t *base)
{
	char *at = skip_words(line, 1), *end;

	if (!at)
		return false;
	*name = line;
	line[strcspn(line, " ")] = '\0';
	*size = strtoull(at, &end, 10);
	at = end == at ? NULL : skip_words(end, 4);
	if (!at)
		return false;
	*base = strtoull(at, &end, 16);
	return end != at && **name && strlen(*name) < RP_KERNEL_IMAGE_NAME;
}

static int read_line(struct rp_kernel_images *images, char *line)
{
	uint64_t size, base;
	char *name;
	int i;

	if (!parse(line, &name, &size, &base))
		return 0;
	images->hash = hash_add(images->hash, name, strlen(name) + 1);
	images->hash = hash_add(images->hash, &size, sizeof(size));
	images->hash = hash_add(images->hash, &base, sizeof(base));
	i = add(images, name);
	if (i < 0)
		return i == -E2BIG ? 0 : i;
	if (base && size && base + size > base) {
		images->of[i].base = base;
		images->of[i].end = base + size;
	}
	return 0;
}

int rp_kernel_images_read(const char *path, struct rp_kernel_images *ret)
{
	struct rp_kernel_images images = { .hash = FNV_BASIS };
	char *line = NULL;
	size_t room = 0;
	FILE *f;
	int r;

	r = add(&images, "");
	f = fopen(path, "re");
	while (f && r >= 0 && getline(&line, &room, f) > 0)
		r = read_line(&images, line);
	free(line);
	if (f)
		fclose(f);
	if (r < 0) {
		rp_kernel_images_free(&images);
		return r;
	}
	*ret = images;
	return 0;
}

void rp_kernel_images_free(struct rp_kernel_images *images)
{
	free(images->of);
	free(images->by_base);
	memset(images, 0, sizeof(*images));
}

static int compare_base(const void *a, const void *b, void *arg)
{
	const struct rp_kernel_image *of = arg;
	uint16_t i = *(const uint16_t *)a, j = *(const uint16_t *)b;

	if (of[i].base != of[j].base)
		return of[i].base < of[j].base ? -1 : 1;
	return (i > j) - (i < j);
}

int rp_kernel_images_sort(struct rp_kernel_images *images)
{
	uint16_t *order = malloc(images->nr * sizeof(*order));
	struct rp_kernel_image *this, *next;
	size_t i, nr = 0;

	if (!order)
		return -ENOMEM;
	for (i = 0; i < images->nr; i++)
		if (images->of[i].base)
			order[nr++] = i;
	qsort_r(order, nr, sizeof(*order), compare_base, images->of);
	for (i = 0; i + 1 < nr; i++) {
		this = &images->of[order[i]];
		next = &images->of[order[i + 1]];
		if (this->end > next->base)
			this->end = next->base;
	}
	free(images->by_base);
	images->by_base = order;
	images->nr_by_base = nr;
	return 0;
}

const struct rp_build_id *rp_kernel_images_build_id(struct rp_kernel_images *images, int number,
						    const char *sysfs)
{
	struct rp_kernel_image *of = &images->of[number];

	if (!of->has_build_id && number)
		rp_build_id_of_module(sysfs, of->name, &of->build_id);
	else if (!of->has_build_id)
		rp_build_id_of_kernel(sysfs, &of->build_id);
	of->has_build_id = true;
	return &of->build_id;
}

int rp_kernel_images_find(const struct rp_kernel_images *images, uint64_t address)
{
	size_t low = 0, high = images->nr_by_base, mid;
	uint16_t i;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (images->of[images->by_base[mid]].base <= address)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low)
		return -ENOENT;
	i = images->by_base[low - 1];
	return address < images->of[i].end ? i : -ENOENT;
}
