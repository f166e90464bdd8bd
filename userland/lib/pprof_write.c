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
#include <stdlib.h>
#include <string.h>

typedef Perftools__Profiles__Profile Profile;

struct writer {
	const struct rp_profile *p;
	struct rp_gzip *gzip;
	uint8_t *packed;		/* scratch: one piece */
	size_t packed_room;
	uint64_t *ids;			/* scratch: one stack */
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

static void fill_label(const struct rp_profile_label *from, Perftools__Profiles__Label *to)
{
	perftools__profiles__label__init(to);
	to->key = from->key;
	to->str = from->str;
	to->num = from->num;
	to->num_unit = from->unit;
	/* Go drops a number 0 without a unit: CPU 0 would lose its label. */
	if (!from->str && !from->num && !from->unit)
		to->num_unit = from->key;
}

static int emit_samples(struct writer *w)
{
	Perftools__Profiles__Label labels[RP_PROFILE_LABELS_MAX];
	Perftools__Profiles__Label *label_pointers[RP_PROFILE_LABELS_MAX];
	Perftools__Profiles__Sample sample, *samples[] = { &sample };
	Profile piece = PERFTOOLS__PROFILES__PROFILE__INIT;
	const struct rp_profile *p = w->p;
	const struct rp_profile_labelset *set;
	const struct rp_profile_stack *stack;
	uint64_t id;
	uint32_t i;
	int err = 0;

	piece.n_sample = 1;
	piece.sample = samples;
	perftools__profiles__sample__init(&sample);
	sample.location_id = w->ids;
	sample.label = label_pointers;
	for (i = 0; i < RP_PROFILE_LABELS_MAX; i++)
		label_pointers[i] = &labels[i];
	for (id = 1; id <= p->nr_samples && !err; id++) {
		stack = &p->stacks[p->samples[id].stack];
		set = &p->labelsets[p->samples[id].labelset];
		for (i = 0; i < stack->nr; i++)
			w->ids[i] = p->frames[stack->first + i];
		for (i = 0; i < set->nr; i++)
			fill_label(&p->labels[set->first + i], &labels[i]);
		sample.n_location_id = stack->nr;
		sample.n_label = set->nr;
		sample.n_value = p->nr_types;
		sample.value = (int64_t *)rp_profile_values(p, id);
		err = emit(w, &piece);
	}
	return err;
}

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
	Profile piece = PERFTOOLS__PROFILES__PROFILE__INIT;
	uint32_t id;
	int err = 0;

	piece.n_string_table = 1;
	for (id = 0; id <= w->p->nr_strings && !err; id++) {
		piece.string_table = (char **)&w->p->strings[id];
		err = emit(w, &piece);
	}
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
	w.ids = malloc(RP_PROFILE_DEPTH_MAX * sizeof(*w.ids));
	if (w.gzip && w.ids)
		err = emit_all(&w);
	if (!err)
		err = rp_gzip_finish(w.gzip, ret_data, ret_len);
	rp_gzip_free(w.gzip);
	free(w.packed);
	free(w.ids);
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
