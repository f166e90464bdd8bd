// SPDX-License-Identifier: GPL-2.0
/*
 * The resource is made when the first window with a sample of the process is closed,
 * and again only if the process's name turns out to be another one (its mappings
 * came later), or its environment does (it was being loaded when it was read first).
 */
#include "process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DELETED " (deleted)"

struct process {
	struct rp_environ environ;
	bool has_environ;
	char name[RP_ENVIRON_PROGRAM_MAX];	/* the one that resource was made with */
	struct rp_attributes resource;		/* empty: not made yet */
};

int rp_processes_init(struct rp_processes *p, const struct rp_attributes *config)
{
	*p = (struct rp_processes){ .config = config };
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

/* Not yet there, or not to be had. */
static bool has_no_environ(const struct process *p)
{
	return !p->has_environ || p->environ.empty;
}

static void read_environ(struct process *p, const struct rp_aspace *as)
{
	rp_environ_free(&p->environ);
	p->has_environ = !rp_environ_read("/proc", as->id.tgid, &p->environ);
}

void rp_process_appeared(void *processes, struct rp_aspace *as)
{
	struct rp_processes *all = processes;
	struct process *p = calloc(1, sizeof(*p));

	as->data = p;
	if (!p || is_kernel(as))
		return;
	read_environ(p, as);
	if (p->has_environ)
		all->environs_read++;
	else
		all->environs_missed++;
}

void rp_process_seen(struct rp_aspace *as)
{
	struct process *p = as->data;

	if (!p || is_kernel(as) || as->exited || !has_no_environ(p))
		return;
	read_environ(p, as);
	if (has_no_environ(p))
		return;
	rp_attributes_free(&p->resource);	/* to be made anew */
	p->resource = (struct rp_attributes){ 0 };
}

void rp_process_dropped(void *processes, struct rp_aspace *as)
{
	struct process *p = as->data;

	(void)processes;
	if (!p)
		return;
	rp_environ_free(&p->environ);
	rp_attributes_free(&p->resource);
	free(p);
	as->data = NULL;
}

/* The program's file name without folder, from its mappings; "" if not known. */
static void program_name(const struct rp_maps *maps, char ret[static RP_ENVIRON_PROGRAM_MAX])
{
	const struct rp_mapped *exe = rp_maps_exe(maps);
	const char *path = exe ? exe->file->path : "";
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t len = strlen(name), tail = strlen(DELETED);

	if (len > tail && !strcmp(name + len - tail, DELETED))
		len -= tail;
	if (len >= RP_ENVIRON_PROGRAM_MAX)
		len = RP_ENVIRON_PROGRAM_MAX - 1;
	memcpy(ret, name, len);
	ret[len] = '\0';
}

static int make_resource(struct rp_processes *all, struct rp_aspace *as,
			 const char *program)
{
	const struct rp_environ *env = NULL;
	struct process *p = as->data;
	struct rp_attributes made;
	const char *name;
	int err;

	/* Either may be unknown; if both are known they have to be the same. */
	if (p->has_environ && (!*program || !*p->environ.program ||
			       !strcmp(program, p->environ.program)))
		env = &p->environ;
	name = *program ? program :
	       env && *env->program ? env->program : as->comm;
	if (p->resource.nr && !strcmp(name, p->name))
		return 0;
	err = is_kernel(as) ? rp_resource_kernel(&all->host, &made) :
			      rp_resource_process(all->config, &all->host, env, name,
						  &made);
	if (err)
		return err;
	rp_attributes_free(&p->resource);
	p->resource = made;
	snprintf(p->name, sizeof(p->name), "%s", name);
	return 0;
}

unsigned int rp_process_labels(void *processes, struct rp_profile *profile,
			       struct rp_aspace *as, const struct rp_maps *maps,
			       struct rp_profile_label *ret, unsigned int room)
{
	char program[RP_ENVIRON_PROGRAM_MAX] = "";
	struct rp_processes *all = processes;
	struct process *p = as->data;

	rp_process_seen(as);
	if (maps)
		program_name(maps, program);
	if (!p || (make_resource(all, as, program) && !p->resource.nr))
		return 0;
	return rp_publish_labels(&all->keys, profile, &p->resource, ret, room);
}
