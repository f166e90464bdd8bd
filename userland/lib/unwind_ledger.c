// SPDX-License-Identifier: GPL-2.0
/*
 * Rows of one function that cannot be said for the same reason are one range to whoever
 * reads the list, so ranges that touch become one.
 */
#include "unwind_ledger.h"

#include <stdlib.h>

static const struct {
	const char *name, *text;
	enum rp_unwind_reason_class class;
} reasons[RP_UNWIND_REASONS_NR] = {
	[RP_UNWIND_SAID] = { "said", "all is said", RP_UNWIND_CLASS_NONE },
#define X(id, name_, class_, text_) \
	[RP_UNWIND_REASON_##id] = { name_, text_, RP_UNWIND_CLASS_##class_ },
	RP_UNWIND_REASONS(X)
#undef X
};

const char *rp_unwind_reason_name(enum rp_unwind_reason reason)
{
	return (unsigned int)reason < RP_UNWIND_REASONS_NR ? reasons[reason].name : "unknown";
}

const char *rp_unwind_reason_text(enum rp_unwind_reason reason)
{
	return (unsigned int)reason < RP_UNWIND_REASONS_NR ? reasons[reason].text : "unknown";
}

enum rp_unwind_reason_class rp_unwind_reason_class(enum rp_unwind_reason reason)
{
	return (unsigned int)reason < RP_UNWIND_REASONS_NR ? reasons[reason].class :
							     RP_UNWIND_CLASS_NONE;
}

static void list(struct rp_unwind_ledger *l, const struct rp_unwind_listed *entry)
{
	size_t room = l->room ? 2 * l->room : 64;
	struct rp_unwind_listed *grown;

	l->last[entry->reason] = 0;
	if (l->nr == l->max)
		return;
	if (l->nr == l->room) {
		grown = realloc(l->listed, room * sizeof(*grown));
		if (!grown) {
			l->failed = true;
			return;
		}
		l->listed = grown;
		l->room = room;
	}
	l->listed[l->nr++] = *entry;
	l->last[entry->reason] = l->nr;
}

void rp_unwind_note_code(struct rp_unwind_ledger *l, enum rp_unwind_reason reason,
			 uint64_t start, uint64_t end)
{
	if (reason == RP_UNWIND_SAID)
		return;
	l->stats.reasons[reason].bytes += end - start;
	if (l->stats.reasons[reason].count && l->end[reason] == start) {
		if (l->last[reason])
			l->listed[l->last[reason] - 1].size += end - start;
	} else {
		l->stats.reasons[reason].count++;
		list(l, &(struct rp_unwind_listed){
			.offset = start, .address = rp_unwind_address_of(l->text, start),
			.size = end - start, .reason = reason });
	}
	l->end[reason] = end;
}

void rp_unwind_note_entry(struct rp_unwind_ledger *l, enum rp_unwind_reason reason,
			  uint64_t at, uint64_t address)
{
	l->stats.reasons[reason].count++;
	list(l, &(struct rp_unwind_listed){ .offset = at, .address = address,
					    .reason = reason });
}
