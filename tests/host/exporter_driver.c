// SPDX-License-Identifier: GPL-2.0
/*
 * The daemon's export without the kernel: config, publish, exporter as they are, fed
 * with profiles that are made here. For test_exporter.sh.
 *
 *	exporter_driver SECTION.KEY=VALUE...
 *
 * Commands on stdin, one a line; each is answered with a line on stdout:
 *	window N BYTES	a window that began N minutes after a fixed time, with the
 *			services cart (value N) and db (value N), each made larger by
 *			about BYTES that do not compress
 *	stats		delivered late refused dropped waiting
 *	stop MS		the exporter's end, in MS milliseconds at most; then stats
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "publish.h"

#define START 1785585600000000000	/* 2026-08-01 12:00:00 UTC */
#define MINUTE 60000000000

static struct rp_exporter *exporter;

static uint32_t make_stack(struct rp_profile *p, const char *service, size_t bytes,
			   uint32_t *ret)
{
	static uint64_t random = 0x9e3779b97f4a7c15;
	struct rp_profile_mapping m = { .start = 0x1000, .limit = 0x2000 };
	struct rp_profile_line line = { 0 };
	char name[256];
	uint32_t nr = 0;
	size_t done = 0;

	m.filename = rp_profile_string(p, service);
	do {
		random = random * 6364136223846793005 + 1442695040888963407;
		snprintf(name, sizeof(name), "%s_%016" PRIx64, nr ? "f" : "main", random);
		line.function = rp_profile_function(p, name, name, "", 0);
		ret[nr] = rp_profile_location(p, rp_profile_mapping(p, &m), 0x1000 + nr,
					      &line, 1);
		nr++;
		done += 10;		/* what is left of 16 hex digits */
	} while (done < bytes && nr < 10000);
	return nr;
}

static void add_service(struct rp_profile *p, struct rp_publish_keys *keys,
			const char *service, int64_t value, size_t bytes)
{
	struct rp_profile_label labels[8] = {
		{ .key = rp_profile_string(p, "pid"), .num = 42 },
	};
	struct rp_attributes resource = { 0 };
	static uint32_t stack[10000];
	unsigned int n;
	uint32_t nr = make_stack(p, service, bytes, stack);

	rp_attributes_set(&resource, "service.name", service);
	rp_attributes_set(&resource, "service.version", "1.0");
	n = 1 + rp_publish_labels(keys, p, &resource, labels + 1, 7);
	rp_profile_add(p, stack, nr, labels, n, (int64_t[]){ value, value * 1000 });
	rp_attributes_free(&resource);
}

static void window(int64_t number, size_t bytes)
{
	struct rp_profile *p = rp_profile_new();
	struct rp_publish_keys keys = { 0 };
	unsigned int parcels = 0;

	rp_profile_add_type(p, "samples", "count");
	rp_profile_add_type(p, "cpu", "nanoseconds");
	rp_profile_set_period(p, "cpu", "nanoseconds", 1000);
	p->time_nanos = START + number * MINUTE;
	p->duration_nanos = MINUTE;
	add_service(p, &keys, "cart", number, bytes);
	add_service(p, &keys, "db", number, bytes);
	if (p->error || rp_publish(exporter, p, &keys, 19, &parcels))
		abort();
	rp_profile_free(p);
	printf("%u\n", parcels);
}

static void print_stats(const struct rp_exporter_stats *s)
{
	printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
	       s->delivered, s->late, s->refused, s->dropped, s->waiting);
}

/* False at the end. */
static int obey(const char *line)
{
	struct rp_exporter_stats stats;
	unsigned long long a, b;

	if (sscanf(line, "window %llu %llu", &a, &b) == 2) {
		window((int64_t)a, (size_t)b);
	} else if (!strcmp(line, "stats\n")) {
		rp_exporter_stats(exporter, &stats);
		print_stats(&stats);
	} else if (sscanf(line, "stop %llu", &a) == 1) {
		rp_exporter_stop(exporter, a * 1000000, &stats);
		print_stats(&stats);
		return 0;
	} else {
		abort();
	}
	fflush(stdout);
	return 1;
}

int main(int argc, char **argv)
{
	struct rp_config config;
	char why[512], line[256];
	int i;

	rp_log_init("driver", RP_LOG_INFO);
	if (rp_config_init(&config))
		return 1;
	for (i = 1; i < argc; i++) {
		if (rp_config_set_text(&config, argv[i], why, sizeof(why))) {
			fprintf(stderr, "%s\n", why);
			return 2;
		}
	}
	if (rp_exporter_start(&exporter, &config, why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	while (fgets(line, sizeof(line), stdin) && obey(line))
		;
	rp_config_free(&config);
	return 0;
}
