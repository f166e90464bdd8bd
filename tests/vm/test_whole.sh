#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# limit: 1200
#
# User stacks of programs without frame pointers are whole: Debian's own, and some that are
# built as anybody's are (threads, handlers on an alternate stack, the vdso). Of tables
# that are there when it begins: each program runs once before.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d)
inputs=$(mktemp -d) programs=$project/build/bench
# shellcheck source=tests/bench/workloads.sh
. "$project/tests/bench/workloads.sh"
export inputs programs

has user-stack-tables || {
	step "a machine without tables says so"
	status=0
	message=$(ringprofctl record --unwind tables -d 1 -o "$dir/x" 2>&1) || status=$?
	check_eq "$status" 1 "status of record --unwind tables"
	check_match "$message" 'no unwind tables here' "what it says"
	check_ok ringprofctl record -d 1 -o "$dir/x"
	exit 0
}

# wanted: percent of the user's samples
wanted=99
[[ $(uname -m) = x86_64 ]] || wanted=98

cat >"$dir/run" <<END
#!/bin/bash
inputs=$inputs programs=$programs
. "$project/tests/bench/workloads.sh"
run_workload "\$@"
END
chmod +x "$dir/run"

# whole JSON: percent, by record's summary
whole()
{
	grep -oE '"whole_user_stacks":[0-9.e-]+' <<<"$1" | awk -F: '{ print 100 * $2 }'
}

# record_it NAME OPTION...: its summary
record_it()
{
	ringprofctl -j record -F 499 --modes user -o "$dir/$1.pb.gz" "${@:2}" -- \
		"$dir/run" "$1" "$seconds" 2>/dev/null
}

seconds=$(amount 4 3)
names=(threads signals clock python3)
short_form || names+=(xz zstd sort perl openssl sqlite3)
make_inputs

for name in "${names[@]}"; do
	has_workload "$name" || { step "$name is not installed here"; continue; }
	ringprofctl record -F 99 -o "$dir/x" -- "$dir/run" "$name" 1 >/dev/null 2>&1
	fp=$(short_form || record_it "$name" --unwind fp)
	json=$(record_it "$name")
	step "$name: $(whole "$json") % whole${fp:+, by frame pointers $(whole "$fp") %}"
	ringprofctl report --value samples --by user_truncated -n 0 "$dir/$name.pb.gz" >&2
	ringprofctl fold --value samples --filter user_truncated=frame "$dir/$name.pb.gz" | tail -n 5 >&2
	check_between "$(whole "$json")" $wanted 100 "percent of whole stacks of $name"
	check_accounting
done

step "by name: the callers of what threads and handlers do, down to where they begin"
check_ok ringprofctl fold "$dir/threads.pb.gz" >"$dir/threads"
check_match "$(<"$dir/threads")" '(clone3?|thread_start);start_thread;work(;descend){21}' "threads"
check_ok ringprofctl fold "$dir/signals.pb.gz" >"$dir/signals"
check_match "$(<"$dir/signals")" \
	'_start;.*;main;descend.*;(__restore_rt|__kernel_rt_sigreturn|[^;]*);handle' "signals"
check_nothing_left
