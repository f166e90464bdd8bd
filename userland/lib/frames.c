// SPDX-License-Identifier: GPL-2.0
/*
 * Viewers count functions, profiles hold addresses. The frames are kept in a
 * second profile's function table, which interns just what is needed here: name,
 * mapping (as system name), source file and kind (as start line).
 */
#include "frames.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rp_frames {
	const struct rp_profile *p;
	struct rp_profile *table;
	uint32_t *of_line;		/* by index into p->lines */
	uint32_t *of_location;		/* by id, for those without lines */
	uint32_t *stack;		/* scratch */
};

static bool is_hex(const char *s)
{
	if (!*s)
		return false;
	while (isxdigit((unsigned char)*s))
		s++;
	return !*s;
}

static bool is_unresolved(const char *name)
{
	const char *plus = strrchr(name, '+');

	if (!*name || !strcmp(name, "[unknown]") || !strcmp(name, "??"))
		return true;
	if (!strncmp(name, "0x", 2))
		return is_hex(name + 2);
	return plus && !strncmp(plus, "+0x", 3) && is_hex(plus + 3);
}

enum rp_frame_kind rp_frame_classify(const char *mapping, const char *function)
{
	bool kernel = !strncmp(mapping, "[kernel", 7);

	if (is_unresolved(function))
		return kernel ? RP_FRAME_KERNEL_UNRESOLVED : RP_FRAME_UNRESOLVED;
	return kernel ? RP_FRAME_KERNEL : RP_FRAME_USER;
}

const char *rp_frame_kind_name(enum rp_frame_kind kind)
{
	switch (kind) {
	case RP_FRAME_USER:
		return "user";
	case RP_FRAME_KERNEL:
		return "kernel";
	case RP_FRAME_UNRESOLVED:
		return "unresolved";
	case RP_FRAME_KERNEL_UNRESOLVED:
		return "kernel unresolved";
	case RP_FRAME_PROCESS:
		break;
	}
	return "process";
}

static uint32_t intern(struct rp_frames *f, const char *name, const char *mapping,
		       const char *source, enum rp_frame_kind kind)
{
	return rp_profile_function(f->table, name, mapping, source, kind);
}

static uint32_t frame_of_line(struct rp_frames *f, const struct rp_profile_location *l,
			      const struct rp_profile_line *line)
{
	const struct rp_profile_function *fn = &f->p->functions[line->function];
	const char *mapping = rp_profile_str(f->p, f->p->mappings[l->mapping].filename);
	const char *name = rp_profile_str(f->p, fn->name);

	if (!*name)
		name = rp_profile_str(f->p, fn->system_name);
	return intern(f, *name ? name : "[unknown]", mapping,
		      rp_profile_str(f->p, fn->filename), rp_frame_classify(mapping, name));
}

/* FILE+0xOFFSET is what addr2line and objdump can go on with. */
static uint32_t frame_of_address(struct rp_frames *f, const struct rp_profile_location *l)
{
	const struct rp_profile_mapping *m = &f->p->mappings[l->mapping];
	const char *mapping = rp_profile_str(f->p, m->filename), *slash;
	uint64_t offset = l->address;
	char *name;
	uint32_t id;
	int n;

	slash = strrchr(mapping, '/');
	if (l->address >= m->start && l->address < m->limit)
		offset = l->address - m->start + m->offset;
	if (!l->address)
		n = asprintf(&name, "[unknown]");
	else if (!*mapping)
		n = asprintf(&name, "0x%llx", (unsigned long long)l->address);
	else
		n = asprintf(&name, "%s+0x%llx", slash ? slash + 1 : mapping,
			     (unsigned long long)offset);
	if (n < 0)
		return 0;
	id = intern(f, name, mapping, "", rp_frame_classify(mapping, name));
	free(name);
	return id;
}

static int name_all(struct rp_frames *f)
{
	const struct rp_profile *p = f->p;
	const struct rp_profile_location *l;
	uint64_t id, i;

	for (id = 1; id <= p->nr_locations; id++) {
		l = &p->locations[id];
		for (i = l->first_line; i < l->first_line + l->nr_lines; i++) {
			f->of_line[i] = frame_of_line(f, l, &p->lines[i]);
			if (!f->of_line[i])
				return -ENOMEM;
		}
		if (l->nr_lines)
			continue;
		f->of_location[id] = frame_of_address(f, l);
		if (!f->of_location[id])
			return -ENOMEM;
	}
	return 0;
}

struct rp_frames *rp_frames_new(const struct rp_profile *p)
{
	struct rp_frames *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->p = p;
	f->table = rp_profile_new();
	f->of_line = calloc(p->nr_lines + 1, sizeof(*f->of_line));
	f->of_location = calloc(p->nr_locations + 1, sizeof(*f->of_location));
	f->stack = malloc(RP_FRAMES_DEPTH_MAX * sizeof(*f->stack));
	if (!f->table || !f->of_line || !f->of_location || !f->stack || name_all(f) < 0) {
		rp_frames_free(f);
		errno = ENOMEM;
		return NULL;
	}
	return f;
}

void rp_frames_free(struct rp_frames *f)
{
	if (!f)
		return;
	rp_profile_free(f->table);
	free(f->of_line);
	free(f->of_location);
	free(f->stack);
	free(f);
}

uint32_t rp_frames_count(const struct rp_frames *f)
{
	return (uint32_t)f->table->nr_functions;
}

struct rp_frame rp_frames_get(const struct rp_frames *f, uint32_t id)
{
	const struct rp_profile_function *fn = &f->table->functions[id];

	return (struct rp_frame){
		.name = rp_profile_str(f->table, fn->name),
		.mapping = rp_profile_str(f->table, fn->system_name),
		.source = rp_profile_str(f->table, fn->filename),
		.kind = (enum rp_frame_kind)fn->start_line,
	};
}

const uint32_t *rp_frames_of_stack(struct rp_frames *f, uint32_t stack, uint32_t *ret_nr)
{
	const struct rp_profile_stack *s = &f->p->stacks[stack];
	const struct rp_profile_location *l;
	uint32_t i, j, nr = 0, location;

	for (i = s->nr; i-- && nr < RP_FRAMES_DEPTH_MAX;) {
		location = f->p->frames[s->first + i];
		l = &f->p->locations[location];
		if (!l->nr_lines)
			f->stack[nr++] = f->of_location[location];
		/* Lines are innermost first, and we go outermost first. */
		for (j = l->nr_lines; j-- && nr < RP_FRAMES_DEPTH_MAX;)
			f->stack[nr++] = f->of_line[l->first_line + j];
	}
	*ret_nr = nr;
	return f->stack;
}

uint32_t rp_frames_process(struct rp_frames *f, const char *name)
{
	return intern(f, *name ? name : "[no process name]", "", "", RP_FRAME_PROCESS);
}
