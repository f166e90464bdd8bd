#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The exporter against a server on the loopback: what arrives is what was sent,
# once and in order, also past outages; what is over the bound is counted; nobody
# has to wait for the network.

cd "$(dirname "$0")/../.."
# shellcheck source=tests/vm/lib.sh
. tests/vm/lib.sh

work=$(mktemp -d /var/tmp/ringprof-exporter.XXXXXX)
server="" driver="" counters=""
: >"$work/requests"

# shellcheck disable=SC2317	# called by trap
clean_up()
{
	[[ ! $driver ]] || kill "$driver" 2>/dev/null || true
	stop_server
	rm -rf "$work"
}
trap clean_up EXIT

# ---- the two sides -----------------------------------------------------------------------

answer_with()
{
	printf '%s\n' "$*" >"$work/mode.new"
	mv "$work/mode.new" "$work/mode"
}

# On the port that it had before, if it had one
start_server()
{
	local -a port=()
	[[ ! -s $work/port ]] || port=("$(<"$work/port")")
	rm -f "$work/port"
	/usr/bin/python3 tests/host/ingest_server.py "$work" "${port[@]}" &
	server=$!
	check_soon 20 test -s "$work/port"
}

stop_server()
{
	[[ $server ]] || return 0
	kill "$server" 2>/dev/null || true
	wait "$server" 2>/dev/null || true
	server=
}

# start_driver SETTING...
start_driver()
{
	: >"$work/log"
	coproc DRIVER { exec "$work/driver" "export.url=http://127.0.0.1:$(<"$work/port")" \
		"$@" 2>"$work/log"; }
	driver=$DRIVER_PID
	exec 8<&"${DRIVER[0]}" 9>&"${DRIVER[1]}"
}

# ask COMMAND...: prints the answer, which has to come at once (the network never
# keeps the driver waiting; the limit is for a slow machine)
ask()
{
	local line
	printf '%s\n' "$*" >&9
	read -r -t 20 line <&8 || fail "no answer to '$*': $(<"$work/log")"
	printf '%s\n' "$line"
}

# stop_driver MS: leaves the last counters in `counters`
stop_driver()
{
	printf 'stop %s\n' "$1" >&9
	read -r -t 30 counters <&8 || fail "it does not stop: $(<"$work/log")"
	exec 8<&- 9>&-
	check_ok wait "$driver"
	driver=
}

# windows FIRST LAST BYTES
windows()
{
	local n
	for ((n = $1; n <= $2; n++)); do
		check_eq "$(ask "window $n $3")" 2 "parcels of window $n"
	done
}

# waiting N: whether that many wait, the last of the counters
waiting()
{
	[[ $(ask stats) = *" $1" ]]
}

log_lines()
{
	grep -c -- "$1" "$work/log" || true
}

forget_requests()
{
	: >"$work/requests"
}

# requests PYTHON-EXPRESSION: over r, the list of requests
requests()
{
	/usr/bin/python3 - "$work/requests" "$1" <<-'END'
	import json, sys
	r = [json.loads(line) for line in open(sys.argv[1])]
	wrong = [x["wrong"] for x in r if "wrong" in x]
	if wrong:
	    sys.exit(f"the server was sent something wrong: {wrong}")
	taken = [x for x in r if x["status"] == 200]
	def order():
	    "WINDOW:SERVICE of what was taken, in order"
	    return " ".join(f'{x["profile"]["totals"][0]}:{x["query"]["name"].split("{")[0]}'
	                    for x in taken)
	print(eval(sys.argv[2]))
	END
}

# both FIRST LAST: "1:cart 1:db 2:cart ...", what requests 'order()' has to be
both()
{
	local n text=
	for ((n = $1; n <= $2; n++)); do
		text+="$n:cart $n:db "
	done
	printf '%s\n' "${text% }"
}

build_driver()
{
	local -a libs
	make -s build/asan/tests/host/exporter_driver.o build/asan/libringprof.a >&2
	read -r -a libs <<<"$(pkg-config --libs libnl-3.0 libnl-genl-3.0 libelf libdw \
		libprotobuf-c zlib libcurl inih libcap-ng)"
	"${CC:-cc}" -fsanitize=address,undefined -o "$work/driver" \
		build/asan/tests/host/exporter_driver.o build/asan/libringprof.a \
		"${libs[@]}" -liberty -lpthread -lm
}

# ---- the tests ----------------------------------------------------------------------------

step "build"
build_driver

step "what arrives is what was sent"
answer_with 200
start_server
printf 'secret-token\n' >"$work/token"
start_driver "export.tenant=team-a" "export.token-file=$work/token" \
	"export.header=X-Extra: one"
windows 1 3 0
check_soon 20 waiting 0
check_eq "$(requests 'order()')" "$(both 1 3)" order
check_eq "$(requests 'r[0]["query"]')" "{'name': 'cart{service_version=1.0}', \
'from': '1785585660000000000', 'until': '1785585720000000000', 'sampleRate': '19', \
'spyName': 'ringprof'}" query
check_eq "$(requests '[r[0]["profile"][k] for k in ("types", "totals", "samples", "labels")]')" \
	"[[['samples', 'count'], ['cpu', 'nanoseconds']], [1, 1000], 1, 0]" profile
check_eq "$(requests 'r[0]["profile"]["time"]')" 1785585660000000000 "time"
check_eq "$(requests '{(x["tenant"], x["authorization"], x["extra"]) for x in r}')" \
	"{('team-a', 'Bearer secret-token', 'one')}" headers
check_match "$(requests 'r[0]["agent"]')" '^ringprofd/[0-9]' "user agent"

step "the server is down: nobody waits, it is said once, nothing is lost"
stop_server
forget_requests
windows 4 12 0
check_soon 20 grep -q 'cannot send profiles' "$work/log"
windows 13 15 0
check_match "$(ask stats)" '^6 0 0 0 24$' "counters while down"
sleep 4
check_eq "$(log_lines 'cannot send profiles')" 1 "messages about the outage"
check_eq "$(log_lines secret-token)" 0 "tokens in the log"
start_server
check_soon 60 waiting 0
check_eq "$(requests 'order()')" "$(both 4 15)" "order after the outage"
check_soon 5 grep -q 'answers again: 24 profiles delivered late, 0 dropped' "$work/log"
check_eq "$(log_lines 'answers again')" 1 "messages about its end"
windows 16 16 0
check_soon 20 waiting 0
stop_driver 5000
check_match "$counters" '^32 24 0 0 0$' "counters at the end"

step "the server asks for patience: Retry-After is honoured"
forget_requests
answer_with 429 3
start_driver
windows 1 2 0
check_soon 20 grep -q 'HTTP 429: the answer.s first line;' "$work/log"
answer_with 200
check_soon 30 waiting 0
check_eq "$(requests 'order()')" "$(both 1 2)" "order after 429"
check_eq "$(requests 'r[0]["status"], r[1]["status"], r[1]["at"] - r[0]["at"] >= 3')" \
	"(429, 200, True)" "patience"
answer_with 503
forget_requests
windows 3 3 0
check_soon 20 grep -q 'HTTP 503' "$work/log"
answer_with 200
check_soon 30 waiting 0
check_eq "$(requests 'order()')" "$(both 3 3)" "order after 503"
stop_driver 5000

step "what the server will never take is dropped, with a message; the rest goes on"
forget_requests
answer_with 400
start_driver
windows 1 2 0
check_soon 20 waiting 0
check_eq "$(log_lines 'refused a profile of cart, which is dropped: HTTP 400: the answer.s first line$')" \
	1 "messages about 400"
answer_with 302
windows 3 3 0
check_soon 20 waiting 0
answer_with 200
windows 4 4 0
check_soon 20 waiting 0
check_eq "$(requests 'order()')" "$(both 4 4)" "after refusals"
check_eq "$(requests 'len(r)')" 8 "requests: none repeated, no redirect followed"
stop_driver 5000
check_match "$counters" '^2 0 6 0 0$' "counters"

step "the spool is bounded: the oldest are dropped and counted"
stop_server
forget_requests
start_driver export.spool-bytes=64K
windows 1 20 8000
check_soon 20 grep -q 'the spool is full (64 KiB)' "$work/log"
read -r _ _ _ dropped left <<<"$(ask stats)"
check_eq $((dropped + left)) 40 "dropped and waiting"
check_between "$left" 3 10 "waiting"
start_server
check_soon 60 waiting 0
check_eq "$(requests 'len(taken)')" "$left" "delivered"
check_eq "$(requests 'order()')" "$(both 1 20 | tr ' ' '\n' | tail -n "$left" |
	paste -sd ' ')" "the newest are left"
check_soon 5 grep -q "$left profiles delivered late, $dropped dropped" "$work/log"
stop_driver 5000

step "a spool on disk outlives the daemon"
stop_server
forget_requests
start_driver "export.spool-directory=$work/spool"
windows 1 5 0
check_soon 20 grep -q "are kept in $work/spool" "$work/log"
stop_driver 1000
check_match "$counters" '^0 0 0 0 10$' "counters"
check_eq "$(log_lines 'are lost')" 0 "losses"
check_eq "$(find "$work/spool" -name '*.parcel' | wc -l)" 10 "spooled files"
start_server
start_driver "export.spool-directory=$work/spool"
check_soon 20 waiting 0
check_eq "$(requests 'order()')" "$(both 1 5)" "order after a restart"
check_eq "$(find "$work/spool" -type f | wc -l)" 0 "files left"
stop_driver 5000

step "a server that never answers does not hold up the end"
forget_requests
answer_with hang
start_driver
windows 1 1 0
check_soon 20 test -s "$work/requests"
began=$SECONDS
stop_driver 1000
check_match "$counters" '^0 0 0 0 2$' "counters"
check_between $((SECONDS - began)) 0 8 "seconds to the end (of ten that a request may take)"
check_soon 5 grep -q '2 profiles were not delivered and are lost' "$work/log"

step "a certificate that nobody vouches for: nothing is sent"
stop_server
forget_requests
answer_with 200
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 \
	-keyout "$work/key" -out "$work/certificate" 2>/dev/null
cat "$work/key" "$work/certificate" >"$work/tls"
start_server
start_driver "export.url=https://127.0.0.1:$(<"$work/port")"
windows 1 1 0
check_soon 20 grep -qi 'cannot send profiles.*certificate' "$work/log"
check_eq "$(requests 'len(r)')" 0 "requests over a connection that is not to be trusted"
stop_driver 100
rm "$work/tls"
stop_server
start_server

step "a token file that is not there: later, and said"
answer_with 200
forget_requests
start_driver "export.token-file=$work/absent"
windows 1 1 0
check_soon 20 grep -q "cannot read $work/absent" "$work/log"
printf 'late-token\n' >"$work/absent"
check_soon 30 waiting 0
check_eq "$(requests '{x["authorization"] for x in r}')" "{'Bearer late-token'}" token
stop_driver 5000
