#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: vm 5.10 6.12
#
# Processes whose mappings change while they are sampled: what a sample is called is what was
# mapped when it was taken, whatever lies at that address or at that path by now. And
# processes that are made in other ways than by fork and exec, and that get the process id of
# another one.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d)
out=$dir/out.pb.gz
versions=$tools/versions

# take COMMAND...: records it
take()
{
	check_ok ringprofctl record -F 999 -o "$out" -- "$@" >"$dir/said"
}

# folded LABEL=VALUE...: the stacks of the samples that have these labels, in $dir/folded
folded()
{
	local filter=()
	for label; do
		filter+=(--filter "$label")
	done
	check_ok ringprofctl fold --process "${filter[@]}" "$out" >"$dir/folded"
}

# check_none PATTERN: no stack that was folded is like that
check_none()
{
	! grep -E "$1" "$dir/folded" >&2 || fail "there are such stacks as $1"
}

# check_there PATTERN: some samples that were folded are like that. How many says nothing: in
# an emulator on a busy machine most of a phase's ticks may be missed.
check_there()
{
	check_between "$(samples_like "$1" "$dir/folded")" 2 1000000 "samples like $1"
}

# check_stacks PATTERN [NOT]: in what was folded are samples like PATTERN, none like NOT, and no
# frame without a name. Those of the C library's own functions are another package's.
check_stacks()
{
	check_there "$1"
	check_none ";(changes|program|(plain-)?(one|two)|(one|two|lib)[.]so)[+]0x|\[unmapped\]${2:+|$2}"
}

step "one library in the place of another one"
take "$tools/changes" swap "$(amount 400 200)" 3 "$versions/one.so" "$versions/two.so"
check_eq "$(cut -d ' ' -f 2 "$dir/said" | sort -u | wc -l)" 1 "addresses of the libraries"
folded comm=one
check_stacks ';main;swap;run_as;one_run;one_leaf ' ';two_(run|leaf)'
folded comm=two
check_stacks ';main;swap;run_as;two_run;two_leaf ' ';one_(run|leaf)'
check_match "$(ringprofctl report --by mapping -n 0 "$out")" 'versions/two[.]so' "mappings"

step "and by a single system call"
take "$tools/changes" remap "$(amount 200 100)" 4 "$versions/one.so" "$versions/two.so"
folded comm=one
check_stacks ';main;remap;run_mapped;one_run;one_leaf ' ';two_(run|leaf)'
folded comm=two
check_stacks ';main;remap;run_mapped;two_run;two_leaf ' ';one_(run|leaf)'

step "libraries that come and go beside"
take "$tools/changes" beside "$(amount 500 200)" "$versions/one.so" "$versions/two.so"
folded comm=one
check_stacks ';main;beside;one_run;one_leaf ' ';two_(run|leaf)'
folded comm=loader
check_there ';load_and_unload;two_run'
check_none ';one_(run|leaf)'

for kind in '' plain-; do
	step "a library that is replaced on disk, ${kind:+not }by its build id"
	cp "$versions/${kind}one.so" "$dir/lib.so"
	cp "$versions/${kind}two.so" "$dir/new.so"
	take "$tools/changes" replace 200 "$dir/lib.so" "$dir/new.so"
	folded comm=one
	check_stacks ';main;replace;one_run;one_leaf ' ';two_(run|leaf)'
	folded comm=two
	check_stacks ';main;(replace;)?run_as;two_run;two_leaf ' ';one_(run|leaf)'

	step "and whose process has ended before anybody looked"
	cp "$versions/${kind}one.so" "$dir/lib.so"
	cp "$versions/${kind}two.so" "$dir/new.so"
	# shellcheck disable=SC2016	# that shell expands them
	take bash -c 'kill -STOP $PPID; "$@"; kill -CONT $PPID' _ \
		"$tools/changes" replace 200 "$dir/lib.so" "$dir/new.so"
	folded comm=one
	check_there ';main;replace;(one_run;one_leaf|lib[.]so[+]0x)'
	check_none ';two_(run|leaf)|\[unmapped\]'
	folded comm=two
	check_stacks ';main;(replace;)?run_as;two_run;two_leaf ' ';one_(run|leaf)'

	step "a program that is upgraded so"
	cp "$versions/${kind}one" "$dir/program"
	cp "$versions/${kind}two" "$dir/upgrade"
	take "$dir/program" 200 "$dir/upgrade"
	folded process=program
	check_there ';main;one_run;one_leaf '
	check_there ';main;two_run;two_leaf '
	check_none ';(one_.*;two_|two_.*;one_|program[+]0x)'
done

step "threads that are over at once"
count=$(amount 30 15)
take "$tools/changes" threads 20 "$count"
folded comm=thread
check_stacks ';thread_main;spin( |;)'
check_between "$(ringprofctl report --by thread_id -n 0 --filter comm=thread "$out" |
	sed '1,/Flat/d' | wc -l)" 2 "$count" "threads that were seen"

step "a child that goes on by itself"
take "$tools/changes" fork 200
folded comm=forked process=changes
check_stacks ';main;do_fork;forked;spin( |;)'

step "vfork, and another program after a moment"
take "$tools/changes" vfork 200 "$versions/two" 200
folded comm=vforked process=changes
check_stacks ';main;do_vfork;before_exec;spin( |;)'
folded process=two
check_stacks ';main;two_run;two_leaf ' 'before_exec|do_vfork'

step "two programs with one process id"
pid=30000
# shellcheck disable=SC2016	# that shell expands them
take bash -c '"$1" pid "$2" "$3/one" 200; "$1" pid "$2" "$3/two" 200' _ \
	"$tools/changes" $pid "$versions"
folded pid=$pid process=one
check_stacks ';main;one_run;one_leaf ' ';two_(run|leaf)'
folded pid=$pid process=two
check_stacks ';main;two_run;two_leaf ' ';one_(run|leaf)'

check_accounting
