// SPDX-License-Identifier: GPL-2.0
/* Lines and inlined functions of user addresses, as locations. */
#include <stdlib.h>
#include <string.h>

#include "demangle.h"
#include "namer_private.h"

#define FRAMES_MAX 128	/* functions inlined into each other at one address */

/* A name as people know it, as a string of p; demangled once for each key. */
static uint32_t plain_name(struct rp_namer *n, struct rp_profile *p, const char *symbol,
			   const void *owner, uint64_t number)
{
	const struct rp_name_key key = { .profile = p, .owner = owner, .number = number,
					 .kind = RP_NAME_TEXT };
	uint32_t id = rp_name_cache_get(&n->cache, &key);
	char *name;

	if (!id) {
		name = rp_demangle(symbol, RP_DEMANGLE_SHORT);
		id = rp_profile_string(p, name ? name : symbol);
		free(name);
		rp_name_cache_put(&n->cache, &key, id);
	}
	return id;
}

static uint32_t function(struct rp_namer *n, struct rp_profile *p,
			 const struct rp_debug_frame *f, const void *owner, uint64_t number)
{
	const struct rp_profile_function made = {
		.name = plain_name(n, p, f->function, owner, number),
		.system_name = rp_profile_string(p, f->function),
		.filename = rp_profile_string(p, f->file),
	};

	return rp_profile_function_ids(p, &made);
}

/* The ELF symbol is the last word on whose code it is; those inlined there are the data's. */
static bool name_frames(struct rp_debug_frame *frame, unsigned int nr,
			const struct rp_elf_symbol *sym)
{
	unsigned int i;

	if (sym)
		frame[nr - 1].function = sym->name;
	for (i = 0; i + 1 < nr; i++)
		if (!*frame[i].function)	/* it is told in another file */
			frame[i].function = "[inlined]";
	return *frame[nr - 1].function && (nr > 1 || !sym || *frame[0].file);
}

uint32_t rp_namer_lines(struct rp_namer *n, struct rp_profile *p, const struct rp_mapped *m,
			uint64_t address, uint64_t vaddr, const struct rp_elf_symbol *sym)
{
	const struct rp_debug_places *places = rp_symbol_cache_places(n->symbols);
	struct rp_debug_frame frame[FRAMES_MAX];
	struct rp_profile_line line[FRAMES_MAX];
	unsigned int nr, i;

	if (!places || !rp_debug_places_get(places, vaddr, frame, FRAMES_MAX, &nr) ||
	    !name_frames(frame, nr, sym))
		return 0;
	if (!(n->options.debug & RP_DEBUG_INLINES)) {
		frame[0] = frame[nr - 1];
		nr = 1;
	}
	for (i = 0; i < nr; i++) {
		bool own = sym && i + 1 == nr;

		line[i] = (struct rp_profile_line){
			.function = function(n, p, &frame[i], own ? (void *)m->file :
					     (void *)places, own ? sym->start :
					     (uintptr_t)frame[i].function),
			.line = frame[i].line,
		};
		if (!line[i].function)
			return 0;
	}
	return rp_profile_location(p, rp_namer_user_mapping(n, p, m, RP_NAMER_FUNCTIONS |
							    RP_NAMER_LINES),
				   address, line, nr);
}

const char *rp_namer_debug_problem(const struct rp_namer *n)
{
	const char *problem = rp_symbol_cache_problem(n->symbols);

	return *problem ? problem : NULL;
}
