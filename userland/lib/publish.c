// SPDX-License-Identifier: GPL-2.0
/*
 * The file in the folder is the whole host with every label; what goes to a server
 * is one series a service, in pieces that it accepts.
 */
#include "publish.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identity.h"
#include "log.h"
#include "pprof_write.h"
#include "pyroscope.h"
#include "split.h"

/* Labels that samples have of the namer (namer.h) and of their process (identity.h). */
static bool is_taken(const char *key)
{
	static const char *const taken[] = {
		"pid", "thread_id", "cpu", "comm", "process", "kernel_truncated",
		"user_truncated", "user_unwound",
	};
	size_t i;

	for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (!strcmp(taken[i], key))
			return true;
	return rp_identity_is_label(key) || !strncmp(key, "pprof::", 7);
}

static bool remember(struct rp_publish_keys *keys, uint32_t id)
{
	size_t i;

	for (i = 0; i < keys->nr; i++)
		if (keys->ids[i] == id)
			return true;
	if (keys->nr == RP_PUBLISH_KEYS_MAX)
		return false;
	keys->ids[keys->nr++] = id;
	return true;
}

unsigned int rp_publish_labels(struct rp_publish_keys *keys, struct rp_profile *p,
			       const struct rp_attributes *resource,
			       struct rp_profile_label *ret, unsigned int room)
{
	unsigned int nr = 0;
	uint32_t key, value;
	size_t i;

	for (i = 0; i < resource->nr && nr < room; i++) {
		if (is_taken(resource->items[i].key))
			continue;
		key = rp_profile_string(p, resource->items[i].key);
		value = rp_profile_string(p, resource->items[i].value);
		if (key && value && remember(keys, key))
			ret[nr++] = (struct rp_profile_label){ .key = key, .str = value };
	}
	return nr;
}

struct publishing {
	struct rp_exporter *exporter;
	uint32_t rate;
	unsigned int parcels;
};

static int send_part(void *arg, const struct rp_attributes *resource,
		     const struct rp_profile *part)
{
	const char *service = rp_attributes_get(resource, "service.name");
	uint64_t from = (uint64_t)part->time_nanos;
	uint64_t until = from + (uint64_t)part->duration_nanos;
	struct rp_parcel parcel = { .time_ns = from };
	struct publishing *p = arg;
	char why[RP_WHY_SIZE];
	int err;

	parcel.title = strdup(service ? service : "unknown_service");
	parcel.query = rp_pyroscope_query(resource, from, until, p->rate);
	err = parcel.title && parcel.query ? 0 : -ENOMEM;
	if (!err)
		err = rp_pprof_write_mem(part, &parcel.data, &parcel.len, why,
					 sizeof(why));
	if (err) {
		rp_parcel_free(&parcel);
		return err;
	}
	rp_exporter_add(p->exporter, &parcel);
	p->parcels++;
	return 0;
}

int rp_publish(struct rp_exporter *e, const struct rp_profile *p,
	       const struct rp_publish_keys *keys, uint32_t rate,
	       unsigned int *ret_parcels)
{
	static const struct rp_split_limits limits = {
		.samples = RP_PYROSCOPE_SAMPLES_MAX, .bytes = RP_PYROSCOPE_BYTES_MAX,
	};
	struct publishing publishing = { .exporter = e, .rate = rate };
	int err;

	err = rp_split(p, keys->ids, keys->nr, &limits, send_part, &publishing);
	if (ret_parcels)
		*ret_parcels = publishing.parcels;
	return err;
}
