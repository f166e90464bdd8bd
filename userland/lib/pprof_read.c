// SPDX-License-Identifier: GPL-2.0
/*
 * Files come from anywhere: a colleague, a bucket, another profiler. Each table is
 * read in a pass of its own, in the order in which they need one another:
 * strings, mappings, functions, locations, samples.
 */
#include "pprof_read.h"

#include "gzip.h"
#include "pprof_entry.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * protobuf-c unpacks an empty label of two bytes into a structure of sixty: one
 * message this big is the most that is unpacked at once. 65536 locations with
 * ten bytes each fit.
 */
#define MESSAGE_MAX (1 << 20)

/* A table, or everything that is one number or string; want 0 is the latter. */
static int pass(struct rp_pprof_reader *r, uint32_t want, rp_pprof_take *take)
{
	struct rp_wire w = { r->data, r->data + r->len };
	struct rp_wire_field f;
	bool is_table;
	int more, err;

	r->nr = 0;
	while ((more = rp_wire_next(&w, &f)) > 0) {
		is_table = f.number <= RP_PPROF_STRING_TABLE || f.number == RP_PPROF_PERIOD_TYPE;
		if (want ? f.number != want : is_table || f.number > RP_PPROF_DOC_URL)
			continue;
		if (f.type != (is_table ? RP_WIRE_BYTES : RP_WIRE_VARINT) &&
		    f.number != RP_PPROF_COMMENT)
			return RP_PPROF_BAD(r, "it is not pprof: field %u has wire type %d",
					    f.number, (int)f.type);
		if (f.type == RP_WIRE_BYTES && f.len > MESSAGE_MAX)
			return RP_PPROF_BAD(r, "an entry of field %u has %zu bytes; the limit "
					    "is %d", f.number, f.len, MESSAGE_MAX);
		r->nr++;
		err = take(r, &f);
		if (err)
			return err;
	}
	return more < 0 ? RP_PPROF_BAD(r, "it is not pprof: no protobuf message, or cut off") : 0;
}

static int read_all(struct rp_pprof_reader *r)
{
	int err;

	r->frames = malloc(RP_PROFILE_DEPTH_MAX * sizeof(*r->frames));
	r->lines = malloc(RP_PROFILE_DEPTH_MAX * sizeof(*r->lines));
	if (!r->frames || !r->lines)
		return rp_pprof_refused(r);
	(void)((err = pass(r, RP_PPROF_STRING_TABLE, rp_pprof_read_string)) ||
	       (err = pass(r, RP_PPROF_SAMPLE_TYPE, rp_pprof_read_type)) ||
	       (err = pass(r, RP_PPROF_PERIOD_TYPE, rp_pprof_read_type)) ||
	       (err = pass(r, RP_PPROF_MAPPING, rp_pprof_read_mapping)) ||
	       (err = pass(r, RP_PPROF_FUNCTION, rp_pprof_read_function)) ||
	       (err = pass(r, RP_PPROF_LOCATION, rp_pprof_read_location)));
	if (!err && !r->p->nr_types)
		return RP_PPROF_BAD(r, "it is not pprof: there is no sample type");
	if (!err)
		err = pass(r, RP_PPROF_SAMPLE, rp_pprof_read_sample);
	return err ? err : pass(r, 0, rp_pprof_read_fact);
}

static struct rp_profile *read_plain(const void *data, size_t len, char *why, size_t why_size)
{
	struct rp_pprof_reader r = {
		.data = data, .len = len, .why = why, .why_size = why_size,
	};
	int err;

	r.p = rp_profile_new();
	if (!r.p) {
		rp_why(why, why_size, "%s", strerror(ENOMEM));
		return NULL;
	}
	err = len ? read_all(&r) : RP_PPROF_BAD(&r, "it is empty");
	free(r.strings);
	free(r.frames);
	free(r.lines);
	rp_pprof_ids_free(&r.mappings);
	rp_pprof_ids_free(&r.functions);
	rp_pprof_ids_free(&r.locations);
	if (err) {
		rp_profile_free(r.p);
		errno = -err;
		return NULL;
	}
	return r.p;
}

struct rp_profile *rp_pprof_read_mem(const void *data, size_t len, size_t max, char *why,
				     size_t why_size)
{
	struct rp_profile *p;
	void *plain;
	size_t plain_len;
	int err;

	err = rp_gunzip_mem(data, len, max ? max : RP_PPROF_READ_MAX, &plain, &plain_len,
			    why, why_size);
	if (err) {
		errno = -err;
		return NULL;
	}
	p = read_plain(plain, plain_len, why, why_size);
	err = errno;
	free(plain);
	errno = err;
	return p;
}

struct rp_profile *rp_pprof_read_file(const char *path, char *why, size_t why_size)
{
	bool is_stdin = !strcmp(path, "-");
	char inner[RP_WHY_SIZE] = "";
	struct rp_profile *p = NULL;
	void *plain = NULL;
	size_t len;
	int fd, err;

	fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		err = -errno;
		rp_why(why, why_size, "cannot open %s: %s", path, strerror(-err));
		errno = -err;
		return NULL;
	}
	err = rp_gunzip_fd(fd, RP_PPROF_READ_MAX, &plain, &len, inner, sizeof(inner));
	if (!is_stdin)
		close(fd);
	if (!err) {
		p = read_plain(plain, len, inner, sizeof(inner));
		err = p ? 0 : -errno;
		free(plain);
	}
	if (!p) {
		rp_why(why, why_size, "cannot read %s: %s", is_stdin ? "stdin" : path, inner);
		errno = -err;
	}
	return p;
}
