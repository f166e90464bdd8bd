// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers go into flat arrays and texts into one table, so that a page with ten
 * thousand frames stays well under a megabyte.
 */
#include "flame_html.h"

#include "flame_assets.h"
#include "out.h"
#include "utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/random.h>

#define NONCE_SIZE 33

/*
 * Scripts and styles run only with the nonce, which a name in the profile cannot
 * know: should one ever get into the page as markup, it would still do nothing.
 */
static void make_nonce(char nonce[static NONCE_SIZE])
{
	unsigned char bytes[(NONCE_SIZE - 1) / 2] = { 0 };
	size_t i;

	if (getrandom(bytes, sizeof(bytes), GRND_NONBLOCK) != sizeof(bytes))
		bytes[0] = 1;
	for (i = 0; i < sizeof(bytes); i++)
		snprintf(nonce + 2 * i, 3, "%02x", bytes[i]);
}

static void put_asset(FILE *f, const struct rp_flame_asset *a)
{
	fwrite(a->begin, 1, (size_t)(a->end - a->begin), f);
}

/* Control characters and changes of direction would mislead in a page, too. */
static int put_text(FILE *f, const char *s)
{
	char *safe = rp_utf8_safe_copy(s);

	if (!safe)
		return -ENOMEM;
	rp_out_json_string(f, safe, true);
	free(safe);
	return 0;
}

static int put_facts(FILE *f, const struct rp_flame_page *page)
{
	size_t i;
	int err = 0;

	fputs(",\"facts\":[", f);
	for (i = 0; i < page->nr_facts && !err; i++) {
		fputs(i ? ",[" : "[", f);
		err = put_text(f, page->facts[i].key);
		putc(',', f);
		if (!err)
			err = put_text(f, page->facts[i].value);
		putc(']', f);
	}
	putc(']', f);
	return err;
}

static int put_types(FILE *f, const struct rp_profile *p)
{
	unsigned int i;
	int err = 0;

	fputs(",\"types\":[", f);
	for (i = 0; i < p->nr_types && !err; i++) {
		fputs(i ? ",[" : "[", f);
		err = put_text(f, rp_profile_str(p, p->types[i].type));
		putc(',', f);
		if (!err)
			err = put_text(f, rp_profile_str(p, p->types[i].unit));
		putc(']', f);
	}
	putc(']', f);
	return err;
}

/* Frames the tree uses, numbered from 0 in the order of their first use. */
struct frame_table {
	uint32_t *number;		/* by frame id; 0: not used, else number + 1 */
	uint32_t *used;
	uint32_t nr;
	struct rp_profile *strings;
};

static int collect_frames(const struct rp_flame_tree *t, struct frame_table *ft)
{
	size_t room = (size_t)rp_frames_count(t->frames) + 1;
	uint32_t i, frame;

	ft->number = calloc(room, sizeof(*ft->number));
	ft->used = calloc(room, sizeof(*ft->used));
	ft->strings = rp_profile_new();
	if (!ft->number || !ft->used || !ft->strings)
		return -ENOMEM;
	for (i = 1; i < t->nr; i++) {
		frame = t->nodes[t->order[i]].frame;
		if (ft->number[frame])
			continue;
		ft->used[ft->nr++] = frame;
		ft->number[frame] = ft->nr;
	}
	return 0;
}

static int put_frames(FILE *f, const struct rp_flame_tree *t, struct frame_table *ft)
{
	struct rp_frame frame;
	uint32_t i, name, mapping, source;
	int err = 0;

	fputs(",\"frames\":[", f);
	for (i = 0; i < ft->nr; i++) {
		frame = rp_frames_get(t->frames, ft->used[i]);
		name = rp_profile_string(ft->strings, frame.name);
		mapping = rp_profile_string(ft->strings, frame.mapping);
		source = rp_profile_string(ft->strings, frame.source);
		fprintf(f, "%s%u,%u,%u,%d", i ? "," : "", name, mapping, source,
			(int)frame.kind);
	}
	fputs("],\"strings\":[\"\"", f);
	for (i = 1; i <= ft->strings->nr_strings && !err; i++) {
		putc(',', f);
		err = put_text(f, rp_profile_str(ft->strings, i));
	}
	putc(']', f);
	return ft->strings->error ? ft->strings->error : err;
}

static void put_nodes(FILE *f, const struct rp_flame_tree *t, const struct frame_table *ft)
{
	unsigned int type;
	uint32_t i, node;

	fputs(",\"nodes\":[", f);
	for (i = 0; i < t->nr; i++) {
		node = t->order[i];
		fprintf(f, "%s%d,%u", i ? "," : "",
			(int)ft->number[t->nodes[node].frame] - 1, t->nodes[node].depth);
		for (type = 0; type < t->p->nr_types; type++)
			fprintf(f, ",%" PRId64, rp_flame_self(t, node, type));
	}
	putc(']', f);
}

static int put_data(FILE *f, const struct rp_flame_tree *t, const struct rp_flame_page *page)
{
	struct frame_table ft = { 0 };
	int err;

	fputs("{\"title\":", f);
	err = put_text(f, page->title);
	fprintf(f, ",\"icicle\":%s,\"type\":%u", page->icicle ? "true" : "false", page->type);
	(void)(err || (err = put_types(f, t->p)) || (err = put_facts(f, page)) ||
	       (err = collect_frames(t, &ft)) || (err = put_frames(f, t, &ft)));
	if (!err)
		put_nodes(f, t, &ft);
	putc('}', f);
	rp_profile_free(ft.strings);
	free(ft.number);
	free(ft.used);
	return err;
}

int rp_flame_html_write(const struct rp_flame_tree *t, const struct rp_flame_page *page,
			FILE *f)
{
	char nonce[NONCE_SIZE];
	size_t i;
	int err;

	make_nonce(nonce);
	fprintf(f, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"script-src 'nonce-%s'; style-src 'nonce-%s'; img-src data:; base-uri 'none'; "
		"form-action 'none'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"generator\" content=\"ringprof " RP_VERSION "\">\n"
		"<link rel=\"icon\" href=\"data:,\">\n"
		"<title>ringprof</title>\n<style nonce=\"%s\">\n", nonce, nonce, nonce);
	put_asset(f, &rp_flame_style);
	fputs("</style>\n</head>\n<body>\n", f);
	put_asset(f, &rp_flame_body);
	fputs("<script type=\"application/json\" id=\"data\">", f);
	err = put_data(f, t, page);
	fprintf(f, "</script>\n<script nonce=\"%s\">\n", nonce);
	for (i = 0; i < RP_FLAME_SCRIPTS; i++)
		put_asset(f, &rp_flame_scripts[i]);
	fputs("</script>\n</body>\n</html>\n", f);
	if (!err && (fflush(f) || ferror(f)))
		err = errno ? -errno : -EIO;
	return err;
}
