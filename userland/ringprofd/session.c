// SPDX-License-Identifier: GPL-2.0
/*
 * The reader is woken for every SPACE record, not at the watermark only: a process that
 * lived for less than a second could not be asked for its environment any more, nor for
 * its files.
 */
#include "session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "account.h"
#include "log.h"

static int fail(struct rp_session *s, int err, char *why, size_t why_size)
{
	snprintf(why, why_size, "%s", rp_control_error(s->control));
	return err;
}

int rp_session_open(struct rp_session *s, const struct rp_config *config, char *why,
		    size_t why_size)
{
	const struct rp_device_setup setup = {
		.ring_bytes = config->sampling.ring_bytes,
		.watermark = rp_device_watermark(config->sampling.frequency,
						 config->sampling.ring_bytes),
		.flags = RP_SETUP_WAKE_SPACE | RP_SETUP_HOLD_FILES,
	};
	struct rp_attrs change = {
		.has = RP_HAS(RP_A_SESSION) | RP_HAS(RP_A_FREQ) |
		       RP_HAS(RP_A_KERNEL_DEPTH) | RP_HAS(RP_A_USER_DEPTH) |
		       RP_HAS(RP_A_MODES),
		.freq = config->sampling.frequency,
		.kernel_depth = config->sampling.kernel_depth,
		.user_depth = config->sampling.user_depth,
		.modes = config->sampling.modes,
		.tick = config->sampling.tick,
	};
	int err;

	/* A module that does not know of either does what their defaults come to. */
	if (change.tick != RP_TICK_AUTO)
		change.has |= RP_HAS(RP_A_TICK);
	if (config->unwind.memory_bytes != RP_TABLE_LIMIT_DEFAULT) {
		change.has |= RP_HAS(RP_A_TABLE_LIMIT);
		change.table_limit = config->unwind.memory_bytes;
	}
	if (config->sampling.budget_ppm) {
		change.has |= RP_HAS(RP_A_BUDGET);
		change.budget_ppm = config->sampling.budget_ppm;
	}
	if (config->sampling.coalesce_ms != RP_COALESCE_DEFAULT) {
		change.has |= RP_HAS(RP_A_COALESCE);
		change.coalesce_ms = config->sampling.coalesce_ms;
	}
	*s = (struct rp_session){ 0 };
	err = rp_device_open(NULL, &setup, &s->device, why, why_size);
	if (err)
		return err;
	s->id = change.session = rp_device_session(s->device);
	err = rp_control_open(&s->control, why, why_size);
	if (!err) {
		err = rp_control_set(s->control, &change);
		if (err)
			fail(s, err, why, why_size);
	}
	if (err)
		rp_session_close(s);
	return err;
}

void rp_session_close(struct rp_session *s)
{
	rp_control_close(s->control);
	rp_device_close(s->device);
	*s = (struct rp_session){ 0 };
}

int rp_session_start(struct rp_session *s, char *why, size_t why_size)
{
	int err = rp_control_start(s->control, s->id);

	return err ? fail(s, err, why, why_size) : 0;
}

int rp_session_stop(struct rp_session *s, char *why, size_t why_size)
{
	int err = rp_control_stop(s->control, s->id);

	return err ? fail(s, err, why, why_size) : 0;
}

static int add(void *arg, const struct rp_attrs *a)
{
	rp_attrs_add(arg, a);
	return 0;
}

/* "idle 5, ring-full 2": the reasons of a class that happened. */
static void list_reasons(const struct rp_attrs *sum, enum rp_counter_class class,
			 char *text, size_t size)
{
	size_t used = 0;
	int i;

	*text = '\0';
	for (i = 0; i < RP_COUNTER_NR && used < size; i++)
		if (rp_counter_lines[i].class == class && sum->counters[i])
			used += (size_t)snprintf(text + used, size - used,
						 "%s%s %" PRIu64, used ? ", " : " (",
						 rp_counter_lines[i].name,
						 sum->counters[i]);
	if (used && used < size - 1)
		strcpy(text + used, ")");
}

int rp_session_log_account(struct rp_session *s, const struct rp_session_read *read,
			   char *why, size_t why_size)
{
	char refused[256], lost[256];
	struct rp_attrs sum = { 0 };
	struct rp_account account;
	int err;

	err = rp_control_stats(s->control, s->id, add, &sum);
	if (err)
		return fail(s, err, why, why_size);
	account = rp_account_of(sum.counters);
	list_reasons(&sum, RP_CLASS_REFUSED, refused, sizeof(refused));
	list_reasons(&sum, RP_CLASS_LOST, lost, sizeof(lost));
	rp_log(RP_LOG_INFO,
	       "accounting: taken %" PRIu64 " = delivered %" PRIu64 " + refused %" PRIu64
	       "%s + lost %" PRIu64 "%s; read %" PRIu64 ", of them not stored %" PRIu64,
	       account.taken, account.delivered, account.refused, refused, account.lost,
	       lost, read->samples + read->unstored, read->unstored);
	rp_log(RP_LOG_INFO, "rings: %" PRIu64 " bytes read", rp_device_bytes(s->device));
	if (!rp_account_holds(&account))
		rp_log(RP_LOG_WARNING,
		       "the accounting does not hold: this is a fault of the module's");
	return 0;
}
