// SPDX-License-Identifier: GPL-2.0
/*
 * One pass over the functions in the order of their code, each run on its own, its rows
 * written at once: nothing is held but what lies in the file and what has been written.
 *
 * What lies between functions is decided when the next one is known. A row that says
 * "nothing known" begins there, unless code is found there that needs no description.
 */
#include "unwind_compile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "elf_file.h"
#include "unwind_index.h"
#include "unwind_rows.h"
#include "unwind_rule.h"
#include "unwind_special.h"
#include "unwind_text.h"
#include "why.h"

#define WORK_LEAST	(1u << 20)	/* instructions that any file may run */
#define WORK_A_BYTE	4		/* and for each byte of descriptions */
#define SIGNAL_AT	32		/* bytes within which a signal frame's code begins */
#define SIGNAL_PAD	4		/* what may stand before it: bti, endbr64, nop */

struct compiler {
	struct rp_elf_file *f;
	enum rp_unwind_machine machine;
	struct rp_cfi_registers registers;
	struct rp_unwind_text text;
	struct rp_unwind_specials specials;
	size_t next_special;
	struct rp_unwind_index index;
	struct rp_unwind_rows rows;
	struct rp_unwind_ledger ledger;
	uint64_t work;
	uint64_t done;			/* up to here the table is written */

	/* of the function at hand */
	uint64_t to_offset;		/* address + this: place in the file */
	struct rp_cfi_row seen;		/* the row that `rule` and `reason` are for */
	bool has_seen;
	unsigned int rule;
	enum rp_unwind_reason reason;
};

/* ---- writing ------------------------------------------------------------------ */

/* [from, to) of the file, of which [.., done) has been counted. */
static void write_range(struct compiler *c, uint64_t from, uint64_t to, unsigned int rule,
			enum rp_unwind_reason reason)
{
	enum rp_unwind_reason cut = rp_unwind_rows_put(&c->rows, from, rule);

	if (from < c->done)
		from = c->done;
	if (cut != RP_UNWIND_SAID)
		reason = cut;
	rp_unwind_note_code(&c->ledger, reason, from, to);
	if (rp_unwind_reason_class(reason) == RP_UNWIND_CLASS_UNSAID)
		c->ledger.stats.unsaid += to - from;
	else
		c->ledger.stats.covered += to - from;
	c->done = to;
}

/* Rules that are always said; should there be no room left for one, UNSAID. */
static unsigned int number_of(struct compiler *c, struct rp_unwind_rule rule,
			      enum rp_unwind_reason *ret_reason)
{
	unsigned int number;

	*ret_reason = rp_unwind_rows_rule(&c->rows, &rule, &number);
	return number;
}

/* Nothing is known of [done, to). */
static void leave_blank(struct compiler *c, uint64_t to)
{
	if (to <= c->done)
		return;
	rp_unwind_rows_put(&c->rows, c->done, 0);
	c->done = to;
}

static void write_special(struct compiler *c, const struct rp_unwind_special *s, uint64_t end)
{
	/* A signal's return address is looked up a byte early, also if that is another's. */
	uint64_t from = s->start - (s->kind == RP_UNWIND_SIGNAL && s->start);
	enum rp_unwind_reason reason;
	unsigned int number = number_of(c, s->rule, &reason);

	leave_blank(c, from);
	write_range(c, from, end, number, reason);
	if (s->kind == RP_UNWIND_ENTRY)
		c->ledger.stats.roots++;
	else if (s->kind == RP_UNWIND_SIGNAL)
		c->ledger.stats.signals++;
	else
		c->ledger.stats.stubs += end - from;
}

/* What no description covers, up to there. */
static void write_gap(struct compiler *c, uint64_t to)
{
	const struct rp_unwind_specials *specials = &c->specials;
	const struct rp_unwind_special *s;
	uint64_t end;

	for (; c->next_special < specials->nr; c->next_special++) {
		s = &specials->at[c->next_special];
		if (s->start >= to)
			break;
		if (s->start < c->done)
			continue;
		end = s->end < to ? s->end : to;
		/* An entry point's end is a guess. */
		if (c->next_special + 1 < specials->nr && s[1].start < end)
			end = s[1].start;
		if (end > s->start)
			write_special(c, s, end);
	}
	leave_blank(c, to);
}

/* ---- a function ------------------------------------------------------------------ */

static bool same_value(const struct rp_cfi_value *a, const struct rp_cfi_value *b)
{
	return a->how == b->how && a->value == b->value && a->expression == b->expression &&
	       a->size == b->size;
}

static bool same_row(const struct rp_cfi_row *a, const struct rp_cfi_row *b)
{
	return a->cfa_register == b->cfa_register && same_value(&a->cfa, &b->cfa) &&
	       same_value(&a->ra, &b->ra) && same_value(&a->sp, &b->sp) &&
	       same_value(&a->fp, &b->fp);
}

static void take_row(void *arg, uint64_t start, uint64_t end, const struct rp_cfi_row *row)
{
	struct compiler *c = arg;
	struct rp_unwind_rule rule;
	enum rp_unwind_reason cut;

	start += c->to_offset;
	end += c->to_offset;
	if (end <= c->done)
		return;		/* described before */
	if (!c->has_seen || !same_row(row, &c->seen)) {
		c->reason = rp_unwind_rule_from(row, c->machine, &rule);
		cut = rp_unwind_rows_rule(&c->rows, &rule, &c->rule);
		if (cut != RP_UNWIND_SAID)
			c->reason = cut;
		c->seen = *row;
		c->has_seen = true;
	}
	write_range(c, start < c->done ? c->done : start, end, c->rule, c->reason);
}

static void run_fde(struct compiler *c, const struct rp_unwind_place *place,
		    const struct rp_cfi_fde *fde)
{
	struct rp_cfi_run run = {
		.section = &c->index.sections[place->section], .registers = &c->registers,
		.work = &c->work, .fn = take_row, .arg = c };
	const struct rp_cfi_kept_cie *kept =
		rp_cfi_cies_run(&c->index.cies[place->section], &run, fde->cie->at);
	uint64_t end = fde->start + fde->size, at = fde->start;
	enum rp_unwind_reason reason = kept->wrong;

	if (reason == RP_UNWIND_SAID)
		reason = rp_cfi_run_fde(&run, fde, &kept->begin, &at);
	end += c->to_offset;
	at += c->to_offset;
	if (at < c->done)
		at = c->done;
	if (reason != RP_UNWIND_SAID && at < end)
		write_range(c, at, end, RP_UNWIND_ROW_UNSAID, reason);
}

/*
 * Whether a function is a signal's return. One that says so may have it anywhere near;
 * one that does not has to be nothing else. *ret: where it begins.
 */
static bool is_signal(const struct compiler *c, const struct rp_cfi_fde *fde,
		      uint64_t start, uint64_t *ret)
{
	uint64_t reach = fde->cie->signal ? SIGNAL_AT : SIGNAL_PAD + 1;

	return rp_unwind_signal_in(&c->specials, start,
				   start + (fde->size < reach ? fde->size : reach), ret);
}

static void write_signal(struct compiler *c, uint64_t start, uint64_t end, bool early)
{
	enum rp_unwind_reason reason;
	unsigned int number = number_of(c, rp_unwind_rule_signal(), &reason);

	if (early && start)
		start--;
	write_gap(c, start);
	write_range(c, start, end, number, reason);
}

static void take_fde(struct compiler *c, const struct rp_unwind_place *place)
{
	const struct rp_unwind_segment *segment;
	uint64_t start = place->offset, room, end, at;
	struct rp_cfi_fde fde;

	rp_unwind_index_read(&c->index, place, &fde);
	segment = rp_unwind_segment_of(&c->text, fde.start);
	room = segment->size - (fde.start - segment->address);
	if (fde.size > room) {
		rp_unwind_note_entry(&c->ledger, RP_UNWIND_REASON_OUTSIDE, place->at, fde.start);
		fde.size = room;
	}
	end = start + fde.size;
	if (start < c->done && place->section == RP_UNWIND_EH)
		rp_unwind_note_entry(&c->ledger, RP_UNWIND_REASON_OVERLAP, place->at, fde.start);
	if (end <= c->done)
		return;
	c->ledger.stats.fdes[place->section]++;
	c->to_offset = start - fde.start;
	if (start >= c->done && is_signal(c, &fde, start, &at)) {
		write_signal(c, start, end, at == start);
		return;
	}
	write_gap(c, start);
	if (fde.cie->signal)
		write_range(c, start < c->done ? c->done : start, end, RP_UNWIND_ROW_UNSAID,
			    RP_UNWIND_REASON_SIGNAL);
	else
		run_fde(c, place, &fde);
}

/* ---- a file ---------------------------------------------------------------------- */

static int begin(struct compiler *c)
{
	const struct rp_elf_file *f = c->f;
	unsigned int i;
	int r;

	if (f->ehdr.e_machine == EM_X86_64)
		c->machine = RP_UNWIND_X86_64;
	else if (f->ehdr.e_machine == EM_AARCH64)
		c->machine = RP_UNWIND_ARM64;
	if (!c->machine || !f->is_64 || f->ehdr.e_ident[EI_DATA] != ELFDATA2LSB)
		return rp_elf_file_fail(c->f, -ENOTSUP,
			"is neither for x86-64 nor for arm64: there are no unwind tables for it");
	c->registers = (struct rp_cfi_registers){
		.ra = c->machine == RP_UNWIND_X86_64 ? 16 : 30,
		.sp = rp_unwind_sp(c->machine), .fp = rp_unwind_fp(c->machine),
		.arm64 = c->machine == RP_UNWIND_ARM64 };
	rp_unwind_text_of(f, &c->text);
	c->ledger.text = &c->text;
	c->ledger.stats.text = c->text.bytes;
	r = rp_unwind_index_begin(&c->index, c->f, &c->text, &c->ledger);
	if (!r)
		r = rp_unwind_find_specials(c->f, &c->text, &c->specials);
	for (i = 0; i < RP_UNWIND_SECTIONS; i++)
		c->work += WORK_A_BYTE * (uint64_t)c->index.sections[i].size;
	c->work += WORK_LEAST;
	return r ? rp_elf_file_fail(c->f, r, "no memory for its unwind table") : 0;
}

/* Nothing will be written before this place. */
static uint64_t lowest(const struct compiler *c)
{
	uint64_t low = UINT64_MAX;

	if (c->index.nr)
		low = c->index.places[0].offset;
	if (c->specials.nr && c->specials.at[0].start < low)
		low = c->specials.at[0].start;
	return low ? low - 1 : 0;
}

static int write_table(struct compiler *c, struct rp_unwind_built *ret)
{
	const struct rp_unwind_segment *last;
	struct rp_unwind_built b = { 0 };
	size_t i;
	int r;

	if (!c->index.nr && !c->specials.nr)
		return rp_elf_file_fail(c->f, -ENODATA,
			"has no usable call-frame information: no unwind table can be made of it");
	r = rp_unwind_rows_begin(&c->rows, lowest(c));
	if (!r) {
		c->done = lowest(c);
		for (i = 0; i < c->index.nr; i++)
			take_fde(c, &c->index.places[i]);
		last = &c->text.at[c->text.nr - 1];
		write_gap(c, last->offset + last->size);
		/* The last row ends here, also if it is a function's. */
		rp_unwind_rows_put(&c->rows, c->done, 0);
		c->ledger.stats.rows = c->rows.nr_rows;
		c->ledger.stats.rules = c->rows.nr_rules;
		rp_unwind_index_free(&c->index);
		r = c->ledger.failed ? -ENOMEM :
		    rp_unwind_rows_finish(&c->rows, c->machine, &b.table, &b.size);
	}
	if (r)
		return rp_elf_file_fail(c->f, r, "no memory for its unwind table");
	b.stats = c->ledger.stats;
	b.listed = c->ledger.listed;
	b.nr_listed = c->ledger.nr;
	c->ledger.listed = NULL;
	*ret = b;
	return 0;
}

static int compile(struct rp_elf_file *f, size_t max_listed, struct rp_unwind_built *ret)
{
	struct compiler *c;
	int r = rp_elf_file_begin(f);

	if (r)
		return r;
	c = calloc(1, sizeof(*c));
	if (!c) {
		rp_elf_file_end(f);
		return rp_elf_file_fail(f, -ENOMEM, "no memory for its unwind table");
	}
	c->f = f;
	c->ledger.max = max_listed;
	r = begin(c);
	if (!r)
		r = write_table(c, ret);
	rp_unwind_rows_free(&c->rows);
	rp_unwind_index_free(&c->index);
	free(c->ledger.listed);
	free(c);
	rp_elf_file_end(f);
	return r;
}

int rp_unwind_compile_fd(int fd, const char *name, size_t max_listed,
			 struct rp_unwind_built *ret, char *why, size_t why_size)
{
	struct rp_elf_file f = { .fd = fd, .name = name, .err = why, .err_size = why_size };
	struct stat st;

	if (fstat(fd, &st) < 0)
		return rp_elf_file_fail(&f, -errno, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return rp_elf_file_fail(&f, -ENOTSUP, "is not a regular file");
	f.size = st.st_size;
	return compile(&f, max_listed, ret);
}

int rp_unwind_compile_memory(const void *image, size_t size, const char *name,
			     size_t max_listed, struct rp_unwind_built *ret,
			     char *why, size_t why_size)
{
	struct rp_elf_file f = { .fd = -1, .image = image, .size = size, .name = name,
				 .err = why, .err_size = why_size };

	return compile(&f, max_listed, ret);
}

void rp_unwind_built_free(struct rp_unwind_built *b)
{
	free(b->table);
	free(b->listed);
	memset(b, 0, sizeof(*b));
}
