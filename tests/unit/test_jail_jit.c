// SPDX-License-Identifier: GPL-2.0
/*
 * Perf maps and jitdumps out of jails of which a file has made something else. What comes from
 * good ones is in the tests of the formats, of names and of refusals.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "jail_fakes.h"
#include "jail_jit.h"
#include "jit_code_fixture.h"
#include "jit_file.h"
#include "jit_names_fixture.h"

/* ---- what they answer ------------------------------------------------------------ */

/* The same thing again and again, as often as there is room for, each as short as can be. */
static void fill(const struct rp_jit_job *job, struct rp_jail_result *answer)
{
	struct rp_jit_batch_head head = {
		.mark = job->mark, .allowance = job->allowance, .end = RP_JIT_END_ROOM,
	};
	struct rp_jit_record r = { .start = 0x1000, .size = 1, .len = 1 };
	const size_t size = sizeof(r) + 1;
	uint8_t *at;

	answer->data = realloc(answer->data, RP_JIT_BATCH_MAX);
	at = (uint8_t *)answer->data + sizeof(head);
	for (; at + size <= (uint8_t *)answer->data + RP_JIT_BATCH_MAX; at += size) {
		head.mark.offset += 6;
		r.next = head.mark.offset;
		memcpy(at, &r, sizeof(r));
		at[sizeof(r)] = 'x';
	}
	memcpy(answer->data, &head, sizeof(head));
	answer->size = (size_t)(at - (uint8_t *)answer->data);
}

/* The right answer to a job, but for one thing. Returns the code that goes with it. */
static int twist(const char *mode, const struct rp_jit_job *job, struct rp_jail_result *answer)
{
	struct rp_jit_batch_head *head = answer->data;

	if (!strcmp(mode, "no memory"))
		return -ENOMEM;
	if (!strcmp(mode, "backwards"))
		head->mark.offset = job->mark.offset - 1;
	if (!strcmp(mode, "endless"))
		head->end = RP_JIT_END_ROOM;
	if (!strcmp(mode, "too large")) {
		answer->data = realloc(answer->data, RP_JIT_BATCH_MAX + 1);
		answer->size = RP_JIT_BATCH_MAX + 1;
	}
	if (!strcmp(mode, "greedy"))
		fill(job, answer);
	return 0;
}

static void answer_jobs(const char *mode)
{
	struct rp_jail_head head, done = { .kind = RP_JAIL_DONE };
	struct rp_jit_job job;
	void *words;
	int fd;

	rp_jail_go_apart();
	rp_jail_say(0, "");
	while (!rp_jail_receive(RP_JAIL_FD, 0, RP_JAIL_WORDS_MAX, &head, &fd, &words)) {
		struct rp_jail_result answer = { 0 };

		memcpy(&job, words, sizeof(job));
		rp_jail_jit_work(fd, words, (size_t)head.size, &answer);
		done.code = twist(mode, &job, &answer);
		done.size = done.code ? 0 : answer.size;
		rp_jail_send_head(RP_JAIL_FD, &done, -1, answer.data);
		free(answer.data);
		free(words);
		close(fd);
	}
	_exit(0);
}

/* ---- a file that is read with one -------------------------------------------------- */

struct reading {
	struct rp_jit_file file;
	struct rp_jit_reading shared;
	struct rp_jit_owner owner;
};

static void begin_reading(struct reading *r, struct rp_jail *j, const char *text)
{
	*r = (struct reading){
		.shared = { .memory = { .max = 1 << 20 }, .allowance = 1 << 20, .jail = j },
	};
	r->file.fd = memfd_create("map", MFD_CLOEXEC);
	assert_true(r->file.fd >= 0);
	assert_int_equal(write(r->file.fd, text, strlen(text)), strlen(text));
}

static void end_reading(struct reading *r)
{
	rp_jit_file_forget(&r->file);
	assert_int_equal(r->shared.memory.used, 0);
	rp_jail_stop(r->shared.jail);
}

static enum rp_jit_refusal read_it(struct reading *r)
{
	return rp_jit_file_read(&r->file, &r->owner, &r->shared);
}

/* Whatever it does: a reason, and then neither this file nor the process's next one. */
static void whose_files_are_given_up(void **state)
{
	static const struct {
		const char *mode, *text;
	} cases[] = {
		{ "dies", "died of it" }, { "garbage", "out of turn" },
		{ "huge", "out of turn" }, { "too large", "out of turn" },
		{ "hangs", "took longer" }, { "lies", "what cannot be" }, { "claims", "" },
		{ "endless", "what cannot be" }, { "backwards", "what cannot be" },
	};
	static const char text[] = "1000 10 one\n2000 10 two\n";
	struct rp_jail_stats stats;
	struct reading r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin_reading(&r, start(cases[i].mode), text);
		assert_int_equal(read_it(&r), RP_JIT_PARSER);
		if (!strstr(r.shared.why, cases[i].text))
			fail_msg("%s: %s", cases[i].mode, r.shared.why);
		assert_int_equal(rp_jit_code_nr(r.file.code), 0);
		assert_int_equal(ftruncate(r.file.fd, 12), 0);
		rp_jit_file_found(&r.file, dup(r.file.fd), 1, 2);
		assert_int_equal(read_it(&r), RP_JIT_TAKEN);
		assert_int_equal(jobs_of(r.shared.jail), 1);
		/* That was its end, but of the one that just says that it failed. */
		rp_jail_stats(r.shared.jail, &stats);
		assert_int_equal(stats.died + stats.late, strcmp(cases[i].mode, "claims") != 0);
		end_reading(&r);
	}
}

static bool count_and_refuse(void *arg)
{
	++*(int *)arg;
	return false;
}

/* It cannot have the names of others thrown away; and perhaps there is memory later. */
static void who_says_that_there_is_no_memory(void **state)
{
	struct reading r;
	int asked = 0;

	(void)state;
	begin_reading(&r, start("no memory"), "1000 10 one\n");
	r.shared.room = count_and_refuse;
	r.shared.arg = &asked;
	assert_int_equal(read_it(&r), RP_JIT_PARSER);
	assert_int_equal(read_it(&r), RP_JIT_PARSER);
	assert_int_equal(asked, 0);
	assert_int_equal(jobs_of(r.shared.jail), 2);
	end_reading(&r);
}

/* The allowance is the keeper's, whatever is said to be left of it. */
static void who_never_comes_to_an_end(void **state)
{
	struct reading r;

	(void)state;
	begin_reading(&r, start("greedy"), "1000 10 one\n");
	assert_int_equal(ftruncate(r.file.fd, 100 << 20), 0);
	assert_int_equal(read_it(&r), RP_JIT_LATER);
	assert_int_equal(r.shared.allowance, 0);
	assert_in_range(r.file.mark.offset, 1 << 20, (1 << 20) + RP_JIT_BATCH_MAX);
	assert_int_equal(rp_jit_code_nr(r.file.code), 1);
	end_reading(&r);
}

/* ---- answers as such ------------------------------------------------------------- */

static struct answer {
	struct rp_jit_job job;
	uint8_t *data;
	size_t size;
	struct rp_jit_batch_head *head;
	struct rp_jit_record first, second;	/* of as long names */
} map_answer, dump_answer;

static void make_answer(struct answer *a, int fd, bool is_dump)
{
	struct stat st;
	uint8_t *at;
	void *data;

	assert_int_equal(fstat(fd, &st), 0);
	a->job = (struct rp_jit_job){
		.size = (uint64_t)st.st_size, .allowance = 100000, .is_dump = is_dump,
	};
	assert_int_equal(rp_jit_batch_make(fd, &a->job, &data, &a->size), 0);
	a->data = data;
	a->head = data;
	at = a->data + sizeof(*a->head);
	memcpy(&a->first, at, sizeof(a->first));
	memcpy(&a->second, at + sizeof(a->first) + a->first.len, sizeof(a->second));
	close(fd);
}

static int make_answers(void **state)
{
	int fd = memfd_create("map", MFD_CLOEXEC);

	assert_int_equal(write(fd, "1000 10 one\n2000 10 two\n", 24), 24);
	make_answer(&map_answer, fd, false);
	fd = memfd_create("dump", MFD_CLOEXEC);
	put_head(fd, 7);
	put_load(fd, 7, 100, 0x1000, "one");
	put_load(fd, 7, 200, 0x2000, "two");
	make_answer(&dump_answer, fd, true);
	return make_code(state);
}

static int free_answers(void **state)
{
	free(map_answer.data);
	free(dump_answer.data);
	return free_code(state);
}

static void put_records(const struct answer *a, const struct rp_jit_record *first,
			const struct rp_jit_record *second)
{
	uint8_t *at = a->data + sizeof(*a->head);

	memcpy(at, first, sizeof(*first));
	memcpy(at + sizeof(*first) + a->first.len, second, sizeof(*second));
}

static int check(const struct answer *a, size_t size)
{
	uint64_t allowance = 0;
	int err = rp_jit_batch_check(&a->job, a->data, size, &allowance);

	if (!err)
		assert_true(allowance <= a->job.allowance);
	return err;
}

/* Of a record: fewer of them are an answer, too. */
static bool is_boundary(const struct answer *a, size_t size)
{
	return size == sizeof(*a->head) ||
	       size == sizeof(*a->head) + sizeof(a->first) + a->first.len;
}

/* Changes something, wants it refused, and puts it back. */
#define REFUSED(a, field, value)						\
	do {									\
		__typeof__(field) was = (field);				\
		struct rp_jit_record r1, r2;					\
		(field) = (value);						\
		r1 = (a)->first;						\
		r2 = (a)->second;						\
		put_records(a, &r1, &r2);					\
		assert_int_equal(check(a, (a)->size), -EBADMSG);		\
		(field) = was;							\
		put_records(a, &(a)->first, &(a)->second);			\
		assert_int_equal(check(a, (a)->size), 0);			\
	} while (0)

static void lies_are_refused(void **state)
{
	struct answer *both[] = { &map_answer, &dump_answer }, *a;
	size_t i, size;

	(void)state;
	for (i = 0; i < 2; i++) {
		a = both[i];
		assert_int_equal(check(a, a->size), 0);
		for (size = 0; size < a->size; size++)
			assert_int_equal(check(a, size), is_boundary(a, size) ? 0 : -EBADMSG);
		assert_int_equal(check(a, RP_JIT_BATCH_MAX + 1), -EBADMSG);
		REFUSED(a, a->head->end, RP_JIT_ENDS_NR);
		REFUSED(a, a->head->end, RP_JIT_END_ROOM);
		REFUSED(a, a->head->end, RP_JIT_END_ALLOWANCE);
		REFUSED(a, a->head->allowance, a->job.allowance + 1);
		REFUSED(a, a->head->mark.offset, a->job.size + 1);
		REFUSED(a, a->head->mark.offset, a->second.next - 1);
		REFUSED(a, a->head->mark.timed, 2);
		REFUSED(a, a->head->mark.in_long_line, 2);
		REFUSED(a, a->first.next, a->second.next);
		REFUSED(a, a->second.next, a->first.next);
		REFUSED(a, a->second.next, a->first.next + 7);
		REFUSED(a, a->second.next, UINT64_MAX);
		REFUSED(a, a->second.len, a->second.len + 1);
		REFUSED(a, a->second.is_move, 2);
		REFUSED(a, a->second.old, 1);
	}
	REFUSED(&map_answer, map_answer.head->mark.pid, 7);
	REFUSED(&map_answer, map_answer.head->mark.timed, 1);
	REFUSED(&map_answer, map_answer.second.is_move, 1);
	REFUSED(&map_answer, map_answer.second.since, 1);
	REFUSED(&dump_answer, dump_answer.head->mark.in_long_line, 1);
	REFUSED(&dump_answer, dump_answer.second.in_long_line, 1);
	REFUSED(&dump_answer, dump_answer.second.is_move, 1);	/* has no name */
	REFUSED(&dump_answer, dump_answer.head->mark.timed, 0);	/* no times, then */
}

/* What was told of a dump's head before is not told otherwise. */
static void heads_stay(void **state)
{
	struct answer *a = &dump_answer;

	(void)state;
	a->job.mark = (struct rp_jit_mark){ .offset = 40, .pid = 7, .timed = 1 };
	REFUSED(a, a->head->mark.pid, 8);
	REFUSED(a, a->head->mark.timed, 0);
	REFUSED(a, a->job.mark.offset, a->first.next - 58);
}

/* What is not refused can be taken: names within their limits, and no step back. */
static void any_flipped_bit_is_safe(void **state)
{
	struct answer *both[] = { &map_answer, &dump_answer }, *a;
	struct rp_jit_taken counts = { 0 };
	struct rp_jit_mark mark;
	size_t i, bit;
	unsigned int taken = 0;

	(void)state;
	for (i = 0; i < 2; i++) {
		a = both[i];
		for (bit = 0; bit < a->size * 8; bit++) {
			a->data[bit / 8] ^= 1u << bit % 8;
			mark = a->job.mark;
			if (!check(a, a->size)) {
				taken++;
				assert_int_equal(rp_jit_batch_take(a->data, a->size, code, NULL,
								   NULL, &mark, &counts), 0);
				assert_true(mark.offset <= a->job.size);
			}
			a->data[bit / 8] ^= 1u << bit % 8;
		}
	}
	/* Places, sizes and names may be anything. */
	assert_in_range(taken, 500, 4000);
	assert_int_equal(counts.taken + counts.bad >= 2 * (uint64_t)taken, 1);
}

/* ---- all else goes on -------------------------------------------------------------- */

static void other_processes_have_names(void **state)
{
	struct rp_space_id other;
	char other_map[64];
	uint64_t jobs;
	pid_t child;

	jail = start("dies");
	begin(state);
	child = fork();
	if (!child) {
		pause();
		_exit(0);
	}
	snprintf(other_map, sizeof(other_map), "/tmp/perf-%d.map", child);
	put_text(map, 0, "30000000 20 fatal\n");
	put_text(other_map, O_TRUNC, "30000000 20 harmless\n");
	other = space_id((uint32_t)child, 5, 1);
	sampled();
	put_space(other);
	put_sample(other, CODE + 0x10, 0, 7);
	assert_string_equal(called(), "[anon]+0x10");
	assert_string_equal(name(f.p, 2, 0), "harmless");
	assert_int_equal(refused(RP_JIT_PARSER), 1);
	jobs = jobs_of(jail);
	assert_int_equal(jobs, 2);
	put_text(map, O_TRUNC, "30000000 20 fatal again\n");
	put_text(other_map, O_APPEND, "30000000 20 and growing\n");
	assert_string_equal(called(), "[anon]+0x10");
	assert_string_equal(name(f.p, 2, 0), "and growing");
	assert_int_equal(refused(RP_JIT_PARSER), 1);
	assert_int_equal(jobs_of(jail), 3);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	unlink(other_map);
	end(state);
	rp_jail_stop(jail);
	jail = NULL;
}

int main(int argc, char **argv)
{
	const char *mode = jail_mode(argc, argv);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whose_files_are_given_up),
		cmocka_unit_test(who_says_that_there_is_no_memory),
		cmocka_unit_test(who_never_comes_to_an_end),
		cmocka_unit_test_setup_teardown(lies_are_refused, make_answers, free_answers),
		cmocka_unit_test_setup_teardown(heads_stay, make_answers, free_answers),
		cmocka_unit_test_setup_teardown(any_flipped_bit_is_safe, make_answers,
						free_answers),
		cmocka_unit_test(other_processes_have_names),
	};
	static const char *const twists[] = {
		"no memory", "backwards", "endless", "too large", "greedy",
	};
	size_t i;

	if (mode) {
		for (i = 0; i < sizeof(twists) / sizeof(twists[0]); i++)
			if (!strcmp(mode, twists[i]))
				answer_jobs(mode);
		be_a_jail(mode);
	}
	rp_jail_main(argc, argv);
	return cmocka_run_group_tests_name("jail_jit", tests, make_files, remove_files);
}
