// SPDX-License-Identifier: GPL-2.0
/*
 * The order of precedence is the whole matter here; resource.h has it as a table,
 * and rp_resource_process() reads like it.
 */
#include "resource.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define SERVICE		"service.name"
#define ENVIRONMENT	"deployment.environment.name"
#define ENVIRONMENT_OLD	"deployment.environment"

const char *rp_resource_arch(const char *machine)
{
	static const char *const names[][2] = {
		{ "x86_64", "amd64" }, { "aarch64", "arm64" }, { "aarch64_be", "arm64" },
		{ "i386", "x86" }, { "i486", "x86" }, { "i586", "x86" }, { "i686", "x86" },
		{ "ppc", "ppc32" }, { "ppc64le", "ppc64" }, { "s390x", "s390x" },
		{ "ia64", "ia64" },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i][0], machine))
			return names[i][1];
	return !strncmp(machine, "arm", 3) ? "arm32" : machine;
}

static bool has_prefix(const char *key, const char *prefix)
{
	return !strncmp(key, prefix, strlen(prefix));
}

/* Sets what can be set; only a lack of memory is a failure. */
static int set_if_valid(struct rp_attributes *a, const char *key, const char *value)
{
	return rp_attributes_set(a, key, value) == -ENOMEM ? -ENOMEM : 0;
}

static void read_line(const char *etc, const char *name, char *ret, size_t size)
{
	char path[256];
	FILE *f;

	*ret = '\0';
	snprintf(path, sizeof(path), "%.200s/%s", etc, name);
	f = fopen(path, "re");
	if (!f)
		return;
	if (!fgets(ret, (int)size, f))
		*ret = '\0';
	ret[strcspn(ret, "\n")] = '\0';
	fclose(f);
}

static int describe_host(const char *etc, struct rp_attributes *a)
{
	char name[256] = "", id[64];
	struct utsname u;
	int err = 0;

	if (!gethostname(name, sizeof(name) - 1))
		err = set_if_valid(a, "host.name", name);
	if (!err && !uname(&u))
		err = set_if_valid(a, "host.arch", rp_resource_arch(u.machine));
	read_line(etc, "machine-id", id, sizeof(id));
	if (!err)
		err = set_if_valid(a, "host.id", id);
	return err ? err : set_if_valid(a, "os.type", "linux");
}

/* Entries of `from` that `want` is for, over what is there or only beside it. */
static int merge(struct rp_attributes *a, const struct rp_attributes *from,
		 bool (*want)(const char *key), bool over)
{
	const struct rp_attribute *item;
	size_t i;
	int err;

	for (i = 0; i < from->nr; i++) {
		item = &from->items[i];
		if (!want(item->key) || (!over && rp_attributes_get(a, item->key)))
			continue;
		err = rp_attributes_set(a, item->key, item->value);
		if (err)
			return err;
	}
	return 0;
}

static int modernize(struct rp_attributes *a)
{
	const char *old = rp_attributes_get(a, ENVIRONMENT_OLD);
	int err = 0;

	if (!old)
		return 0;
	if (!rp_attributes_get(a, ENVIRONMENT))
		err = rp_attributes_set(a, ENVIRONMENT, old);
	if (!err)
		rp_attributes_remove(a, ENVIRONMENT_OLD);
	return err;
}

static bool of_the_host(const char *key)
{
	return !has_prefix(key, "service.");
}

int rp_resource_host(const struct rp_attributes *config, const char *etc,
		     struct rp_attributes *ret)
{
	struct rp_attributes a = { 0 };
	int err = describe_host(etc, &a);

	if (!err)
		err = merge(&a, config, of_the_host, true);
	if (!err)
		err = modernize(&a);
	if (err)
		rp_attributes_free(&a);
	else
		*ret = a;
	return err;
}

static bool of_a_service(const char *key)
{
	return has_prefix(key, "service.");
}

/* What a process may say, and over which the configuration does not stand. */
static bool of_a_process(const char *key)
{
	return !has_prefix(key, "host.") && !has_prefix(key, "os.") &&
	       !has_prefix(key, "cloud.");
}

static bool of_a_cloud(const char *key)
{
	return has_prefix(key, "cloud.");
}

static int merge_environ(struct rp_attributes *a, const struct rp_environ *env)
{
	struct rp_attributes own = { 0 };
	int err = rp_attributes_copy(&own, &env->attributes);

	if (!err)
		err = modernize(&own);
	if (!err)
		err = merge(a, &own, of_a_process, true);
	if (!err)
		err = merge(a, &own, of_a_cloud, false);
	rp_attributes_free(&own);
	return err == -ENOSPC ? 0 : err;
}

static bool any(const char *key)
{
	(void)key;
	return true;
}

/* As much of it as there is room for. */
static int merge_some(struct rp_attributes *a, const struct rp_attributes *from,
		      bool (*want)(const char *key))
{
	int err = from ? merge(a, from, want, true) : 0;

	return err == -ENOSPC ? 0 : err;
}

static int merge_rule(struct rp_attributes *a, const struct rp_attributes *rule)
{
	struct rp_attributes own = { 0 };
	int err = rule ? rp_attributes_copy(&own, rule) : 0;

	if (!err)
		err = modernize(&own);
	if (!err)
		err = merge_some(a, &own, any);
	rp_attributes_free(&own);
	return err;
}

static int merge_parts(struct rp_attributes *a, const struct rp_resource_parts *parts)
{
	const struct rp_environ *env = parts->env;
	int err = merge_some(a, parts->config, of_a_service);

	if (!err)
		err = merge_rule(a, parts->rule);
	if (!err)
		err = merge_some(a, parts->found, any);
	if (!err && env)
		err = merge_environ(a, env);
	/* Once more: there is room for it now, and it stands over the process's own. */
	if (!err)
		err = merge_some(a, parts->found, any);
	if (!err && env && env->service_name)
		err = rp_attributes_set(a, SERVICE, env->service_name);
	return err;
}

int rp_resource_process(const struct rp_resource_parts *parts, struct rp_attributes *ret)
{
	struct rp_attributes a = { 0 };
	char text[256];
	int err;

	err = rp_attributes_copy(&a, parts->host);
	/* First of all, so that there is room for it: every sample has a service. */
	snprintf(text, sizeof(text), "%s", *parts->name ? parts->name : "unknown_service");
	rp_attribute_make_value(text);
	if (!err && a.nr == RP_ATTRIBUTES_MAX)
		rp_attributes_remove(&a, a.items[a.nr - 1].key);
	if (!err)
		err = rp_attributes_set(&a, SERVICE, text);
	if (!err)
		err = merge_parts(&a, parts);
	if (err)
		rp_attributes_free(&a);
	else
		*ret = a;
	return err;
}

int rp_resource_kernel(const struct rp_attributes *host, struct rp_attributes *ret)
{
	const struct rp_resource_parts parts = { .host = host, .name = RP_RESOURCE_KERNEL };

	return rp_resource_process(&parts, ret);
}
