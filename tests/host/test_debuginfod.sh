#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# symbolize with a debuginfod server on the loopback, from the outside: what is asked for,
# what is kept, what is said when the server has nothing, something wrong, or is not there.
# Exit status: 0 passed, 77 skipped, else failed. Needs python3, and openssl for TLS.
set -eu

cd "$(dirname "$0")/../.."
name=test_debuginfod
# shellcheck source=tests/host/ctl.sh
. tests/host/ctl.sh
make -s B="$B" test-tools
p="$work/small.pb.gz" cache="$work/cache" server=
"$B/tests/host/mkprofile" small "$p"
unset http_proxy https_proxy all_proxy DEBUGINFOD_URLS

stop_server() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || true
	server=
}
trap 'stop_server; rm -rf "$work"' EXIT

start_server() {
	rm -f "$work/port"
	python3 tests/host/debuginfod_server.py "$work" &
	server=$!
	for _ in $(seq 200); do
		[ ! -s "$work/port" ] || break
		sleep 0.1
	done
	url=http://127.0.0.1:$(cat "$work/port")
}

# requests N: that many since the last time
requests() {
	touch "$work/requests"
	got=$(wc -l <"$work/requests")
	[ "$got" -eq "$1" ] || fail "$got requests instead of $1: $(cat "$work/requests")"
	: >"$work/requests"
}

# ask ARGUMENT...: symbolize, into another file
ask() {
	echo symbolize "$p" -o "$work/named" --debuginfod-cache "$cache" "$@"
}

id=0123456789abcdef01
mkdir -p "$work/files" "$work/empty"
cat >"$work/x.s" <<'END'
	.text
	.globl encoder
	.type encoder, @function
encoder:
	.skip 0x900000, 0x90
	.size encoder, . - encoder
END
cc=${CC:-cc}
$cc -shared -nostdlib -Wl,--build-id=0x$id -o "$work/right" "$work/x.s"
$cc -shared -nostdlib -Wl,--build-id=0x${id%1}2 -o "$work/wrong" "$work/x.s"

# ---- mistakes ----

# shellcheck disable=SC2046	# words are what it is for
{
status 2 '--debug-dir DIR or --debuginfod URL is missing' symbolize "$p"
status 2 "--debuginfod ftp://x: is not a URL of http or https" $(ask --debuginfod ftp://x)
status 2 'holds a user or a password' $(ask --debuginfod http://me:secret@x)
status 2 'DEBUGINFOD_URLS is not set' $(ask --debuginfod env)
status 2 '--debuginfod-timeout 0: is not a duration' $(ask --debuginfod http://x --debuginfod-timeout 0)
status 1 "cannot keep debug files in $p/x: Not a directory" \
	symbolize "$p" --debuginfod http://127.0.0.1:1 --debuginfod-cache "$p/x"

# ---- nothing, and that is remembered ----

start_server
json 'd["named"] == 0 and d["left"] == 2' -j $(ask --debuginfod "$url") 2>"$work/err"
grep -q "no debug file of build id $id: $url: HTTP 404" "$work/err" || fail "$(cat "$work/err")"
grep -qx "/buildid/$id/debuginfo" "$work/requests" || fail "$(cat "$work/requests")"
requests 1
cp "$work/right" "$work/files/$id"
json 'd["named"] == 0' -j $(ask --debuginfod "$url") 2>/dev/null
requests 0
rm -r "$cache"

# ---- what is here is not asked for; what is not, is, once ----

cp "$work/right" "$work/empty/thing"
json 'd["named"] == 2' -j $(ask --debug-dir "$work/empty" --debuginfod "$url")
requests 0
rm "$work/empty/thing"
json 'd["named"] == 2 and d["files"][0]["from"] == "'"$cache/.build-id/01/${id#01}.debug"'"' \
	-j $(ask --debug-dir "$work/empty" --debuginfod "$url/")
requests 1
"$ctl" fold "$work/named" | grep -q 'lzma_code;encoder;encoder ' || fail "the name is not there"
json 'd["named"] == 2' -j $(ask --debuginfod "$url")
requests 0
rm -r "$cache"
DEBUGINFOD_URLS="ima:enforcing $url" json 'd["named"] == 2' -j $(ask --debuginfod env)
requests 1

# ---- without a server: from the cache; damaged, it is fetched anew ----

json 'd["named"] == 2' -j $(ask --debuginfod http://127.0.0.1:1)
head -c 100000 "$work/right" >"$cache/.build-id/01/${id#01}.debug"
json 'd["named"] == 2' -j $(ask --debuginfod "$url")
requests 1
cmp -s "$work/right" "$cache/.build-id/01/${id#01}.debug" || fail "the cache was not mended"
rm -r "$cache"

# ---- what is not it ----

cp "$work/wrong" "$work/files/$id"
json 'd["named"] == 0' -j $(ask --debuginfod "$url") 2>"$work/err"
grep -q 'has another build id' "$work/err" || fail "$(cat "$work/err")"
[ -z "$(find "$cache" -name '*.debug')" ] || fail "it was kept"
requests 1
rm -r "$cache"
cp "$work/right" "$work/files/$id"

# ---- a server that is down: said, the rest is written, and the exit status is 1 ----

for mode in 503 hang; do
	echo $mode >"$work/mode"
	rm -f "$work/named"
	fails 1 "cannot get debug files from $url: " $(ask --debuginfod "$url" --debuginfod-timeout 1s)
	grep -q 'a server could not be asked' "$work/err" || fail "$(cat "$work/err")"
	grep -q 'Left without a name' "$work/out" || fail "it does not say what it left"
	"$ctl" fold "$work/named" | grep -q lzma_code || fail "nothing was written"
	requests 1
done
# Another one that is not may have it.
fails 1 "cannot get debug files from http://127.0.0.1:1: " $(ask --debuginfod http://127.0.0.1:1)
rm "$work/mode"
fails 0 "cannot get debug files from http://127.0.0.1:1: " \
	$(ask --debuginfod http://127.0.0.1:1 --debuginfod "$url")
grep -q 'Addresses named *2' "$work/out" || fail "$(cat "$work/out")"
requests 1
rm -r "$cache"

# ---- certificates are looked at ----

if command -v openssl >/dev/null; then
	stop_server
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -days 2 \
		-addext subjectAltName=IP:127.0.0.1 -keyout "$work/key" \
		-out "$work/certificate" 2>/dev/null
	cat "$work/key" "$work/certificate" >"$work/tls"
	start_server
	url=https://${url#http://}
	fails 1 "cannot get debug files from $url: SSL certificate problem" \
		$(ask --debuginfod "$url")
	requests 0
fi
}
