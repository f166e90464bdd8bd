#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: vm
# limit: 900
#
# Functions of JavaScript by their names, of Debian's node as it is: by a perf map, in mount
# and PID namespaces of its own, and by a jitdump that it leaves in its working folder. Both
# functions are compiled before they are called much, and not into each other, so that how
# fast the machine is makes no difference. Programs that LLVM, Erlang, PHP and Java compile as they
# run. Then processes that lay traps instead: each refused, and counted, by record and by the
# daemon.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
[[ $(type -P node) ]] || skip "there is no node"
[[ $(type -P lli) ]] || skip "there is no LLVM"
[[ $(type -P escript) ]] || skip "there is no Erlang"
[[ $(type -P php) ]] || skip "there is no PHP"
[[ -e $tools/Work.class && $(type -P jcmd) ]] || skip "there is no Java"
dir=$(mktemp -d -p /var/tmp)	# /tmp is another one for one of them
mkdir "$dir/work"
cd "$dir/work"

cat >"$dir/work.js" <<'END'
function leafAlpha(n) {
	let x = 0;
	for (let i = 0; i < n; i++)
		x = (x * 31 + i) | 0;
	return x;
}
function callerBeta(n) { return leafAlpha(n) + leafAlpha(n + 1); }
for (const f of [leafAlpha, callerBeta]) {
	%PrepareFunctionForOptimization(f);
	f(10);
	%OptimizeFunctionOnNextCall(f);
	f(10);
}
const begin = process.cpuUsage().user;
let sum = 0;
while (process.cpuUsage().user - begin < 1e6 * process.argv[2])
	sum += callerBeta(20000);
console.log(sum);
END
node=(node --allow-natives-syntax --no-turbo-inlining --single-threaded)

# record COMMAND...: into $dir/folded
record()
{
	check_ok ringprofctl record -F 499 -o "$dir/p.pb.gz" -- "$@" >"$dir/out" 2>&1
	check_no_match "$(<"$dir/out")" 'are missing' "what record says"
	check_ok ringprofctl fold "$dir/p.pb.gz" >"$dir/folded"
}

# check_names LEAF [CALLER]: a function, and one that calls it, where frames are chained
check_names()
{
	local leaf called jit
	leaf=$(samples_like "(^|;)([^;]*[*])?$1( [^;]*work[.]js:[0-9:]+)?_\[j\] " "$dir/folded")
	called=$leaf
	[[ ! ${2:-} ]] || called=$(samples_like "[;*]$2( [^;]*)?_\[j\];([^;]*[*])?$1( [^;]*)?_\[j\] " "$dir/folded")
	jit=$(samples_like '(^|;)(\[anon\]|zero [(]deleted[)])\+0x[0-9a-f]+ ' "$dir/folded")
	step "$leaf samples of $1, $called of them below ${2:-others}; $jit without a name"
	check_between "$leaf" 100 100000 "samples of $1"
	check_between "$called" $((leaf * 95 / 100)) "$leaf" "samples of $1 below ${2:-others}"
	check_between "$jit" 0 $((leaf / 20)) "samples of code without a name"
}

step "a perf map, of process 1, in a /tmp of its own"
# shellcheck disable=SC2016	# for the shell inside
record unshare --mount --pid --fork bash -c 'mount -t tmpfs tmpfs /tmp && exec "$@"' - \
	"${node[@]}" --perf-basic-prof "$dir/work.js" 2
check_names leafAlpha callerBeta
check_no_match "$(ls /tmp)" 'perf-' "this /tmp"

step "a jitdump, in a folder of its own"
record "${node[@]}" --perf-prof "$dir/work.js" 2
check_names leafAlpha callerBeta
check_file jit-*.dump "node's jitdump"

step "a jitdump that only its mapping leads to, of LLVM's interpreter"
cat >"$dir/work.ll" <<'END'
define i32 @leafGamma(i32 %n) #0 {
	br label %loop
loop:
	%i = phi i32 [ 0, %0 ], [ %next, %loop ]
	%x = phi i32 [ 0, %0 ], [ %sum, %loop ]
	%product = mul i32 %x, 31
	%sum = add i32 %product, %i
	%next = add i32 %i, 1
	%more = icmp ult i32 %next, %n
	br i1 %more, label %loop, label %end
end:
	ret i32 %sum
}
define i32 @callerDelta() #0 {
	%a = call i32 @leafGamma(i32 20000)
	%b = add i32 %a, 1
	ret i32 %b
}
declare i64 @clock()
define i32 @main() #0 {
	%begin = call i64 @clock()
	br label %loop
loop:
	%used = call i32 @callerDelta()
	%now = call i64 @clock()
	%spent = sub i64 %now, %begin
	%more = icmp ult i64 %spent, 2000000
	br i1 %more, label %loop, label %end
end:
	ret i32 0
}
attributes #0 = { noinline "frame-pointer"="all" }
END
record env JITDUMPDIR="$dir" lli -jit-kind=mcjit "$dir/work.ll"
check_names leafGamma callerDelta
check_file "$dir"/.debug/jit/*/jit-*.dump "LLVM's jitdump"

step "a perf map, of Erlang"
cat >"$dir/work.erl" <<'END'
#!/usr/bin/env escript
%%! +JPperf true +S 1
-mode(compile).
main([Ms]) ->
	{Begin, _} = erlang:statistics(runtime),
	io:format("~p~n", [caller_zeta(Begin + list_to_integer(Ms), 0)]).
caller_zeta(End, Sum) ->
	X = leaf_epsilon(20000, Sum),
	{Now, _} = erlang:statistics(runtime),
	if Now < End -> caller_zeta(End, X + 1); true -> X end.
leaf_epsilon(0, X) -> X;
leaf_epsilon(N, X) -> leaf_epsilon(N - 1, (X * 31 + N) band 16#ffffff).
END
record escript "$dir/work.erl" 2000
check_names '[^;]*:leaf_epsilon/2' '[^;]*:caller_zeta/2'

step "a perf map, of PHP, whose code lies in what looks like a deleted file"
cat >"$dir/work.php" <<'END'
<?php
function leafIota($n, $x) {
	for ($i = 0; $i < $n; $i++)
		$x = ($x * 31 + $i) & 0xffffff;
	return $x;
}
function callerKappa($n, $x) { return leafIota($n, $x) + leafIota($n + 1, $x); }
$sum = 0;
for ($begin = getrusage(); getrusage()["ru_utime.tv_sec"] - $begin["ru_utime.tv_sec"] < 2; )
	$sum = callerKappa(20000, $sum & 0xffff);
echo "$sum\n";
END
# It does not compile a file that is younger than two seconds, if it is not told to.
record php -d opcache.enable_cli=1 -d opcache.jit=function -d opcache.jit_buffer_size=16M \
	-d opcache.file_update_protection=0 -d opcache.jit_debug=16 "$dir/work.php"
check_names 'JIT[$]leafIota'

step "a perf map that java writes when it is asked to, after its code was sampled"
# shellcheck disable=SC2016	# for the shell inside
record bash -c '
	java -XX:TieredStopAtLevel=1 -XX:-Inline -XX:+PreserveFramePointer -XX:+UseSerialGC \
		-Xshare:auto -cp "$1" Work "$2/ready" "$2/stop" &
	until [[ -e $2/ready ]]; do sleep 0.1; done
	jcmd $! Compiler.perfmap
	sleep 2
	touch "$2/stop"
	wait' - "$tools" "$dir"
# jcmd is a Java program as well, and nobody asks it.
ringprofctl fold --process "$dir/p.pb.gz" | grep -v '^jcmd;' >"$dir/folded"
check_names '[^;]*Work.leafEta[(]int[)]' '[^;]*Work.callerTheta[(]int[)]'

# traps: perf maps that are none, each of another process
# shellcheck disable=SC2016	# for the shell inside
traps=(bash -c '
	(ln -s /etc/shadow "/tmp/perf-$BASHPID.map"; exec "$1" 1) &
	(mkfifo "/tmp/perf-$BASHPID.map"; exec "$1" 1) &
	(echo "1 1 x" >"/tmp/perf-$BASHPID.map"; chown 12345 "/tmp/perf-$BASHPID.map"; exec "$1" 1) &
	(truncate -s 10G "/tmp/perf-$BASHPID.map"; exec "$1" 1) &
	wait; rm -f /tmp/perf-*.map' - "$tools/jit")

step "maps that are a link to secrets, a FIFO, another user's, and 10 GB large"
check_ok ringprofctl -j record -F 499 -o "$dir/p.pb.gz" -- "${traps[@]}" >"$dir/json"
for why in link kind owner size; do
	check_match "$(<"$dir/json")" "[{]\"name\":\"$why\",\"count\":1," "refused by record"
done
check_match "$(<"$dir/json")" '"name":"parser","count":0,' "what its parser did not survive"

step "the same, for the daemon"
ringprofd --set window.length=15s --set "output.directory=$dir/profiles" \
	--set sampling.frequency=97 "${without_cpu_budget[@]}" -c /dev/null 2>"$dir/log" &
daemon=$!
check_soon 60 grep -q sampling "$dir/log"
check_ok "${traps[@]}"
kill -USR1 $daemon
check_soon 60 grep -q 'code made at run time: ' "$dir/log"
kill $daemon
check_ok wait $daemon
cat "$dir/log" >&2
check_match "$(<"$dir/log")" 'files refused: link 1, kind 1, owner 1, size 1$' "what it says"
