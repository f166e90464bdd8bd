// SPDX-License-Identifier: GPL-2.0
/*
 * The variable that other tools take their servers from is looked at only if somebody says
 * so: a distribution that sets it for everybody does not decide whom we tell what runs here.
 */
#include "debug_servers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "config_value.h"
#include "why.h"

#define SECOND 1000000000ull

static int add_url(struct rp_debug_servers *s, const char *url, const char *from)
{
	char why[RP_WHY_SIZE];

	if (rp_value_check_server(url, why, sizeof(why)))
		return rp_cmd_usage("%s%s: %s", from, url, why);
	if (s->nr == RP_DEBUGINFOD_SERVERS_MAX)
		return rp_cmd_usage("there are more than %d servers", RP_DEBUGINFOD_SERVERS_MAX);
	s->urls[s->nr++] = url;
	return RP_EXIT_OK;
}

/* Words of "ima:" say how elfutils checks signatures, which is not done here. */
static int take_env(struct rp_debug_servers *s)
{
	const char *text = getenv("DEBUGINFOD_URLS");
	char *url, *save = NULL;
	int status = RP_EXIT_OK;

	if (!text || !*text)
		return rp_cmd_usage("--debuginfod env: DEBUGINFOD_URLS is not set");
	s->from_env = strdup(text);
	if (!s->from_env)
		return rp_cmd_fail(RP_EXIT_FAILED, "%s", strerror(ENOMEM));
	for (url = strtok_r(s->from_env, " \t\n", &save); url && !status;
	     url = strtok_r(NULL, " \t\n", &save))
		if (strncmp(url, "ima:", 4))
			status = add_url(s, url, "DEBUGINFOD_URLS: ");
	return status;
}

static int take_url(struct rp_debug_servers *s, const char *argument)
{
	if (strcmp(argument, "env"))
		return add_url(s, argument, "--debuginfod ");
	if (s->from_env)
		return rp_cmd_usage("--debuginfod env: once is enough");
	return take_env(s);
}

static int take_timeout(struct rp_debug_servers *s, const char *argument)
{
	char why[RP_WHY_SIZE];

	if (rp_value_duration(argument, SECOND, 3600 * SECOND, &s->timeout_ns, why,
			      sizeof(why)))
		return rp_cmd_usage("--debuginfod-timeout %s: %s", argument, why);
	return RP_EXIT_OK;
}

bool rp_debug_servers_take(struct rp_debug_servers *s, int c, const char *argument,
			   int *ret_status)
{
	*ret_status = RP_EXIT_OK;
	switch (c) {
	case 'u':
		*ret_status = take_url(s, argument);
		return true;
	case 'C':
		s->folder = argument;
		return true;
	case 't':
		*ret_status = take_timeout(s, argument);
		return true;
	default:
		return false;
	}
}

/* The daemon's for root, who may; else below the user's own. */
static int set_path(struct rp_debug_servers *s)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	int len;

	if (s->folder)
		len = snprintf(s->path, sizeof(s->path), "%s", s->folder);
	else if (!geteuid())
		len = snprintf(s->path, sizeof(s->path), RP_DEBUG_CACHE_FOLDER);
	else if (cache && *cache == '/')
		len = snprintf(s->path, sizeof(s->path), "%s/ringprof/debuginfod", cache);
	else if (home && *home == '/')
		len = snprintf(s->path, sizeof(s->path), "%s/.cache/ringprof/debuginfod", home);
	else
		return rp_cmd_usage("--debuginfod-cache DIR is missing: there is neither HOME nor XDG_CACHE_HOME");
	return len < (int)sizeof(s->path) ? RP_EXIT_OK :
					    rp_cmd_usage("the cache's path is too long");
}

int rp_debug_servers_options(struct rp_debug_servers *s, struct rp_debuginfod_options *ret)
{
	int status = set_path(s);

	*ret = (struct rp_debuginfod_options){
		.urls = s->urls, .folder = s->path, .cache_bytes = RP_DEBUG_CACHE_BYTES,
		.timeout_ns = s->timeout_ns,
	};
	return status;
}

void rp_debug_servers_free(struct rp_debug_servers *s)
{
	free(s->from_env);
}
