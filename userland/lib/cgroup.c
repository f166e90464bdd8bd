// SPDX-License-Identifier: GPL-2.0
/*
 * No runtime promises how it names its control groups, and each has two ways to do it (as
 * folders of its own, and as units of systemd). What they have in common is the id, so
 * that is what is looked for, and not a runtime's list of prefixes.
 */
#include "cgroup.h"

#include <stdbool.h>
#include <string.h>

#include "attributes.h"

#define ID_DIGITS	64	/* of a container */
#define DELETED		" (deleted)"

struct word {			/* a part of a path, without an end of its own */
	const char *at;
	size_t len;
};

static struct word word_of(const char *text)
{
	return (struct word){ text, strlen(text) };
}

static bool is(struct word w, const char *text)
{
	return w.len == strlen(text) && !memcmp(w.at, text, w.len);
}

static bool begins(struct word w, const char *text)
{
	return w.len >= strlen(text) && !memcmp(w.at, text, strlen(text));
}

static bool has(struct word w, const char *text)
{
	return memmem(w.at, w.len, text, strlen(text)) != NULL;
}

/* Takes the text off the beginning, or off the end, if it is there. */
static bool skip(struct word *w, const char *text)
{
	if (!begins(*w, text))
		return false;
	w->at += strlen(text);
	w->len -= strlen(text);
	return true;
}

static bool cut(struct word *w, const char *text)
{
	size_t len = strlen(text);

	if (w->len < len || memcmp(w->at + w->len - len, text, len))
		return false;
	w->len -= len;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f');
}

static bool all_hex(struct word w)
{
	size_t i;

	for (i = 0; i < w.len && is_hex(w.at[i]); i++)
		;
	return i == w.len;
}

static void keep(char ret[static NAME_MAX + 1], struct word w)
{
	char text[NAME_MAX + 1];

	if (!w.len || w.len > NAME_MAX)
		return;
	memcpy(text, w.at, w.len);
	text[w.len] = '\0';
	if (!rp_attribute_check_value(text))
		memcpy(ret, text, w.len + 1);
}

static int hex_value(char c)
{
	return is_digit(c) ? c - '0' : c - 'a' + 10;
}

/* systemd writes a '-' of a name as \x2d, since its own '-' stands for '/'. */
static void keep_unescaped(char ret[static NAME_MAX + 1], struct word w)
{
	char text[NAME_MAX + 1];
	size_t i, len = 0;

	if (w.len > NAME_MAX)
		return;
	for (i = 0; i < w.len; i++) {
		if (w.len - i >= 4 && w.at[i] == '\\' && w.at[i + 1] == 'x' &&
		    is_hex(w.at[i + 2]) && is_hex(w.at[i + 3])) {
			text[len++] = (char)(hex_value(w.at[i + 2]) << 4 |
					     hex_value(w.at[i + 3]));
			i += 3;
		} else {
			text[len++] = w.at[i];
		}
	}
	keep(ret, (struct word){ text, len });
}

/* ---- containers ---------------------------------------------------------------- */

/* ID, or anything that ends with -ID or :ID. */
static bool find_id(struct word folder, struct word *ret)
{
	struct word id;

	cut(&folder, ".scope");
	if (folder.len < ID_DIGITS)
		return false;
	id = (struct word){ folder.at + folder.len - ID_DIGITS, ID_DIGITS };
	folder.len -= ID_DIGITS;
	if (!all_hex(id) || has(folder, "conmon"))
		return false;
	if (folder.len && !strchr("-:", folder.at[folder.len - 1]))
		return false;
	*ret = id;
	return true;
}

static void find_container(struct word before, struct word folder, char ret[static NAME_MAX + 1])
{
	struct word id;

	if (find_id(folder, &id))
		keep(ret, id);
	else if (is(before, "lxc") || is(before, "lxc.payload"))
		keep(ret, folder);
	else if (skip(&folder, "lxc.payload."))
		keep(ret, folder);
	else if (begins(before, "systemd-nspawn@") && is(folder, "supervisor"))
		*ret = '\0';
	else if (skip(&folder, "systemd-nspawn@") && cut(&folder, ".service"))
		keep_unescaped(ret, folder);
	else if (skip(&folder, "machine-") && cut(&folder, ".scope") &&
		 !begins(folder, "qemu\\x2d"))
		keep_unescaped(ret, folder);
}

/* ---- pods ---------------------------------------------------------------------- */

/* A UUID, its groups apart or not; '_' stands for '-' in a slice's name. */
static bool is_uid(struct word w)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t i;

	if (w.len == 32)
		return all_hex(w);
	if (w.len != strlen(form))
		return false;
	for (i = 0; i < w.len; i++) {
		if (form[i] == '-' ? w.at[i] != '-' && w.at[i] != '_' : !is_hex(w.at[i]))
			return false;
	}
	return true;
}

/* in_pods: a folder above is the kubelet's, or not to be seen from here. */
static void find_pod(struct word folder, bool in_pods, char ret[static RP_CGROUP_POD_SIZE])
{
	const char *colon = memchr(folder.at, ':', folder.len), *at;
	size_t i;

	/* containerd's own form: SLICE:cri-containerd:ID */
	if (colon)
		folder.len = (size_t)(colon - folder.at);
	if (cut(&folder, ".slice") && has(folder, "kubepods")) {
		at = memmem(folder.at, folder.len, "-pod", 4);
		if (!at)
			return;
		folder.len -= (size_t)(at + 4 - folder.at);
		folder.at = at + 4;
	} else if (!in_pods || !skip(&folder, "pod")) {
		return;
	}
	if (!is_uid(folder))
		return;
	for (i = 0; i < folder.len; i++)
		ret[i] = folder.at[i] == '_' ? '-' : folder.at[i];
	ret[i] = '\0';
}

/* ---- units --------------------------------------------------------------------- */

static bool is_unit(struct word folder)
{
	static const char *const kinds[] = { ".service", ".scope", ".socket", ".mount", ".swap" };
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (folder.len > strlen(kinds[i]) && cut(&folder, kinds[i]))
			return true;
	return false;
}

static bool is_user_manager(struct word folder)
{
	size_t i;

	if (!skip(&folder, "user@") || !cut(&folder, ".service"))
		return false;
	for (i = 0; i < folder.len && is_digit(folder.at[i]); i++)
		;
	return i && i == folder.len;
}

struct units {
	struct word unit, user_unit;
};

static void find_unit(struct word folder, struct units *u)
{
	/* systemd escapes what the kernel could take for a file of its own. */
	if (folder.len > 1 && *folder.at == '_')
		skip(&folder, "_");
	if (!is_unit(folder))
		return;
	if (is_user_manager(u->unit))
		u->user_unit = folder;
	else
		u->unit = folder;
}

/* ---- paths --------------------------------------------------------------------- */

/* The next folder of the path; false at its end. */
static bool next_folder(struct word *path, struct word *ret)
{
	const char *slash;

	while (path->len && *path->at == '/') {
		path->at++;
		path->len--;
	}
	if (!path->len)
		return false;
	slash = memchr(path->at, '/', path->len);
	*ret = (struct word){ path->at, slash ? (size_t)(slash - path->at) : path->len };
	path->at += ret->len;
	path->len -= ret->len;
	return true;
}

struct owner {
	char container[NAME_MAX + 1];
	char pod[RP_CGROUP_POD_SIZE];
};

static void find_owner(struct word path, struct owner *ret)
{
	struct word before = word_of(""), folder;
	bool in_pods = false;

	while (next_folder(&path, &folder)) {
		find_container(before, folder, ret->container);
		find_pod(folder, in_pods, ret->pod);
		in_pods |= has(folder, "kubepods") || is(folder, "..");
		before = folder;
	}
}

static void find_units(struct word path, struct rp_cgroup *ret)
{
	struct units units = { 0 };
	struct word folder;

	while (next_folder(&path, &folder))
		find_unit(folder, &units);
	keep(ret->unit, units.unit);
	keep(ret->user_unit, units.user_unit);
}

/* ---- lines --------------------------------------------------------------------- */

enum { SYSTEMD, UNIFIED, OTHER, RANKS };

/* ID:CONTROLLERS:PATH. Its rank, or RANKS: it is no such line. */
static int parse_line(struct word line, struct word *ret_path)
{
	const char *first = memchr(line.at, ':', line.len), *second;
	struct word controllers;

	if (!first)
		return RANKS;
	controllers.at = first + 1;
	second = memchr(controllers.at, ':', (size_t)(line.at + line.len - controllers.at));
	if (!second || second + 1 == line.at + line.len || second[1] != '/')
		return RANKS;
	controllers.len = (size_t)(second - controllers.at);
	*ret_path = (struct word){ second + 1, (size_t)(line.at + line.len - second - 1) };
	cut(ret_path, DELETED);
	if (ret_path->len >= PATH_MAX || memchr(ret_path->at, '\0', ret_path->len))
		return RANKS;
	return is(controllers, "name=systemd") ? SYSTEMD : controllers.len ? OTHER : UNIFIED;
}

static void take_path(struct word path, struct rp_cgroup *ret)
{
	struct owner found = { 0 };

	if (!*ret->path) {
		memcpy(ret->path, path.at, path.len);
		ret->path[path.len] = '\0';
		find_units(path, ret);
	}
	find_owner(path, &found);
	if (!*ret->container)
		memcpy(ret->container, found.container, sizeof(found.container));
	if (!*ret->pod)
		memcpy(ret->pod, found.pod, sizeof(found.pod));
}

static bool next_line(struct word *text, struct word *ret)
{
	const char *end;

	if (!text->len)
		return false;
	end = memchr(text->at, '\n', text->len);
	*ret = (struct word){ text->at, end ? (size_t)(end - text->at) : text->len };
	text->at += ret->len + !!end;
	text->len -= ret->len + !!end;
	return true;
}

void rp_cgroup_parse(const char *text, size_t len, struct rp_cgroup *ret)
{
	struct word line, path, rest;
	int rank;

	*ret = (struct rp_cgroup){ 0 };
	for (rank = 0; rank < RANKS; rank++) {
		rest = (struct word){ text, len };
		while (next_line(&rest, &line))
			if (parse_line(line, &path) == rank)
				take_path(path, ret);
	}
}
