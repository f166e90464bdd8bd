#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Usage: tests/bench/go-begins.py PROGRAM

Prints every address of the functions in which a Go program's stacks begin, from the table
that a Go program (1.18 or newer) carries of its functions even when it is stripped.
"""

import struct
import sys

BEGINS = {b"runtime." + name for name in
          (b"goexit", b"mstart", b"mstart0", b"rt0_go", b"mcall", b"systemstack_switch")}
BEGINS |= {name + b".abi0" for name in BEGINS} | {b"_rt0_amd64", b"_rt0_amd64_linux"}


def section(image, wanted):
    """The contents of an ELF file's section of that name."""
    offset, = struct.unpack_from("<Q", image, 40)
    size, number, names = struct.unpack_from("<HHH", image, 58)
    headers = [struct.unpack_from("<IIQQQQ", image, offset + i * size) for i in range(number)]
    text = headers[names][4]
    for name, _, _, _, start, length in headers:
        if image[text + name:text + name + 64].split(b"\0", 1)[0] == wanted:
            return image[start:start + length]
    sys.exit("no such section: " + wanted.decode())


def functions(table):
    """(name, first address, the one behind) of each."""
    magic, = struct.unpack_from("<I", table, 0)
    if magic not in (0xfffffff0, 0xfffffff1):
        sys.exit("a Go older than 1.18?")
    number, _, text, names, _, _, _, lines = struct.unpack_from("<8Q", table, 8)
    for i in range(number):
        at, info, end = struct.unpack_from("<3I", table, lines + i * 8)
        name, = struct.unpack_from("<i", table, lines + info + 4)
        yield table[names + name:names + name + 100].split(b"\0", 1)[0], text + at, text + end


def main():
    with open(sys.argv[1], "rb") as file:
        table = section(file.read(), b".gopclntab")
    for name, start, end in functions(table):
        if name in BEGINS:
            for address in range(start, end + 1):
                print("%x" % address)


main()
