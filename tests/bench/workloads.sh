# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Programs whose stacks are to be whole: as Debian ships them, and some that are built as
# anybody's are. Sourced, in a guest; `inputs` and `programs` are folders.
# shellcheck disable=SC2154

# make_inputs: what the workloads read, into the folder
make_inputs()
{
	mkdir -p "$inputs"
	local _
	awk 'BEGIN {
		n = split("share lib doc python3 locale icons man perl5 config zoneinfo", words)
		for (i = seed = 1; i <= 40000; i++) {
			line = "usr"
			for (j = 0; j < 5; j++) {
				seed = (seed * 1103515245 + 12345) % 2147483648
				line = line "/" words[1 + int(seed / 65536) % n] int(seed / 256) % 97
			}
			print line (i % 3 ? ".py" : ".so")
		}
	}' >"$inputs/names"
	for _ in {1..24}; do
		cat "$inputs/names"
	done >"$inputs/text"
	cat >"$inputs/many.c" <<-'END'
	#define F(n) int f##n(int *a, int b) { int i, s = 0; for (i = 0; i < b; i++) { \
		s += a[i] * n; if (s > b) s ^= a[s % b]; else a[i] = s - n; } return s; }
	#define T(n) F(n##0) F(n##1) F(n##2) F(n##3) F(n##4) F(n##5) F(n##6) F(n##7) F(n##8) F(n##9)
	#define H(n) T(n##0) T(n##1) T(n##2) T(n##3) T(n##4) T(n##5) T(n##6) T(n##7) T(n##8) T(n##9)
	H(1) H(2) H(3) H(4) H(5)
	END
	echo 'int f(int *a, int b) { return a[b] * b; }' >"$inputs/few.c"
	cat >"$inputs/work.py" <<-'END'
	import json, re, sys, time
	end = time.time() + float(sys.argv[1])
	def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
	while time.time() < end:
	    fib(15)
	    sorted((str(i * 7919 % 1000) for i in range(500)), key=lambda s: s[::-1])
	    re.sub(r"(\d+)([a-z]*)", r"\2\1", "12ab34cd" * 50)
	    json.loads(json.dumps({"k": list(range(200))}))
	END
	cat >"$inputs/work.pl" <<-'END'
	my $end = time + shift;
	sub fib { my $n = shift; $n < 2 ? $n : fib($n - 1) + fib($n - 2) }
	while (time < $end) {
		fib(14);
		my %h; $h{$_ * 7919 % 1000}++ for 1 .. 500;
		my @k = sort { $a <=> $b } keys %h;
		(my $s = "12ab34cd" x 50) =~ s/(\d+)([a-z]*)/$2$1/g;
	}
	END
	cat >"$inputs/work.sh" <<-'END'
	while ((SECONDS < $1)); do
		for i in {1..500}; do
			a[i * 7919 % 97]=$((i * i)) s=abc$i
			[[ ${s//b/-} = *[a-c]-c* ]] || echo "$s"
		done
	done
	END
	cat >"$inputs/work.js" <<-'END'
	const end = Date.now() + 1000 * process.argv[2];
	const fib = n => n < 2 ? n : fib(n - 1) + fib(n - 2);
	while (Date.now() < end) {
		fib(18);
		JSON.parse(JSON.stringify([...Array(500).keys()].sort((a, b) => a % 7 - b % 7)));
		"12ab34cd".repeat(50).replace(/(\d+)([a-z]*)/g, "$2$1");
	}
	END
}

# Their names. Each runs for longer than it begins; short_lived ones are nothing but
# beginnings.
# shellcheck disable=SC2034	# for who sources this
workloads=(xz zstd sort python3 perl sqlite3 openssl cc1 node go rust static musl
	threads throw signals clock)
# shellcheck disable=SC2034
short_lived=(starts)

# has_workload NAME: is its program here?
has_workload()
{
	local program=$1
	case $1 in
	python3) program=/usr/bin/python3 ;;
	cc1|starts) program=gcc ;;
	go)	program=gofmt ;;
	rust)	program=rg ;;
	static)	program=bash-static ;;
	musl)	program=$programs/threads-musl ;;
	threads|throw|signals|clock) program=$programs/$1 ;;
	esac
	command -v "$program" >/dev/null
}

# for_a_while SECONDS COMMAND...: again and again
for_a_while()
{
	local end=$((SECONDS + $1))
	while ((SECONDS < end)); do
		timeout "$1" "${@:2}" || true
	done
}

# workload NAME SECONDS: runs it for about that long
workload()
{
	local many="SELECT x + 1 FROM c LIMIT 90000000" text=$inputs/text
	case $1 in
	xz)	for_a_while "$2" xz -9 -c "$text" "$text" "$text" ;;
	zstd)	for_a_while "$2" zstd -19 -c "$text" "$text" "$text" ;;
	sort)	LC_ALL=C.UTF-8 for_a_while "$2" sort -k1.9 --parallel=1 "$text" "$text" "$text" ;;
	python3) /usr/bin/python3 "$inputs/work.py" "$2" ;;
	perl)	perl "$inputs/work.pl" "$2" ;;
	sqlite3) for_a_while "$2" sqlite3 :memory: "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL $many)
		SELECT count(DISTINCT x % 977), sum(length(hex(x))) FROM c" ;;
	openssl) openssl speed -seconds "$2" -bytes 8192 sha256 ;;
	cc1)	for_a_while "$2" gcc -O2 -c -o /dev/null "$inputs/many.c" ;;
	node)	node "$inputs/work.js" "$2" ;;
	go)	for_a_while "$2" gofmt -l "$(dirname "$(realpath "$(command -v gofmt)")")/../src/" ;;
	rust)	for_a_while "$2" rg -c '([a-z]+/)+[0-9]+.*(so|py)$' "$text" "$text" "$text" ;;
	static)	bash-static "$inputs/work.sh" "$2" ;;
	musl)	"$programs/threads-musl" "$2" ;;
	starts)	for_a_while "$2" gcc -O2 -c -o /dev/null "$inputs/few.c" ;;
	*)	"$programs/$1" "$2" ;;
	esac
}

# run_workload NAME SECONDS: output is thrown away, how it ends does not matter
run_workload()
{
	workload "$@" >/dev/null 2>&1 || true
}

# make_runner FILE: a program that runs workloads, for who starts one as a command
make_runner()
{
	cat >"$1" <<-END
		#!/bin/bash
		inputs=$inputs programs=$programs
		. $(realpath "${BASH_SOURCE[0]}")
		run_workload "\$@"
	END
	chmod +x "$1"
}
