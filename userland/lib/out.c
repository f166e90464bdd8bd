// SPDX-License-Identifier: GPL-2.0
/*
 * JSON goes out as it comes. Text has to wait: the width of a column is known when
 * its table ends, so titles and values are kept as cells until then.
 */
#include "out.h"

#include "out_cells.h"
#include "utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum kind { OBJECT, LINE, ARRAY, TABLE, ROW };

struct container {
	enum kind kind;
	bool first;		/* nothing inside yet */
	char *title;		/* of an array: it becomes a cell of its parent */
};

struct rp_out {
	FILE *f;
	bool json;
	int error;
	struct container stack[RP_OUT_DEPTH_MAX];
	unsigned int depth;
	unsigned int hidden;	/* containers deep inside one that is left out */
	struct rp_cells cells;	/* of the object or table being collected */
	char *joined;		/* the array being collected */
};

struct rp_out *rp_out_new(FILE *f, bool json)
{
	struct rp_out *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->f = f;
	o->json = json;
	return o;
}

bool rp_out_is_json(const struct rp_out *o)
{
	return o->json;
}

static void failed(struct rp_out *o, int err)
{
	if (err && !o->error)
		o->error = err;
}

static struct container *top(struct rp_out *o)
{
	return o->depth ? &o->stack[o->depth - 1] : NULL;
}

/* Two spaces for every object around this one, except the outermost. */
static int indent(const struct rp_out *o)
{
	unsigned int i;
	int n = -2;

	for (i = 0; i < o->depth; i++)
		n += o->stack[i].kind == OBJECT ? 2 : 0;
	return n > 0 ? n : 0;
}

/* What was collected comes out before anything that follows it. */
static void flush_fields(struct rp_out *o)
{
	if (!o->json && top(o) && top(o)->kind == OBJECT)
		rp_cells_print_fields(&o->cells, o->f, indent(o));
}

static void join(struct rp_out *o, const char *text)
{
	char *more;

	if (asprintf(&more, "%s%s%s", o->joined ? o->joined : "", o->joined ? ", " : "",
		     text) < 0) {
		failed(o, -ENOMEM);
		return;
	}
	free(o->joined);
	o->joined = more;
}

/* Takes text over. */
static void text_value(struct rp_out *o, const char *title, char *text, bool right)
{
	struct container *c = top(o);

	if (!text) {
		failed(o, -ENOMEM);
	} else if (c && c->kind == ARRAY) {
		join(o, text);
		free(text);
	} else if (!title) {
		free(text);
	} else if (c && c->kind == LINE) {
		fprintf(o->f, "%s%s%s%s", c->first ? "" : " ", title, *title ? "=" : "", text);
		c->first = false;
		free(text);
	} else {
		failed(o, rp_cells_add(&o->cells, title, text, right));
	}
}

/* The comma and the key; false: this value is not in JSON. */
static bool json_begin(struct rp_out *o, const char *key)
{
	struct container *c = top(o);
	bool keyed = c && c->kind != ARRAY && c->kind != TABLE;

	if (keyed && !key)
		return false;
	if (c && !c->first)
		putc(',', o->f);
	if (c)
		c->first = false;
	if (keyed) {
		rp_out_json_string(o->f, key, false);
		putc(':', o->f);
	}
	return true;
}

static bool is_left_out(struct rp_out *o, enum kind kind, const char *key, const char *title)
{
	struct container *c = top(o);

	if (o->hidden)
		return true;
	if (!c || c->kind == ARRAY || c->kind == TABLE)
		return false;
	return o->json ? !key : !title && kind != LINE;
}

static void open_text(struct rp_out *o, enum kind kind, const char *title)
{
	if (kind == ARRAY) {
		o->stack[o->depth].title = strdup(title ? title : "");
		return;
	}
	if (kind == ROW || kind == LINE)
		return;
	flush_fields(o);
	if (title && *title) {
		if (o->depth && !o->stack[o->depth - 1].first)
			putc('\n', o->f);
		fprintf(o->f, "%*s%s\n", indent(o), "", title);
	}
}

static void open_container(struct rp_out *o, enum kind kind, const char *key,
			   const char *title)
{
	if (!is_left_out(o, kind, key, title) && o->depth == RP_OUT_DEPTH_MAX) {
		failed(o, -EOVERFLOW);
		o->hidden++;
		return;
	}
	if (is_left_out(o, kind, key, title)) {
		o->hidden++;
		return;
	}
	if (o->json) {
		json_begin(o, key);
		putc(kind == ARRAY || kind == TABLE ? '[' : '{', o->f);
	} else {
		open_text(o, kind, title);
		if (o->depth && kind != ROW)
			o->stack[o->depth - 1].first = false;
	}
	o->stack[o->depth].kind = kind;
	o->stack[o->depth].first = true;
	o->depth++;
}

void rp_out_object(struct rp_out *o, const char *key, const char *title)
{
	open_container(o, OBJECT, key, title);
}

void rp_out_line(struct rp_out *o, const char *key)
{
	open_container(o, LINE, key, NULL);
}

void rp_out_array(struct rp_out *o, const char *key, const char *title)
{
	open_container(o, ARRAY, key, title);
}

void rp_out_table(struct rp_out *o, const char *key, const char *title)
{
	open_container(o, TABLE, key, title);
}

void rp_out_row(struct rp_out *o)
{
	open_container(o, ROW, NULL, NULL);
}

static void close_text(struct rp_out *o, enum kind kind)
{
	char *title = o->stack[o->depth - 1].title;

	switch (kind) {
	case OBJECT:
		flush_fields(o);
		return;
	case LINE:
		putc('\n', o->f);
		return;
	case TABLE:
		failed(o, rp_cells_print_table(&o->cells, o->f, indent(o)));
		return;
	case ROW:
		failed(o, rp_cells_end_row(&o->cells));
		return;
	case ARRAY:
		o->stack[o->depth - 1].title = NULL;
		o->depth--;
		text_value(o, title, o->joined ? o->joined : strdup("-"), false);
		o->joined = NULL;
		free(title);
		o->depth++;
		return;
	}
}

void rp_out_end(struct rp_out *o)
{
	struct container *c = top(o);

	if (o->hidden) {
		o->hidden--;
		return;
	}
	if (!c) {
		failed(o, -EINVAL);
		return;
	}
	if (o->json)
		putc(c->kind == ARRAY || c->kind == TABLE ? ']' : '}', o->f);
	else
		close_text(o, c->kind);
	o->depth--;
	if (o->depth)
		return;
	if (o->json)
		putc('\n', o->f);
	if (fflush(o->f) || ferror(o->f))
		failed(o, errno ? -errno : -EIO);
}

int rp_out_free(struct rp_out *o)
{
	int err;

	if (!o)
		return 0;
	errno = 0;
	if (fflush(o->f) || ferror(o->f))
		failed(o, errno ? -errno : -EIO);
	err = o->error;
	rp_cells_free(&o->cells);
	while (o->depth)
		free(o->stack[--o->depth].title);
	free(o->joined);
	free(o);
	return err;
}

void rp_out_string(struct rp_out *o, const char *key, const char *title, const char *s)
{
	if (o->hidden)
		return;
	if (!o->json)
		text_value(o, title, rp_utf8_safe_copy(s), false);
	else if (json_begin(o, key))
		rp_out_json_string(o->f, s, false);
}

__attribute__((format(printf, 5, 6)))
static void number(struct rp_out *o, const char *key, const char *title, const char *text,
		   const char *json, ...)
{
	va_list args;

	if (o->hidden)
		return;
	if (!o->json) {
		text_value(o, title, strdup(text), true);
	} else if (json_begin(o, key)) {
		va_start(args, json);
		vfprintf(o->f, json, args);
		va_end(args);
	}
}

void rp_out_u64(struct rp_out *o, const char *key, const char *title, uint64_t v)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, v);
	number(o, key, title, text, "%" PRIu64, v);
}

void rp_out_i64(struct rp_out *o, const char *key, const char *title, int64_t v)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, v);
	number(o, key, title, text, "%" PRId64, v);
}

void rp_out_bool(struct rp_out *o, const char *key, const char *title, bool v)
{
	if (o->hidden)
		return;
	if (!o->json)
		text_value(o, title, strdup(v ? "yes" : "no"), false);
	else if (json_begin(o, key))
		fputs(v ? "true" : "false", o->f);
}

void rp_out_double(struct rp_out *o, const char *key, const char *title, double v, int digits)
{
	char text[512];

	snprintf(text, sizeof(text), "%.*f", digits, v);
	if (isfinite(v))
		number(o, key, title, text, "%.15g", v);
	else
		number(o, key, title, "-", "%s", "null");
}

void rp_out_share(struct rp_out *o, const char *key, const char *title, double v)
{
	char text[512];

	snprintf(text, sizeof(text), "%.2f%%", v * 100);
	if (isfinite(v))
		number(o, key, title, text, "%.9g", v);
	else
		number(o, key, title, "-", "%s", "null");
}

void rp_out_amount(struct rp_out *o, const char *key, const char *title, int64_t v,
		   const char *unit)
{
	char text[RP_OUT_HUMAN_SIZE];

	number(o, key, title, rp_out_human(text, v, unit), "%" PRId64, v);
}

void rp_out_text(struct rp_out *o, const char *format, ...)
{
	char *text, *safe;
	va_list args;
	int n;

	if (o->json || o->hidden)
		return;
	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	safe = n < 0 ? NULL : rp_utf8_safe_copy(text);
	if (n >= 0)
		free(text);
	if (!safe) {
		failed(o, -ENOMEM);
		return;
	}
	flush_fields(o);
	fprintf(o->f, "%s\n", safe);
	free(safe);
	if (o->depth)
		o->stack[o->depth - 1].first = false;
}
