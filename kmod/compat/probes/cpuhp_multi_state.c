// SPDX-License-Identifier: GPL-2.0
/*
 * Hotplug states for modules, with instances; before 4.9 there were notifiers.
 * exported: __cpuhp_setup_state __cpuhp_state_add_instance
 */
#include <linux/cpuhotplug.h>

int probe(struct hlist_node *node);
int probe(struct hlist_node *node)
{
	return cpuhp_setup_state_multi(CPUHP_AP_ONLINE_DYN, "probe", NULL, NULL) +
	       cpuhp_state_add_instance(CPUHP_AP_ONLINE_DYN, node);
}
