// SPDX-License-Identifier: GPL-2.0
/*
 * OpenTelemetry attributes: the list, the text of OTEL_RESOURCE_ATTRIBUTES, the
 * environment of a process, and what stands over what.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "attributes.h"
#include "environ.h"
#include "resource.h"

static void check(const struct rp_attributes *a, const char *key, const char *value)
{
	const char *got = rp_attributes_get(a, key);

	if (!got != !value || (value && strcmp(got, value)))
		fail_msg("%s is '%s', not '%s'", key, got ? got : "(absent)",
			 value ? value : "(absent)");
}

static void test_list(void **state)
{
	struct rp_attributes a = { 0 }, b = { 0 };
	char key[32], text[2048];
	int i;

	(void)state;
	assert_int_equal(rp_attributes_set(&a, "b", "2"), 0);
	assert_int_equal(rp_attributes_set(&a, "a", "1"), 0);
	assert_int_equal(rp_attributes_set(&a, "b", "3"), 0);
	assert_int_equal(a.nr, 2);
	assert_string_equal(a.items[0].key, "a");
	check(&a, "b", "3");
	assert_int_equal(rp_attributes_copy(&b, &a), 0);
	assert_true(rp_attributes_equal(&a, &b));
	rp_attributes_remove(&b, "a");
	rp_attributes_remove(&b, "absent");
	assert_false(rp_attributes_equal(&a, &b));
	rp_attributes_free(&b);

	assert_int_equal(rp_attributes_set(&a, "", "x"), -EINVAL);
	assert_int_equal(rp_attributes_set(&a, "k", ""), -EINVAL);
	assert_int_equal(rp_attributes_set(&a, "k k", "x"), -EINVAL);
	assert_int_equal(rp_attributes_set(&a, "k", "a\nb"), -EINVAL);
	assert_int_equal(rp_attributes_set(&a, "k", "\xc0\x80"), -EINVAL);
	assert_int_equal(rp_attributes_set(&a, "k", "\xed\xa0\x80"), -EINVAL);
	assert_int_equal(rp_attributes_set(&a, "k", "\xe2\x80\xae"), -EINVAL);
	assert_int_equal(rp_attributes_set(&a, "k", "\xef\xbf\xbd"), 0);
	memset(text, 'v', sizeof(text));
	text[RP_ATTRIBUTE_VALUE_MAX + 1] = '\0';
	assert_int_equal(rp_attributes_set(&a, "k", text), -E2BIG);
	assert_int_equal(rp_attributes_set(&a, text, "v"), -E2BIG);
	text[RP_ATTRIBUTE_VALUE_MAX] = '\0';
	assert_int_equal(rp_attributes_set(&a, "k", text), 0);
	for (i = 0; a.nr < RP_ATTRIBUTES_MAX; i++) {
		snprintf(key, sizeof(key), "key%d", i);
		assert_int_equal(rp_attributes_set(&a, key, "x"), 0);
	}
	assert_int_equal(rp_attributes_set(&a, "more", "x"), -ENOSPC);
	assert_int_equal(rp_attributes_set(&a, "key0", "y"), 0);
	rp_attributes_free(&a);
	assert_int_equal(a.nr, 0);
}

static void test_otel(void **state)
{
	struct rp_attributes a = { 0 };

	(void)state;
	assert_int_equal(rp_attributes_parse_otel(&a,
		" service.name = shop%20cart ,service.version=1.2.3,,x=%C3%A9%2C%3D, "
		"empty=,last=1,last=2,eq=a=b"), 0);
	check(&a, "service.name", "shop cart");
	check(&a, "service.version", "1.2.3");
	check(&a, "x", "\xc3\xa9,=");
	check(&a, "empty", NULL);
	check(&a, "last", "2");
	check(&a, "eq", "a=b");
	assert_int_equal(a.nr, 5);
	rp_attributes_free(&a);
}

static void test_otel_void(void **state)
{
	static const char *const texts[] = {
		"a=1,b", "a=1,=2", "a=1,b=%", "a=1,b=%4", "a=1,b=%zz", "a=1,b=%00c",
		"a=1,b=%ff", "a=1,b c=2", "a=1,b=\x01", "a=1,%",
	};
	struct rp_attributes a = { 0 };
	size_t i;

	(void)state;
	assert_int_equal(rp_attributes_set(&a, "kept", "x"), 0);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (rp_attributes_parse_otel(&a, texts[i]) != -EINVAL)
			fail_msg("'%s' was taken", texts[i]);
		assert_int_equal(a.nr, 1);
	}
	rp_attributes_free(&a);
}

static void test_otel_bounds(void **state)
{
	struct rp_attributes a = { 0 };
	char *text = malloc(1 << 20), *at = text;
	int i;

	(void)state;
	assert_non_null(text);
	for (i = 0; i < 10000; i++)
		at += sprintf(at, "k%05d=v,", i);
	at += sprintf(at, "long=");
	memset(at, 'x', 5000);
	at[5000] = '\0';
	assert_int_equal(rp_attributes_parse_otel(&a, text), 0);
	assert_int_equal(a.nr, RP_ATTRIBUTES_MAX);
	check(&a, "long", NULL);
	check(&a, "k00000", "v");
	rp_attributes_free(&a);
	free(text);
}

static void parse(struct rp_environ *e, const char *text, size_t len)
{
	assert_int_equal(rp_environ_parse(text, len, e), 0);
}

static void test_environ(void **state)
{
	static const char text[] = "A=1\0OTEL_SERVICE_NAME=cart\0"
		"XOTEL_RESOURCE_ATTRIBUTES=no=no\0OTEL_SERVICE_NAME=second\0"
		"OTEL_RESOURCE_ATTRIBUTES=service.name=x,team=a\0OTEL_CUT=1";
	static const char cut[] = "A=1\0OTEL_SERVICE_NAME=car";
	static const char bad[] = "OTEL_SERVICE_NAME=a\nb\0OTEL_RESOURCE_ATTRIBUTES=%\0";
	static const char none[] = "OTEL_SERVICE_NAME=\0OTEL_RESOURCE_ATTRIBUTES=\0";
	struct rp_environ e;

	(void)state;
	parse(&e, text, sizeof(text));
	assert_string_equal(e.service_name, "cart");
	check(&e.attributes, "service.name", "x");
	check(&e.attributes, "team", "a");
	check(&e.attributes, "no", NULL);
	assert_false(e.malformed);
	rp_environ_free(&e);

	parse(&e, cut, sizeof(cut) - 1);	/* no NUL behind it */
	assert_null(e.service_name);
	parse(&e, bad, sizeof(bad));
	assert_null(e.service_name);
	assert_int_equal(e.attributes.nr, 0);
	assert_true(e.malformed);
	parse(&e, none, sizeof(none));
	assert_null(e.service_name);
	assert_false(e.malformed);
	parse(&e, "", 0);
	assert_null(e.service_name);
}

/* A real process of ours. */
static pid_t start_sleep(char *const env[])
{
	char program[] = "sleep", seconds[] = "60";
	char *const argv[] = { program, seconds, NULL };
	pid_t pid = fork();

	if (!pid) {
		execve("/bin/sleep", argv, env);
		_exit(127);
	}
	assert_true(pid > 0);
	return pid;
}

static void end(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

/* As soon as it has, or has not, a variable of its own, and sleeps. */
static void read_when(pid_t pid, bool empty, struct rp_environ *e)
{
	int tries;

	for (tries = 0; tries < 500; tries++) {
		usleep(10000);
		assert_int_equal(rp_environ_read("/proc", (uint32_t)pid, e), 0);
		if (strstr(e->program, "sleep") && e->empty == empty)
			return;
		rp_environ_free(e);
	}
	fail();
}

static void test_environ_of_process(void **state)
{
	char name[] = "OTEL_SERVICE_NAME=live";
	char *const env[] = { name, NULL };
	struct rp_environ e;
	pid_t pid = start_sleep(env);

	(void)state;
	read_when(pid, false, &e);
	assert_string_equal(e.service_name, "live");
	rp_environ_free(&e);
	end(pid);
	assert_int_not_equal(rp_environ_read("/proc", (uint32_t)pid, &e), 0);
	assert_int_not_equal(rp_environ_read("/nonexistent", 1, &e), 0);
}

/* Which a process has while its program is being loaded, or none at all. */
static void test_empty_environ(void **state)
{
	char *const none[] = { NULL };
	struct rp_environ e;
	pid_t pid = start_sleep(none);

	(void)state;
	read_when(pid, true, &e);
	assert_null(e.service_name);
	rp_environ_free(&e);
	end(pid);
}

static int make(struct rp_resource_parts *parts, const struct rp_environ *env,
		const char *name, struct rp_attributes *ret)
{
	parts->env = env;
	parts->name = name;
	return rp_resource_process(parts, ret);
}

static void test_precedence(void **state)
{
	struct rp_attributes config = { 0 }, host = { 0 }, made;
	struct rp_resource_parts parts = { .config = &config, .host = &host };
	struct rp_environ e;
	static const char text[] =
		"OTEL_SERVICE_NAME=cart\0OTEL_RESOURCE_ATTRIBUTES=service.name=x,"
		"service.version=2,host.name=container,os.type=plan9,cloud.region=mars,"
		"cloud.zone=z1,deployment.environment=staging,team=own\0";

	(void)state;
	rp_attributes_set(&config, "service.version", "1");
	rp_attributes_set(&config, "service.namespace", "shop");
	rp_attributes_set(&config, "host.name", "configured");
	rp_attributes_set(&config, "cloud.region", "eu");
	rp_attributes_set(&config, "deployment.environment.name", "production");
	rp_attributes_set(&config, "team", "theirs");
	assert_int_equal(rp_resource_host(&config, "/etc", &host), 0);
	check(&host, "host.name", "configured");
	check(&host, "os.type", "linux");
	check(&host, "service.version", NULL);
	assert_non_null(rp_attributes_get(&host, "host.arch"));

	parse(&e, text, sizeof(text));
	assert_int_equal(make(&parts, &e, "prog", &made), 0);
	check(&made, "service.name", "cart");
	check(&made, "service.version", "2");
	check(&made, "service.namespace", "shop");
	check(&made, "host.name", "configured");
	check(&made, "os.type", "linux");
	check(&made, "cloud.region", "eu");
	check(&made, "cloud.zone", "z1");
	check(&made, "deployment.environment.name", "staging");
	check(&made, "deployment.environment", NULL);
	check(&made, "team", "own");
	rp_attributes_free(&made);

	free(e.service_name);		/* then the attribute's */
	e.service_name = NULL;
	assert_int_equal(make(&parts, &e, "prog", &made), 0);
	check(&made, "service.name", "x");
	rp_attributes_free(&made);
	rp_environ_free(&e);

	/* Then the configuration's, then the executable's. */
	assert_int_equal(make(&parts, NULL, "prog", &made), 0);
	check(&made, "service.name", "prog");
	check(&made, "service.version", "1");
	check(&made, "team", "theirs");
	rp_attributes_free(&made);
	rp_attributes_set(&config, "service.name", "all");
	assert_int_equal(make(&parts, NULL, "prog", &made), 0);
	check(&made, "service.name", "all");
	rp_attributes_free(&made);

	assert_int_equal(rp_resource_kernel(&host, &made), 0);
	check(&made, "service.name", "kernel");
	check(&made, "service.version", NULL);
	check(&made, "cloud.region", "eu");
	rp_attributes_free(&made);
	assert_int_equal(make(&parts, NULL, "a\nb\xff", &made), 0);
	rp_attributes_free(&made);
	rp_attributes_remove(&config, "service.name");
	assert_int_equal(make(&parts, NULL, "a\nb\xff", &made), 0);
	check(&made, "service.name", "a_b_");
	rp_attributes_free(&made);
	assert_int_equal(make(&parts, NULL, "", &made), 0);
	check(&made, "service.name", "unknown_service");
	rp_attributes_free(&made);
	rp_attributes_free(&config);
	rp_attributes_free(&host);
}

/* What the kernel says of it is not the process's to say; without that it is. */
static void test_found(void **state)
{
	static const char text[] =
		"OTEL_RESOURCE_ATTRIBUTES=container.id=own,k8s.pod.uid=own,team=own\0";
	struct rp_attributes config = { 0 }, host = { 0 }, found = { 0 }, made;
	struct rp_resource_parts parts = {
		.config = &config, .host = &host, .found = &found,
	};
	struct rp_environ e;

	(void)state;
	rp_attributes_set(&host, "container.id", "configured");
	rp_attributes_set(&found, "container.id", "0123");
	parse(&e, text, sizeof(text));
	assert_int_equal(make(&parts, &e, "prog", &made), 0);
	check(&made, "container.id", "0123");
	check(&made, "k8s.pod.uid", "own");
	check(&made, "team", "own");
	rp_attributes_free(&made);
	assert_int_equal(make(&parts, NULL, "prog", &made), 0);
	check(&made, "container.id", "0123");
	check(&made, "k8s.pod.uid", NULL);
	rp_attributes_free(&made);
	rp_environ_free(&e);
	rp_attributes_free(&found);
	rp_attributes_free(&host);
}

/* A rule is a [resource] for some: over that one, and under what the process says. */
static void test_rule(void **state)
{
	static const char text[] =
		"OTEL_RESOURCE_ATTRIBUTES=team=own,cloud.region=own,host.name=own\0";
	struct rp_attributes config = { 0 }, host = { 0 }, rule = { 0 }, made;
	struct rp_resource_parts parts = { .config = &config, .host = &host, .rule = &rule };
	struct rp_environ e;

	(void)state;
	rp_attributes_set(&config, "service.name", "all");
	rp_attributes_set(&config, "service.version", "1");
	rp_attributes_set(&config, "deployment.environment.name", "production");
	assert_int_equal(rp_resource_host(&config, "/etc", &host), 0);
	rp_attributes_set(&rule, "service.name", "some");
	rp_attributes_set(&rule, "deployment.environment", "staging");
	rp_attributes_set(&rule, "team", "theirs");
	rp_attributes_set(&rule, "cloud.region", "eu");
	rp_attributes_set(&rule, "host.name", "ours");
	assert_int_equal(make(&parts, NULL, "prog", &made), 0);
	check(&made, "service.name", "some");
	check(&made, "service.version", "1");
	check(&made, "deployment.environment.name", "staging");
	check(&made, "deployment.environment", NULL);
	check(&made, "team", "theirs");
	rp_attributes_free(&made);

	parse(&e, text, sizeof(text));
	assert_int_equal(make(&parts, &e, "prog", &made), 0);
	check(&made, "service.name", "some");
	check(&made, "team", "own");
	check(&made, "cloud.region", "eu");
	check(&made, "host.name", "ours");
	rp_attributes_free(&made);
	e.service_name = strdup("own");
	assert_int_equal(make(&parts, &e, "prog", &made), 0);
	check(&made, "service.name", "own");
	rp_attributes_free(&made);
	rp_environ_free(&e);
	rp_attributes_free(&config);
	rp_attributes_free(&host);
	rp_attributes_free(&rule);
}

/* A process that fills the list keeps its service and the host's attributes. */
static void test_greedy_process(void **state)
{
	struct rp_attributes none = { 0 }, host = { 0 }, found = { 0 }, made;
	struct rp_resource_parts parts = {
		.config = &none, .host = &host, .found = &found,
	};
	struct rp_environ e = { 0 };
	char key[32];
	int i;

	(void)state;
	assert_int_equal(rp_resource_host(&none, "/etc", &host), 0);
	for (i = 0; i < RP_ATTRIBUTES_MAX; i++) {
		snprintf(key, sizeof(key), "a%d", i);
		assert_int_equal(rp_attributes_set(&e.attributes, key, "x"), 0);
	}
	e.service_name = strdup("greedy");
	assert_int_equal(rp_attributes_set(&found, "container.id", "0123"), 0);
	assert_int_equal(make(&parts, &e, "prog", &made), 0);
	assert_int_equal(made.nr, RP_ATTRIBUTES_MAX);
	check(&made, "service.name", "greedy");
	check(&made, "os.type", "linux");
	check(&made, "container.id", "0123");
	rp_attributes_free(&made);
	rp_environ_free(&e);
	rp_attributes_free(&found);
	rp_attributes_free(&host);
}

static void test_arch(void **state)
{
	(void)state;
	assert_string_equal(rp_resource_arch("x86_64"), "amd64");
	assert_string_equal(rp_resource_arch("aarch64"), "arm64");
	assert_string_equal(rp_resource_arch("armv7l"), "arm32");
	assert_string_equal(rp_resource_arch("i686"), "x86");
	assert_string_equal(rp_resource_arch("riscv64"), "riscv64");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_otel),
		cmocka_unit_test(test_otel_void),
		cmocka_unit_test(test_otel_bounds),
		cmocka_unit_test(test_environ),
		cmocka_unit_test(test_environ_of_process),
		cmocka_unit_test(test_empty_environ),
		cmocka_unit_test(test_precedence),
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_rule),
		cmocka_unit_test(test_greedy_process),
		cmocka_unit_test(test_arch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
