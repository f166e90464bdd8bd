/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What report, fold and flame share: a file, a sample type, filters.
 */
#ifndef RP_VIEW_H
#define RP_VIEW_H

#include "filter.h"
#include "out.h"
#include "profile.h"

struct rp_view {
	const char *file;		/* "-" is stdin */
	const char *value;		/* the sample type's name, or NULL */
	const char *default_value;	/* when value is NULL; NULL: the profile's own */
	struct rp_filters filters;
	struct rp_profile *p;
	unsigned int type;		/* index of the sample type */
};

/* --value and --filter, for the commands' tables of long options. */
#define RP_VIEW_OPTIONS \
	{ "value", required_argument, NULL, 'v' }, { "filter", required_argument, NULL, 'f' }
#define RP_VIEW_HELP \
	"  -v, --value TYPE    which values: samples, cpu, ... (the file's sample types)\n" \
	"  -f, --filter K=V    only samples with this label; may be given several times\n"

/* Take -v or -f; an exit status, RP_EXIT_OK to go on. */
int rp_view_option(struct rp_view *v, int option, const char *argument);
/* Read the file that is the one argument left; an exit status. */
int rp_view_open(struct rp_view *v, int argc, char **argv);
void rp_view_close(struct rp_view *v);

/* The header that report and flame have in common: what this profile is. */
void rp_view_print_header(const struct rp_view *v, struct rp_out *o);

/* Frees o. An exit status, with a sentence if writing failed. */
int rp_view_finish(struct rp_out *o);

#endif
