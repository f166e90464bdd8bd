#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
#
# Usage: seeds_elf_symbols.py DIR
#
# Seeds for fuzz_elf_symbols: small libraries as compiler, strip and objcopy make them, with
# stubs and their relocations, packed symbols, and a link to a debug file. Each after a byte
# that says: this is the file as it is.

import lzma
import os
import subprocess
import sys
import tempfile

SOURCE = """
int puts(const char *), getpid(void); long random(void);
long (*volatile taken)(void) = random;
static __attribute__((noinline)) int hidden(int x) { return x * x + getpid(); }
int f(int x) { return hidden(x) + puts("x") + (int)random(); }
"""

# Options of the compiler; those that it does not know make no seed.
KINDS = {
    "lazy": [], "bound": ["-Wl,-z,now"], "i386": ["-m32"],
    "marked": ["-fcf-protection", "-Wl,-z,ibtplt"], "sysv": ["-Wl,--hash-style=sysv"],
}


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def keep(to, name, path):
    with open(path, "rb") as f, open(os.path.join(to, name), "wb") as seed:
        seed.write(b"\0" + f.read())


def make(work, to, kind, options):
    def path(name):
        return os.path.join(work, name)

    with open(path("a.c"), "w", encoding="ascii") as f:
        f.write(SOURCE)
    run("cc", "-O1", "-w", "-shared", "-fPIC", "-nostdlib", "-Wl,-z,noseparate-code",
        "-Wl,--build-id=0x0123456789", *options, "-o", path("full"), path("a.c"))
    keep(to, kind + "-full", path("full"))
    run("strip", "-o", path("bare"), path("full"))
    run("objcopy", "--only-keep-debug", path("full"), path("debug"))
    keep(to, kind + "-debug", path("debug"))
    with open(path("debug"), "rb") as f, open(path("packed"), "wb") as packed:
        packed.write(lzma.compress(f.read(), check=lzma.CHECK_NONE))
    run("objcopy", "--add-gnu-debuglink=" + path("debug"), "--add-section",
        ".gnu_debugdata=" + path("packed"), path("bare"), path("linked"))
    keep(to, kind + "-linked", path("linked"))


def main():
    for kind, options in KINDS.items():
        with tempfile.TemporaryDirectory() as work:
            try:
                make(work, sys.argv[1], kind, options)
            except subprocess.CalledProcessError:
                print(f"no seeds of kind {kind}")


main()
