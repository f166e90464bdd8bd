/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many bytes of an uncompressed pprof an entry of a profile takes, at most, with
 * the strings that it names (which it may share with others).
 */
#ifndef RP_PPROF_SIZE_H
#define RP_PPROF_SIZE_H

#include "profile.h"

/* A number with its tag. */
uint64_t rp_pprof_size_number(uint64_t n);
uint64_t rp_pprof_size_mapping(const struct rp_profile *p, uint32_t id);
uint64_t rp_pprof_size_function(const struct rp_profile *p, uint32_t id);

#endif
