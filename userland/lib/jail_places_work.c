// SPDX-License-Identifier: GPL-2.0
/*
 * The jail's side. To read what the units of a large file are takes longer than to look for
 * a few addresses in them, and a window comes every few seconds: so their index stays.
 * Without the files: their descriptors come and go with the questions. Windows ask for all
 * files in turn, so that of one more than are kept every one would be gone when it is asked
 * for again: memory is what bounds them, and their number is that of a whole cache.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "debug_places_pack.h"
#include "jail_addresses.h"
#include "jail_places.h"
#include "jail_places_ask.h"
#include "jail_private.h"
#include "jail_search.h"
#include "why.h"

struct kept {
	uint32_t file;
	struct rp_debug_info *info;
};

static struct kept kept[RP_JAIL_PLACES_KEPT_NR];	/* the one used last first */
static size_t nr_kept;

int rp_jail_places_open_work(int fd, const char *words, size_t size, struct rp_jail_result *ret)
{
	struct rp_jail_search search;
	struct rp_debug_info *info;
	int err;

	rp_jail_search_read(words, size, &search);
	err = rp_debug_info_open(fd, search.name, search.looks ? &search.where : NULL, &info,
				 ret->why, sizeof(ret->why));
	if (!err)
		rp_debug_info_close(info);
	return err;
}

/* ---- what is kept ------------------------------------------------------------------- */

/* Out of what is kept, or NULL. */
static struct rp_debug_info *take(uint32_t file)
{
	struct rp_debug_info *info;
	size_t i;

	for (i = 0; i < nr_kept && kept[i].file != file; i++)
		;
	if (i == nr_kept)
		return NULL;
	info = kept[i].info;
	memmove(&kept[i], &kept[i + 1], (--nr_kept - i) * sizeof(*kept));
	return info;
}

/* One index has its own limits, which are below that of all. */
static void keep(uint32_t file, struct rp_debug_info *info)
{
	size_t bytes = rp_debug_info_bytes(info), i;

	rp_debug_info_use(info, -1);
	for (i = 0; i < nr_kept && i + 1 < RP_JAIL_PLACES_KEPT_NR; i++) {
		bytes += rp_debug_info_bytes(kept[i].info);
		if (bytes > RP_JAIL_PLACES_KEPT_BYTES)
			break;
	}
	while (nr_kept > i)
		rp_debug_info_close(kept[--nr_kept].info);
	memmove(&kept[1], &kept[0], nr_kept++ * sizeof(*kept));
	kept[0] = (struct kept){ .file = file, .info = info };
}

static int open_again(uint32_t file, int fd, const char *name, struct rp_debug_info **ret,
		      struct rp_jail_result *result)
{
	*ret = take(file);
	if (!*ret)
		return rp_debug_info_open(fd, name, NULL, ret, result->why, sizeof(result->why));
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0) {
		rp_debug_info_close(*ret);
		return -errno;
	}
	rp_debug_info_use(*ret, fd);
	return 0;
}

/* ---- finding ------------------------------------------------------------------------ */

static int find(struct rp_debug_info *info, const struct rp_jail_places_ask *ask,
		const uint64_t *addresses, struct rp_jail_result *ret)
{
	struct rp_debug_places places = { 0 };
	char said[RP_WHY_SIZE] = "";
	int err = rp_debug_info_find(info, ask->what, addresses, ask->nr, &places);

	if (!err) {
		rp_debug_info_said(info, said, sizeof(said));
		err = rp_debug_places_pack(&places, said, &ret->data, &ret->size);
	}
	rp_debug_places_free(&places);
	return err;
}

/* Of the jail's memory, not of its keeper's: who has more files does not want for any. */
static int over_limit(int err, struct rp_jail_result *ret)
{
	if (err != -ENOMEM && err != -EFBIG)
		return err;
	if (err == -ENOMEM)
		rp_why(ret->why, sizeof(ret->why),
		       "that takes more memory than may be used for it");
	else
		rp_why(ret->why, sizeof(ret->why), "they are over the limit of %u MiB",
		       RP_DEBUG_PLACES_PACK_MAX >> 20);
	return -EFBIG;
}

int rp_jail_places_work(int fd, const char *words, size_t size, struct rp_jail_result *ret)
{
	const char *name = words + sizeof(struct rp_jail_places_ask), *end = words + size;
	struct rp_jail_places_ask ask;
	struct rp_debug_info *info;
	uint64_t *addresses;
	int err;

	if (size < sizeof(ask))
		return -EINVAL;
	memcpy(&ask, words, sizeof(ask));
	if (strlen(name) >= (size_t)(end - name))
		return -EINVAL;
	addresses = rp_jail_read_addresses(name + strlen(name) + 1, end, ask.nr, &end);
	if (!addresses)
		return -EINVAL;
	err = open_again(ask.file, fd, name, &info, ret);
	if (!err) {
		err = over_limit(find(info, &ask, addresses, ret), ret);
		if (err)
			rp_debug_info_close(info);
		else
			keep(ask.file, info);
	}
	free(addresses);
	return err;
}
