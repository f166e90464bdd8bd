// SPDX-License-Identifier: GPL-2.0
/*
 * Written from the tree and not from the samples, because stacks that differ in
 * addresses only are one line here.
 */
#include "folded.h"

#include "utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void put_name(FILE *f, const char *name)
{
	char bytes[4];
	uint32_t c;

	while ((c = rp_utf8_next(&name))) {
		if (c == ';')
			c = ':';
		else if (rp_utf8_is_unsafe(c))
			c = '?';
		fwrite(bytes, 1, (size_t)rp_utf8_put(bytes, c), f);
	}
}

char *rp_folded_stack(const struct rp_flame_tree *t, uint32_t node)
{
	uint32_t depth = t->nodes[node].depth, i;
	struct rp_frame frame;
	uint32_t *path;
	char *text = NULL;
	size_t len;
	FILE *f;

	path = calloc((size_t)depth + 1, sizeof(*path));
	f = path ? open_memstream(&text, &len) : NULL;
	if (!f) {
		free(path);
		return NULL;
	}
	for (i = depth; i; i--, node = t->nodes[node].parent)
		path[i] = node;
	for (i = 1; i <= depth; i++) {
		frame = rp_frames_get(t->frames, t->nodes[path[i]].frame);
		if (i > 1)
			putc(';', f);
		put_name(f, frame.name);
		if (rp_frame_is_kernel(frame.kind))
			fputs("_[k]", f);
		else if (!strcmp(frame.mapping, RP_JIT_MAPPING))
			fputs("_[j]", f);
	}
	free(path);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

int rp_folded_write(const struct rp_flame_tree *t, unsigned int type, FILE *f)
{
	uint32_t i, node;
	char *stack;

	for (i = 1; i < t->nr; i++) {
		node = t->order[i];
		if (!rp_flame_self(t, node, type))
			continue;
		stack = rp_folded_stack(t, node);
		if (!stack)
			return -ENOMEM;
		fprintf(f, "%s %" PRId64 "\n", stack, rp_flame_self(t, node, type));
		free(stack);
		if (ferror(f))
			return errno ? -errno : -EIO;
	}
	return 0;
}
