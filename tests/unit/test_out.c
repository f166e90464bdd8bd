// SPDX-License-Identifier: GPL-2.0
/* The print layer: text and JSON from the same calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "out.h"
#include "utf8.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Whether *s begins with a JSON value; *s is moved behind it. */
static bool is_value(const char **s);

static bool is_string(const char **s)
{
	uint32_t c;
	int i;

	if (*(*s)++ != '"')
		return false;
	while (**s != '"') {
		const char *at = *s;

		c = rp_utf8_next(s);
		/* One byte passed over and U+FFFD: that byte was no UTF-8. */
		if (c < 0x20 || (c == RP_UTF8_REPLACEMENT && *s == at + 1))
			return false;
		if (c != '\\')
			continue;
		if (**s == 'u') {
			for (i = 1; i <= 4; i++) {
				if (!isxdigit((unsigned char)(*s)[i]))
					return false;
			}
			*s += 5;
		} else if (!strchr("\"\\/bfnrt", *(*s)++)) {
			return false;
		}
	}
	(*s)++;
	return true;
}

static bool is_list(const char **s, char end, bool keyed)
{
	(*s)++;
	if (**s == end) {
		(*s)++;
		return true;
	}
	for (;;) {
		if (keyed && (!is_string(s) || *(*s)++ != ':'))
			return false;
		if (!is_value(s))
			return false;
		if (**s == end)
			break;
		if (*(*s)++ != ',')
			return false;
	}
	(*s)++;
	return true;
}

static bool is_value(const char **s)
{
	static const char *const words[] = { "true", "false", "null" };
	char *end;
	int i;

	if (**s == '{')
		return is_list(s, '}', true);
	if (**s == '[')
		return is_list(s, ']', false);
	if (**s == '"')
		return is_string(s);
	for (i = 0; i < 3; i++) {
		if (!strncmp(*s, words[i], strlen(words[i]))) {
			*s += strlen(words[i]);
			return true;
		}
	}
	if (**s != '-' && !isdigit((unsigned char)**s))
		return false;
	strtod(*s, &end);
	*s = end;
	return true;
}

static void assert_json_lines(const char *text)
{
	const char *s = text;

	while (*s) {
		if (!is_value(&s) || *s++ != '\n')
			fail_msg("not JSON at \"%s\" in %s", s, text);
	}
}

typedef void draw(struct rp_out *o);

static char *make(draw *d, bool json)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	struct rp_out *o = rp_out_new(f, json);

	assert_int_equal(rp_out_is_json(o), json);
	d(o);
	assert_int_equal(rp_out_free(o), 0);
	fclose(f);
	return text;
}

static void expect(draw *d, const char *text, const char *json)
{
	char *got = make(d, false);

	assert_string_equal(got, text);
	free(got);
	got = make(d, true);
	assert_string_equal(got, json);
	assert_json_lines(got);
	free(got);
}

static void draw_document(struct rp_out *o)
{
	int i;

	rp_out_object(o, NULL, NULL);
	rp_out_u64(o, "frequency", "Frequency", 999);
	rp_out_amount(o, "duration", "Duration", 10000000000, "nanoseconds");
	rp_out_string(o, "only_json", NULL, "x");
	rp_out_string(o, NULL, "Only text", "y");
	rp_out_bool(o, "running", "Running", true);
	rp_out_array(o, "kinds", "Kinds");
	rp_out_string(o, NULL, NULL, "cpu");
	rp_out_string(o, NULL, NULL, "off-cpu");
	rp_out_end(o);
	rp_out_array(o, "none", "None");
	rp_out_end(o);
	rp_out_object(o, "budget", "Budget");
	rp_out_share(o, "share", "Share", 0.01);
	rp_out_end(o);
	rp_out_table(o, "cpus", "Per CPU");
	for (i = 0; i < 2; i++) {
		rp_out_row(o);
		rp_out_i64(o, "cpu", "CPU", i);
		rp_out_string(o, "name", "Name", i ? "longer" : "é");
		rp_out_u64(o, "taken", "Taken", i ? 123456 : 7);
		rp_out_end(o);
	}
	rp_out_end(o);
	rp_out_text(o, "That is %s.", "all");
	rp_out_end(o);
}

static void document(void **state)
{
	(void)state;
	expect(draw_document,
	       "Frequency  999\n"
	       "Duration   10.0 s\n"
	       "Only text  y\n"
	       "Running    yes\n"
	       "Kinds      cpu, off-cpu\n"
	       "None       -\n"
	       "\n"
	       "Budget\n"
	       "  Share  1.00%\n"
	       "\n"
	       "Per CPU\n"
	       "CPU  Name     Taken\n"
	       "  0  é            7\n"
	       "  1  longer  123456\n"
	       "That is all.\n",
	       "{\"frequency\":999,\"duration\":10000000000,\"only_json\":\"x\",\"running\":true,"
	       "\"kinds\":[\"cpu\",\"off-cpu\"],\"none\":[],\"budget\":{\"share\":0.01},"
	       "\"cpus\":[{\"cpu\":0,\"name\":\"é\",\"taken\":7},"
	       "{\"cpu\":1,\"name\":\"longer\",\"taken\":123456}]}\n");
}

static void draw_stream(struct rp_out *o)
{
	int i;

	for (i = 0; i < 2; i++) {
		rp_out_line(o, NULL);
		rp_out_string(o, "event", "", i ? "stop" : "start");
		rp_out_u64(o, "session", "session", 7);
		rp_out_end(o);
	}
}

static void stream(void **state)
{
	(void)state;
	expect(draw_stream, "start session=7\nstop session=7\n",
	       "{\"event\":\"start\",\"session\":7}\n{\"event\":\"stop\",\"session\":7}\n");
}

static void draw_left_out(struct rp_out *o)
{
	rp_out_object(o, NULL, NULL);
	rp_out_object(o, NULL, "For people");
	rp_out_object(o, "inner", "Inner");
	rp_out_u64(o, "a", "A", 1);
	rp_out_end(o);
	rp_out_end(o);
	rp_out_table(o, "for_machines", NULL);
	rp_out_row(o);
	rp_out_u64(o, "b", "B", 2);
	rp_out_end(o);
	rp_out_end(o);
	rp_out_end(o);
}

static void left_out(void **state)
{
	(void)state;
	expect(draw_left_out, "For people\n  Inner\n    A  1\n",
	       "{\"for_machines\":[{\"b\":2}]}\n");
}

static void draw_uneven(struct rp_out *o)
{
	rp_out_table(o, NULL, NULL);
	rp_out_row(o);
	rp_out_u64(o, "a", "A", 1);
	rp_out_u64(o, "b", "B", 2);
	rp_out_end(o);
	rp_out_row(o);
	rp_out_u64(o, "a", "A", 10);
	rp_out_end(o);
	rp_out_row(o);
	rp_out_u64(o, "a", "A", 5);
	rp_out_u64(o, "b", "B", 6);
	rp_out_u64(o, "c", "C", 7);
	rp_out_end(o);
	rp_out_end(o);
}

static void uneven_rows(void **state)
{
	(void)state;
	expect(draw_uneven, " A  B\n 1  2\n10  \n 5  6\n",
	       "[{\"a\":1,\"b\":2},{\"a\":10},{\"a\":5,\"b\":6,\"c\":7}]\n");
}

static void draw_hostile(struct rp_out *o)
{
	rp_out_object(o, NULL, NULL);
	rp_out_string(o, "n", "Name", "\x1b[31m\"a\\b\"\n\xff\xc0\x80\xed\xa0\x80\xe2\x80\xae");
	rp_out_double(o, "nan", "NaN", NAN, 2);
	rp_out_double(o, "inf", "Inf", -INFINITY, 2);
	rp_out_double(o, "half", "Half", 0.5, 2);
	rp_out_i64(o, "low", "Low", INT64_MIN);
	rp_out_u64(o, "high", "High", UINT64_MAX);
	rp_out_end(o);
}

static void hostile_values(void **state)
{
#define FFFD "\xef\xbf\xbd"
	(void)state;
	expect(draw_hostile,
	       "Name  ?[31m\"a\\b\"?" FFFD FFFD FFFD FFFD FFFD FFFD "?\n"
	       "NaN   -\nInf   -\nHalf  0.50\n"
	       "Low   -9223372036854775808\nHigh  18446744073709551615\n",
	       "{\"n\":\"\\u001b[31m\\\"a\\\\b\\\"\\u000a" FFFD FFFD FFFD FFFD FFFD FFFD
	       "\xe2\x80\xae\",\"nan\":null,\"inf\":null,\"half\":0.5,"
	       "\"low\":-9223372036854775808,\"high\":18446744073709551615}\n");
}

static void for_html(void **state)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	rp_out_json_string(f, "</script><!--&'\xe2\x80\xa8", true);
	fclose(f);
	assert_string_equal(text,
			    "\"\\u003c/script\\u003e\\u003c!--\\u0026\\u0027\\u2028\"");
	free(text);
}

static void human(void **state)
{
	static const struct {
		int64_t v;
		const char *unit, *text;
	} cases[] = {
		{ 0, "nanoseconds", "0 ns" }, { 999, "nanoseconds", "999 ns" },
		{ 1234, "nanoseconds", "1.23 µs" }, { 12345678, "nanoseconds", "12.3 ms" },
		{ 999600000, "nanoseconds", "1.00 s" },
		{ -1250000000, "nanoseconds", "-1.25 s" },
		{ INT64_C(599000000000), "nanoseconds", "599 s" },
		{ INT64_C(600000000000), "nanoseconds", "10 min 00 s" },
		{ INT64_C(7265000000000), "nanoseconds", "2 h 01 min" },
		{ 1023, "bytes", "1023 B" }, { 4194304, "bytes", "4.00 MiB" },
		{ 17, "count", "17" }, { 17, "", "17" }, { 17, "cycles", "17 cycles" },
		{ INT64_MIN, "nanoseconds", "-2562047 h 47 min" },
	};
	char buf[RP_OUT_HUMAN_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(rp_out_human(buf, cases[i].v, cases[i].unit),
				    cases[i].text);
}

static void errors_are_kept(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	struct rp_out *o = rp_out_new(full, true);
	int i;

	(void)state;
	draw_document(o);
	assert_int_equal(rp_out_free(o), -ENOSPC);
	fclose(full);

	full = fopen("/dev/null", "w");
	o = rp_out_new(full, true);
	for (i = 0; i < RP_OUT_DEPTH_MAX + 3; i++)
		rp_out_object(o, "x", "x");
	for (i = 0; i < RP_OUT_DEPTH_MAX + 3; i++)
		rp_out_end(o);
	assert_int_equal(rp_out_free(o), -EOVERFLOW);
	o = rp_out_new(full, false);
	rp_out_end(o);
	assert_int_equal(rp_out_free(o), -EINVAL);
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(document),
		cmocka_unit_test(stream),
		cmocka_unit_test(left_out),
		cmocka_unit_test(uneven_rows),
		cmocka_unit_test(hostile_values),
		cmocka_unit_test(for_html),
		cmocka_unit_test(human),
		cmocka_unit_test(errors_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
