// SPDX-License-Identifier: GPL-2.0
/* A jail is told what jail_search.h says, and gives the table in one piece. */
#include "jail_symbols.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf_symbols_pack.h"
#include "jail_private.h"
#include "jail_search.h"
#include "why.h"

int rp_jail_symbols(struct rp_jail *jail, int fd, const char *path,
		    const struct rp_debug_search *where, struct rp_elf_symbols **ret, char *err,
		    size_t err_size)
{
	struct rp_jail_words *w;
	void *data = NULL;
	size_t size = 0;
	char why[RP_WHY_SIZE] = "";
	int r;

	if (!jail)
		return rp_elf_symbols_from_fd(fd, path, where, ret, err, err_size);
	w = malloc(sizeof(*w));
	if (!w)
		return -ENOMEM;
	w->size = 0;
	r = rp_jail_search_tell(w, path, where);
	if (!r)
		r = rp_jail_ask(jail, RP_JAIL_SYMBOLS, fd, w->text, w->size,
				rp_jail_search_open, (void *)where, &data, &size, why,
				sizeof(why));
	free(w);
	if (!r) {
		r = rp_elf_symbols_unpack(data, size, ret);
		if (r == -EBADMSG)
			rp_jail_disown(jail, why, sizeof(why));
	}
	if (r) {
		free(data);
		rp_why(err, err_size, "%s", *why ? why : strerror(-r));
	}
	return r;
}

int rp_jail_symbols_work(int fd, const char *words, size_t size, struct rp_jail_result *ret)
{
	struct rp_jail_search search;
	struct rp_elf_symbols *es;
	int err;

	rp_jail_search_read(words, size, &search);
	err = rp_elf_symbols_from_fd(fd, search.name, search.looks ? &search.where : NULL, &es,
				     ret->why, sizeof(ret->why));
	if (err)
		return err;
	err = rp_elf_symbols_pack(es, &ret->data, &ret->size);
	rp_elf_symbols_free(es);
	return err;
}
