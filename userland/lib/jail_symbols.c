// SPDX-License-Identifier: GPL-2.0
/* A jail is told what is wanted and what jail_search.h says, and gives the table in one piece. */
#include "jail_symbols.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf_symbols_pack.h"
#include "jail_addresses.h"
#include "jail_private.h"
#include "jail_search.h"
#include "why.h"

/* Before the words of the search. */
struct ask {
	uint64_t more_than;	/* of a file with more symbols... */
	uint32_t picks;		/* 0: all of them; 1: those for the addresses that follow */
	uint32_t nr;		/* addresses */
};

/* So that there is room for what is told of a search. */
#define SPARE (RP_JAIL_WORDS_MAX / 2)

static int tell(struct rp_jail_words *w, const char *path, const struct rp_debug_search *where,
		const struct rp_elf_wanted *wanted, size_t *ret_nr)
{
	struct ask ask = { .picks = wanted != NULL };

	w->size = sizeof(ask);
	*ret_nr = 0;
	if (wanted) {
		*ret_nr = rp_jail_tell_addresses(w, wanted->addresses, wanted->nr, SPARE);
		ask.nr = (uint32_t)*ret_nr;
		ask.more_than = wanted->more_than;
	}
	memcpy(w->text, &ask, sizeof(ask));
	return rp_jail_search_tell(w, path, where);
}

static int ask_jail(struct rp_jail *jail, int fd, const struct rp_jail_words *w,
		    const struct rp_debug_search *where, struct rp_elf_symbols **ret, char *why,
		    size_t why_size)
{
	void *data = NULL;
	size_t size = 0;
	int r;

	r = rp_jail_ask(jail, RP_JAIL_SYMBOLS, fd, w->text, w->size, rp_jail_search_open,
			(void *)where, &data, &size, why, why_size);
	if (!r)
		r = rp_elf_symbols_unpack(data, size, ret);
	if (r == -EBADMSG && data)
		rp_jail_disown(jail, why, why_size);
	if (r)
		free(data);
	return r;
}

int rp_jail_symbols(struct rp_jail *jail, int fd, const char *path,
		    const struct rp_debug_search *where, const struct rp_elf_wanted *wanted,
		    size_t *ret_nr, struct rp_elf_symbols **ret, char *err, size_t err_size)
{
	struct rp_jail_words *w;
	char why[RP_WHY_SIZE] = "";
	int r;

	if (!jail) {
		*ret_nr = wanted ? wanted->nr : 0;
		return rp_elf_symbols_pick(fd, path, where, wanted, ret, err, err_size);
	}
	w = malloc(sizeof(*w));
	if (!w)
		return -ENOMEM;
	r = tell(w, path, where, wanted, ret_nr);
	if (!r)
		r = ask_jail(jail, fd, w, where, ret, why, sizeof(why));
	free(w);
	if (r)
		rp_why(err, err_size, "%s", *why ? why : strerror(-r));
	return r;
}

/* ---- the jail's side ------------------------------------------------------------------ */

static int read_and_pack(int fd, const struct rp_jail_search *search,
			 const struct rp_elf_wanted *wanted, struct rp_jail_result *ret)
{
	struct rp_elf_symbols *es;
	int err;

	err = rp_elf_symbols_pick(fd, search->name, search->looks ? &search->where : NULL, wanted,
				  &es, ret->why, sizeof(ret->why));
	if (err)
		return err;
	err = rp_elf_symbols_pack(es, &ret->data, &ret->size);
	rp_elf_symbols_free(es);
	return err;
}

int rp_jail_symbols_work(int fd, const char *words, size_t size, struct rp_jail_result *ret)
{
	const char *end = words + size, *rest;
	struct rp_elf_wanted wanted;
	struct rp_jail_search search;
	uint64_t *addresses;
	struct ask ask;
	int err;

	if (size < sizeof(ask))
		return -EINVAL;
	memcpy(&ask, words, sizeof(ask));
	addresses = rp_jail_read_addresses(words + sizeof(ask), end, ask.nr, &rest);
	if (!addresses)
		return -EINVAL;
	wanted = (struct rp_elf_wanted){
		.addresses = addresses, .nr = ask.nr, .more_than = (size_t)ask.more_than,
	};
	rp_jail_search_read(rest, (size_t)(end - rest), &search);
	err = read_and_pack(fd, &search, ask.picks ? &wanted : NULL, ret);
	free(addresses);
	return err;
}
