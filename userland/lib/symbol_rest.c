// SPDX-License-Identifier: GPL-2.0
/*
 * What was found stays from window to window, and so does what has no name: it would be asked
 * for each time.
 */
#include "symbol_rest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jail_symbols.h"
#include "why.h"

static atomic_uint nr_open;

const struct rp_elf_wanted *rp_symbol_rest_first(void)
{
	static const struct rp_elf_wanted none = { .more_than = RP_ELF_PICK_FROM };

	return nr_open < RP_SYMBOL_REST_FILES ? &none : NULL;
}

void rp_symbol_rest_open(struct rp_symbol_rest *r, const struct rp_elf_symbols *table,
			 struct rp_jail *jail, int fd, const char *name)
{
	struct rp_elf_symbols_info info;

	*r = (struct rp_symbol_rest){ .fd = -1 };
	rp_elf_symbols_info(table, &info);
	if (!info.picked)
		return;
	r->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	r->name = strdup(name);
	r->jail = jail;
	nr_open += r->fd >= 0;
}

void rp_symbol_rest_close(struct rp_symbol_rest *r)
{
	if (r->fd >= 0) {
		close(r->fd);
		nr_open--;
	}
	free(r->name);
	free(r->asked);
	*r = (struct rp_symbol_rest){ .fd = -1 };
}

/* ---- what was asked for -------------------------------------------------------------- */

/* Those of the addresses that were not; fresh has room for all of them. */
static size_t select_fresh(const struct rp_symbol_rest *r, const uint64_t *addresses, size_t nr,
			   uint64_t *fresh)
{
	size_t i, known = 0, n = 0;

	for (i = 0; i < nr; i++) {
		while (known < r->nr && r->asked[known] < addresses[i])
			known++;
		if ((known == r->nr || r->asked[known] != addresses[i]) &&
		    (!n || fresh[n - 1] != addresses[i]))
			fresh[n++] = addresses[i];
	}
	return n;
}

/* From the end on, so that one array is enough. */
static int remember(struct rp_symbol_rest *r, const uint64_t *fresh, size_t nr)
{
	uint64_t *asked = realloc(r->asked, (r->nr + nr) * sizeof(*asked));
	size_t old = r->nr, to = r->nr + nr;

	if (!asked)
		return -ENOMEM;
	r->asked = asked;
	r->nr = to;
	while (nr) {
		if (old && asked[old - 1] > fresh[nr - 1])
			asked[--to] = asked[--old];
		else
			asked[--to] = fresh[--nr];
	}
	return 0;
}

/* ---- asking --------------------------------------------------------------------------- */

/* As many as can be had at once; *nr says how many. */
static int ask(struct rp_symbol_rest *r, struct rp_elf_symbols *table, const uint64_t *addresses,
	       size_t *nr, char *why, size_t why_size)
{
	const struct rp_elf_wanted wanted = { .addresses = addresses, .nr = *nr };
	struct rp_elf_symbols *more;
	int err;

	err = rp_jail_symbols(r->jail, r->fd, r->name ? r->name : "", NULL, &wanted, nr,
			      &more, why, why_size);
	if (err)
		return err;
	err = rp_elf_symbols_merge(table, more);
	if (err == -EFBIG)
		rp_why(why, why_size, "its names are over the limit of %u MiB",
		       RP_ELF_STRINGS_MAX >> 20);
	rp_elf_symbols_free(more);
	return err;
}

static void give_up(struct rp_symbol_rest *r, int err, const char *why, char *problem, size_t size)
{
	if (!*problem)
		snprintf(problem, size, "%.100s: its symbols are not read: %.300s",
			 r->name ? r->name : "a file", *why ? why : strerror(-err));
	if (rp_jail_error_passes(err))
		return;
	close(r->fd);
	r->fd = -1;
	nr_open--;
}

int rp_symbol_rest_find(struct rp_symbol_rest *r, struct rp_elf_symbols *table,
			const uint64_t *addresses, size_t nr, char *problem, size_t size)
{
	uint64_t *fresh = malloc((nr + 1) * sizeof(*fresh));
	char why[RP_WHY_SIZE] = "";
	size_t n = 0, at, now;
	int err = fresh ? 0 : -ENOMEM;

	if (!err)
		n = select_fresh(r, addresses, nr, fresh);
	for (at = 0; at < n && !err && r->fd >= 0; at += now) {
		now = n - at;
		err = ask(r, table, fresh + at, &now, why, sizeof(why));
	}
	if (!err && n)
		err = remember(r, fresh, n);
	free(fresh);
	if (!err || err == -ENOMEM)
		return err;
	give_up(r, err, why, problem, size);
	return 0;
}

size_t rp_symbol_rest_bytes(const struct rp_symbol_rest *r)
{
	return r->nr * sizeof(*r->asked);
}
