// SPDX-License-Identifier: GPL-2.0
/*
 * The resource is made when the first window with a sample of the process is closed,
 * and again only if something that it is made of turns out to be something else: the
 * name (its mappings came later), the environment (it was being loaded when it was read
 * first), the identity.
 */
#include "process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identity.h"
#include "log.h"
#include "namespace.h"

#define REST_MAX 8	/* windows from one look at an identity to the next */

struct process {
	struct rp_environ environ;
	bool has_environ;
	struct rp_identity identity;
	uint64_t look_at;			/* the window in which to read it again */
	unsigned int rest;			/* windows from the last look to that */
	char name[RP_ENVIRON_PROGRAM_MAX];	/* the one that resource was made with */
	bool mapped;				/* and its mappings were known */
	struct rp_attributes resource;		/* empty: not made yet */
};

int rp_processes_init(struct rp_processes *p, const struct rp_config *config)
{
	*p = (struct rp_processes){ .config = config };
	p->blind = !rp_namespace_is_first(RP_NAMESPACE_PID);
	if (p->blind)
		rp_log(RP_LOG_WARNING,
		       "in a PID namespace: processes are not looked into, and have no container, unit or user, and no service but by their name; run with the host's processes (--pid=host)");
	else if (!rp_namespace_is_first(RP_NAMESPACE_CGROUP))
		rp_log(RP_LOG_WARNING,
		       "in a cgroup namespace: of control groups outside of it only the last folders are seen, so that a unit or a pod may be missed; run with the host's (--cgroupns=host)");
	return rp_resource_host(&config->resource, "/etc", &p->host);
}

void rp_processes_free(struct rp_processes *p)
{
	rp_attributes_free(&p->host);
}

void rp_processes_next_window(struct rp_processes *p)
{
	p->keys.nr = 0;
	p->window++;
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

/* As far as they are kept. */
static bool same_name(const char *a, const char *b)
{
	return !strncmp(a, b, RP_ENVIRON_PROGRAM_MAX - 1);
}

/* Either may be unknown; if both are known they have to be the same. */
static bool is_of(const char *program, const char *other)
{
	return !*program || !*other || same_name(program, other);
}

/* Not yet there, or not to be had. */
static bool has_no_environ(const struct process *p)
{
	return !p->has_environ || p->environ.empty;
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

/* At the end of a window. path: the program's, by the mappings; NULL: not known. */
static void look_again(struct process *p, const struct rp_processes *all,
		       const struct rp_aspace *as, const char *path)
{
	bool whole = p->identity.command && rp_identity_is_of(&p->identity, path);

	if (whole && all->window < p->look_at)
		return;
	if (rp_identity_refresh(&p->identity, "/proc", as->id.tgid, path)) {
		drop_resource(p);
		p->rest = 1;
	} else {
		p->rest = p->rest < REST_MAX ? 2 * p->rest : REST_MAX;
	}
	p->look_at = all->window + p->rest;
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
	rp_identity_refresh(&p->identity, "/proc", as->id.tgid, NULL);
	p->rest = 1;
}

static bool can_read(const struct rp_processes *all, const struct rp_aspace *as)
{
	return as->data && !is_kernel(as) && !all->blind && !as->exited;
}

static void retry_environ(struct process *p, const struct rp_aspace *as)
{
	if (!has_no_environ(p))
		return;
	read_environ(p, as);
	if (!has_no_environ(p))
		drop_resource(p);
}

void rp_process_seen(struct rp_processes *all, struct rp_aspace *as)
{
	struct process *p = as->data;

	if (!can_read(all, as))
		return;
	retry_environ(p, as);
	if (rp_identity_complete(&p->identity, "/proc", as->id.tgid))
		drop_resource(p);
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

/* What there is for making a resource. */
struct making {
	struct rp_processes *all;
	const struct rp_aspace *as;
	const struct process *p;
	const char *path;	/* the program's, by the mappings; NULL: not known */
	const char *program;	/* without folder; "": not known */
};

static const struct rp_environ *environ_of(const struct process *p, const char *program)
{
	return p->has_environ && is_of(program, p->environ.program) ? &p->environ : NULL;
}

static const struct rp_identity *identity_of(const struct process *p, const char *path)
{
	return rp_identity_is_of(&p->identity, path) ? &p->identity : NULL;
}

static int apply_rules(const struct making *m, const struct rp_identity *id,
		       struct rp_attributes *ret)
{
	static const struct rp_identity nobody;
	const struct rp_identity *i = id ? id : &nobody;
	const char *const texts[RP_RULE_MATCHES] = {
		[RP_RULE_EXE] = m->path ? m->path : i->exe,
		[RP_RULE_COMM] = *i->comm ? i->comm : m->as->comm,
		[RP_RULE_CMDLINE] = i->cmdline,
		[RP_RULE_UNIT] = i->user_unit ? i->user_unit : i->unit,
		[RP_RULE_CONTAINER] = i->container,
		[RP_RULE_POD] = i->pod,
		[RP_RULE_CGROUP] = i->cgroup,
	};

	return rp_rules_apply(&m->all->config->rules, texts, ret);
}

static int make_process(const struct making *m, const char *name, struct rp_attributes *ret)
{
	const struct rp_identity *id = identity_of(m->p, m->path);
	struct rp_attributes found = { 0 }, rule = { 0 };
	const struct rp_resource_parts parts = {
		.config = &m->all->config->resource, .host = &m->all->host,
		.rule = &rule, .found = &found,
		.env = environ_of(m->p, m->program), .name = name,
	};
	int err = apply_rules(m, id, &rule);

	if (!err && id)
		err = rp_identity_attributes(id, &found);
	if (!err)
		err = rp_resource_process(&parts, ret);
	rp_attributes_free(&found);
	rp_attributes_free(&rule);
	return err;
}

static int make_resource(const struct making *m, struct process *p)
{
	const struct rp_environ *env = environ_of(p, m->program);
	struct rp_attributes made;
	const char *name;
	int err;

	name = *m->program ? m->program :
	       env && *env->program ? env->program : m->as->comm;
	if (p->resource.nr && p->mapped == !!m->path && same_name(name, p->name))
		return 0;
	err = is_kernel(m->as) ? rp_resource_kernel(&m->all->host, &made) :
				 make_process(m, name, &made);
	if (err)
		return err;
	rp_attributes_free(&p->resource);
	p->resource = made;
	p->mapped = m->path;
	snprintf(p->name, sizeof(p->name), "%.*s", RP_ENVIRON_PROGRAM_MAX - 1, name);
	return 0;
}

/* The resource's, which the keys remember, and behind them those of the process alone. */
unsigned int rp_process_labels(void *processes, struct rp_profile *profile,
			       struct rp_aspace *as, const struct rp_maps *maps,
			       struct rp_profile_label *ret, unsigned int room)
{
	const struct rp_mapped *exe = rp_maps_exe(maps);
	const char *path = exe && *exe->file->path ? exe->file->path : NULL;
	struct rp_processes *all = processes;
	const struct rp_identity *id;
	struct process *p = as->data;
	const struct making m = {
		.all = all, .as = as, .p = p, .path = path, .program = base_name(path),
	};
	unsigned int nr;

	if (can_read(all, as)) {
		retry_environ(p, as);
		look_again(p, all, as, path);
	}
	if (!p || (make_resource(&m, p) && !p->resource.nr))
		return 0;
	nr = rp_publish_labels(&all->keys, profile, &p->resource, ret, room);
	id = identity_of(p, path);
	if (id)
		nr += rp_identity_labels(id, RP_IDENTITY_ALL & ~RP_IDENTITY_CONTAINER, profile,
					 ret + nr, room - nr);
	return nr;
}
