/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Symbolize: names for a profile's addresses that had none where it was taken, from files
 * that are here. An appliance exports addresses; whoever looks at them has the symbols.
 *
 * Which   Locations in a mapping of a file that have no name, or are called as unnamed.h
 *         says. What has a name keeps it.
 * By      The mapping's build id, and nothing else: a file at the same path is another.
 * Left    Whatever is not found stays as it is: it may be named yet, elsewhere.
 * Errors  -ENOMEM; -ENOSPC: the profile is at its limits. Outputs are untouched then.
 * Threads One at a time.
 */
#ifndef RP_SYMBOLIZE_H
#define RP_SYMBOLIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "debug_index.h"
#include "profile.h"

/* Why an address is left: id, name, text. The reason of most of a file's is shown. */
#define RP_SYMBOLIZE_REASONS(X) \
	X(NO_BUILD_ID, "no_build_id", "the profile has no build id for it") \
	X(NO_FILE,     "no_file",     "no file with its build id is there") \
	X(NO_SYMBOLS,  "no_symbols",  "only the stripped file is there, without its symbols") \
	X(UNREADABLE,  "unreadable",  "the file with its build id cannot be read") \
	X(NO_PLACE,    "no_place", \
	  "only its debug file is there, which does not say what was mapped where") \
	X(NO_FUNCTION, "no_function", "its symbols have no function there")

enum rp_symbolize_reason {
#define X(id, name, text) RP_SYMBOLIZE_##id,
	RP_SYMBOLIZE_REASONS(X)
#undef X
	RP_SYMBOLIZE_REASONS_NR
};

/* One mapped file. Strings hold as long as the profile and the index do. */
struct rp_symbolize_row {
	const char *file, *build_id;	/* as the profile has them */
	const char *from;		/* path that the names came from; NULL: none */
	uint64_t named, left;		/* locations that had no name before */
	uint64_t reasons[RP_SYMBOLIZE_REASONS_NR];	/* their sum is left */
};

struct rp_symbolize_result {
	struct rp_profile *p;		/* rp_profile_free() it */
	struct rp_symbolize_row *rows;	/* of files with such locations; free() it */
	size_t nr_rows;
	uint64_t named, left;
	uint64_t no_file;		/* unnamed and in no mapping of a file: not looked at */
};

/* The build ids that names are wanted of; *ret is to be freed. 0 or -ENOMEM. */
int rp_symbolize_wanted(const struct rp_profile *p, struct rp_build_id **ret, size_t *ret_nr);

/*
 * Whether the functions of that file are not all known by what the index has: there is no
 * such file, or nothing but what a stripped one exports.
 */
bool rp_symbolize_lacks(const struct rp_debug_index *ix, const struct rp_build_id *id);

/* A copy of p with the names that are found. 0, -ENOMEM or -ENOSPC. */
int rp_symbolize(const struct rp_profile *p, const struct rp_debug_index *ix,
		 struct rp_symbolize_result *ret);

const char *rp_symbolize_reason_name(enum rp_symbolize_reason why);
const char *rp_symbolize_reason_text(enum rp_symbolize_reason why);

#endif
