/* SPDX-License-Identifier: GPL-2.0 */
/*
 * store.h - a session that nothing ticks for, made for one case, with what an owner's call
 * needs to give it tables: for the suites of tables and of lists of mappings. test->priv is
 * its struct rp_session.
 */
#ifndef RP_KUNIT_STORE_H
#define RP_KUNIT_STORE_H

#include <kunit/test.h>

#include "kmod/session.h"
#include "tests/unwind/table.h"

#define RP_STORE_BYTES (2u << 20)	/* as large a table can be given */

/* A suite's suite_init, suite_exit, init and exit. */
int rp_store_suite_init(struct kunit_suite *suite);
void rp_store_suite_exit(struct kunit_suite *suite);
int rp_store_init(struct kunit *test);
void rp_store_exit(struct kunit *test);

/* Any file, known by its number. */
struct rp_file_id rp_store_file(u64 number);
/* A right table of a thousand rows and more, whose 16 rules say `mark`. For the case. */
struct rp_unwind_table *rp_store_table(struct kunit *test, s32 mark);
/* Gives the session that many bytes, as its owner's call would; 0 or -errno. */
int rp_store_give(struct rp_session *session, const struct rp_file_id *id,
		  const void *table, u64 size);
/* A marked one, which must be taken. */
void rp_store_load(struct kunit *test, const struct rp_file_id *id, s32 mark);
/* Is there one? 0, -ENOENT. */
int rp_store_ask(struct rp_session *session, const struct rp_file_id *id);
/* The mark of what a sample would find now; 0: no table. */
s32 rp_store_mark(struct rp_file *file);
/* The session's, which has a table or is in some list of mappings. */
struct rp_file *rp_store_find(struct rp_session *session, const struct rp_file_id *id);
u64 rp_store_count(struct rp_session *session, enum rp_counter counter);

#endif
