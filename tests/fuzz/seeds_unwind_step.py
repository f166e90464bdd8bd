#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
#
# Usage: seeds_unwind_step.py DIR
#
# Seeds for fuzz_unwind_step: the unwind tables of small programs and libraries on this
# machine, each with some stacks that return into its code. Nothing of it is kept in the
# repository.

import glob
import os
import random
import subprocess
import sys

LARGEST = 8000  # bytes of a table: the fuzzer is slower the larger the largest
FILES = 10
STACKS = 4  # of each
BUILD = os.environ.get("B", "build")
MKTABLE = os.path.join(BUILD, "tests/host/mktable")


def main():
    where = sys.argv[1]
    os.makedirs(where, exist_ok=True)
    subprocess.run(["make", "-s", "B=" + BUILD, MKTABLE], check=True)
    table = os.path.join(where, ".table")
    files = [path for pattern in ("/lib/*/lib[a-m]*.so.?", "/usr/bin/[a-e]*",
                                  "/usr/*/lib/lib*.so.?") for path in sorted(glob.glob(pattern))]
    made = 0
    random.seed(1)
    for path in dict.fromkeys(map(os.path.realpath, files)):
        if made == FILES:
            break
        if not os.path.isfile(path) or os.path.getsize(path) > 100000:
            continue
        if subprocess.run([MKTABLE, path, table], stderr=subprocess.DEVNULL,
                          check=False).returncode:
            continue
        with open(table, "rb") as file:
            data = file.read()
        if len(data) > LARGEST:
            continue
        made += 1
        for number in range(STACKS):
            with open(os.path.join(where, "table-%d-%d" % (made, number)), "wb") as out:
                out.write(b"\0" + data + random.randbytes(300))
    os.unlink(table)
    print("tables of %d files" % made)


main()
