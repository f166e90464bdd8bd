// SPDX-License-Identifier: GPL-2.0
/*
 * The keeper's side. The descriptor stays with the keeper, and goes along with each question:
 * a jail that has died takes nothing with it that cannot be had again, and one that lives has
 * none at hand between two questions. What is asked in two goes has units read twice at most.
 */
#include "jail_places.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "debug_places_pack.h"
#include "jail_addresses.h"
#include "jail_places_ask.h"
#include "jail_search.h"
#include "why.h"

/* 400 MB of compressed debugging data take 6 where this was written. */
#define CPU_S 60

struct rp_jail_places {
	struct rp_debug_info *info;	/* read in this process; or NULL */
	struct rp_jail *jail;
	int fd;				/* of the file with the data; -1: it is given up */
	uint32_t number;
	char name[RP_JAIL_PLACES_NAME_MAX];
};

static atomic_uint last_number;

int rp_jail_places_start(struct rp_jail **ret, char *why, size_t why_size)
{
	const struct rp_jail_limits limits = { .cpu_s = CPU_S };

	return rp_jail_start(ret, &limits, why, why_size);
}

/* ---- opening ---------------------------------------------------------------------- */

/* A search, and the last file that came of it. */
struct handing {
	const struct rp_debug_search *where;
	int fd;				/* or -1 */
};

static int hand(void *arg, const char *path)
{
	struct handing *h = arg;
	int fd = rp_jail_search_open((void *)h->where, path), ours;

	if (fd < 0)
		return fd;
	ours = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (ours < 0) {
		ours = -errno;
		close(fd);
		return ours;
	}
	if (h->fd >= 0)
		close(h->fd);
	h->fd = ours;
	return fd;
}

/* A descriptor of the file that the data are in, or -errno. */
static int ask_where(struct rp_jail *jail, int fd, const char *path,
		     const struct rp_debug_search *where, char *why, size_t why_size)
{
	struct rp_jail_words *w = malloc(sizeof(*w));
	struct handing h = { .where = where, .fd = -1 };
	void *data = NULL;
	size_t size = 0;
	int r;

	if (!w)
		return -ENOMEM;
	w->size = 0;
	r = rp_jail_search_tell(w, path, where);
	if (!r)
		r = rp_jail_ask(jail, RP_JAIL_PLACES_OPEN, fd, w->text, w->size, hand, &h, &data,
				&size, why, why_size);
	free(w);
	free(data);
	if (!r && h.fd < 0)
		h.fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (!r && h.fd < 0)
		r = -errno;
	if (r && h.fd >= 0)
		close(h.fd);
	return r ? r : h.fd;
}

int rp_jail_places_open(struct rp_jail *jail, int fd, const char *path,
			const struct rp_debug_search *where, struct rp_jail_places **ret,
			char *err, size_t err_size)
{
	struct rp_jail_places *p = calloc(1, sizeof(*p));
	char why[RP_WHY_SIZE] = "";
	int r;

	if (!p) {
		rp_why(err, err_size, "out of memory");
		return -ENOMEM;
	}
	p->jail = jail;
	p->fd = -1;
	p->number = ++last_number;
	strncpy(p->name, path, sizeof(p->name) - 1);
	if (!jail) {
		r = rp_debug_info_open(fd, path, where, &p->info, err, err_size);
	} else {
		r = ask_where(jail, fd, path, where, why, sizeof(why));
		if (r >= 0)
			p->fd = r;
		else
			rp_why(err, err_size, "%s", *why ? why : strerror(-r));
	}
	if (r < 0) {
		rp_jail_places_close(p);
		return r;
	}
	*ret = p;
	return 0;
}

void rp_jail_places_close(struct rp_jail_places *p)
{
	if (!p)
		return;
	rp_debug_info_close(p->info);
	if (p->fd >= 0)
		close(p->fd);
	free(p);
}

/* ---- finding ---------------------------------------------------------------------- */

/* Of so many addresses as many as it can be told at once. Returns how many. */
static size_t tell(const struct rp_jail_places *p, unsigned int what, const uint64_t *addresses,
		   size_t nr, struct rp_jail_words *w)
{
	struct rp_jail_places_ask ask = { .file = p->number, .what = what };
	const size_t name = strlen(p->name) + 1;

	memcpy(w->text + sizeof(ask), p->name, name);
	w->size = sizeof(ask) + name;
	ask.nr = (uint32_t)rp_jail_tell_addresses(w, addresses, nr, 0);
	memcpy(w->text, &ask, sizeof(ask));
	return ask.nr;
}

/* Nothing of this batch is known. 0. */
static int give_up(struct rp_jail_places *p, int err, const char *why, char *said,
		   size_t said_size)
{
	rp_why(said, said_size, "its lines are not read: %s", *why ? why : strerror(-err));
	if (!rp_jail_error_passes(err)) {
		close(p->fd);
		p->fd = -1;
	}
	return 0;
}

static int ask(struct rp_jail_places *p, const struct rp_jail_words *w,
	       const uint64_t *addresses, size_t nr, struct rp_debug_places *places, char *said,
	       size_t said_size)
{
	char why[RP_WHY_SIZE] = "", of_file[RP_WHY_SIZE] = "";
	void *data = NULL;
	size_t size = 0;
	int r;

	r = rp_jail_ask(p->jail, RP_JAIL_PLACES, p->fd, w->text, w->size, NULL, NULL, &data,
			&size, why, sizeof(why));
	if (!r) {
		r = rp_debug_places_unpack(places, data, size, addresses, nr, of_file,
					   sizeof(of_file));
		if (r == -EBADMSG)
			rp_jail_disown(p->jail, why, sizeof(why));
		if (r == -EFBIG)
			rp_why(why, sizeof(why), "there are too many of them");
	}
	free(data);
	if (!r && *of_file)
		rp_why(said, said_size, "%s", of_file);
	return r && r != -ENOMEM ? give_up(p, r, why, said, said_size) : r;
}

static int find_in_jail(struct rp_jail_places *p, unsigned int what, const uint64_t *addresses,
			size_t nr, struct rp_debug_places *places, char *said, size_t said_size)
{
	struct rp_jail_words *w = malloc(sizeof(*w));
	size_t n;
	int r = w ? 0 : -ENOMEM;

	while (nr && !r && p->fd >= 0) {
		n = tell(p, what, addresses, nr, w);
		r = ask(p, w, addresses, n, places, said, said_size);
		addresses += n;
		nr -= n;
	}
	free(w);
	return r;
}

int rp_jail_places_find(struct rp_jail_places *p, unsigned int what, const uint64_t *addresses,
			size_t nr, struct rp_debug_places *places, char *said,
			size_t said_size)
{
	char of_file[RP_WHY_SIZE];
	int r;

	if (!p->info)
		return find_in_jail(p, what, addresses, nr, places, said, said_size);
	r = rp_debug_info_find(p->info, what, addresses, nr, places);
	if (!r && rp_debug_info_said(p->info, of_file, sizeof(of_file)))
		rp_why(said, said_size, "%s", of_file);
	return r;
}

size_t rp_jail_places_bytes(const struct rp_jail_places *p)
{
	return sizeof(*p) + (p->info ? rp_debug_info_bytes(p->info) : 0);
}
