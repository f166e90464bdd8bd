// SPDX-License-Identifier: GPL-2.0
/*
 * One series a resource: a process's attributes become the series' labels, so that
 * the server can be asked for one version or one region. They are few by nature;
 * pid and thread are not, and stay out (see split.h).
 */
#include "pyroscope.h"

#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INGEST "/ingest"

const char rp_pyroscope_sample_types[] =
	"{\"samples\":{\"units\":\"samples\",\"aggregation\":\"sum\","
	"\"display-name\":\"cpu_samples\",\"sampled\":true},"
	"\"cpu\":{\"units\":\"nanoseconds\",\"aggregation\":\"sum\","
	"\"display-name\":\"cpu\",\"sampled\":true}}";

char *rp_pyroscope_url(const char *base)
{
	size_t len = strlen(base), tail = strlen(INGEST);
	char *url;

	while (len && base[len - 1] == '/')
		len--;
	if (len >= tail && !memcmp(base + len - tail, INGEST, tail))
		len -= tail;
	if (asprintf(&url, "%.*s" INGEST, (int)len, base) < 0) {
		errno = ENOMEM;
		return NULL;
	}
	return url;
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

/* Whether c, somewhere in text, is where a longer text is cut: not inside of UTF-8. */
static bool is_cut(const char *text, const char *c)
{
	return c - text >= RP_PYROSCOPE_VALUE_MAX && (*c & 0xc0) != 0x80;
}

static void put_service(FILE *f, const char *name)
{
	const char *c;

	for (c = name; *c && !is_cut(name, c); c++)
		fputc(is_plain(*c) || strchr("-./", *c) ? *c : '_', f);
}

static void put_label(FILE *f, const char *separator, const struct rp_attribute *a)
{
	const char *c;

	fputs(separator, f);
	for (c = a->key; *c; c++)
		fputc(is_plain(*c) ? *c : '_', f);
	fputc('=', f);
	for (c = a->value; *c && !is_cut(a->value, c); c++)
		fputc(*c == ',' || *c == '}' ? '_' : *c, f);
}

char *rp_pyroscope_name(const struct rp_attributes *resource)
{
	const char *service = rp_attributes_get(resource, "service.name");
	const char *separator = "{";
	unsigned int labels = 0;
	char *text = NULL;
	size_t size, i;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	put_service(f, service ? service : "unknown_service");
	for (i = 0; i < resource->nr && labels < RP_PYROSCOPE_LABELS_MAX; i++) {
		if (!strcmp(resource->items[i].key, "service.name"))
			continue;
		put_label(f, separator, &resource->items[i]);
		separator = ",";
		labels++;
	}
	fputs(labels ? "}" : "{}", f);
	if (fclose(f)) {
		free(text);
		errno = ENOMEM;
		return NULL;
	}
	return text;
}

char *rp_pyroscope_query(const struct rp_attributes *resource, uint64_t from_ns,
			 uint64_t until_ns, uint32_t rate)
{
	char *name = rp_pyroscope_name(resource), *encoded, *query = NULL;
	int n = -1;

	if (!name)
		return NULL;
	encoded = curl_easy_escape(NULL, name, 0);
	free(name);
	/* 19 digits: the server takes them for nanoseconds until the year 2286. */
	if (encoded)
		n = asprintf(&query,
			     "name=%s&from=%" PRIu64 "&until=%" PRIu64
			     "&sampleRate=%" PRIu32 "&spyName=ringprof",
			     encoded, from_ns, until_ns, rate);
	curl_free(encoded);
	if (n < 0) {
		errno = ENOMEM;
		return NULL;
	}
	return query;
}
