// SPDX-License-Identifier: GPL-2.0
/*
 * What tells most is read first: the process may end at any moment.
 */
#include "identity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"
#include "proc_text.h"

#define CGROUP_MAX	(16 << 10)

static const size_t texts[] = {
	offsetof(struct rp_identity, container), offsetof(struct rp_identity, pod),
	offsetof(struct rp_identity, unit), offsetof(struct rp_identity, user_unit),
	offsetof(struct rp_identity, cgroup), offsetof(struct rp_identity, exe),
	offsetof(struct rp_identity, command), offsetof(struct rp_identity, cmdline),
};

#define NR_TEXTS (sizeof(texts) / sizeof(texts[0]))

static char **text_of(struct rp_identity *id, size_t i)
{
	return (char **)((char *)id + texts[i]);
}

void rp_identity_free(struct rp_identity *id)
{
	size_t i;

	for (i = 0; i < NR_TEXTS; i++)
		free(*text_of(id, i));
	*id = (struct rp_identity){ 0 };
}

bool rp_identity_equal(const struct rp_identity *a, const struct rp_identity *b)
{
	const char *x, *y;
	size_t i;

	for (i = 0; i < NR_TEXTS; i++) {
		x = *(char *const *)((const char *)a + texts[i]);
		y = *(char *const *)((const char *)b + texts[i]);
		if (!x != !y || (x && strcmp(x, y)))
			return false;
	}
	return a->has_uid == b->has_uid && a->uid == b->uid && a->has_vpid == b->has_vpid &&
	       a->vpid == b->vpid && !strcmp(a->comm, b->comm);
}

/* ---- reading ------------------------------------------------------------------- */

/* A copy, NULL if it is empty or there is no memory. */
static char *copy(const char *text)
{
	return *text ? strdup(text) : NULL;
}

static ssize_t read_cgroup(int folder, struct rp_identity *id)
{
	char text[CGROUP_MAX];
	struct rp_cgroup c;
	ssize_t n = rp_proc_read(folder, "cgroup", text, sizeof(text));

	if (n <= 0)
		return n;
	rp_cgroup_parse(text, (size_t)n, &c);
	id->container = copy(c.container);
	id->pod = copy(c.pod);
	id->unit = copy(c.unit);
	id->user_unit = copy(c.user_unit);
	id->cgroup = copy(c.path);
	return n;
}

static ssize_t read_cmdline(int folder, struct rp_identity *id)
{
	char text[RP_IDENTITY_CMDLINE_MAX + 1], command[RP_IDENTITY_COMMAND_MAX + 1];
	ssize_t n = rp_proc_read(folder, "cmdline", text, sizeof(text)), i;

	if (n <= 0)
		return n;
	snprintf(command, sizeof(command), "%.*s", RP_IDENTITY_COMMAND_MAX, text);
	rp_attribute_make_value(command);
	id->command = copy(command);
	while (n && !text[n - 1])
		n--;
	for (i = 0; i < n; i++)
		if (!text[i])
			text[i] = ' ';
	id->cmdline = copy(text);
	return n;
}

static ssize_t read_exe(int folder, struct rp_identity *id)
{
	char link[PATH_MAX];
	ssize_t n = rp_proc_exe(folder, link, sizeof(link));

	if (n < 0)
		return n;
	id->exe = copy(link);
	return n;
}

/* The kernel writes \n and \\ for a newline and a backslash. */
static void take_name(const char *at, struct rp_identity *id)
{
	size_t len = 0;

	for (; *at && *at != '\n' && len < sizeof(id->comm) - 1; at++) {
		if (*at == '\\' && (at[1] == '\\' || at[1] == 'n'))
			id->comm[len++] = *++at == 'n' ? '\n' : '\\';
		else
			id->comm[len++] = *at;
	}
	id->comm[len] = '\0';
}

static ssize_t read_status(int folder, uint32_t pid, struct rp_identity *id)
{
	char text[RP_PROC_STATUS_MAX];
	ssize_t n = rp_proc_read(folder, "status", text, sizeof(text));
	const char *name;
	long long number;

	if (n <= 0)
		return n;
	name = rp_proc_line(text, "Name");
	if (name)
		take_name(name, id);
	number = rp_proc_number(text, "Uid", 2);	/* real, effective, saved, of files */
	id->has_uid = number >= 0;
	id->uid = id->has_uid ? (uint32_t)number : 0;
	/* From the reader's PID namespace to its own: the last one counts. */
	number = rp_proc_number(text, "NSpid", RP_PROC_LAST);
	id->has_vpid = number >= 0 && (uint32_t)number != pid;
	id->vpid = number >= 0 ? (uint32_t)number : 0;
	return n;
}

int rp_identity_read(const char *proc, uint32_t pid, struct rp_identity *ret)
{
	struct rp_identity id = { 0 };
	int folder = rp_proc_open(proc, pid);
	bool any = false;

	if (folder < 0)
		return folder;
	any |= read_cgroup(folder, &id) > 0;
	any |= read_cmdline(folder, &id) > 0;
	any |= read_exe(folder, &id) > 0;
	any |= read_status(folder, pid, &id) > 0;
	close(folder);
	if (!any)
		return -ESRCH;
	id.known = true;
	*ret = id;
	return 0;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool rp_identity_is_of(const struct rp_identity *id, const char *path)
{
	if (!id->known || !id->exe || !path || !*path)
		return id->known;
	return !strcmp(base_name(id->exe), base_name(path));
}

/* Of a process that has exited and was not waited for, the kernel still tells a little. */
static bool is_less(const struct rp_identity *new, const struct rp_identity *id)
{
	return (id->exe && !new->exe) || (id->command && !new->command);
}

bool rp_identity_refresh(struct rp_identity *id, const char *proc, uint32_t pid,
			 const char *path)
{
	struct rp_identity new;

	if (rp_identity_read(proc, pid, &new))
		return false;
	if (id->known && (!rp_identity_is_of(&new, path) || is_less(&new, id) ||
			  rp_identity_equal(id, &new))) {
		rp_identity_free(&new);
		return false;
	}
	rp_identity_free(id);
	*id = new;
	return true;
}

bool rp_identity_complete(struct rp_identity *id, const char *proc, uint32_t pid)
{
	return !id->command && rp_identity_refresh(id, proc, pid, NULL);
}

/* ---- telling ------------------------------------------------------------------- */

static const char *const keys[] = {
	"container.id", "k8s.pod.uid", "systemd.unit", "systemd.user_unit", "process.command",
	"process.user.id", "process.vpid",
};

enum { CONTAINER, POD, UNIT, USER_UNIT, COMMAND, USER, VPID };

int rp_identity_attributes(const struct rp_identity *id, struct rp_attributes *a)
{
	int err = 0;

	if (id->container)
		err = rp_attributes_set(a, keys[CONTAINER], id->container);
	if (!err && id->pod)
		err = rp_attributes_set(a, keys[POD], id->pod);
	return err;
}

/* Those that are no attributes of the resource. */
bool rp_identity_is_label(const char *key)
{
	size_t i;

	for (i = UNIT; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(keys[i], key))
			return true;
	return false;
}

struct labels {
	struct rp_profile *profile;
	struct rp_profile_label *label;
	unsigned int nr, room;
};

static void add(struct labels *l, int which, bool there, const char *text, uint32_t number)
{
	struct rp_profile_label label = {
		.key = rp_profile_string(l->profile, there ? keys[which] : NULL),
		.str = rp_profile_string(l->profile, text), .num = number,
	};

	if (label.key && (!text || label.str) && l->nr < l->room)
		l->label[l->nr++] = label;
}

unsigned int rp_identity_labels(const struct rp_identity *id, unsigned int which,
				struct rp_profile *p, struct rp_profile_label *ret,
				unsigned int room)
{
	struct labels l = { .profile = p, .label = ret, .room = room };

	if (which & RP_IDENTITY_CONTAINER) {
		add(&l, CONTAINER, id->container, id->container, 0);
		add(&l, POD, id->pod, id->pod, 0);
	}
	if (which & RP_IDENTITY_UNIT) {
		add(&l, UNIT, id->unit, id->unit, 0);
		add(&l, USER_UNIT, id->user_unit, id->user_unit, 0);
	}
	if (which & RP_IDENTITY_COMMAND)
		add(&l, COMMAND, id->command, id->command, 0);
	if (which & RP_IDENTITY_USER)
		add(&l, USER, id->has_uid, NULL, id->uid);
	if (which & RP_IDENTITY_VPID)
		add(&l, VPID, id->has_vpid, NULL, id->vpid);
	return l.nr;
}
