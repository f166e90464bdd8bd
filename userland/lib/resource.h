/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Resources: whose work a sample was, as OpenTelemetry attributes.
 *
 * A process's attributes come, key by key, from the first of these that has it:
 *
 *	service.name	1. OTEL_SERVICE_NAME	2. OTEL_RESOURCE_ATTRIBUTES
 *			3. the rule		4. [resource]
 *			5. the executable's name (its comm if that is not known)
 *	host.*, os.*	1. the rule		2. [resource]	3. this host
 *			What a process says of these is ignored: inside a container
 *			it does not know them.
 *	cloud.*		1. the rule		2. [resource]	3. OTEL_RESOURCE_ATTRIBUTES
 *	container.id,	1. its control group	2. OTEL_RESOURCE_ATTRIBUTES
 *	k8s.pod.uid	3. the rule		4. [resource]
 *	all others	1. OTEL_RESOURCE_ATTRIBUTES	2. the rule	3. [resource]
 *
 * The rule is the first [service "REGEX"] of the configuration that matches the process
 * (rules.h): a [resource] for some processes, that stands over the one for all. The
 * process's own word stands over both, since its traces and metrics have that name too.
 * [resource] is the configuration's section. deployment.environment, the name of
 * earlier conventions, is taken for deployment.environment.name if that is absent.
 * The kernel's own work (kernel threads, interrupts on idle CPUs) has the
 * service.name "kernel" and the host's attributes, but no service.* besides.
 *
 * This host: host.name, host.arch (amd64, arm64, ... as OpenTelemetry names them),
 * host.id (/etc/machine-id), os.type.
 */
#ifndef RP_RESOURCE_H
#define RP_RESOURCE_H

#include "attributes.h"
#include "environ.h"

#define RP_RESOURCE_KERNEL "kernel"	/* service.name of the kernel's own work */

/*
 * What holds for the whole host: this host's attributes, and those of the
 * configuration over them but service.*. etc: "/etc". 0, -ENOMEM, or -ENOSPC when
 * the configuration leaves no room.
 */
int rp_resource_host(const struct rp_attributes *config, const char *etc,
		     struct rp_attributes *ret);

struct rp_resource_parts {
	const struct rp_attributes *config;	/* [resource] */
	const struct rp_attributes *host;	/* of rp_resource_host() */
	const struct rp_attributes *rule;	/* NULL: none matches */
	const struct rp_attributes *found;	/* by its control group; NULL: nothing */
	const struct rp_environ *env;		/* NULL: it could not be read */
	const char *name;			/* the executable's, or comm */
};

/*
 * A process's. Bytes of the name that an attribute cannot hold become '_'. 0 or
 * -ENOMEM. What is too much for the list is left out, the process's own first.
 */
int rp_resource_process(const struct rp_resource_parts *parts, struct rp_attributes *ret);

/* The kernel's own. 0 or -ENOMEM. */
int rp_resource_kernel(const struct rp_attributes *host, struct rp_attributes *ret);

/* uname()'s machine in OpenTelemetry's terms; the name itself if it has none. */
const char *rp_resource_arch(const char *machine);

#endif
