#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: vm
#
# The daemon's own budget. Among many programs with many functions, it takes no more CPU time
# for reading them than it is allowed, names wait for that and it says so, and every sample is
# there all the same. With little memory, windows end early, little more is taken, and nothing
# is lost.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d)
mkdir "$dir/cpu" "$dir/memory"
trap 'cat "$dir"/*.log >&2' EXIT
programs=30
percent=5

# cpu_ms PROCESS: as the kernel says
cpu_ms()
{
	awk -v hz="$(getconf CLK_TCK)" '
		{ sub(/.*\) /, ""); printf "%.0f\n", ($12 + $13) * 1000 / hz }' "/proc/$1/stat"
}

# files_of DAEMON: its profiles, in order
files_of() { find "$dir/$1" -name '*.pb.gz' | sort; }

windows_above() { (($(files_of "$1" | wc -l) > $2)); }

# named FILE: how many of the programs are in it, and how many have their functions' names
named()
{
	ringprofctl fold --process "$1" | awk -F ';' '
		/^maze[0-9]+;/ { seen[$1] = 1 }
		/^maze[0-9]+;.*;maze_[a-d][0-7]+/ { named[$1] = 1 }
		END { print length(seen), length(named) }'
}

# samples_in FOLDER: of all of its files
samples_in()
{
	local file
	for file in "$dir/$1"/*.pb.gz; do
		ringprofctl fold "$file"
	done | awk '{ sum += $NF } END { print sum + 0 }'
}

# was_read DAEMON: samples, all of which were stored
was_read()
{
	sed -nE 's/.*; read ([0-9]+), of them not stored 0$/\1/p' "$dir/$1.log" | tail -n 1
}

# said DAEMON PATTERN: is it in what it has said?
said() { grep -qE "$2" "$dir/$1.log"; }

# ended DAEMON: ends it; what it has read is in its files, and nothing was lost
ended()
{
	kill $daemon
	check_ok wait $daemon
	check_accounting
	check_eq "$(counter ring-full)" "$lost" "samples lost"
	check_eq "$(samples_in "$1")" "$(was_read "$1")" "samples in the files"
}

# Without a build id each is a file of its own, with symbols and a table to be read.
step "$programs programs"
objcopy --remove-section .note.gnu.build-id "$tools/maze" "$dir/maze"
for ((n = 0; n < programs; n++)); do
	cp "$dir/maze" "$dir/maze$n"
done
lost=$(counter ring-full)

looked=0	# windows

# few_named: is there a window, of those that were not looked at yet, in which most of the programs
# were seen, and few have names?
few_named()
{
	local file counts seen found=1
	while read -r file; do
		looked=$((looked + 1))
		counts=$(named "$file")
		seen=${counts% *}
		step "programs, and those with names: $counts"
		((seen <= programs / 2 || ${counts#* } > programs / 4)) || found=0
	done < <(files_of cpu | tail -n +$((looked + 1)))
	return $found
}

step "the daemon with $percent % of a CPU"
ringprofd -F 49 --window 3s --output-dir "$dir/cpu" --set budget.cpu=$percent \
	--set unwind.cpu=100 --set unwind.cache-directory= -c /dev/null 2>"$dir/cpu.log" &
daemon=$! began=$SECONDS
check_soon 60 sessions_above 0
parser=$(pgrep -x ringprof-parser)
for ((n = 0; n < programs; n++)); do
	"$dir/maze$n" 1 &
	mazes[n]=$!
done
check_soon 90 few_named
check_soon 10 said cpu 'addresses of this window have no names yet'
step "as much to do as before, for a while"
own=$(cpu_ms $daemon) its=$(cpu_ms "$parser")
sleep 20
# What was kept at first, and what came since; the last file's time is not known before.
allowed=$(((60 + SECONDS + 1 - began) * percent * 10))
most=$((its > allowed - own ? its : allowed - own))
now=$(cpu_ms "$parser")
step "CPU time: the daemon's own $own ms, its parser's $its ms and now $now, allowed $allowed ms"
# What cannot wait may take more than is allowed by itself; nothing else is begun then.
check_between "$now" 1 $((most + 1000)) "ms of CPU time for what can wait"
kill "${mazes[@]}"
step "the end"
ended cpu

# memory KEY: of the daemon, in MiB, without its rings
memory()
{
	awk -v key="$1:" '
		$1 == key { kib = $2 }
		$1 == "RssShmem:" { rings = $2 }
		END { printf "%.0f\n", (kib - rings) / 1024 }' "/proc/$daemon/status"
}

step "the daemon with little memory"
limit=32
ringprofd -F 997 --window 10m --output-dir "$dir/memory" --set budget.memory=${limit}M \
	--set sampling.budget=100% --set sampling.ring-size=4M \
	"${without_cpu_budget[@]}" -c /dev/null 2>"$dir/memory.log" &
daemon=$!
check_soon 60 sessions_above 0
for ((n = 0; n < 2; n++)); do
	"$dir/maze$n" 100 &
	mazes[n]=$!
done
check_soon 120 windows_above memory 0
kill "${mazes[0]}" "${mazes[1]}"
kill -USR1 $daemon
check_soon 60 said memory 'budget: .* [1-9][0-9]* windows ended early'
most=$(memory VmHWM) now=$(memory VmRSS)
step "memory: $most MiB at most, $now MiB now, allowed $limit MiB"
# How much it takes to finish a window is estimated for the first one.
check_between "$most" 1 $((limit * 3 / 2)) "MiB of memory at most"
check_between "$now" 1 $limit "MiB of memory after a window"
ended memory
check_match "$(<"$dir/memory.log")" \
	"the daemon needs [0-9]+ MiB of memory, \\[budget\\] memory is $limit MiB" "what it says"
