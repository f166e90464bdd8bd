// SPDX-License-Identifier: GPL-2.0
/*
 * stderr and nothing else: a daemon in the foreground leaves timestamps, rotation
 * and shipping to whoever started it.
 */
#include "log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

static const char *log_name = "ringprof";
static enum rp_log_level log_level = RP_LOG_INFO;
static int journal;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;	/* of all limits */

void rp_log_init(const char *name, enum rp_log_level level)
{
	log_name = name;
	log_level = level;
	journal = getenv("JOURNAL_STREAM") != NULL;
}

static int begin(char *line, enum rp_log_level level)
{
	static const char *const titles[] = { "error: ", "warning: ", "", "debug: " };
	static const int priorities[] = { 3, 4, 6, 7 };

	if (journal)
		return snprintf(line, RP_LOG_LINE_MAX, "<%d>", priorities[level]);
	return snprintf(line, RP_LOG_LINE_MAX, "%s: %s", log_name, titles[level]);
}

static void say(enum rp_log_level level, uint64_t left_out, const char *format,
		va_list args)
{
	char line[RP_LOG_LINE_MAX + 64];
	size_t used = (size_t)begin(line, level), i, start = used;
	ssize_t written;
	int n;

	n = vsnprintf(line + used, RP_LOG_LINE_MAX - used, format, args);
	if (n < 0)
		return;
	used = strlen(line);
	if (left_out)
		used += (size_t)snprintf(line + used, sizeof(line) - 1 - used,
					 " (and %llu times since then)",
					 (unsigned long long)left_out);
	for (i = start; i < used; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
	line[used++] = '\n';
	/* Nobody is left to be told that stderr does not work. */
	written = write(STDERR_FILENO, line, used);
	(void)written;
}

void rp_log(enum rp_log_level level, const char *format, ...)
{
	va_list args;

	if (level > log_level)
		return;
	va_start(args, format);
	say(level, 0, format, args);
	va_end(args);
}

void rp_log_limited(struct rp_log_limit *limit, enum rp_log_level level,
		    const char *format, ...)
{
	uint64_t now, left_out;
	va_list args;
	int quiet;

	if (level > log_level)
		return;
	now = rp_clock_ns(CLOCK_MONOTONIC);
	pthread_mutex_lock(&lock);
	quiet = now < limit->next_ns;
	left_out = limit->left_out;
	if (quiet) {
		limit->left_out++;
	} else {
		limit->left_out = 0;
		limit->next_ns = now + RP_LOG_INTERVAL_NS;
	}
	pthread_mutex_unlock(&lock);
	if (quiet)
		return;
	va_start(args, format);
	say(level, left_out, format, args);
	va_end(args);
}
