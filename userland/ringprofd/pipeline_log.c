// SPDX-License-Identifier: GPL-2.0
/* What the daemon says of itself when it is asked (SIGUSR1), and at its end. */
#include "pipeline_private.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>

#include "jit_report.h"
#include "log.h"
#include "table_loader.h"

void rp_pipeline_log_exports(const struct rp_exporter_stats *s)
{
	rp_log(RP_LOG_INFO,
	       "sent: %" PRIu64 " profiles, %" PRIu64 " of them late; refused %" PRIu64
	       ", dropped %" PRIu64 ", waiting %" PRIu64,
	       s->delivered, s->late, s->refused, s->dropped, s->waiting);
}

void rp_pipeline_log_archive(struct rp_pipeline *p)
{
	struct rp_archive_stats s;

	if (!p->archive)
		return;
	rp_archive_stats(p->archive, &s);
	rp_log(RP_LOG_INFO,
	       "written: %" PRIu64 " profiles to %s; removed %" PRIu64 ", dropped %" PRIu64
	       ", waiting %" PRIu64,
	       s.written, p->config->output.directory, s.removed, s.dropped, s.pending);
}

/* "; heap ..."; nothing where the C library does not say. */
static void heap_text(char *text, size_t size)
{
	*text = '\0';
#ifdef __GLIBC_PREREQ
#if __GLIBC_PREREQ(2, 33)
	struct mallinfo2 heap = mallinfo2();

	snprintf(text, size, "; heap %zu KiB, free in it %zu KiB",
		 (heap.uordblks + heap.hblkhd) >> 10, heap.fordblks >> 10);
#endif
#endif
	(void)size;
}

static void log_memory(const struct rp_pipeline *p)
{
	struct rp_spaces_stats spaces;
	struct rp_namer_stats names;
	char heap[80];

	rp_namer_stats(p->namer, &names);
	rp_spaces_stats(p->spaces, &spaces);
	heap_text(heap, sizeof(heap));
	rp_log(RP_LOG_INFO,
	       "memory: symbols %zu KiB, kernel's %zu KiB, mappings of %" PRIu32
	       " processes %zu KiB, window %zu KiB%s",
	       names.symbol_bytes >> 10, names.kernel_bytes >> 10, spaces.spaces,
	       spaces.bytes >> 10, rp_window_bytes(p->window) >> 10, heap);
	rp_jit_report_log(&names.jit);
}

static void log_fetched(struct rp_pipeline *p)
{
	struct rp_debug_fetcher_stats s;

	if (!p->fetcher)
		return;
	rp_debug_fetcher_stats(p->fetcher, &s);
	rp_log(RP_LOG_INFO,
	       "debug files: got %" PRIu64 " (%" PRIu64 " KiB), refused %" PRIu64
	       ", nowhere %" PRIu64 ", waiting %" PRIu64 ", %" PRIu64 " requests",
	       s.debuginfod.downloads, s.debuginfod.bytes >> 10, s.debuginfod.refused,
	       s.nowhere, s.waiting, s.debuginfod.requests);
}

void rp_pipeline_log(struct rp_pipeline *p)
{
	struct rp_exporter_stats s;

	rp_pipeline_log_archive(p);
	log_memory(p);
	log_fetched(p);
	rp_pipeline_log_budget(p);
	if (p->collector.tables)
		rp_table_loader_log(p->collector.tables);
	if (!p->exporter)
		return;
	rp_exporter_stats(p->exporter, &s);
	rp_pipeline_log_exports(&s);
}
