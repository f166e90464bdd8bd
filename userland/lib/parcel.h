/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A parcel: one finished profile and what is needed to send it, now or after a
 * restart. It is what the spool keeps and the exporter posts.
 */
#ifndef RP_PARCEL_H
#define RP_PARCEL_H

#include <stddef.h>
#include <stdint.h>

#define RP_PARCEL_TITLE_MAX	1024
#define RP_PARCEL_QUERY_MAX	(32u << 10)
#define RP_PARCEL_DATA_MAX	(64u << 20)

struct rp_parcel {
	uint64_t time_ns;	/* of the profile's start, since 1970 */
	char *title;		/* for messages: the service's name */
	char *query;		/* of the request, encoded, without "?" */
	void *data;		/* gzip'ed pprof */
	size_t len;
};

/* Frees what it holds, and zeroes it. */
void rp_parcel_free(struct rp_parcel *p);

/*
 * As a file: a few lines of text, an empty one, the data. 0 or -errno; reading gives
 * -EBADMSG for what is no parcel. Outputs are untouched on failure.
 */
int rp_parcel_write(const struct rp_parcel *p, const char *path);
int rp_parcel_read(const char *path, struct rp_parcel *ret);

#endif
