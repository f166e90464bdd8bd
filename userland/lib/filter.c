// SPDX-License-Identifier: GPL-2.0
/*
 * A host's profile holds everybody's samples; most questions are about one
 * process or one service.
 */
#include "filter.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int rp_filters_add(struct rp_filters *f, const char *term)
{
	const char *equals = strchr(term, '=');

	if (!equals || equals == term)
		return -EINVAL;
	if (f->nr == RP_FILTERS_MAX)
		return -E2BIG;
	f->terms[f->nr++] = term;
	return 0;
}

const char *rp_label_text(const struct rp_profile *p, const struct rp_profile_label *l,
			  char buf[static RP_LABEL_TEXT_SIZE])
{
	if (!l)
		return "";
	if (l->str)
		return rp_profile_str(p, l->str);
	snprintf(buf, RP_LABEL_TEXT_SIZE, "%" PRId64, l->num);
	return buf;
}

static bool holds(const struct rp_profile *p, uint32_t labelset, const char *term)
{
	const struct rp_profile_labelset *s = &p->labelsets[labelset];
	size_t len = (size_t)(strchr(term, '=') - term);
	const struct rp_profile_label *found = NULL;
	char buf[RP_LABEL_TEXT_SIZE];
	const char *key;
	uint32_t i;

	for (i = 0; i < s->nr; i++) {
		key = rp_profile_str(p, p->labels[s->first + i].key);
		if (!strncmp(key, term, len) && !key[len])
			found = &p->labels[s->first + i];
	}
	return !strcmp(rp_label_text(p, found, buf), term + len + 1);
}

bool rp_filters_match(const struct rp_filters *f, const struct rp_profile *p,
		      uint32_t labelset)
{
	unsigned int i;

	for (i = 0; f && i < f->nr; i++) {
		if (!holds(p, labelset, f->terms[i]))
			return false;
	}
	return true;
}
