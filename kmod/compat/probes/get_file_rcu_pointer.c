// SPDX-License-Identifier: GPL-2.0
/* A reference is taken by where the pointer stands, from 6.7 on. exported: get_file_rcu */
#include <linux/fs.h>

struct file *probe(struct file __rcu **at);
struct file *probe(struct file __rcu **at)
{
	return get_file_rcu(at);
}
