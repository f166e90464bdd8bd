// SPDX-License-Identifier: GPL-2.0
/*
 * zlib's gzFile would do for files, but not for memory, pipes that turn out not
 * to be gzip, or a limit on the inflated size: so this is deflate and inflate
 * themselves, once for all of these.
 */
#include "gzip.h"

#include "newfile.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define CHUNK		(64 << 10)
#define PIECE		(16 << 10)
#define GZIP_HEADER	16
#define WINDOW_MAX	15		/* log2 of bytes */
#define WINDOW_PIECE	14		/* of a PIECE */
#define MEMORY_USUAL	8		/* zlib's memLevel */
#define MEMORY_PIECE	6
#define ANY_WINDOW	(32 + 15)	/* gzip or zlib, by its header */

struct buffer {
	char *data;
	size_t len, room;
};

/* What is added mostly has some dozen bytes, and each call of deflate has its price. */
struct rp_gzip {
	z_stream z;
	bool begun;		/* z is there */
	int fd;
	struct buffer out;
	size_t have;		/* in `in` */
	unsigned char in[PIECE], chunk[PIECE];
};

static int append(struct buffer *b, const void *data, size_t len, size_t max)
{
	size_t room = b->room;
	char *more;

	if (!len)
		return 0;
	if (len > max - b->len)
		return -EFBIG;
	while (room - b->len < len)
		room = room ? room * 2 : CHUNK;
	if (room != b->room) {
		more = realloc(b->data, room);
		if (!more)
			return -ENOMEM;
		b->data = more;
		b->room = room;
	}
	memcpy(b->data + b->len, data, len);
	b->len += len;
	return 0;
}

struct rp_gzip *rp_gzip_new(int fd)
{
	struct rp_gzip *g = malloc(sizeof(*g));

	if (!g)
		return NULL;
	memset(g, 0, offsetof(struct rp_gzip, in));
	g->fd = fd;
	return g;
}

/*
 * whole: there is no more than what is in `in`, as in a quiet host's windows. Then less memory
 * will do, each page of which has to be had and cleared.
 */
static int begin(struct rp_gzip *g, bool whole)
{
	int window = GZIP_HEADER + (whole ? WINDOW_PIECE : WINDOW_MAX);

	if (deflateInit2(&g->z, Z_BEST_SPEED, Z_DEFLATED, window,
			 whole ? MEMORY_PIECE : MEMORY_USUAL, Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	g->begun = true;
	return 0;
}

void rp_gzip_free(struct rp_gzip *g)
{
	if (!g)
		return;
	if (g->begun)
		deflateEnd(&g->z);
	free(g->out.data);
	free(g);
}

static int squeeze(struct rp_gzip *g, const void *data, size_t len, int flush)
{
	size_t n;
	int err = 0;

	if (len > UINT32_MAX)
		return -EFBIG;
	if (!g->begun)
		err = begin(g, flush == Z_FINISH);
	if (err)
		return err;
	g->z.next_in = (unsigned char *)data;
	g->z.avail_in = (unsigned int)len;
	do {
		g->z.next_out = g->chunk;
		g->z.avail_out = PIECE;
		if (deflate(&g->z, flush) == Z_STREAM_ERROR)
			return -EIO;
		n = PIECE - g->z.avail_out;
		err = g->fd >= 0 ? rp_write_all(g->fd, g->chunk, n) :
				   append(&g->out, g->chunk, n, SIZE_MAX / 4);
		if (err)
			return err;
	} while (!g->z.avail_out);
	return 0;
}

int rp_gzip_add(struct rp_gzip *g, const void *data, size_t len)
{
	int err = 0;

	if (len > PIECE - g->have) {
		err = squeeze(g, g->in, g->have, Z_NO_FLUSH);
		g->have = 0;
	}
	if (err || len > PIECE)
		return err ? err : squeeze(g, data, len, Z_NO_FLUSH);
	memcpy(g->in + g->have, data, len);
	g->have += len;
	return 0;
}

int rp_gzip_finish(struct rp_gzip *g, void **ret_data, size_t *ret_len)
{
	int err = squeeze(g, g->in, g->have, Z_FINISH);

	g->have = 0;
	if (err || !ret_data)
		return err;
	*ret_data = g->out.data;
	*ret_len = g->out.len;
	g->out = (struct buffer){ 0 };
	return 0;
}

/* Where the bytes come from, and how far they have been understood. */
struct reader {
	z_stream z;
	bool zipped, ended;	/* ended: at the end of a member */
	struct buffer out;
	size_t max;
	unsigned char chunk[CHUNK];
};

static bool is_zipped(const unsigned char *in, size_t len)
{
	if (len >= 2 && in[0] == 0x1f && in[1] == 0x8b)
		return true;
	/* zlib: deflate with a 32 KiB window, and a check over the two bytes. */
	return len >= 2 && in[0] == 0x78 && (in[0] << 8 | in[1]) % 31 == 0;
}

static int inflate_some(struct reader *r, const unsigned char *in, size_t len)
{
	int status, err;

	r->z.next_in = (unsigned char *)in;
	r->z.avail_in = (unsigned int)len;
	do {
		/* Behind a member another one may follow; other bytes are padding. */
		if (r->ended && r->z.avail_in) {
			if (*r->z.next_in != 0x1f)
				return 0;
			inflateReset(&r->z);
			r->ended = false;
		}
		r->z.next_out = r->chunk;
		r->z.avail_out = CHUNK;
		status = inflate(&r->z, Z_NO_FLUSH);
		if (status == Z_MEM_ERROR)
			return -ENOMEM;
		if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
			return -EBADMSG;
		err = append(&r->out, r->chunk, CHUNK - r->z.avail_out, r->max);
		if (err)
			return err;
		r->ended = status == Z_STREAM_END;
	} while (r->z.avail_in || !r->z.avail_out);
	return 0;
}

/* len is at most 1 GiB. The first call decides what it is, from 2 bytes at least. */
static int take(struct reader *r, const unsigned char *in, size_t len, bool first)
{
	if (first && is_zipped(in, len)) {
		if (inflateInit2(&r->z, ANY_WINDOW) != Z_OK)
			return -ENOMEM;
		r->zipped = true;
	}
	return r->zipped ? inflate_some(r, in, len) : append(&r->out, in, len, r->max);
}

static int finish(struct reader *r, int err, void **ret_data, size_t *ret_len, char *why,
		  size_t why_size)
{
	if (!err && r->zipped && !r->ended) {
		rp_why(why, why_size, "its end is missing: the gzip stream is cut off");
		err = -EBADMSG;
	} else if (err == -EBADMSG) {
		rp_why(why, why_size, "it is damaged: %s",
		       r->z.msg ? r->z.msg : "the gzip stream makes no sense");
	} else if (err == -EFBIG) {
		rp_why(why, why_size, "it holds more than %zu MiB, which is the limit",
		       r->max >> 20);
	} else if (err) {
		rp_why(why, why_size, "%s", strerror(-err));
	}
	if (r->zipped)
		inflateEnd(&r->z);
	if (err) {
		free(r->out.data);
	} else {
		*ret_data = r->out.data;
		*ret_len = r->out.len;
	}
	free(r);
	return err;
}

int rp_gunzip_fd(int fd, size_t max, void **ret_data, size_t *ret_len, char *why,
		 size_t why_size)
{
	struct reader *r = calloc(1, sizeof(*r));
	unsigned char in[16 << 10];
	bool first = true;
	size_t have = 0;
	ssize_t n = 0;
	int err = 0;

	if (!r) {
		rp_why(why, why_size, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	r->max = max;
	while (!err) {
		n = read(fd, in + have, sizeof(in) - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			err = -errno;
		if (n > 0)
			have += (size_t)n;
		if (n > 0 && have < 2)
			continue;
		if (!err && have)
			err = take(r, in, have, first);
		if (n <= 0)
			break;
		first = false;
		have = 0;
	}
	return finish(r, err, ret_data, ret_len, why, why_size);
}

int rp_gunzip_mem(const void *in, size_t in_len, size_t max, void **ret_data,
		  size_t *ret_len, char *why, size_t why_size)
{
	struct reader *r = calloc(1, sizeof(*r));
	const unsigned char *at = in;
	bool first = true;
	size_t n;
	int err = 0;

	if (!r) {
		rp_why(why, why_size, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	r->max = max;
	while (in_len && !err) {
		n = in_len < 1 << 30 ? in_len : 1 << 30;
		err = take(r, at, n, first);
		first = false;
		at += n;
		in_len -= n;
	}
	return finish(r, err, ret_data, ret_len, why, why_size);
}
