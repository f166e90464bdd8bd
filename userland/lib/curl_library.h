/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libcurl, loaded when somebody asks for something over a network and not before: it brings
 * two dozen more libraries along, which takes longer than a short command does its work.
 * (The daemon, which sends profiles, is linked to it.)
 *
 * Members are curl's functions without "curl_". Its macros that check the types of options
 * do not see these calls: numbers are to be long or curl_off_t, as its manual says.
 *
 * Threads rp_curl_library(): one at a time, and before others use curl; the rest as curl
 *         says.
 */
#ifndef RP_CURL_LIBRARY_H
#define RP_CURL_LIBRARY_H

#include <curl/curl.h>
#include <stddef.h>

#define RP_CURL_FUNCTIONS(X) \
	X(global_init) X(easy_init) X(easy_setopt) X(easy_getinfo) X(easy_strerror) \
	X(easy_cleanup) X(multi_init) X(multi_add_handle) X(multi_remove_handle) \
	X(multi_perform) X(multi_poll) X(multi_wakeup) X(multi_info_read) X(multi_cleanup)

struct rp_curl_library {
	CURLcode (*global_init)(long flags);
	CURL *(*easy_init)(void);
	CURLcode (*easy_setopt)(CURL *easy, CURLoption option, ...);
	CURLcode (*easy_getinfo)(CURL *easy, CURLINFO info, ...);
	const char *(*easy_strerror)(CURLcode code);
	void (*easy_cleanup)(CURL *easy);
	CURLM *(*multi_init)(void);
	CURLMcode (*multi_add_handle)(CURLM *multi, CURL *easy);
	CURLMcode (*multi_remove_handle)(CURLM *multi, CURL *easy);
	CURLMcode (*multi_perform)(CURLM *multi, int *running);
	CURLMcode (*multi_poll)(CURLM *multi, struct curl_waitfd *more, unsigned int nr,
				int timeout_ms, int *ret_nr);
	CURLMcode (*multi_wakeup)(CURLM *multi);
	CURLMsg *(*multi_info_read)(CURLM *multi, int *left);
	CURLMcode (*multi_cleanup)(CURLM *multi);
};

/* Initialized, and there until the process ends. NULL: a sentence in why. */
const struct rp_curl_library *rp_curl_library(char *why, size_t why_size);

#endif
