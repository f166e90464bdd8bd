#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# limit: 1500
#
# ringprofd from start to end: labels from the environment of what it profiles, from its
# control group, user and command line, and by rules; files and a server that get the same
# samples (the server not always there, the daemon stopped for a while), no more privileges
# than it needs, and an accounting that holds.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d)
answer=$dir/mode server=""

# How long a window is, in seconds, and how long a process lives that lives for a moment.
# The server, which looks into each profile, takes an emulator half a second for one: it
# would never catch up with windows of two seconds. Where everything takes several times as
# long, which the server's start shows, such a process would be gone before it has started.
window=5 moment=0.3

start_server()
{
	local -a port=()
	[[ ! -s $dir/port ]] || port=("$(<"$dir/port")")
	rm -f "$dir/port"
	/usr/bin/python3 "$project/tests/host/ingest_server.py" "$dir" "${port[@]}" &
	server=$!
	check_soon 60 test -s "$dir/port"
}

stop_server()
{
	kill "$server"
	wait "$server" 2>/dev/null || true
}

samples_of_files()
{
	local file
	for file in "$dir"/out/*.pb.gz; do
		ringprofctl -j report --value samples --by service.name -n 0 "$file"
	done | python -c '
import json, sys
print(sum(json.loads(line)["total"] for line in sys.stdin))'
}

# What was taken by a server that was stopped before it could say so comes again, under
# the same name and time.
samples_of_requests()
{
	python - "$dir/requests" <<-'END'
	import json, sys
	requests = [json.loads(line) for line in open(sys.argv[1])]
	wrong = [r["wrong"] for r in requests if "wrong" in r]
	if wrong:
	    sys.exit(f"the server was sent something wrong: {wrong}")
	taken = {(r["query"]["name"], r["query"]["from"]): r["profile"]["totals"][0]
	         for r in requests if r["status"] == 200}
	print(sum(taken.values()))
	END
}

# services: all that arrived, as Pyroscope's name{labels}
services()
{
	python - "$dir/requests" <<-'END'
	import json, sys
	for name in sorted({json.loads(line)["query"]["name"] for line in open(sys.argv[1])}):
	    print(name)
	END
}

nr_files()
{
	(($(find "$dir/out" -name '*.pb.gz' | wc -l) >= $1))
}

spool_is_empty()
{
	[[ ! $(find "$dir/spool" -type f) ]]
}

# Go's own reader of profiles, where this root has it; it takes its time.
with_go()
{
	! short_form && command -v go >/dev/null
}

# Old kernels have no control groups of version 2, and the smallest none at all.
container=$(printf '0123456789abcdef%.0s' 1 2 3 4)
scope=/sys/fs/cgroup/system.slice/docker-$container.scope
contained=""
[[ ! -e /sys/fs/cgroup/cgroup.procs ]] || contained=yes

# in_container COMMAND...: in a control group as docker makes them, in a PID namespace of its
# own, as another user, and called "web cart"
in_container()
(
	mkdir -p "$scope"
	echo "$BASHPID" >"$scope/cgroup.procs"
	# shellcheck disable=SC2016	# for the inner shell
	exec unshare --pid --fork setpriv --reuid=4242 --regid=4242 --clear-groups \
		bash -c 'exec -a "web cart" "$@"' bash "$@"
)

# labels SERVICE KEY...: all labels with which samples of a service are in the files; without
# Go, as ringprofctl reads them, those with a KEY
labels()
{
	local file key
	for key in "${@:2}"; do
		! with_go || break
		# the service ran during the first windows
		find "$dir/out" -name '*.pb.gz' | sort | head -n 8 | while read -r file; do
			ringprofctl -j report --by "$key" --filter "service.name=$1" -n 0 "$file"
		done | python -c '
import json, sys
for line in sys.stdin:
    for row in json.loads(line)["rows"]:
        print(sys.argv[1] + ":[" + row["name"] + "]")' "$key"
	done | sort -u
	! with_go ||
		go tool pprof -symbolize=none -raw "$dir"/out/*.pb.gz 2>/dev/null | grep -F -A 1 "service.name:[$1]"
}

# caught_up: nothing waits for the server but the profiles of a window or two
caught_up()
{
	local waiting
	kill -USR1 "$daemon"
	sleep 1
	waiting=$(sed -n 's/.*: sent: .*, waiting \([0-9]*\)$/\1/p' "$dir/log" | tail -n 1)
	((${waiting:-1000} <= 12))
}

step "the server"
echo 200 >"$answer"
start_server
if debug_kernel || ((SECONDS > 15)); then
	window=12 moment=1
fi

step "configuration"
mkdir "$dir/spool"
cat >"$dir/conf" <<-END
	[sampling]
	frequency = 199
	[window]
	length = ${window}s
	[output]
	directory = $dir/out
	[export]
	timeout = 30s
	spool-directory = $dir/spool
	[resource]
	cloud.region = test-1
	deployment.environment.name = production
	service.namespace = shop
	[service "^web ([a-z]+)\$"]
	match = cmdline
	service.name = none
	[service "^web ([a-z]+) "]
	match = cmdline
	service.name = shop-\$1
	team = web
	[service "/burn\$"]
	match = cgroup
	service.name = none
	[service "^/.*/web/bu[r]n\$"]
	service.name = too-late
END
check_ok ringprofd -c "$dir/conf" --check-config

step "start"
delivered_before=$(counter delivered)
lost_before=$(($(counter ring-full) + $(counter nested)))
python - "$dir/notify" >"$dir/notified" <<-'END' &
	import socket, sys
	s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
	s.bind(sys.argv[1])
	print(s.recv(100).decode(), flush=True)
	print(s.recv(100).decode(), flush=True)
END
check_soon 60 test -S "$dir/notify"
NOTIFY_SOCKET=$dir/notify ringprofd -v -c "$dir/conf" \
	--url "http://127.0.0.1:$(<"$dir/port")" 2>"$dir/log" &
daemon=$!
check_soon 30 grep -q READY=1 "$dir/notified"
check_eq "$(sessions)" 1 "sessions"

step "privileges"
status=$(</proc/$daemon/status)
# Told since 4.10
[[ $status != *NoNewPrivs* ]] ||
	check_match "$status" '^NoNewPrivs:[[:space:]]1$' "no new privileges"
for set in CapPrm CapEff; do
	# CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_SYS_ADMIN, CAP_SYSLOG
	check_match "$status" "^$set:[[:space:]]0000000400280004\$" "$set"
done
check_match "$status" '^CapBnd:[[:space:]]0000000000000000$' "what a program that it starts could have"

step "privileges of the process that parses: none"
parser=$(pgrep -x ringprof-parser)
status=$(<"/proc/$parser/status")
for set in CapPrm CapEff CapBnd; do
	check_match "$status" "^$set:[[:space:]]0000000000000000\$" "$set"
done
# A filter of system calls, where the kernel has such
[[ ! -e /proc/sys/kernel/seccomp ]] ||
	check_match "$status" '^Seccomp:[[:space:]]2$' "system calls are filtered"

step "work: with a service's name, with none, in a container, and in processes that live for a moment"
[[ $contained ]] || short_form || fail "there are no control groups"
if [[ $contained ]]; then
	mkdir -m 755 /tmp/web
	install -m 755 "$tools/burn" /tmp/web/burn
	seconds=$(amount 3 2)
	! debug_kernel || seconds=12
	in_container /tmp/web/burn "$seconds" >/dev/null &
	contained_pid=$!
fi
OTEL_SERVICE_NAME=cart \
OTEL_RESOURCE_ATTRIBUTES='service.version=1.2%2B3,deployment.environment.name=staging,host.name=liar' \
	"$tools/burn" "$(amount 8 4)" >/dev/null &
"$tools/burn" "$(amount 4 2)" >/dev/null
# A moment is short on a slow machine, and no time for a third one.
[[ ! $contained ]] || check_ok wait "$contained_pid"
for ((i = 0; i < 5; i++)); do
	OTEL_SERVICE_NAME=brief timeout $moment "$tools/burn" 10 >/dev/null || true
done
check_soon 60 nr_files 2

step "the reader is stopped for several windows"
kill -STOP $daemon
sleep "$(amount $((5 * window / 2)) $((2 * window)))"
check_accounting
kill -CONT $daemon

step "the server is down for a while"
stop_server
"$tools/burn" "$(amount 5 2)" >/dev/null
check_soon 30 grep -q 'cannot send profiles' "$dir/log"
check_accounting
start_server
check_soon 120 grep -q 'answers again' "$dir/log"
check_eq "$(grep -c 'cannot send profiles' "$dir/log")" 1 "messages about the server"

step "the accounting on demand"
kill -USR1 $daemon
check_soon 60 grep -q 'accounting: taken' "$dir/log"
check_soon 200 caught_up

step "what is late is caught up with"
check_soon 120 spool_is_empty

step "the end: the open window is finished, written and sent"
before=$(find "$dir/out" -name '*.pb.gz' | wc -l)
kill -TERM $daemon
check_ok wait $daemon
cat "$dir/log" >&2
check_match "$(<"$dir/notified")" STOPPING=1 "notification"
check_between "$(find "$dir/out" -name '*.pb.gz' | wc -l)" $((before + 1)) $((before + 2)) "files"
check_eq "$(sessions)" 0 "sessions"
check_eq "$(ticks)" 0 "timers"
check_accounting

step "taken = delivered + refused + lost, and everything delivered was read"
account=$(grep 'accounting: taken' "$dir/log" | tail -n 1)
read -r delivered lost was_read not_stored <<<"$(sed -E \
	's/.*delivered ([0-9]+) .*lost ([0-9]+).*read ([0-9]+), of them not stored ([0-9]+)$/\1 \2 \3 \4/' \
	<<<"$account")"
check_eq "$was_read" "$delivered" "samples read"
check_eq "$not_stored" 0 "samples not stored"
check_eq "$delivered" "$(($(counter delivered) - delivered_before))" "delivered, by ringprofctl"
check_eq "$lost" "$(($(counter ring-full) + $(counter nested) - lost_before))" \
	"lost, by ringprofctl"

step "files and server have got all of them, once"
check_eq "$(samples_of_files)" "$was_read" "samples in the files"
check_eq "$(samples_of_requests)" "$was_read" "samples at the server"
check_eq "$(find "$dir/spool" -type f | wc -l)" 0 "files in the spool"

step "whose work it was"
host="cloud_region=test-1,deployment_environment_name"
got=$(services)
check_match "$got" "^cart[{]$host=staging,host_arch=.*,host_name=$(hostname),os_type=linux,service_namespace=shop,service_version=1.2[+]3[}]\$" "cart"
check_match "$got" "^burn[{]$host=production,.*service_namespace=shop[}]\$" "burn, by its executable"
check_match "$got" '^brief[{]' "processes that lived for a moment"
check_match "$got" '^kernel[{]' "the kernel"
check_no_match "$got" 'liar' "what a process says about the host"
check_no_match "$got" 'pid=|comm=' "labels of samples"
if [[ $contained ]]; then
	check_match "$got" "^shop-cart[{]cloud_region=test-1,container_id=$container,deployment_environment_name=production,.*,service_namespace=shop,team=web[}]\$" "by a rule, in a container"
	check_no_match "$got" '^(none|too-late)[{]' "rules that do not match, or come later"
fi
got=$(labels cart service.version deployment.environment.name comm)
check_match "$got" 'service.version:[[]1.2[+]3[]]' "labels in the files"
check_match "$got" 'deployment.environment.name:[[]staging[]]' "labels in the files"
check_match "$got" 'comm:[[]burn[]]' "labels in the files"
if [[ $contained ]]; then
	got=$(labels shop-cart process.command process.user.id process.vpid systemd.unit \
		container.id)
	check_match "$got" 'process.command:[[]web cart[]]' "the first word"
	check_match "$got" 'process.user.id:[[]4242' "the user"
	check_match "$got" 'process.vpid:[[]1[] ]' "the number in the namespace"
	check_match "$got" "systemd.unit:[[]docker-${container}[.]scope[]]" "the unit"
	check_match "$got" "container.id:[[]${container}[]]" "the container"
fi
last=$(find "$dir/out" -name '*.pb.gz' | sort | tail -n 1)
check_match "$(ringprofctl report "$last")" 'cloud.region +test-1|cloud.region=test-1' "comments"
check_match "$(stat -c %a "$last")" '^640$' "who may read the files"
