/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat.h - the only place where kernels differ. It offers the newest upstream
 * names on every kernel; have.h says, from compile probes, what there is. Contexts:
 * those of what each name stands for.
 */
#ifndef RINGPROF_COMPAT_H
#define RINGPROF_COMPAT_H

#include <linux/highmem.h>
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "have.h"
#include "atomic.h"
#include "lockdep.h"

#ifndef RP_HAVE_KERNEL
#error "no probe compiles: kmod/compat/probe was run with the wrong flags"
#endif

#ifndef RP_HAVE_HRTIMER_SETUP
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

/*
 * Timers run in hard interrupts unless they ask for soft ones, except with the real-time
 * patches of kernels before 5.4, where it is the other way round and no mode asks.
 */
#if defined(RP_HAVE_HRTIMER_HARD)
#define RP_HRTIMER_MODE HRTIMER_MODE_REL_PINNED_HARD
#define RP_HRTIMER_MODE_ABS HRTIMER_MODE_ABS_PINNED_HARD
#define RP_HARD_TICK true
#else
#define RP_HRTIMER_MODE HRTIMER_MODE_REL_PINNED
#define RP_HRTIMER_MODE_ABS HRTIMER_MODE_ABS_PINNED
#define RP_HARD_TICK !IS_ENABLED(CONFIG_PREEMPT_RT_BASE)
#endif

/* Under a run queue's lock a timer may be started. */
#ifdef RP_HAVE_HRTIMER_START_RETURNS
#define RP_HRTIMER_STARTS_ANYWHERE false
#else
#define RP_HRTIMER_STARTS_ANYWHERE true
#endif

#ifndef RP_HAVE_VM_FLAGS_SET
static inline void vm_flags_set(struct vm_area_struct *vma, unsigned long flags)
{
	vma->vm_flags |= flags;
}

static inline void vm_flags_clear(struct vm_area_struct *vma, unsigned long flags)
{
	vma->vm_flags &= ~flags;
}
#endif

#ifndef RP_HAVE_KMAP_LOCAL_PAGE
#define kmap_local_page(page) kmap_atomic(page)
#define kunmap_local(address) kunmap_atomic(address)
#endif

#ifndef RP_HAVE_COPY_FROM_KERNEL_NOFAULT
#define copy_from_kernel_nofault(to, from, size) probe_kernel_read(to, from, size)
#endif

#ifndef RP_HAVE_MUL_U64_U32_SHR
/* For a shift of up to 32 bits. */
static inline u64 mul_u64_u32_shr(u64 a, u32 b, unsigned int shift)
{
	return (((a & U32_MAX) * b) >> shift) + (((a >> 32) * b) << (32 - shift));
}
#endif

#ifndef RP_HAVE_KVFREE
static inline void kvfree(const void *memory)
{
	bool pages = is_vmalloc_addr(memory);

	if (pages)
		vfree(memory);
	else
		kfree(memory);
}
#endif

/* ---- address spaces ------------------------------------------------------ */

#ifndef RP_HAVE_MMGET
static inline void mmget(struct mm_struct *mm)
{
	atomic_inc(&mm->mm_users);
}
#endif

#ifndef RP_HAVE_MMAP_READ_TRYLOCK
static inline bool mmap_read_trylock(struct mm_struct *mm)
{
	return down_read_trylock(&mm->mmap_sem);
}

static inline void mmap_read_unlock(struct mm_struct *mm)
{
	up_read(&mm->mmap_sem);
}
#endif

#ifndef RP_HAVE_MMAP_ASSERT_LOCKED
static inline void mmap_assert_locked(struct mm_struct *mm)
{
	lockdep_assert_held(&mm->mmap_sem);
}
#endif

#ifndef RP_HAVE_VMA_ITERATOR
/* For the whole address space only. */
#define VMA_ITERATOR(name, mm, address) struct vm_area_struct *name = (mm)->mmap
#define for_each_vma(name, vma) for (vma = name; vma; vma = vma->vm_next)
#endif

/*
 * A number that is another one when a mapping has gone or been exchanged since, and also for
 * other reasons; where the kernel has none such, time is one. No lock is needed.
 */
static inline unsigned long rp_mm_changes(struct mm_struct *mm)
{
#if defined(RP_HAVE_MM_LOCK_SEQ_SEQCOUNT)
	return READ_ONCE(mm->mm_lock_seq.sequence);
#elif defined(RP_HAVE_MM_LOCK_SEQ)
	return READ_ONCE(mm->mm_lock_seq);
#elif defined(RP_HAVE_VMACACHE_SEQNUM)
	return READ_ONCE(mm->vmacache_seqnum);
#elif defined(RP_HAVE_CONTEXT_TLB_GEN)
	return atomic64_read(&mm->context.tlb_gen);
#else
	return jiffies;
#endif
}

/* What a mapping without a file is called ([vdso] and its like), or NULL. */
static inline const char *rp_vma_name(struct vm_area_struct *vma)
{
#if defined(RP_HAVE_VM_OPS_NAME)
	return vma->vm_ops && vma->vm_ops->name ? vma->vm_ops->name(vma) : NULL;
#elif defined(CONFIG_X86)
	return vma->vm_start == (unsigned long)vma->vm_mm->context.vdso ? "[vdso]" : NULL;
#else
	return NULL;
#endif
}

/* Until 3.14 what is found may be a swap entry instead, which has a low bit set. */
static inline struct page *rp_find_get_page(struct address_space *mapping,
					    pgoff_t index)
{
	struct page *page = find_get_page(mapping, index);

	return (unsigned long)page & 3 ? NULL : page;
}

/* ---- tasks --------------------------------------------------------------- */

/* Nanoseconds; which clock's is the kernel's secret. */
static inline u64 rp_task_start(const struct task_struct *task)
{
#ifdef RP_HAVE_TASK_START_TIME_NS
	return task->start_time;
#else
	return timespec_to_ns(&task->start_time);
#endif
}

/* The arguments of a sched_process_exit probe. */
#ifdef RP_HAVE_SCHED_PROCESS_EXIT_GROUP_DEAD
#define RP_PROBE_SCHED_PROCESS_EXIT(name) \
	void name(void *data, struct task_struct *task, bool group_dead)
#else
#define RP_PROBE_SCHED_PROCESS_EXIT(name) \
	void name(void *data, struct task_struct *task)
#endif

/* The arguments of a sched_switch probe. */
#if defined(RP_HAVE_SCHED_SWITCH_PREV_STATE)
#define RP_PROBE_SCHED_SWITCH(name) \
	void name(void *data, bool preempt, struct task_struct *prev, \
		  struct task_struct *next, unsigned int prev_state)
#elif defined(RP_HAVE_SCHED_SWITCH_PREEMPT)
#define RP_PROBE_SCHED_SWITCH(name) \
	void name(void *data, bool preempt, struct task_struct *prev, struct task_struct *next)
#else
#define RP_PROBE_SCHED_SWITCH(name) \
	void name(void *data, struct task_struct *prev, struct task_struct *next)
#endif

/* In an exec, registers, address space and exec count do not belong together. */
static inline bool rp_task_in_exec(struct task_struct *task)
{
#ifdef RP_HAVE_IN_EXECVE
	return task->in_execve;
#else
	return false;
#endif
}

#endif
