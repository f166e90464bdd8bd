// SPDX-License-Identifier: GPL-2.0
/* How many files were refused, by reason: in the log's line, in text and in JSON. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jit_report.h"

/* What is printed in an object, with spaces taken together. To be freed. */
static char *printed(const struct rp_jit_names_stats *s, bool json)
{
	char *text = NULL, *from, *to;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	struct rp_out *o;

	assert_non_null(f);
	o = rp_out_new(f, json);
	assert_non_null(o);
	rp_out_object(o, NULL, NULL);
	rp_jit_report_print(s, o);
	rp_out_end(o);
	assert_int_equal(rp_out_free(o), 0);
	fclose(f);
	for (from = to = text; *from; from++)
		if (!strchr(" \n", *from) || (to > text && to[-1] != ' '))
			*to++ = *from == '\n' ? ' ' : *from;
	*to = '\0';
	return text;
}

static void nothing_was_refused(void **state)
{
	struct rp_jit_names_stats s = { .refused = { [RP_JIT_TAKEN] = 7 } };
	char line[64], *text;

	(void)state;
	assert_string_equal(rp_jit_report_refused(&s, line, sizeof(line)), "none");
	text = printed(&s, false);
	assert_null(strstr(text, "refused"));
	free(text);
	text = printed(&s, true);
	assert_non_null(strstr(text, "\"jit_refused\":"));
	assert_non_null(strstr(text, "\"parser\""));
	assert_null(strstr(text, "\"taken\""));
	free(text);
}

static void each_reason_has_its_count(void **state)
{
	struct rp_jit_names_stats s = {
		.refused = { [RP_JIT_LINK] = 3, [RP_JIT_PARSER] = 12 },
	};
	char line[64], *text, *at;

	(void)state;
	assert_string_equal(rp_jit_report_refused(&s, line, sizeof(line)), "link 3, parser 12");
	assert_string_equal(rp_jit_report_refused(&s, line, 10), "link 3, p");
	text = printed(&s, false);
	assert_non_null(strstr(text, "link 3 there is a symbolic link"));
	assert_non_null(strstr(text, "parser 12 the process that parses it"));
	assert_null(strstr(text, "owner"));
	free(text);
	text = printed(&s, true);
	at = strstr(text, "{\"name\":\"parser\",\"count\":12,");
	if (!at)
		fail_msg("%s", text);
	assert_non_null(strstr(text, "{\"name\":\"owner\",\"count\":0,"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_was_refused),
		cmocka_unit_test(each_reason_has_its_count),
	};

	return cmocka_run_group_tests_name("jit_report", tests, NULL, NULL);
}
