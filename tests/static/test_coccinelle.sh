#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the kernel's own semantic patches (scripts/coccinelle) find in the module:
# nothing. They run as the kernel's `make coccicheck MODE=report` runs them, which needs
# a whole kernel tree around the module. A file with mistakes is among the others and
# has to be found.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$project"
source=$(scripts/kernel 6.1 source)
export dir	# for try

mkdir "$dir/module" "$dir/out"
cp -r kmod proto "$dir/module"
cat >"$dir/module/kmod/planted.c" <<-'END'
	#include <linux/slab.h>
	#include <linux/mutex.h>
	struct planted { int n; };
	int freed(struct planted *p) { kfree(p); return p->n; }
	int null(struct planted *p) { if (!p) return p->n; return 0; }
	int returned(void) { int err = 0; return err; }
	void twice(struct planted *p) { if (p) { p->n = 1; }; }
	void freed_if(struct planted *p) { if (p) kfree(p); }
	void locked(struct mutex *m, int n) { mutex_lock(m); if (n) return; mutex_unlock(m); }
END

# try COCCI: what one of them says, and whether it could run
try()
{
	local name options
	name=$(basename "$1" .cocci)
	options=$(sed -n 's,^// *Options: *,,p' "$1" | head -n 1)
	# shellcheck disable=SC2086	# a word each
	spatch -D report --no-show-diff --very-quiet $options --cocci-file "$1" \
		--dir "$dir/module" >"$dir/out/$name" 2>"$dir/out/$name.err" ||
		{ echo "$name failed: $(<"$dir/out/$name.err")"; exit 1; }
}
export -f try

# Those with parts in OCaml want a compiler for it.
mapfile -t all < <(find "$source/scripts/coccinelle" -name '*.cocci' | sort)
mapfile -t scripts < <(grep -L '^@.*\(script\|initialize\):ocaml' "${all[@]}")
step "${#scripts[@]} of ${#all[@]}"
check_between ${#scripts[@]} 50 ${#all[@]} "scripts that can run"
# shellcheck disable=SC2016	# that shell expands it
check_ok xargs -P "$(nproc)" -n 1 bash -c 'try "$1"' _ < <(printf '%s\n' "${scripts[@]}") >&2

step "what was found"
cat "$dir"/out/* | sed "s,^.*/module/,," | sort -u >"$dir/found"
for text in 'reference preceded by free' 'p is NULL but dereferenced' \
	'Unneeded variable' 'Unneeded semicolon' 'NULL check before some freeing' \
	'preceding lock'; do
	grep -q "^kmod/planted\.c:.*$text" "$dir/found" ||
		fail "'$text' was not found: $(<"$dir/found")"
done
! grep -E '^(kmod|proto)/' "$dir/found" | grep -v '^kmod/planted\.c:' || fail "see above"
