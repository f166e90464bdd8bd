// SPDX-License-Identifier: GPL-2.0
/*
 * stack_user_tables.c - by unwind tables (proto/unwind_step.h), each frame by the one of the
 * file that its code is mapped from; by frame pointers where there is no table, or no
 * rule in it, and back to tables after that.
 *
 * Contexts: hard interrupt or NMI, as in stack_user.c, under rcu_read_lock: the list of
 * mappings, the files that it names and their tables are freed only a grace period after
 * nobody can find them any more. Another table may take one's place during a walk, which
 * goes on with what it found until it comes to another mapping.
 *
 * Tables and stack are a stranger's words. A table has been checked so that no lookup
 * leaves it (table_load.c); what its rules say can only choose which words of user memory
 * are read, each of them with its address checked and faults disabled; and every step
 * adds a frame, of which there are at most max.
 */
#include <linux/kernel.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/stddef.h>
#include <linux/uaccess.h>

#include "code_address.h"
#include "compat/compat.h"
#include "compat/user_regs.h"
#include "rule_cache.h"
#include "space_maps.h"
#include "stack.h"
#include "stack_user.h"
#include "table.h"
#include "../proto/unwind_step.h"

#ifdef RP_TABLES

struct walk {
	struct rp_user_words words;
	const struct rp_space_maps *maps;
	struct rp_rule_cache *rules;
	unsigned long start, size;		/* of the mapping looked up last; 0: none */
	const struct rp_unwind_table *table;	/* its file's, or NULL */
	u64 in_file;				/* from an address there to the file's place */
	struct pt_regs *regs;	/* NULL: the last signal's, saved in the user's memory */
	u64 saved;		/* for the stack pointer there */
	bool by_fp;		/* some step went so */
};

/* ---- what a step reads ----------------------------------------------------------- */

static __always_inline bool read_word(void *arg, u64 address, u64 *ret)
{
	struct walk *walk = arg;
	unsigned long word;

	if (!rp_read_user_long(&walk->words, &word, address))
		return false;
	*ret = word;
	return true;
}

/* By DWARF's number; not the stack pointer, which a step has. */
static bool interrupted_register(struct pt_regs *regs, unsigned int reg, u64 *ret)
{
#ifdef CONFIG_X86_64
#define AT(name) offsetof(struct pt_regs, name)
	static const u8 at[] = {
		AT(ax), AT(dx), AT(cx), AT(bx), AT(si), AT(di), AT(bp), AT(sp),
		AT(r8), AT(r9), AT(r10), AT(r11), AT(r12), AT(r13), AT(r14), AT(r15),
	};
#undef AT

	if (reg >= ARRAY_SIZE(at) || !rp_user_regs_whole(regs))
		return false;
	*ret = *(const unsigned long *)((const char *)regs + at[reg]);
#else
	if (reg >= ARRAY_SIZE(regs->regs))
		return false;
	*ret = regs->regs[reg];
#endif
	return true;
}

/* Of an exact frame: the interrupted one, or what a signal has interrupted. */
static noinline bool find_register(struct walk *walk, unsigned int reg, u64 *ret)
{
	u64 at;

	if (walk->regs)
		return interrupted_register(walk->regs, reg, ret);
	at = rp_unwind_saved_at(RP_TABLE_MACHINE, walk->saved, reg);
	return at && read_word(walk, at, ret);
}

/* Seldom; what is read by a step shall not lie in memory for its sake. */
static __always_inline bool read_register(void *arg, unsigned int reg, u64 *ret)
{
	u64 word;

	if (!find_register(arg, reg, &word))
		return false;
	*ret = word;
	return true;
}

static __always_inline u64 code_address(u64 address)
{
	return rp_code_address(address);
}

/* ---- a step ------------------------------------------------------------------------ */

static noinline void find_map(struct walk *walk, unsigned long place)
{
	const struct rp_space_map *map = rp_space_maps_find(walk->maps, place);

	walk->table = NULL;
	walk->size = 0;
	if (!map)
		return;
	walk->start = map->start;
	walk->size = map->size;
	walk->in_file = map->offset - map->start;
	if (map->file)
		walk->table = rp_file_table(map->file);
}

/* Most frames are in the same mapping as the one before. */
static __always_inline void look_up(struct walk *walk, unsigned long place)
{
	if (unlikely(place - walk->start >= walk->size))
		find_map(walk, place);
}

static __always_inline enum rp_unwind_step step(struct walk *walk,
						struct rp_unwind_state *s, bool *ret_by_fp)
{
	const struct rp_unwind_reader reader = {
		.read = read_word, .reg = read_register, .code = code_address, .arg = walk,
	};
	enum rp_unwind_step step = RP_UNWIND_NO_RULE;
	u64 place = rp_unwind_place(s), sp = s->sp;
	const struct rp_unwind_rule *rule;

	look_up(walk, place);
	if (likely(walk->table)) {
		rule = rp_rule_cache_find(walk->rules, walk->table, place + walk->in_file);
		step = rp_unwind_one(s, rule, RP_TABLE_MACHINE, &reader);
	}
	*ret_by_fp = step == RP_UNWIND_NO_RULE;
	if (*ret_by_fp)
		step = rp_unwind_by_fp(s, RP_TABLE_MACHINE, &reader);
	if (step == RP_UNWIND_SIGNALLED) {
		walk->regs = NULL;
		walk->saved = sp;
	}
	s->sp = rp_untagged(s->sp);
	s->fp = rp_untagged(s->fp);
	return step;
}

static enum rp_stop stop_of(enum rp_unwind_step step, bool by_fp)
{
	switch (step) {
	case RP_UNWIND_ROOT:
		return RP_STOP_ROOT;
	case RP_UNWIND_UNSAID_RULE:
		return RP_STOP_UNSAID;
	case RP_UNWIND_NO_REGISTER:
		return RP_STOP_REGISTER;
	case RP_UNWIND_NO_MEMORY:
		return RP_STOP_FAULT;
	case RP_UNWIND_BACKWARDS:
		return by_fp ? RP_STOP_FRAME : RP_STOP_BACKWARDS;
	default:
		return RP_STOP_FRAME;
	}
}

/*
 * A frame pointer that is none may lead to any word: what is taken for a return address
 * has to lie in code; and in that of the same mapping, if it lies on another stack: what
 * stands below a stack is mostly no stack.
 */
static bool leads_to_code(struct walk *walk, u64 pc, bool other_stack)
{
	unsigned long from = walk->start, size = walk->size;

	look_up(walk, pc - 1);
	if (other_stack)
		return size && walk->size && walk->start == from;
	return walk->size || !walk->maps->whole;
}

/* Inlined, so that the state is kept in registers. */
static __always_inline enum rp_stop follow(struct walk *walk, struct rp_unwind_state *s,
					   u64 *addr, unsigned int max, unsigned int *nr)
{
	enum rp_unwind_step how;
	bool by_fp;

	for (;;) {
		how = step(walk, s, &by_fp);
		if (how != RP_UNWIND_CALLER && how != RP_UNWIND_SIGNALLED &&
		    how != RP_UNWIND_OTHER_STACK)
			return *nr == max && how == RP_UNWIND_NO_MEMORY ?
			       RP_STOP_DEPTH : stop_of(how, by_fp);
		if (*nr == max)
			return RP_STOP_DEPTH;
		if (!s->pc)
			return by_fp && s->fp ? RP_STOP_FRAME : RP_STOP_ROOT;
		if (by_fp && !leads_to_code(walk, s->pc, how == RP_UNWIND_OTHER_STACK))
			return RP_STOP_FRAME;
		walk->by_fp |= by_fp;
		addr[(*nr)++] = s->pc;
	}
}

unsigned int rp_stack_user_tables(struct pt_regs *regs,
				  const struct rp_stack_guides *guides, u64 *addr,
				  unsigned int max, u8 *ret_stop, bool *ret_by_fp)
{
	struct rp_unwind_state s = {
		.pc = instruction_pointer(regs),
		.sp = rp_untagged(rp_user_stack_pointer(regs)),
		.fp = rp_untagged(rp_user_frame_pointer(regs)),
		.exact = true,
		.fp_known = rp_user_frame_pointer_known(regs),
	};
	struct walk walk = {
		.maps = guides->maps, .rules = guides->rules, .regs = regs,
	};
	unsigned int nr = 0;

	RCU_LOCKDEP_WARN(!rcu_read_lock_held(), "mappings and tables may go");
#ifdef CONFIG_ARM64
	s.lr = regs->regs[30];
#endif
	addr[nr++] = s.pc;
	pagefault_disable();
	*ret_stop = follow(&walk, &s, addr, max, &nr);
	pagefault_enable();
	*ret_by_fp = walk.by_fp;
	return nr;
}

#endif
