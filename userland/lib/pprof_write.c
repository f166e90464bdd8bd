// SPDX-License-Identifier: GPL-2.0
/*
 * A Profile message is a sequence of fields in any order, and the concatenation
 * of two is their merge. So every table entry is packed as a Profile of its own
 * with that one entry in it, and goes straight into the compressor: the message
 * never exists as a whole.
 */
#include "pprof_write.h"

#include "gzip.h"
#include "newfile.h"
#include "profile.pb-c.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef Perftools__Profiles__Profile Profile;

struct writer {
	const struct rp_profile *p;
	struct rp_gzip *gzip;
	uint8_t *packed;		/* scratch: one piece */
	size_t packed_room;
	uint8_t *sample;		/* scratch: one of them */
};

static int emit(struct writer *w, const Profile *piece)
{
	size_t len = perftools__profiles__profile__get_packed_size(piece);
	uint8_t *more;

	if (len > w->packed_room) {
		more = realloc(w->packed, len * 2);
		if (!more)
			return -ENOMEM;
		w->packed = more;
		w->packed_room = len * 2;
	}
	perftools__profiles__profile__pack(piece, w->packed);
	return rp_gzip_add(w->gzip, w->packed, len);
}

/* The main mapping is written as number 1, those in front of it move up by one. */
static uint64_t mapping_number(const struct rp_profile *p, uint32_t id)
{
	if (id == p->main_mapping && id)
		return 1;
	return id && id < p->main_mapping ? (uint64_t)id + 1 : id;
}

static int emit_types(struct writer *w)
{
	Perftools__Profiles__ValueType type, *types[] = { &type };
	Profile piece = PERFTOOLS__PROFILES__PROFILE__INIT;
	unsigned int i;
	int err = 0;

	piece.n_sample_type = 1;
	piece.sample_type = types;
	perftools__profiles__value_type__init(&type);
	for (i = 0; i < w->p->nr_types && !err; i++) {
		type.type = w->p->types[i].type;
		type.unit = w->p->types[i].unit;
		err = emit(w, &piece);
	}
	return err;
}

/* ---- samples and strings --------------------------------------------------------
 * There are the most of them, and samples have the most fields: packed by hand, in a fraction
 * of the time that protobuf-c takes to measure and to pack what has to be filled in before.
 */

#define NUMBER_MAX 10		/* bytes */
#define LABEL_MAX (4 * (1 + NUMBER_MAX))	/* and so its length takes one */
#define LIST_HEAD (1 + NUMBER_MAX)
#define TAG(field, type) ((field) << 3 | (type))
enum { NUMBER = 0, BYTES = 2 };

static uint8_t *put_number(uint8_t *to, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		*to++ = (uint8_t)(n | 0x80);
	*to++ = (uint8_t)n;
	return to;
}

/* What is 0 is not written. */
static uint8_t *put_field(uint8_t *to, unsigned int field, uint64_t n)
{
	if (!n)
		return to;
	*to++ = (uint8_t)TAG(field, NUMBER);
	return put_number(to, n);
}

/* Packed numbers, of which it is known only now how long they are. */
static uint8_t *put_list(uint8_t *to, unsigned int field, const uint8_t *numbers,
			 const uint8_t *end)
{
	size_t len = (size_t)(end - numbers);

	if (!len)
		return to;
	*to++ = (uint8_t)TAG(field, BYTES);
	to = put_number(to, len);
	memmove(to, numbers, len);
	return to + len;
}

/* Go drops a number 0 without a unit: CPU 0 would lose its label. */
static uint8_t *put_label(uint8_t *to, const struct rp_profile_label *label)
{
	bool nothing = !label->str && !label->num && !label->unit;
	uint8_t *begin;

	*to++ = (uint8_t)TAG(3, BYTES);
	begin = ++to;
	to = put_field(to, 1, label->key);
	to = put_field(to, 2, label->str);
	to = put_field(to, 3, (uint64_t)label->num);
	to = put_field(to, 4, nothing ? label->key : label->unit);
	begin[-1] = (uint8_t)(to - begin);
	return to;
}

static uint8_t *put_frames(const struct writer *w, uint8_t *to,
			   const struct rp_profile_stack *stack)
{
	const uint32_t *frames = w->p->frames + stack->first;
	uint8_t *numbers = to + LIST_HEAD, *end = numbers;
	uint32_t i;

	for (i = 0; i < stack->nr; i++)
		end = put_number(end, frames[i]);
	return put_list(to, 1, numbers, end);
}

static uint8_t *put_values(const struct writer *w, uint8_t *to, const int64_t *values)
{
	uint8_t *numbers = to + LIST_HEAD, *end = numbers;
	unsigned int i;

	for (i = 0; i < w->p->nr_types; i++)
		end = put_number(end, (uint64_t)values[i]);
	return put_list(to, 2, numbers, end);
}

static size_t sample_room(const struct rp_profile *p)
{
	size_t longest = 0;
	uint64_t i;

	for (i = 1; i <= p->nr_stacks; i++)
		longest = p->stacks[i].nr > longest ? p->stacks[i].nr : longest;
	return 2 * LIST_HEAD + NUMBER_MAX * (longest + RP_PROFILE_TYPES_MAX) +
	       RP_PROFILE_LABELS_MAX * (2 + LABEL_MAX);
}

static int emit_bytes(struct writer *w, unsigned int field, const void *bytes, size_t len)
{
	uint8_t head[LIST_HEAD] = { (uint8_t)TAG(field, BYTES) };
	int err = rp_gzip_add(w->gzip, head, (size_t)(put_number(head + 1, len) - head));

	return err ? err : rp_gzip_add(w->gzip, bytes, len);
}

static int emit_sample(struct writer *w, uint32_t id)
{
	const struct rp_profile *p = w->p;
	const struct rp_profile_labelset *set = &p->labelsets[p->samples[id].labelset];
	uint8_t *to = w->sample;
	uint32_t i;

	to = put_frames(w, to, &p->stacks[p->samples[id].stack]);
	to = put_values(w, to, rp_profile_values(p, id));
	for (i = 0; i < set->nr; i++)
		to = put_label(to, &p->labels[set->first + i]);
	return emit_bytes(w, 2, w->sample, (size_t)(to - w->sample));
}

static int emit_samples(struct writer *w)
{
	uint32_t id;
	int err = 0;

	for (id = 1; id <= w->p->nr_samples && !err; id++)
		err = emit_sample(w, id);
	return err;
}

/* ---- and the rest -------------------------------------------------------------- */

static int emit_mapping(struct writer *w, uint32_t id)
{
	const struct rp_profile_mapping *m = &w->p->mappings[id];
	Perftools__Profiles__Mapping mapping, *mappings[] = { &mapping };
	Profile piece = PERFTOOLS__PROFILES__PROFILE__INIT;

	piece.n_mapping = 1;
	piece.mapping = mappings;
	perftools__profiles__mapping__init(&mapping);
	mapping.id = mapping_number(w->p, id);
	mapping.memory_start = m->start;
	mapping.memory_limit = m->limit;
	mapping.file_offset = m->offset;
	mapping.filename = m->filename;
	mapping.build_id = m->build_id;
	mapping.has_functions = m->has_functions;
	mapping.has_filenames = m->has_filenames;
	mapping.has_line_numbers = m->has_lines;
	mapping.has_inline_frames = m->has_inlines;
	return emit(w, &piece);
}

static int emit_mappings(struct writer *w)
{
	const struct rp_profile *p = w->p;
	uint32_t id;
	int err = p->main_mapping ? emit_mapping(w, p->main_mapping) : 0;

	for (id = 1; id <= p->nr_mappings && !err; id++) {
		if (id != p->main_mapping)
			err = emit_mapping(w, id);
	}
	return err;
}

static int emit_location(struct writer *w, uint32_t id,
			 Perftools__Profiles__Line *lines,
			 Perftools__Profiles__Line **line_pointers)
{
	const struct rp_profile_location *l = &w->p->locations[id];
	const struct rp_profile_line *from = w->p->lines + l->first_line;
	Perftools__Profiles__Location location, *locations[] = { &location };
	Profile piece = PERFTOOLS__PROFILES__PROFILE__INIT;
	uint32_t i;

	piece.n_location = 1;
	piece.location = locations;
	perftools__profiles__location__init(&location);
	location.id = id;
	location.mapping_id = mapping_number(w->p, l->mapping);
	location.address = l->address;
	location.n_line = l->nr_lines;
	location.line = line_pointers;
	for (i = 0; i < l->nr_lines; i++) {
		perftools__profiles__line__init(&lines[i]);
		line_pointers[i] = &lines[i];
		lines[i].function_id = from[i].function;
		lines[i].line = from[i].line;
		lines[i].column = from[i].column;
	}
	return emit(w, &piece);
}

static int emit_locations(struct writer *w)
{
	Perftools__Profiles__Line *lines, **line_pointers;
	const struct rp_profile *p = w->p;
	uint32_t id, longest = 1;
	int err = -ENOMEM;

	for (id = 1; id <= p->nr_locations; id++) {
		if (p->locations[id].nr_lines > longest)
			longest = p->locations[id].nr_lines;
	}
	lines = calloc(longest, sizeof(*lines));
	line_pointers = calloc(longest, sizeof(*line_pointers));
	if (lines && line_pointers)
		err = 0;
	for (id = 1; id <= p->nr_locations && !err; id++)
		err = emit_location(w, id, lines, line_pointers);
	free(lines);
	free(line_pointers);
	return err;
}

static int emit_functions(struct writer *w)
{
	Perftools__Profiles__Function function, *functions[] = { &function };
	Profile piece = PERFTOOLS__PROFILES__PROFILE__INIT;
	const struct rp_profile_function *f;
	uint32_t id;
	int err = 0;

	piece.n_function = 1;
	piece.function = functions;
	perftools__profiles__function__init(&function);
	for (id = 1; id <= w->p->nr_functions && !err; id++) {
		f = &w->p->functions[id];
		function.id = id;
		function.name = f->name;
		function.system_name = f->system_name;
		function.filename = f->filename;
		function.start_line = f->start_line;
		err = emit(w, &piece);
	}
	return err;
}

static int emit_strings(struct writer *w)
{
	uint32_t id;
	int err = 0;

	for (id = 0; id <= w->p->nr_strings && !err; id++)
		err = emit_bytes(w, 6, w->p->strings[id], strlen(w->p->strings[id]));
	return err;
}

static int emit_facts(struct writer *w)
{
	Perftools__Profiles__ValueType period_type;
	Profile piece = PERFTOOLS__PROFILES__PROFILE__INIT;
	int64_t comments[RP_PROFILE_COMMENTS_MAX];
	const struct rp_profile *p = w->p;
	unsigned int i;

	perftools__profiles__value_type__init(&period_type);
	period_type.type = p->period_type.type;
	period_type.unit = p->period_type.unit;
	for (i = 0; i < p->nr_comments; i++)
		comments[i] = p->comments[i];
	piece.drop_frames = p->drop_frames;
	piece.keep_frames = p->keep_frames;
	piece.time_nanos = p->time_nanos;
	piece.duration_nanos = p->duration_nanos;
	if (period_type.type || period_type.unit)
		piece.period_type = &period_type;
	piece.period = p->period;
	piece.n_comment = p->nr_comments;
	piece.comment = comments;
	piece.default_sample_type = p->default_type;
	piece.doc_url = p->doc_url;
	return emit(w, &piece);
}

static int emit_all(struct writer *w)
{
	int err;

	(void)((err = emit_types(w)) || (err = emit_samples(w)) ||
	       (err = emit_mappings(w)) || (err = emit_locations(w)) ||
	       (err = emit_functions(w)) || (err = emit_strings(w)) ||
	       (err = emit_facts(w)));
	return err;
}

/* Into fd, or into memory when it is negative. */
static int write_profile(const struct rp_profile *p, int fd, void **ret_data, size_t *ret_len)
{
	struct writer w = { .p = p };
	int err = -ENOMEM;

	if (p->error)
		return p->error;
	w.gzip = rp_gzip_new(fd);
	w.sample = malloc(sample_room(p));
	if (w.gzip && w.sample)
		err = emit_all(&w);
	if (!err)
		err = rp_gzip_finish(w.gzip, ret_data, ret_len);
	rp_gzip_free(w.gzip);
	free(w.packed);
	free(w.sample);
	return err;
}

int rp_pprof_write_fd(const struct rp_profile *p, int fd, char *why, size_t why_size)
{
	int err = write_profile(p, fd, NULL, NULL);

	if (err)
		rp_why(why, why_size, "cannot write the profile: %s", strerror(-err));
	return err;
}

int rp_pprof_write_mem(const struct rp_profile *p, void **ret_data, size_t *ret_len,
		       char *why, size_t why_size)
{
	int err = write_profile(p, -1, ret_data, ret_len);

	if (err)
		rp_why(why, why_size, "cannot pack the profile: %s", strerror(-err));
	return err;
}

int rp_pprof_write_file(const struct rp_profile *p, const char *path, bool sync, char *why,
			size_t why_size)
{
	struct rp_newfile f;
	int err;

	err = rp_newfile_open(&f, path);
	if (err) {
		rp_why(why, why_size, "cannot create %s: %s", path, strerror(-err));
		return err;
	}
	err = write_profile(p, f.fd, NULL, NULL);
	if (err)
		rp_newfile_abort(&f);
	else
		err = rp_newfile_commit(&f, sync);
	if (err)
		rp_why(why, why_size, "cannot write %s: %s; no part of it was kept", path,
		       strerror(-err));
	return err;
}
