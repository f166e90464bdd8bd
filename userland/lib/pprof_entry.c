// SPDX-License-Identifier: GPL-2.0
/*
 * protobuf-c unpacks one entry at a time, so that a file never costs more than
 * its profile and one entry. Nothing that the file says is used as an index before
 * it was looked up.
 */
#include "pprof_entry.h"

#include "profile.pb-c.h"

#include <stdlib.h>
#include <string.h>

int rp_pprof_refused(struct rp_pprof_reader *r)
{
	int err = r->p->error ? r->p->error : -ENOMEM;

	rp_why(r->why, r->why_size, "%s", strerror(-err));
	return err;
}

static int string(struct rp_pprof_reader *r, int64_t index, uint32_t *ret_id)
{
	if (index < 0 || (uint64_t)index >= r->nr_strings) {
		/* A file without any strings may still say "string 0". */
		if (index)
			return RP_PPROF_BAD(r, "string %lld is named, but there are only %llu",
				   (long long)index, (unsigned long long)r->nr_strings);
		*ret_id = 0;
		return 0;
	}
	*ret_id = r->strings[index];
	return 0;
}

int rp_pprof_read_string(struct rp_pprof_reader *r, const struct rp_wire_field *f)
{
	uint32_t *more;
	uint64_t room;

	if (r->nr_strings == r->room_strings) {
		room = r->room_strings ? r->room_strings * 2 : 256;
		more = room > SIZE_MAX / sizeof(*more) ? NULL :
			realloc(r->strings, room * sizeof(*more));
		if (!more)
			return rp_pprof_refused(r);
		r->strings = more;
		r->room_strings = room;
	}
	if (!r->nr_strings && f->len)
		return RP_PPROF_BAD(r, "the string table does not begin with an empty string");
	r->strings[r->nr_strings++] = rp_profile_string_n(r->p, (const char *)f->data, f->len);
	return r->p->error ? rp_pprof_refused(r) : 0;
}

int rp_pprof_read_type(struct rp_pprof_reader *r, const struct rp_wire_field *f)
{
	Perftools__Profiles__ValueType *t;
	uint32_t type = 0, unit = 0;
	int err;

	t = perftools__profiles__value_type__unpack(NULL, f->len, f->data);
	if (!t)
		return RP_PPROF_BAD(r, "a value type is no protobuf message");
	err = string(r, t->type, &type);
	if (!err)
		err = string(r, t->unit, &unit);
	if (!err && f->number == RP_PPROF_PERIOD_TYPE) {
		r->p->period_type = (struct rp_profile_value_type){ type, unit };
	} else if (!err && r->p->nr_types == RP_PROFILE_TYPES_MAX) {
		err = RP_PPROF_BAD(r, "there are more than %d sample types", RP_PROFILE_TYPES_MAX);
	} else if (!err) {
		r->p->types[r->p->nr_types++] = (struct rp_profile_value_type){ type, unit };
	}
	perftools__profiles__value_type__free_unpacked(t, NULL);
	return err;
}

static int add_id(struct rp_pprof_reader *r, struct rp_pprof_ids *ids, const char *what,
		  uint64_t theirs, uint32_t ours)
{
	int err;

	if (!ours)
		return rp_pprof_refused(r);
	if (!theirs)
		return RP_PPROF_BAD(r, "%s number %llu has the id 0", what,
				    (unsigned long long)r->nr);
	err = rp_pprof_ids_add(ids, theirs, ours);
	if (err == -EEXIST)
		return RP_PPROF_BAD(r, "there are two %ss with the id %llu", what,
			   (unsigned long long)theirs);
	return err ? rp_pprof_refused(r) : 0;
}

int rp_pprof_read_mapping(struct rp_pprof_reader *r, const struct rp_wire_field *f)
{
	struct rp_profile_mapping to = { 0 };
	Perftools__Profiles__Mapping *m;
	int err;

	m = perftools__profiles__mapping__unpack(NULL, f->len, f->data);
	if (!m)
		return RP_PPROF_BAD(r, "mapping number %llu is no protobuf message",
			   (unsigned long long)r->nr);
	err = string(r, m->filename, &to.filename);
	if (!err)
		err = string(r, m->build_id, &to.build_id);
	to.start = m->memory_start;
	to.limit = m->memory_limit;
	to.offset = m->file_offset;
	to.has_functions = m->has_functions;
	to.has_filenames = m->has_filenames;
	to.has_lines = m->has_line_numbers;
	to.has_inlines = m->has_inline_frames;
	if (!err)
		err = add_id(r, &r->mappings, "mapping", m->id,
			     rp_profile_mapping(r->p, &to));
	perftools__profiles__mapping__free_unpacked(m, NULL);
	return err;
}

int rp_pprof_read_function(struct rp_pprof_reader *r, const struct rp_wire_field *field)
{
	struct rp_profile_function to = { 0 };
	Perftools__Profiles__Function *f;
	int err;

	f = perftools__profiles__function__unpack(NULL, field->len, field->data);
	if (!f)
		return RP_PPROF_BAD(r, "function number %llu is no protobuf message",
			   (unsigned long long)r->nr);
	err = string(r, f->name, &to.name);
	if (!err)
		err = string(r, f->system_name, &to.system_name);
	if (!err)
		err = string(r, f->filename, &to.filename);
	to.start_line = f->start_line;
	if (!err)
		err = add_id(r, &r->functions, "function", f->id,
			     rp_profile_function_ids(r->p, &to));
	perftools__profiles__function__free_unpacked(f, NULL);
	return err;
}

static int convert_lines(struct rp_pprof_reader *r, const Perftools__Profiles__Location *l,
			 uint32_t *ret_nr)
{
	const Perftools__Profiles__Line *line;
	uint32_t nr = 0, function;
	size_t i;

	for (i = 0; i < l->n_line; i++) {
		line = l->line[i];
		if (!line->function_id)
			continue;
		function = rp_pprof_ids_find(&r->functions, line->function_id);
		if (!function)
			return RP_PPROF_BAD(r, "location %llu names function %llu, which is not "
				   "there",
				   (unsigned long long)l->id,
				   (unsigned long long)line->function_id);
		if (nr == RP_PROFILE_DEPTH_MAX)
			return RP_PPROF_BAD(r, "location %llu has more than %d lines",
				   (unsigned long long)l->id, RP_PROFILE_DEPTH_MAX);
		r->lines[nr++] = (struct rp_profile_line){ function, line->line, line->column };
	}
	*ret_nr = nr;
	return 0;
}

int rp_pprof_read_location(struct rp_pprof_reader *r, const struct rp_wire_field *f)
{
	Perftools__Profiles__Location *l;
	uint32_t nr = 0, mapping = 0;
	int err = 0;

	l = perftools__profiles__location__unpack(NULL, f->len, f->data);
	if (!l)
		return RP_PPROF_BAD(r, "location number %llu is no protobuf message",
			   (unsigned long long)r->nr);
	if (l->mapping_id)
		mapping = rp_pprof_ids_find(&r->mappings, l->mapping_id);
	if (l->mapping_id && !mapping)
		err = RP_PPROF_BAD(r, "location %llu names mapping %llu, which is not there",
			  (unsigned long long)l->id, (unsigned long long)l->mapping_id);
	if (!err)
		err = convert_lines(r, l, &nr);
	if (!err)
		err = add_id(r, &r->locations, "location", l->id,
			     rp_profile_location(r->p, mapping, l->address, r->lines, nr));
	perftools__profiles__location__free_unpacked(l, NULL);
	return err;
}

static bool has_key(const struct rp_profile_label *labels, uint32_t nr, uint32_t key)
{
	while (nr) {
		if (labels[--nr].key == key)
			return true;
	}
	return false;
}

static int convert_labels(struct rp_pprof_reader *r, const Perftools__Profiles__Sample *s,
			  struct rp_profile_label *labels, uint32_t *ret_nr)
{
	struct rp_profile_label l;
	uint32_t nr = 0;
	size_t i;
	int err;

	for (i = 0; i < s->n_label; i++) {
		l.num = s->label[i]->num;
		err = string(r, s->label[i]->key, &l.key);
		if (!err)
			err = string(r, s->label[i]->str, &l.str);
		if (!err)
			err = string(r, s->label[i]->num_unit, &l.unit);
		if (err)
			return err;
		/* The unit that pprof assumes anyway, and that our writer adds. */
		if (l.unit == l.key)
			l.unit = 0;
		if (!l.key || !strncmp(rp_profile_str(r->p, l.key), "pprof::", 7) ||
		    has_key(labels, nr, l.key))
			continue;
		if (nr == RP_PROFILE_LABELS_MAX)
			return RP_PPROF_BAD(r, "sample number %llu has more than %d labels",
				   (unsigned long long)r->nr, RP_PROFILE_LABELS_MAX);
		labels[nr++] = l;
	}
	*ret_nr = nr;
	return 0;
}

static int convert_stack(struct rp_pprof_reader *r, const Perftools__Profiles__Sample *s)
{
	size_t i;

	if (s->n_value != r->p->nr_types)
		return RP_PPROF_BAD(r, "sample number %llu has %zu values for %u sample types",
			   (unsigned long long)r->nr, s->n_value, r->p->nr_types);
	if (s->n_location_id > RP_PROFILE_DEPTH_MAX)
		return RP_PPROF_BAD(r, "sample number %llu has more than %d locations",
			   (unsigned long long)r->nr, RP_PROFILE_DEPTH_MAX);
	for (i = 0; i < s->n_location_id; i++) {
		r->frames[i] = rp_pprof_ids_find(&r->locations, s->location_id[i]);
		if (!r->frames[i])
			return RP_PPROF_BAD(r, "sample number %llu names location %llu, which is "
				   "not there",
				   (unsigned long long)r->nr,
				   (unsigned long long)s->location_id[i]);
	}
	return 0;
}

int rp_pprof_read_sample(struct rp_pprof_reader *r, const struct rp_wire_field *f)
{
	struct rp_profile_label labels[RP_PROFILE_LABELS_MAX];
	Perftools__Profiles__Sample *s;
	uint32_t nr_labels = 0;
	int err;

	s = perftools__profiles__sample__unpack(NULL, f->len, f->data);
	if (!s)
		return RP_PPROF_BAD(r, "sample number %llu is no protobuf message",
			   (unsigned long long)r->nr);
	err = convert_stack(r, s);
	if (!err)
		err = convert_labels(r, s, labels, &nr_labels);
	if (!err && rp_profile_add(r->p, r->frames, (uint32_t)s->n_location_id, labels,
				   nr_labels, s->value) < 0)
		err = rp_pprof_refused(r);
	perftools__profiles__sample__free_unpacked(s, NULL);
	return err;
}

static int add_comment(struct rp_pprof_reader *r, uint64_t index)
{
	struct rp_profile *p = r->p;
	uint32_t id;
	int err = string(r, (int64_t)index, &id);

	if (err)
		return err;
	if (p->nr_comments == RP_PROFILE_COMMENTS_MAX)
		return RP_PPROF_BAD(r, "there are more than %d comments", RP_PROFILE_COMMENTS_MAX);
	p->comments[p->nr_comments++] = id;
	return 0;
}

static int read_comments(struct rp_pprof_reader *r, const struct rp_wire_field *f)
{
	struct rp_wire w;
	uint64_t index;
	int err = 0;

	if (f->type == RP_WIRE_VARINT)
		return add_comment(r, f->value);
	if (f->type != RP_WIRE_BYTES)
		return RP_PPROF_BAD(r, "it is not pprof: field %u has wire type %d", f->number,
				    (int)f->type);
	w = (struct rp_wire){ f->data, f->data + f->len };
	while (!err && w.at < w.end) {
		if (rp_wire_varint(&w, &index) < 0)
			return RP_PPROF_BAD(r, "the comments are cut off");
		err = add_comment(r, index);
	}
	return err;
}

int rp_pprof_read_fact(struct rp_pprof_reader *r, const struct rp_wire_field *f)
{
	struct rp_profile *p = r->p;

	switch (f->number) {
	case RP_PPROF_DROP_FRAMES:
		return string(r, (int64_t)f->value, &p->drop_frames);
	case RP_PPROF_KEEP_FRAMES:
		return string(r, (int64_t)f->value, &p->keep_frames);
	case RP_PPROF_TIME_NANOS:
		p->time_nanos = (int64_t)f->value;
		return 0;
	case RP_PPROF_DURATION_NANOS:
		p->duration_nanos = (int64_t)f->value;
		return 0;
	case RP_PPROF_PERIOD:
		p->period = (int64_t)f->value;
		return 0;
	case RP_PPROF_COMMENT:
		return read_comments(r, f);
	case RP_PPROF_DEFAULT_SAMPLE_TYPE:
		return string(r, (int64_t)f->value, &p->default_type);
	case RP_PPROF_DOC_URL:
		return string(r, (int64_t)f->value, &p->doc_url);
	default:
		return 0;
	}
}
