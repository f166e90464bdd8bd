// SPDX-License-Identifier: GPL-2.0
/*
 * Perf events, whose period a handler may change, off with CONFIG_PERF_EVENTS.
 * exported: perf_event_create_kernel_counter perf_event_release_kernel
 * exported: perf_event_disable
 */
#include <linux/perf_event.h>

static void overflow(struct perf_event *event, struct perf_sample_data *data,
		     struct pt_regs *regs)
{
	event->hw.sample_period = (unsigned long)event->overflow_handler_context;
}

struct perf_event *probe(struct perf_event_attr *attr);
struct perf_event *probe(struct perf_event_attr *attr)
{
	struct perf_event *event = perf_event_create_kernel_counter(attr, 0, NULL, overflow,
								    NULL);

	perf_event_disable(event);
	perf_event_release_kernel(event);
	return event->state == PERF_EVENT_STATE_ERROR ? NULL : event;
}
