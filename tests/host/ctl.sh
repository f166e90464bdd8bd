# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# ringprofctl from the outside, for tests that look at exit statuses, hints, and -j of the
# same content. Sourced, in the project's folder, with `name` set to the test's. Needs
# python3 for JSON. $work is a folder that goes with the test, $ctl the program.

# shellcheck disable=SC2154	# name
if ! command -v python3 >/dev/null; then
	echo "$name: skipped, there is no python3" >&2
	exit 77
fi

export LC_ALL=C
B=${B:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ctl="$B/bin/ringprofctl"
make -s B="$B" "$ctl"

fail() {
	echo "$name: $*" >&2
	exit 1
}

# fails N TEXT ARGUMENTS: exits with N, and says TEXT on stderr.
fails() {
	want=$1 text=$2
	shift 2
	got=0
	"$ctl" "$@" >"$work/out" 2>"$work/err" || got=$?
	[ "$got" = "$want" ] || fail "'$*' exits with $got instead of $want: $(cat "$work/err")"
	grep -Fq -- "$text" "$work/err" || fail "'$*' does not say '$text': $(cat "$work/err")"
}

# status N TEXT ARGUMENTS: the same, and nothing on stdout.
status() {
	fails "$@"
	[ ! -s "$work/out" ] || fail "'$*' prints to stdout: $(cat "$work/out")"
}

# shows TEXT ARGUMENTS: succeeds, prints TEXT (blanks squeezed), nothing on stderr.
shows() {
	text=$1
	shift
	"$ctl" "$@" >"$work/out" 2>"$work/err" || fail "'$*' fails: $(cat "$work/err")"
	tr -s ' ' <"$work/out" | grep -Fq -- "$text" ||
		fail "'$*' does not print '$text': $(cat "$work/out")"
	[ ! -s "$work/err" ] || fail "'$*' says on stderr: $(cat "$work/err")"
}

# documents EXPRESSION ARGUMENTS: JSON, a document a line, for whose list d the Python
# expression is true.
documents() {
	expression=$1
	shift
	"$ctl" "$@" >"$work/out" || fail "'$*' fails"
	python3 -c 'import json, sys
d = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
sys.exit(0 if eval("(" + sys.argv[2] + ")") else 1)' "$work/out" "$expression" ||
		fail "'$*': not true: $expression: $(head -c 2000 "$work/out")"
}

# json EXPRESSION ARGUMENTS: one of them, which is d.
json() {
	only="len(d) == 1 and (lambda d: ($1))(d[0])"
	shift
	documents "$only" "$@"
}
