// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as a pprof file: refused with a sentence, or read into a profile that
 * can be viewed, written and read again with the same content.
 *
 *	make fuzz && build/fuzz/fuzz_pprof_read -max_len=4096 CORPUS_FOLDER
 */
#include "flame_tree.h"
#include "frames.h"
#include "pprof_read.h"
#include "pprof_write.h"

#include <stdlib.h>

#define PLAIN_MAX	(1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int is_true)
{
	if (!is_true)
		abort();
}

static void view(const struct rp_profile *p)
{
	struct rp_flame_tree *t = rp_flame_tree_new(p, &(struct rp_flame_options){ 0 });

	check(t != NULL);
	rp_flame_tree_free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[RP_WHY_SIZE] = "";
	struct rp_profile *p, *again;
	unsigned int i;
	size_t len;
	void *file;

	p = rp_pprof_read_mem(data, size, PLAIN_MAX, why, sizeof(why));
	if (!p) {
		check(why[0] != '\0');
		return 0;
	}
	view(p);
	check(rp_pprof_write_mem(p, &file, &len, why, sizeof(why)) == 0);
	again = rp_pprof_read_mem(file, len, 0, why, sizeof(why));
	check(again != NULL);
	check(again->nr_samples == p->nr_samples && again->nr_types == p->nr_types &&
	      again->nr_frames == p->nr_frames);
	for (i = 0; i < p->nr_types; i++)
		check(rp_profile_total(p, i) == rp_profile_total(again, i));
	free(file);
	rp_profile_free(again);
	rp_profile_free(p);
	return 0;
}
