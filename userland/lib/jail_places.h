/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lines and inlined functions of a file's addresses, read in a jail (jail.h). Of the file
 * itself, this process has no more than a descriptor, with which it can ask again when the
 * file's process is gone.
 *
 * Limits  Of what a jail keeps from one time to the next (an index of the file's units):
 *         RP_JAIL_PLACES_KEPT_NR files' and RP_JAIL_PLACES_KEPT_BYTES; of others it is made
 *         anew. Of what comes back: RP_DEBUG_PLACES_PACK_MAX at once.
 * Threads One at a time, of each file.
 */
#ifndef RP_JAIL_PLACES_H
#define RP_JAIL_PLACES_H

#include <stddef.h>
#include <stdint.h>

#include "debug_info.h"
#include "jail.h"

#define RP_JAIL_PLACES_KEPT_NR		256u
#define RP_JAIL_PLACES_KEPT_BYTES	((size_t)64 << 20)

struct rp_debug_search;
struct rp_jail_places;
struct rp_jail_result;

/*
 * Starts a jail for them alone, which may take more time than others get, so that nobody else
 * has to wait for it. As rp_jail_start().
 */
int rp_jail_places_start(struct rp_jail **ret, char *why, size_t why_size);

/*
 * As rp_debug_info_open(), and with its errors, or -EBADMSG if the jail died of the file. jail
 * NULL: in this process; otherwise it has to be there as long as this is. Debug files are
 * opened by this process, where the search looks for them and nowhere else.
 */
int rp_jail_places_open(struct rp_jail *jail, int fd, const char *path,
			const struct rp_debug_search *where, struct rp_jail_places **ret,
			char *err, size_t err_size);
void rp_jail_places_close(struct rp_jail_places *p);	/* p may be NULL */

/*
 * As rp_debug_info_find(). said: gets a sentence of what could not be read or followed, and
 * what to do about it, or is left alone. A file that is over the limits, or that a jail dies
 * of, is not asked for again; its addresses then are not among the places. 0 or -ENOMEM.
 */
int rp_jail_places_find(struct rp_jail_places *p, unsigned int what, const uint64_t *addresses,
			size_t nr, struct rp_debug_places *places, char *said,
			size_t said_size);
/* Memory of this process. */
size_t rp_jail_places_bytes(const struct rp_jail_places *p);

/*
 * The jail's side. The first has no result: what was meant is the last file that it was given
 * when it asked, or, if it asked for none, the job's.
 */
int rp_jail_places_open_work(int fd, const char *words, size_t size,
			     struct rp_jail_result *ret);
int rp_jail_places_work(int fd, const char *words, size_t size, struct rp_jail_result *ret);

#endif
