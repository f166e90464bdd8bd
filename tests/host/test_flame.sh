#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The flame graph in a real browser: zoom, search, keys, orientation, hostile names,
# ten thousand frames, contrast. Exit status: 0 passed, 77 skipped, else failed.
#
# Needs chromium and chromium-driver; leaves screenshots in out/test/.
set -eu

cd "$(dirname "$0")/../.."
B=${B:-build}
PYTHON=/usr/bin/python3
for tool in chromium chromedriver "$PYTHON"; do
	if ! command -v "$tool" >/dev/null; then
		echo "test_flame: skipped, there is no $tool" >&2
		exit 77
	fi
done

make -s B="$B" test-tools "$B/bin/ringprofctl"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for size in small big; do
	"$B/tests/host/mkprofile" $size "$work/$size.pb.gz"
	"$B/bin/ringprofctl" flame "$work/$size.pb.gz" -o "$work/$size.html"
done
mkdir -p out/test
PYTHONDONTWRITEBYTECODE=1 "$PYTHON" tests/host/test_flame.py "$work" out/test
