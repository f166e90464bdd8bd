// SPDX-License-Identifier: GPL-2.0
/*
 * A URL is looked at by the library that will use it. In a file of its own, because
 * the control utility shares the other values with the daemon, not this one: it is not
 * linked to that library, which brings two dozen more along and takes longer to load
 * than the utility to do its work.
 */
#include "config_value.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool url_part(CURLU *url, CURLUPart part)
{
	char *text = NULL;
	bool there = !curl_url_get(url, part, &text, 0);

	curl_free(text);
	return there;
}

int rp_value_check_url(const char *text, char *why, size_t why_size)
{
	CURLU *url = curl_url();
	const char *wrong = NULL;

	if (!url) {
		snprintf(why, why_size, "could not be looked at: there is no memory");
		return -EINVAL;
	}
	if (strncmp(text, "http://", 7) && strncmp(text, "https://", 8))
		wrong = "is not a URL of http or https, such as http://localhost:4040";
	else if (curl_url_set(url, CURLUPART_URL, text, 0))
		wrong = "is not a URL such as http://localhost:4040";
	else if (url_part(url, CURLUPART_USER) || url_part(url, CURLUPART_PASSWORD))
		wrong = "holds a user or a password: use the keys username and password-file";
	else if (url_part(url, CURLUPART_QUERY) || url_part(url, CURLUPART_FRAGMENT))
		wrong = "has a query or a fragment: leave out what begins with ? or #";
	curl_url_cleanup(url);
	if (!wrong)
		return 0;
	snprintf(why, why_size, "%s", wrong);
	return -EINVAL;
}
