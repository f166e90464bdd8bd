#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
#
# Usage: seeds_debug_info.py DIR
#
# Seeds for fuzz_debug_info: a small program with functions inlined into each other, as the
# compilers of this machine make it in every version of DWARF and with what else changes
# the form of it. Nothing of it is kept in the repository.

import os
import subprocess
import sys
import tempfile

SOURCE = """
static inline int one(int x) { return x * x + 1; }
static inline int two(int x) { if (x > 3) { int y = one(x); return y ^ one(y); } return one(x - 2); }
struct pair { int a, b; enum { RED, BLUE } c; };
__attribute__((noinline)) int three(struct pair *p) { return two(p->a) + two(p->b); }
__attribute__((cold, noinline)) int four(int x) { return x ? two(x) : 0; }
int _start(void) { struct pair p = { 1, 2, 0 }; return three(&p) + four(p.a); }
"""
SECOND = "int five(int); int five(int x) { for (int i = 0; i < x; i++) x -= i; return x; }\n"

COMPILERS = ["gcc", "clang"]
OPTIONS = [
    "-gdwarf-2", "-gdwarf-3", "-gdwarf-4", "-gdwarf-5",
    "-gdwarf-5 -gz", "-gdwarf-4 -gz", "-gdwarf-5 -gdwarf64", "-gdwarf-4 -gdwarf64",
    "-gdwarf-5 -ffunction-sections", "-gdwarf-4 -ffunction-sections",
    "-gdwarf-5 -gsplit-dwarf", "-gdwarf-4 -gsplit-dwarf", "-gdwarf-5 -fdebug-types-section",
    "-gdwarf-5 -m32", "-g1", "-gdwarf-5 -flto",
]


def main():
    where = os.path.abspath(sys.argv[1])
    os.makedirs(where, exist_ok=True)
    made = 0
    with tempfile.TemporaryDirectory() as work:
        for name, text in (("a.c", SOURCE), ("b.c", SECOND)):
            with open(os.path.join(work, name), "w") as file:
                file.write(text)
        for compiler in COMPILERS:
            for number, options in enumerate(OPTIONS):
                done = subprocess.run(
                    [compiler, "-O2", "-w", "-nostdlib", "-static", "-no-pie", "-Wl,-z,norelro",
                     "-Wl,-z,noseparate-code", "-Wl,-Ttext=0x401000", "-Wl,--build-id=none",
                     "-o", "out", "a.c", "b.c"] + options.split(),
                    cwd=work, stderr=subprocess.DEVNULL)
                if done.returncode:
                    continue
                with open(os.path.join(work, "out"), "rb") as file:
                    data = file.read()
                made += 1
                with open(os.path.join(where, "%s-%d" % (compiler, number)), "wb") as out:
                    out.write(b"\3" + data)
    print("%d programs" % made)
    if made < 8:
        sys.exit("too few: are gcc and clang there?")


main()
