/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A profile in memory: named stacks with labels, each stored once and counted.
 *
 * It is filled sample by sample (ringprofctl record, the daemon's window, the
 * pprof reader) and then read by the writers (pprof) and the viewers (report,
 * fold, flame). Its tables are pprof's: strings, mappings, functions, locations,
 * and samples; stacks and label sets are stored once each besides.
 *
 * Ids     Every table is counted from 1, in order of arrival; entry 0 is the
 *         table's zero value ("", no mapping, ...) and means "none". A table's
 *         entry is p->TABLE[id], for id 1 .. p->nr_TABLE. Strings are ids too:
 *         p->strings[id], id 0 is "".
 * Errors  A call that cannot get memory returns 0 (functions that return an id)
 *         or -ENOMEM, and marks the profile: p->error is -ENOMEM from then on,
 *         every later call fails as well, and nothing stored before is harmed.
 *         So a caller may add a whole stack and look at p->error once. An
 *         argument that is out of range returns 0 or -EINVAL and marks nothing.
 * Limits  2^32 - 2 entries in each table (-ENOSPC is returned above that and
 *         p->error set). Values add up with saturation, they never wrap.
 * Threads One writer or many readers; there is no lock inside.
 * Memory  Everything belongs to the profile. Pointers from its arrays hold until
 *         the next call that adds something; the text of a string holds until
 *         rp_profile_free().
 *
 * Filling one:
 *
 *	struct rp_profile *p = rp_profile_new();
 *	rp_profile_add_type(p, "samples", "count");
 *	rp_profile_add_type(p, "cpu", "nanoseconds");
 *	rp_profile_set_period(p, "cpu", "nanoseconds", 52631579);
 *	rp_profile_set_default_type(p, "cpu");
 *	p->time_nanos = start; p->duration_nanos = length;
 *	m = rp_profile_mapping(p, &(struct rp_profile_mapping){
 *		.start = 0x400000, .limit = 0x500000, .offset = 0,
 *		.filename = rp_profile_string(p, "/usr/bin/xz"),
 *		.build_id = rp_profile_string(p, "a1b2..."), .has_functions = true });
 *	f = rp_profile_function(p, "main", "main", "main.c", 10);
 *	l = rp_profile_location(p, m, 0x401234,
 *		&(struct rp_profile_line){ .function = f, .line = 12 }, 1);
 *	rp_profile_add(p, &l, 1, labels, nr_labels, (int64_t[]){ 1, 52631579 });
 */
#ifndef RP_PROFILE_H
#define RP_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RP_PROFILE_TYPES_MAX	16	/* values per sample */
#define RP_PROFILE_LABELS_MAX	64	/* labels per sample */
#define RP_PROFILE_COMMENTS_MAX	256
#define RP_PROFILE_DEPTH_MAX	65536	/* locations per stack, lines per location */

/*
 * Names of mappings that stand for the kernel: the kernel proper is exactly
 * RP_KERNEL_MAPPING, a module NAME is RP_KERNEL_MAPPING "[NAME]".
 */
#define RP_KERNEL_MAPPING	"[kernel.kallsyms]"
/* That of code made at run time which its runtime gave names to. */
#define RP_JIT_MAPPING		"[jit]"

struct rp_profile_value_type {
	uint32_t type, unit;		/* strings: "cpu", "nanoseconds" */
};

struct rp_profile_mapping {
	uint64_t start, limit;		/* addresses [start, limit) */
	uint64_t offset;		/* in the file, of start */
	uint32_t filename, build_id;	/* strings; build id in hex */
	bool has_functions, has_filenames, has_lines, has_inlines;
};

struct rp_profile_function {
	uint32_t name;			/* string: for people (demangled) */
	uint32_t system_name;		/* string: as the linker knows it */
	uint32_t filename;		/* string: source file, "" if unknown */
	int64_t start_line;		/* 0 if unknown */
};

struct rp_profile_line {
	uint32_t function;		/* id of a function; never 0 */
	int64_t line, column;		/* 0 if unknown */
};

struct rp_profile_location {
	uint64_t address;
	uint32_t mapping;		/* id, or 0 */
	uint32_t nr_lines;
	uint64_t first_line;		/* index into p->lines, innermost inline first */
};

/*
 * A label is a string (str != 0) or a number (str == 0). pprof drops a number 0
 * without a unit, so the writer gives such a label its key as unit, which is the
 * unit that pprof itself assumes.
 */
struct rp_profile_label {
	uint32_t key;			/* string; never 0 */
	uint32_t str;			/* string */
	int64_t num;
	uint32_t unit;			/* string, of num */
};

struct rp_profile_stack {
	uint64_t first;			/* index into p->frames */
	uint32_t nr;			/* frames are location ids, leaf first */
};

struct rp_profile_labelset {
	uint64_t first;			/* index into p->labels */
	uint32_t nr;			/* sorted by key's string id */
};

struct rp_profile_sample {
	uint32_t stack;			/* id into p->stacks */
	uint32_t labelset;		/* id into p->labelsets, 0: no labels */
};

/* An open-addressing index from a hash to an id; private to profile.c. */
struct rp_profile_index {
	struct rp_profile_slot {
		uint32_t hash, id;
	} *slots;
	uint64_t size, used;
};

struct rp_profile {
	int error;			/* 0, or -ENOMEM or -ENOSPC once it happened */

	/* To be set by whoever fills the profile. */
	int64_t time_nanos;		/* start, since 1970; 0 if unknown */
	int64_t duration_nanos;

	/* Set by the functions below; free to read. */
	int64_t period;
	struct rp_profile_value_type period_type;
	struct rp_profile_value_type types[RP_PROFILE_TYPES_MAX];
	unsigned int nr_types;
	uint32_t default_type;		/* string: a name among types, or 0 */
	uint32_t doc_url;		/* string, or 0 */
	uint32_t drop_frames, keep_frames; /* strings: regular expressions, or 0 */
	uint32_t comments[RP_PROFILE_COMMENTS_MAX];
	unsigned int nr_comments;
	uint32_t main_mapping;		/* written as number 1; 0: the first one */

	/* Tables; entry 0 is the zero value, ids are 1 .. nr. Free to read. */
	const char **strings;
	struct rp_profile_mapping *mappings;
	struct rp_profile_function *functions;
	struct rp_profile_location *locations;
	struct rp_profile_stack *stacks;
	struct rp_profile_labelset *labelsets;
	struct rp_profile_sample *samples;
	uint64_t nr_strings, nr_mappings, nr_functions, nr_locations;
	uint64_t nr_stacks, nr_labelsets, nr_samples;

	/* Flat storage that the tables point into by index, from 0. */
	struct rp_profile_line *lines;
	struct rp_profile_label *labels;
	uint32_t *frames;
	int64_t *values;		/* nr_types for each sample: see rp_profile_values() */
	uint64_t nr_lines, nr_labels, nr_frames, nr_values;

	/* Private. */
	uint64_t seed[2];		/* of the hashes: names are chosen by strangers */
	struct {
		uint64_t strings, mappings, functions, locations, stacks, labelsets;
		uint64_t samples, lines, labels, frames, values;
	} room;
	struct rp_profile_index by_string, by_mapping, by_function, by_location;
	struct rp_profile_index by_stack, by_labelset, by_sample;
	struct rp_profile_arena *arena;
};

/* NULL (and errno) without memory. rp_profile_free(NULL) is fine. */
struct rp_profile *rp_profile_new(void);
void rp_profile_free(struct rp_profile *p);

/*
 * Intern a string. 0 is "" (also for s == NULL), and is what a failure returns:
 * p->error tells. _n takes a length; the text ends at a NUL byte before that.
 */
uint32_t rp_profile_string(struct rp_profile *p, const char *s);
uint32_t rp_profile_string_n(struct rp_profile *p, const char *s, size_t len);

/*
 * Sample types, in the order of the values; the count comes first. All of them
 * must be there before the first sample (-EBUSY after it; -E2BIG: too many).
 */
int rp_profile_add_type(struct rp_profile *p, const char *type, const char *unit);
int rp_profile_set_period(struct rp_profile *p, const char *type, const char *unit,
			  int64_t period);
/* type must be one of the sample types (-EINVAL). */
int rp_profile_set_default_type(struct rp_profile *p, const char *type);
/* The index of a sample type, -ENOENT without it. NULL: the one to show first. */
int rp_profile_find_type(const struct rp_profile *p, const char *type);
int rp_profile_add_comment(struct rp_profile *p, const char *text);
/* Must be absolute, http or https (-EINVAL). */
int rp_profile_set_doc_url(struct rp_profile *p, const char *url);

/*
 * Intern; return the id, 0 on failure. Equal means equal in every field, except
 * that the has_ flags of equal mappings are or-ed together.
 */
uint32_t rp_profile_mapping(struct rp_profile *p, const struct rp_profile_mapping *m);
uint32_t rp_profile_function(struct rp_profile *p, const char *name,
			     const char *system_name, const char *filename,
			     int64_t start_line);
/* The same with strings that are interned already. */
uint32_t rp_profile_function_ids(struct rp_profile *p,
				 const struct rp_profile_function *f);

/* Mapping number 1 in what is written: the main binary. */
int rp_profile_set_main_mapping(struct rp_profile *p, uint32_t mapping);

/*
 * A location: innermost inline first, nr_lines may be 0 (an address without a
 * name). Equal means: same mapping and address; the lines of the first call stay.
 * Without an address, or a mapping that has a limit and a build id, the lines tell locations
 * apart.
 */
uint32_t rp_profile_location(struct rp_profile *p, uint32_t mapping, uint64_t address,
			     const struct rp_profile_line *lines, uint32_t nr_lines);

/*
 * Add values (p->nr_types of them) to the sample with these locations (leaf
 * first) and labels (in any order). -EINVAL: an id out of range, a key twice, no
 * sample types; -E2BIG: too many labels or locations. An empty stack is allowed.
 */
int rp_profile_add(struct rp_profile *p, const uint32_t *locations, uint32_t nr,
		   const struct rp_profile_label *labels, uint32_t nr_labels,
		   const int64_t *values);

/* The values of sample id, p->nr_types of them. */
static inline const int64_t *rp_profile_values(const struct rp_profile *p, uint64_t id)
{
	return p->values + (id - 1) * p->nr_types;
}

/* The text of a string id; "" for one that does not exist. */
static inline const char *rp_profile_str(const struct rp_profile *p, uint32_t id)
{
	return id <= p->nr_strings ? p->strings[id] : "";
}

/* The label with this key (a string's id) of a label set, or NULL. */
const struct rp_profile_label *rp_profile_find_label(const struct rp_profile *p,
						     uint32_t labelset, uint32_t key);
/* The id of a string that is there already, 0 if it is not. */
uint32_t rp_profile_find_string(const struct rp_profile *p, const char *s);

/* How all values are added up: to the limit, never around it. */
static inline int64_t rp_add_saturated(int64_t a, int64_t b)
{
	int64_t sum;

	if (!__builtin_add_overflow(a, b, &sum))
		return sum;
	return b < 0 ? INT64_MIN : INT64_MAX;
}

/* The sum of one value over all samples, saturated. */
int64_t rp_profile_total(const struct rp_profile *p, unsigned int type);

#endif
