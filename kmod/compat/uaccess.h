/* SPDX-License-Identifier: GPL-2.0 */
/*
 * uaccess.h - the user memory of the current task, as far as it is there. Any context
 * up to NMI; the caller has disabled page faults.
 */
#ifndef RINGPROF_COMPAT_UACCESS_H
#define RINGPROF_COMPAT_UACCESS_H

#include <linux/mm_types.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/uaccess.h>

#include "have.h"

#ifdef CONFIG_X86
#include <asm/processor.h>
#include <asm/special_insns.h>
#endif
#ifdef CONFIG_ARM64
#include <linux/bits.h>
#include <linux/thread_info.h>
#include <asm/sysreg.h>
#include <asm/uaccess.h>
#endif

/*
 * The bare read of a word, or of two, without a look at where they lie. Above what changes
 * access_ok, which some kernels' __get_user expands to. Where it can be done in place, it
 * is without user_access_begin, which looks, and for which some kernels warn in an
 * interrupt.
 */
#ifdef RP_HAVE_UNSAFE_GET_USER
static __always_inline bool rp_get_user_long(unsigned long *to,
					     const unsigned long __user *from)
{
	__uaccess_begin_nospec();
	unsafe_get_user(*to, from, fault);
	__uaccess_end();
	return true;
fault:
	__uaccess_end();
	return false;
}

static __always_inline bool rp_get_user_pair(unsigned long *first, unsigned long *second,
					     const unsigned long __user *from)
{
	__uaccess_begin_nospec();
	unsafe_get_user(*first, from, fault);
	unsafe_get_user(*second, from + 1, fault);
	__uaccess_end();
	return true;
fault:
	__uaccess_end();
	return false;
}
#else
static inline bool rp_get_user_long(unsigned long *to, const unsigned long __user *from)
{
	return !__get_user(*to, from);
}

static inline bool rp_get_user_pair(unsigned long *first, unsigned long *second,
				    const unsigned long __user *from)
{
	return !__get_user(*first, from) && !__get_user(*second, from + 1);
}
#endif

#ifndef RP_HAVE_ACCESS_OK_WITHOUT_TYPE
static inline bool rp_access_ok(const void __user *from, unsigned long size)
{
	return access_ok(VERIFY_READ, from, size);
}

#undef access_ok
#define access_ok(from, size) rp_access_ok(from, size)
#endif

/*
 * True: the bytes were copied. False: not in user space, not present, or the page
 * tables that are loaded are not the task's (a call of the firmware, a switch under
 * way: there user addresses mean something else).
 */
#if defined(CONFIG_X86) && defined(RP_HAVE_NMI_UACCESS_OKAY)
/* Checks all of that. */
static inline bool rp_read_user(void *to, const void __user *from, unsigned long size)
{
	return !copy_from_user_nmi(to, from, size);
}
#elif defined(CONFIG_X86)
/*
 * Here copy_from_user_nmi does not look at the page tables, and on some of these
 * kernels it returns the bytes copied, on others those that were not. access_ok may
 * not be called in an interrupt: some of them warn.
 */
static inline bool rp_read_user(void *to, const void __user *from, unsigned long size)
{
	unsigned long address = (unsigned long)from, tables;

#ifdef RP_HAVE_READ_CR3_PA
	tables = read_cr3_pa();
#else
	tables = read_cr3() & PAGE_MASK;
#endif
	return address < TASK_SIZE && size <= TASK_SIZE - address &&
	       current->mm && tables == __pa(current->mm->pgd) &&
	       !__copy_from_user_inatomic(to, from, size);
}
#elif defined(CONFIG_ARM64)
/*
 * A pseudo-NMI may come while a switch to another task's tables is under way, any
 * interrupt in a call of the firmware, which has tables of its own. Where the kernel
 * takes user memory away from itself by software, the tables are those that it would put
 * in for the access. An address of more than 48 bits has its upper ones in the lowest.
 */
static inline bool rp_user_tables_loaded(void)
{
	unsigned long tables = read_sysreg(ttbr0_el1), own;

	if (!current->mm)
		return false;
#ifdef CONFIG_ARM64_SW_TTBR0_PAN
	if (system_uses_ttbr0_pan())
		tables = READ_ONCE(current_thread_info()->ttbr0);
#endif
	own = virt_to_phys(current->mm->pgd);
	return (tables & GENMASK(47, 2)) == ((own | own >> 46) & GENMASK(47, 2));
}

static inline bool rp_read_user(void *to, const void __user *from, unsigned long size)
{
	return access_ok(from, size) && rp_user_tables_loaded() &&
	       !__copy_from_user_inatomic(to, from, size);
}
#else
/* No NMIs, and interrupts are off while tables are switched. */
static inline bool rp_read_user(void *to, const void __user *from, unsigned long size)
{
	return access_ok(from, size) && !__copy_from_user_inatomic(to, from, size);
}
#endif

/*
 * Word after word of a stack, from one interrupt, in which no other page tables are
 * loaded: so one read that asks for them speaks for those that follow. Begins as zero.
 */
struct rp_user_words {
	unsigned long end;	/* two words before user space ends; 0: not asked yet */
};

static noinline bool rp_read_user_carefully(struct rp_user_words *words, unsigned long *to,
					    unsigned int nr, unsigned long from)
{
	if (!rp_read_user(to, (const void __user *)from, nr * sizeof(*to)))
		return false;
	words->end = TASK_SIZE - 2 * sizeof(long);
	return true;
}

/* What is read lies in memory only where it has to: most reads go through a register. */
static __always_inline bool rp_read_user_long(struct rp_user_words *words,
					      unsigned long *to, unsigned long from)
{
	if (unlikely(from >= words->end)) {
		unsigned long word;

		if (!rp_read_user_carefully(words, &word, 1, from))
			return false;
		*to = word;
		return true;
	}
	return rp_get_user_long(to, (const unsigned long __user *)from);
}

/* Two that lie side by side. */
static __always_inline bool rp_read_user_pair(struct rp_user_words *words,
					      unsigned long *first, unsigned long *second,
					      unsigned long from)
{
	if (unlikely(from >= words->end)) {
		unsigned long word[2];

		if (!rp_read_user_carefully(words, word, 2, from))
			return false;
		*first = word[0];
		*second = word[1];
		return true;
	}
	return rp_get_user_pair(first, second, (const unsigned long __user *)from);
}

#endif
