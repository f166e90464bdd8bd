// SPDX-License-Identifier: GPL-2.0
/*
 * How one value looks: strings as JSON, numbers as people write them.
 */
#include "out.h"

#include "utf8.h"

#include <inttypes.h>
#include <string.h>

static bool must_escape(uint32_t c, bool for_html)
{
	if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f)
		return true;
	/* "</script>" and "<!--" end or change a script whatever the quotes say. */
	return for_html && (c == '<' || c == '>' || c == '&' || c == '\'' || c == 0x2028 ||
			    c == 0x2029);
}

void rp_out_json_string(FILE *f, const char *s, bool for_html)
{
	char bytes[4];
	uint32_t c;

	putc('"', f);
	while ((c = rp_utf8_next(&s))) {
		if (!must_escape(c, for_html))
			fwrite(bytes, 1, (size_t)rp_utf8_put(bytes, c), f);
		else if (c == '"' || c == '\\')
			fprintf(f, "\\%c", (int)c);
		else
			fprintf(f, "\\u%04x", (unsigned int)c);
	}
	putc('"', f);
}

struct step {
	double factor;
	const char *name;
};

/* Three digits that matter, in the largest unit of which there is at least one. */
static char *scaled(char *buf, int64_t v, const struct step *steps, int nr)
{
	double d = (double)v, size = d < 0 ? -d : d, shown;
	int i = nr - 1;

	/* 999.6 ms is 1.00 s, not 1000 ms. */
	while (i > 0 && size < steps[i].factor * 0.9995)
		i--;
	shown = size / steps[i].factor;
	snprintf(buf, RP_OUT_HUMAN_SIZE, "%.*f %s",
		 !i || shown >= 100 ? 0 : shown >= 10 ? 1 : 2, d / steps[i].factor,
		 steps[i].name);
	return buf;
}

static char *long_time(char *buf, int64_t ns)
{
	uint64_t s = (ns < 0 ? -(uint64_t)ns : (uint64_t)ns) / 1000000000;
	const char *sign = ns < 0 ? "-" : "";

	if (s >= 3600)
		snprintf(buf, RP_OUT_HUMAN_SIZE, "%s%" PRIu64 " h %02d min", sign, s / 3600,
			 (int)(s / 60 % 60));
	else
		snprintf(buf, RP_OUT_HUMAN_SIZE, "%s%d min %02d s", sign, (int)(s / 60),
			 (int)(s % 60));
	return buf;
}

char *rp_out_human(char buf[static RP_OUT_HUMAN_SIZE], int64_t v, const char *unit)
{
	static const struct step times[] = {
		{ 1, "ns" }, { 1e3, "µs" }, { 1e6, "ms" }, { 1e9, "s" },
	};
	static const struct step bytes[] = {
		{ 1, "B" }, { 1024, "KiB" }, { 1048576, "MiB" }, { 1073741824, "GiB" },
		{ 1099511627776, "TiB" }, { 1125899906842624, "PiB" },
	};

	if (!strcmp(unit, "nanoseconds")) {
		if (v >= INT64_C(600000000000) || v <= -INT64_C(600000000000))
			return long_time(buf, v);
		return scaled(buf, v, times, 4);
	}
	if (!strcmp(unit, "bytes"))
		return scaled(buf, v, bytes, 6);
	if (!*unit || !strcmp(unit, "count"))
		snprintf(buf, RP_OUT_HUMAN_SIZE, "%" PRId64, v);
	else
		snprintf(buf, RP_OUT_HUMAN_SIZE, "%" PRId64 " %.32s", v, unit);
	return buf;
}
