/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A server of HTTP on the loopback that answers as a test wants it: well, badly, without an
 * end, or not at all. One connection at a time, one answer each.
 */
#ifndef TEST_HTTP_FIXTURE_H
#define TEST_HTTP_FIXTURE_H

#include <arpa/inet.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum http_mode {
	HTTP_FILE,		/* 200 and a file */
	HTTP_STATUS,		/* another status, without a body */
	HTTP_ENDLESS,		/* 200, and bytes as long as they are taken */
	HTTP_LARGE,		/* 200, and a length that is over any limit */
	HTTP_CUT,		/* 200 and half of the file */
	HTTP_STALL,		/* 200 and half of the file; the connection stays */
	HTTP_HANG,		/* nothing; the connection stays */
	HTTP_REDIRECT,		/* once; then 200 and the file */
};

static struct http {
	int fd, stop[2];
	unsigned int port;
	pthread_t thread;
	/* Set while nobody asks. */
	enum http_mode mode;
	int status;
	const char *more;	/* headers of a status, each with its end of line */
	char file[PATH_MAX];
	const char *location;
	/* What was asked for. */
	atomic_uint requests;
	char path[512];		/* of the last request that began */
} http;

static inline void http_write(int fd, const void *data, size_t len)
{
	const char *at = data;
	ssize_t n;

	for (; len; len -= (size_t)n, at += n) {
		n = send(fd, at, len, MSG_NOSIGNAL);
		if (n <= 0)
			return;
	}
}

static inline void http_text(int fd, const char *text)
{
	http_write(fd, text, strlen(text));
}

/* Until the client goes away, or the server is stopped. */
static inline void http_stay(int fd)
{
	struct pollfd fds[] = { { .fd = fd, .events = POLLIN },
				{ .fd = http.stop[0], .events = POLLIN } };

	poll(fds, 2, -1);
}

static inline void http_send_file(int fd, unsigned int part)
{
	FILE *f = fopen(http.file, "rb");
	char *data = malloc(1 << 22), head[128];
	size_t len = f ? fread(data, 1, 1 << 22, f) : 0;

	if (f)
		fclose(f);
	snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", len);
	http_text(fd, head);
	http_write(fd, data, len / part);
	free(data);
}

static inline void http_send_endless(int fd)
{
	static const char head[] = "HTTP/1.1 200 OK\r\n\r\n", zeros[65536];

	http_text(fd, head);
	while (send(fd, zeros, sizeof(zeros), MSG_NOSIGNAL) > 0)
		;
}

static inline void http_answer(int fd)
{
	char head[512];

	switch (http.mode) {
	case HTTP_FILE:
		http_send_file(fd, 1);
		break;
	case HTTP_STATUS:
		snprintf(head, sizeof(head), "HTTP/1.1 %d X\r\n%sContent-Length: 0\r\n\r\n",
			 http.status, http.more ? http.more : "");
		http_text(fd, head);
		break;
	case HTTP_ENDLESS:
		http_send_endless(fd);
		break;
	case HTTP_LARGE:
		http_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n");
		http_stay(fd);
		break;
	case HTTP_CUT:
	case HTTP_STALL:
		http_send_file(fd, 2);
		if (http.mode == HTTP_STALL)
			http_stay(fd);
		break;
	case HTTP_HANG:
		http_stay(fd);
		break;
	case HTTP_REDIRECT:
		http.mode = HTTP_FILE;
		snprintf(head, sizeof(head), "HTTP/1.1 302 X\r\nLocation: %s\r\n"
			 "Content-Length: 0\r\n\r\n", http.location);
		http_text(fd, head);
		break;
	}
}

static inline void http_serve_one(int fd)
{
	char request[4096];
	size_t len = 0;
	ssize_t n;

	do {
		n = recv(fd, request + len, sizeof(request) - 1 - len, 0);
		len += n > 0 ? (size_t)n : 0;
		request[len] = '\0';
	} while (n > 0 && !strstr(request, "\r\n\r\n"));
	if (sscanf(request, "GET %511s", http.path) == 1) {
		http.requests++;
		http_answer(fd);
	}
	close(fd);
}

static inline void *http_run(void *arg)
{
	struct pollfd fds[] = { { .fd = http.fd, .events = POLLIN },
				{ .fd = http.stop[0], .events = POLLIN } };
	int fd;

	(void)arg;
	while (poll(fds, 2, -1) >= 0 && !fds[1].revents) {
		fd = accept(http.fd, NULL, NULL);
		if (fd >= 0)
			http_serve_one(fd);
	}
	return NULL;
}

/* On the port that it had before, if it had one; whoever is to ask it goes there straight. */
static inline int http_start(void)
{
	static const char *const proxies[] = { "http_proxy", "all_proxy", "ALL_PROXY" };
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)http.port) };
	socklen_t len = sizeof(a);
	int one = 1;
	size_t i;

	for (i = 0; i < sizeof(proxies) / sizeof(proxies[0]); i++)
		unsetenv(proxies[i]);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	http.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(http.fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(http.fd, (struct sockaddr *)&a, sizeof(a)) || listen(http.fd, 16) ||
	    getsockname(http.fd, (struct sockaddr *)&a, &len) || pipe(http.stop))
		return -1;
	http.port = ntohs(a.sin_port);
	http.requests = 0;
	return pthread_create(&http.thread, NULL, http_run, NULL);
}

static inline void http_stop(void)
{
	if (write(http.stop[1], "x", 1) == 1)
		pthread_join(http.thread, NULL);
	close(http.fd);
	close(http.stop[0]);
	close(http.stop[1]);
}

/* It, as a list of servers. Good until the next call. */
static inline const char *const *http_urls(void)
{
	static char url[64];
	static const char *const urls[] = { url, NULL };

	snprintf(url, sizeof(url), "http://127.0.0.1:%u/base/", http.port);
	return urls;
}

/* ---- while nobody asks ------------------------------------------------------- */

static inline void http_serve(enum http_mode mode, const char *file)
{
	http.mode = mode;
	snprintf(http.file, sizeof(http.file), "%s", file ? file : "");
}

static inline void http_serve_status(int status)
{
	http_serve(HTTP_STATUS, NULL);
	http.status = status;
}

/* As if nobody had asked; a status comes without further headers again. */
static inline void http_forget(void)
{
	http.requests = 0;
	http.more = NULL;
}

#endif
