// SPDX-License-Identifier: GPL-2.0
/*
 * A profile of one command needs no more labels than what tells its threads apart; so the
 * others are there for who asks for them, and nobody else's processes are looked into.
 */
#include "record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "identity.h"
#include "namespace.h"

static const struct {
	const char *name;
	unsigned int label;
} names[] = {
	{ "container", RP_IDENTITY_CONTAINER }, { "unit", RP_IDENTITY_UNIT },
	{ "user", RP_IDENTITY_USER }, { "command", RP_IDENTITY_COMMAND },
	{ "vpid", RP_IDENTITY_VPID }, { "all", RP_IDENTITY_ALL },
};

int rp_record_labels_parse(const char *text, unsigned int *ret)
{
	const char *word = text, *end;
	unsigned int labels = 0;
	size_t i, len;

	for (;;) {
		end = strchrnul(word, ',');
		len = (size_t)(end - word);
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (strlen(names[i].name) == len && !memcmp(names[i].name, word, len))
				break;
		if (i == sizeof(names) / sizeof(names[0]))
			return rp_cmd_usage("--labels %s: name some of container, unit, user, command and vpid, with commas between, or all",
					    text);
		labels |= names[i].label;
		if (!*end)
			break;
		word = end + 1;
	}
	*ret = labels;
	return RP_EXIT_OK;
}

int rp_record_labels_check(const struct rp_record *r)
{
	if (!r->options.labels || rp_namespace_is_first(RP_NAMESPACE_PID))
		return RP_EXIT_OK;
	return rp_cmd_fail(RP_EXIT_FAILED, "--labels: the module's process numbers are not those of this PID namespace, so that processes cannot be looked into; run it with the host's processes (--pid=host)");
}

void rp_record_labels_appeared(void *record, struct rp_aspace *as)
{
	struct rp_record *r = record;

	if (!r->options.labels || !as->id.tgid)
		return;
	as->data = calloc(1, sizeof(struct rp_identity));
	if (as->data)
		rp_identity_refresh(as->data, "/proc", as->id.tgid, NULL);
}

void rp_record_labels_mapped(struct rp_aspace *as)
{
	if (as->data && !as->exited)
		rp_identity_complete(as->data, "/proc", as->id.tgid);
}

void rp_record_labels_dropped(void *record, struct rp_aspace *as)
{
	(void)record;
	if (as->data)
		rp_identity_free(as->data);
	free(as->data);
	as->data = NULL;
}

unsigned int rp_record_labels(void *record, struct rp_profile *p, struct rp_aspace *as,
			      const struct rp_maps *maps, struct rp_profile_label *ret,
			      unsigned int room)
{
	const struct rp_mapped *exe = rp_maps_exe(maps);
	const char *path = exe ? exe->file->path : NULL;
	struct rp_identity *id = as->data;
	struct rp_record *r = record;

	if (!id)
		return 0;
	if (!as->exited)
		rp_identity_refresh(id, "/proc", as->id.tgid, path);
	if (!rp_identity_is_of(id, path))
		return 0;
	return rp_identity_labels(id, r->options.labels, p, ret, room);
}
