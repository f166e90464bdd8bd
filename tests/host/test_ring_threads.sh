#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The ring between two threads under ThreadSanitizer: the barriers of ring_produce.h
# and ring_consume.h order every access. That the sanitizer sees it when they do not
# is shown by weakening each of them in turn.
#
# limit: 900

set -euo pipefail
cd "$(dirname "$0")/../.."

work=build/tsan
mkdir -p "$work"

# build NAME [HEADER FROM TO]: HEADER with FROM replaced goes before the right one
build()
{
	local into=$work/$1
	rm -rf "$into"
	mkdir -p "$into"
	if (($# > 1)); then
		mkdir -p "$into/userland/lib"
		cp -r proto "$into/"
		sed "s/$3/$4/" "$2" >"$into/$2"
		! cmp -s "$2" "$into/$2" || {
			echo "$2 no longer holds $3"
			exit 1
		}
	fi
	gcc -std=c11 -D_GNU_SOURCE -O1 -g -fsanitize=thread -I"$into" \
		-I"$into/userland/lib" -I. -Iuserland/lib \
		tests/unit/test_ring_threads.c -o "$into/test" -lcmocka -lpthread
}

# ThreadSanitizer wants memory to lie where it expects it.
run()
{
	TSAN_OPTIONS='halt_on_error=1 exitcode=66' \
		setarch "$(uname -m)" -R "$work/$1/test" >"$work/$1/log" 2>&1
}

setarch "$(uname -m)" -R true 2>/dev/null || {
	echo "this machine does not let a program switch off address randomisation"
	exit 77
}
build right
run right || {
	cat "$work/right/log"
	exit 1
}

must_be_seen()
{
	local status=0
	build "$@"
	run "$1" || status=$?
	((status == 66)) || {
		echo "nobody noticed that barrier $1 was missing (status $status)"
		exit 1
	}
}
readonly user=userland/lib/ring_user.h
must_be_seen AC "$user" '__ATOMIC_ACQUIRE' '__ATOMIC_RELAXED'
must_be_seen BD "$user" '__ATOMIC_RELEASE' '__ATOMIC_RELAXED'
must_be_seen A proto/ring_produce.h 'RP_RING_LOAD_ACQUIRE(&ring->control->tail)' \
	'RP_RING_READ(ring->control->tail)'
must_be_seen C proto/ring_consume.h 'RP_RING_LOAD_ACQUIRE(&reader->control->head)' \
	'RP_RING_READ(reader->control->head)'
must_be_seen B proto/ring_produce.h 'RP_RING_STORE_RELEASE(&ring->control->head, head)' \
	'__atomic_store_n(\&ring->control->head, head, __ATOMIC_RELAXED)'
must_be_seen D proto/ring_consume.h \
	'RP_RING_STORE_RELEASE(&reader->control->tail, reader->next)' \
	'__atomic_store_n(\&reader->control->tail, reader->next, __ATOMIC_RELAXED)'
echo "no data race; each weakened barrier was noticed"
