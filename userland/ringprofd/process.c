// SPDX-License-Identifier: GPL-2.0
/*
 * The resource is made when the first window with a sample of the process is closed,
 * and again only if something that it is made of turns out to be something else: the
 * name (its mappings came later), the environment (it was being loaded when it was read
 * first), the identity.
 */
#include "process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "identity.h"
#include "log.h"

#define DELETED " (deleted)"

/* The kernel's first namespaces: PROC_PID_INIT_INO, PROC_CGROUP_INIT_INO. */
#define FIRST_PID	0xEFFFFFFCu
#define FIRST_CGROUP	0xEFFFFFFBu

struct process {
	struct rp_environ environ;
	bool has_environ;
	struct rp_identity identity;
	bool has_identity;
	char name[RP_ENVIRON_PROGRAM_MAX];	/* the one that resource was made with */
	struct rp_attributes resource;		/* empty: not made yet */
};

/* Kernels without such namespaces have no such file. */
static bool in_namespace(const char *path, ino_t first)
{
	struct stat st;

	return !stat(path, &st) && st.st_ino != first;
}

int rp_processes_init(struct rp_processes *p, const struct rp_attributes *config)
{
	*p = (struct rp_processes){ .config = config };
	p->blind = in_namespace("/proc/self/ns/pid", FIRST_PID);
	if (p->blind)
		rp_log(RP_LOG_WARNING,
		       "in a PID namespace: processes are not looked into, and have no container, unit or user, and no service but by their name; run with the host's processes (--pid=host)");
	else if (in_namespace("/proc/self/ns/cgroup", FIRST_CGROUP))
		rp_log(RP_LOG_WARNING,
		       "in a cgroup namespace: of control groups outside of it only the last folders are seen, so that a unit or a pod may be missed; run with the host's (--cgroupns=host)");
	return rp_resource_host(config, "/etc", &p->host);
}

void rp_processes_free(struct rp_processes *p)
{
	rp_attributes_free(&p->host);
}

static bool is_kernel(const struct rp_aspace *as)
{
	return !as->id.tgid;
}

/* ---- reading ------------------------------------------------------------------- */

static const char *base_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path ? path : "";
}

/* Either may be unknown; if both are known they have to be the same. */
static bool is_of(const char *program, const char *other)
{
	return !*program || !*other ||
	       !strncmp(program, other, RP_ENVIRON_PROGRAM_MAX - 1);
}

/* Not yet there, or not to be had. */
static bool has_no_environ(const struct process *p)
{
	return !p->has_environ || p->environ.empty;
}

static bool has_no_identity(const struct process *p)
{
	return !p->has_identity || !p->identity.command;
}

/* To be made anew. */
static void drop_resource(struct process *p)
{
	rp_attributes_free(&p->resource);
	p->resource = (struct rp_attributes){ 0 };
}

static void read_environ(struct process *p, const struct rp_aspace *as)
{
	rp_environ_free(&p->environ);
	p->has_environ = !rp_environ_read("/proc", as->id.tgid, &p->environ);
}

/*
 * What is known stays if there is nothing new, or what is there now is of another program
 * than this space's ("": not known).
 */
static void read_identity(struct process *p, const struct rp_aspace *as, const char *program)
{
	struct rp_identity id;

	if (rp_identity_read("/proc", as->id.tgid, &id))
		return;
	if (p->has_identity && (rp_identity_equal(&id, &p->identity) ||
				!is_of(program, base_name(id.exe)))) {
		rp_identity_free(&id);
		return;
	}
	rp_identity_free(&p->identity);
	p->identity = id;
	p->has_identity = true;
	drop_resource(p);
}

void rp_process_appeared(void *processes, struct rp_aspace *as)
{
	struct rp_processes *all = processes;
	struct process *p = calloc(1, sizeof(*p));

	as->data = p;
	if (!p || is_kernel(as) || all->blind)
		return;
	read_environ(p, as);
	if (p->has_environ)
		all->environs_read++;
	else
		all->environs_missed++;
	read_identity(p, as, "");
}

void rp_process_seen(struct rp_processes *all, struct rp_aspace *as)
{
	struct process *p = as->data;

	if (!p || is_kernel(as) || all->blind || as->exited)
		return;
	if (has_no_environ(p)) {
		read_environ(p, as);
		if (!has_no_environ(p))
			drop_resource(p);
	}
	if (has_no_identity(p))
		read_identity(p, as, "");
}

void rp_process_dropped(void *processes, struct rp_aspace *as)
{
	struct process *p = as->data;

	(void)processes;
	if (!p)
		return;
	rp_environ_free(&p->environ);
	rp_identity_free(&p->identity);
	rp_attributes_free(&p->resource);
	free(p);
	as->data = NULL;
}

/* ---- what it comes to ---------------------------------------------------------- */

/* The program's file name without folder, from its mappings; "" if not known. */
static void program_name(const struct rp_maps *maps, char ret[static RP_ENVIRON_PROGRAM_MAX])
{
	const struct rp_mapped *exe = rp_maps_exe(maps);
	const char *name = base_name(exe ? exe->file->path : NULL);
	size_t len = strlen(name), tail = strlen(DELETED);

	if (len > tail && !strcmp(name + len - tail, DELETED))
		len -= tail;
	if (len >= RP_ENVIRON_PROGRAM_MAX)
		len = RP_ENVIRON_PROGRAM_MAX - 1;
	memcpy(ret, name, len);
	ret[len] = '\0';
}

static const struct rp_environ *environ_of(const struct process *p, const char *program)
{
	return p->has_environ && is_of(program, p->environ.program) ? &p->environ : NULL;
}

static const struct rp_identity *identity_of(const struct process *p, const char *program)
{
	return p->has_identity && is_of(program, base_name(p->identity.exe)) ?
	       &p->identity : NULL;
}

static int make_process(struct rp_processes *all, const struct process *p, const char *program,
			const char *name, struct rp_attributes *ret)
{
	const struct rp_identity *id = identity_of(p, program);
	struct rp_attributes found = { 0 };
	const struct rp_resource_parts parts = {
		.config = all->config, .host = &all->host, .found = &found,
		.env = environ_of(p, program), .name = name,
	};
	int err = id ? rp_identity_attributes(id, &found) : 0;

	if (!err)
		err = rp_resource_process(&parts, ret);
	rp_attributes_free(&found);
	return err;
}

static int make_resource(struct rp_processes *all, struct rp_aspace *as,
			 const char *program)
{
	struct process *p = as->data;
	const struct rp_environ *env = environ_of(p, program);
	struct rp_attributes made;
	const char *name;
	int err;

	name = *program ? program :
	       env && *env->program ? env->program : as->comm;
	if (p->resource.nr && !strcmp(name, p->name))
		return 0;
	err = is_kernel(as) ? rp_resource_kernel(&all->host, &made) :
			      make_process(all, p, program, name, &made);
	if (err)
		return err;
	rp_attributes_free(&p->resource);
	p->resource = made;
	snprintf(p->name, sizeof(p->name), "%s", name);
	return 0;
}

/* The resource's, which the keys remember, and behind them those of the process alone. */
unsigned int rp_process_labels(void *processes, struct rp_profile *profile,
			       struct rp_aspace *as, const struct rp_maps *maps,
			       struct rp_profile_label *ret, unsigned int room)
{
	char program[RP_ENVIRON_PROGRAM_MAX] = "";
	struct rp_processes *all = processes;
	const struct rp_identity *id;
	struct process *p = as->data;
	unsigned int nr;

	rp_process_seen(all, as);
	if (maps)
		program_name(maps, program);
	if (p && !is_kernel(as) && !all->blind && !as->exited)
		read_identity(p, as, program);
	if (!p || (make_resource(all, as, program) && !p->resource.nr))
		return 0;
	nr = rp_publish_labels(&all->keys, profile, &p->resource, ret, room);
	id = identity_of(p, program);
	if (id)
		nr += rp_identity_labels(id, RP_IDENTITY_ALL & ~RP_IDENTITY_CONTAINER, profile,
					 ret + nr, room - nr);
	return nr;
}
