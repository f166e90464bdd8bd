// SPDX-License-Identifier: GPL-2.0
/* The flame graph's page as bytes; what a browser makes of it is in tests/host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "flame_html.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct rp_profile *make_profile(const char *name, uint32_t nr)
{
	struct rp_profile *p = rp_profile_new();
	struct rp_profile_line line = { 0 };
	uint32_t *stack = calloc(nr, sizeof(*stack)), i;

	rp_profile_add_type(p, "samples", "count");
	rp_profile_add_type(p, "cpu", "nanoseconds");
	line.function = rp_profile_function(p, name, name, name, 0);
	for (i = 0; i < nr; i++)
		stack[i] = rp_profile_location(p, 0, 0, &line, 1);
	assert_int_equal(rp_profile_add(p, stack, nr, NULL, 0, (int64_t[]){ 3, 42 }), 0);
	free(stack);
	return p;
}

static char *make_page(const struct rp_profile *p, const char *text)
{
	const struct rp_flame_fact facts[] = { { text, text } };
	const struct rp_flame_page page = {
		.title = text, .icicle = true, .type = 1, .facts = facts, .nr_facts = 1,
	};
	struct rp_flame_tree *t;
	char *html;
	size_t len;
	FILE *f = open_memstream(&html, &len);

	t = rp_flame_tree_new(p, &(struct rp_flame_options){
		.by_process = true, .depth_max = RP_FLAME_HTML_DEPTH_MAX });
	assert_non_null(t);
	assert_int_equal(rp_flame_html_write(t, &page, f), 0);
	rp_flame_tree_free(t);
	fclose(f);
	return html;
}

static int count(const char *text, const char *part)
{
	int n = 0;

	while ((text = strstr(text, part))) {
		text += strlen(part);
		n++;
	}
	return n;
}

static void whole(void **state)
{
	struct rp_profile *p = make_profile("main", 2);
	char *html = make_page(p, "title");

	(void)state;
	assert_non_null(strstr(html, "<!DOCTYPE html>"));
	assert_non_null(strstr(html, "{\"title\":\"title\",\"icicle\":true,\"type\":1,"
		"\"types\":[[\"samples\",\"count\"],[\"cpu\",\"nanoseconds\"]],"
		"\"facts\":[[\"title\",\"title\"]],\"frames\":[1,0,0,4,2,0,2,0],"
		"\"strings\":[\"\",\"[no process name]\",\"main\"],"
		"\"nodes\":[-1,0,0,0,0,1,0,0,1,2,0,0,1,3,3,42]}</script>"));
	assert_non_null(strstr(html, "function readNodes()"));
	assert_non_null(strstr(html, "</html>\n"));
	free(html);
	rp_profile_free(p);
}

/* No name can end the data's element, or begin another. */
static void hostile(void **state)
{
	static const char name[] =
		"</script><script>evil()</script><!--<img src=x onerror=evil()>&lt;\xff\x01";
	struct rp_profile *p = make_profile(name, 1);
	char *html = make_page(p, name), *other = make_page(p, name);

	(void)state;
	assert_int_equal(count(html, "</script>"), 2);
	assert_int_equal(count(html, "<script"), 2);
	assert_int_equal(count(html, "<img"), 0);
	assert_int_equal(count(html, "<!--"), 0);
	assert_int_equal(count(html, "\\u003c/script\\u003e\\u003cscript\\u003eevil()"), 4);
	assert_non_null(strstr(html, "default-src 'none'"));
	/* The nonce is another one each time. */
	assert_string_not_equal(strstr(html, "nonce="), strstr(other, "nonce="));
	free(html);
	free(other);
	rp_profile_free(p);
}

static void deep(void **state)
{
	struct rp_profile *p = make_profile("recursion", 20000);
	char *html = make_page(p, "deep");

	(void)state;
	assert_non_null(strstr(html, ",2048,3,42]}</script>"));
	free(html);
	rp_profile_free(p);
}

static void full_disk(void **state)
{
	struct rp_profile *p = make_profile("main", 2);
	struct rp_flame_tree *t = rp_flame_tree_new(p, &(struct rp_flame_options){ 0 });
	FILE *f = fopen("/dev/full", "w");

	(void)state;
	assert_int_equal(rp_flame_html_write(t, &(struct rp_flame_page){ .title = "" }, f),
			 -ENOSPC);
	fclose(f);
	rp_flame_tree_free(t);
	rp_profile_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(hostile),
		cmocka_unit_test(deep),
		cmocka_unit_test(full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
