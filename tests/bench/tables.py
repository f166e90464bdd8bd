#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
#
# Usage: tests/bench/tables.py [FILE]...
#
# What compiling an unwind table costs: `ringprofctl tables FILE` beside `readelf
# --debug-dump=frames-interp FILE`, which interprets the same descriptions. User time is
# the least of some runs of each, in turn, so that a busy machine changes little, and a run
# takes small files many times. Memory is the highest of the process's whole life, "<" if
# it is less than what can be measured from here. Without FILEs: the C library, large
# programs that are installed, and one of 200 MB that is made here, all of it functions.
#
# Exits with 1 if readelf takes less time for the C library.

import glob
import json
import os
import struct
import subprocess
import sys
import tempfile

CTL = os.environ.get("B", "build") + "/bin/ringprofctl"
TEXT = 200 << 20  # bytes of code of the file that is made
FUNCTION = 128  # bytes of each of its functions


def cost(command):
    """(user time in ms, peak memory in MiB) of a command whose output nobody reads."""
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        try:
            os.execvp(command[0], command)
        finally:
            os._exit(127)
    _, status, usage = os.wait4(pid, 0)
    # readelf is not content with every file that it shows whole.
    if os.waitstatus_to_exitcode(status) not in (0, 1 if command[0] == "readelf" else 0):
        sys.exit("%s: failed" % " ".join(command))
    return usage.ru_utime * 1000, usage.ru_maxrss / 1024


def least(path, runs, times):
    """The least cost of ours and of readelf's, run in turn, each for the file many times."""
    commands = [[CTL, "tables"], ["readelf", "--debug-dump=frames-interp"]]
    costs = [[], []]
    for _ in range(runs):
        for command, had in zip(commands, costs):
            had.append(cost(command + [path] * times))
    return [(min(c[0] for c in had) / times, max(c[1] for c in had)) for had in costs]


def padded(data):
    """An entry of .eh_frame: its length, and nops up to a word."""
    data += b"\0" * (-len(data) % 4)
    return struct.pack("<I", len(data)) + data


def make_large(path):
    """A library of which all code is functions that push, allocate, and return."""
    code, number = 0x1000, TEXT // FUNCTION
    frames = code + TEXT
    entries = [padded(struct.pack("<IB3sBbBBB", 0, 1, b"zR\0", 1, -8 & 0x7F, 16, 1, 0x1B)
                      + b"\x0c\x07\x08\x90\x01")]
    at = frames + len(entries[0])
    for i in range(number):
        instructions = bytes([0x41, 0x0E, 0x10, 0x86, 0x02, 0x43, 0x0D, 0x06, 0x40 | i % 32,
                              0x83, 0x03, 0x02, 0x40, 0x0A, 0x0C, 0x07, 0x08, 0x41, 0x0B])
        entries.append(padded(struct.pack("<IiIB", at + 4 - frames,
                                          code + i * FUNCTION - (at + 8), FUNCTION, 0)
                              + instructions))
        at += len(entries[-1])
    data = b"".join(entries)
    names = b"\0.text\0.eh_frame\0.shstrtab\0"
    end = frames + len(data)
    headers = end + len(names) + (-(end + len(names)) % 8)
    ident = b"\x7fELF\x02\x01\x01" + b"\0" * 9
    elf = ident + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, headers, 0, 64, 56, 1, 64, 4, 3)
    load = struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, end, end, 4096)
    sections = b"".join(struct.pack("<IIQQQQIIQQ", *s) for s in (
        (0,) * 10,
        (1, 1, 6, code, code, TEXT, 0, 0, 16, 0),
        (7, 1, 2, frames, frames, len(data), 0, 0, 8, 0),
        (17, 3, 0, 0, end, len(names), 0, 0, 1, 0)))
    with open(path, "wb") as out:
        out.write(elf + load)
        out.seek(frames)
        out.write(data + names)
        out.seek(headers)
        out.write(sections)


def memory(mib, floor):
    return "<%.1f" % floor if mib <= floor else "%.1f" % mib


def show(path, name, runs, times=1):
    """One line; the ratio of the user times."""
    floor = cost(["true"])[1]   # a process begins with what its parent had
    ours, theirs = least(path, runs, times)
    table = json.loads(subprocess.run([CTL, "-j", "tables", path], check=True,
                                      stdout=subprocess.PIPE).stdout)
    ratio = ours[0] / theirs[0] if theirs[0] else float("inf")
    print("%-20s %7.1f %9d %9d %8.2f %9.2f %9.2f %7.3f %8s %8s" % (
        name[:20], os.path.getsize(path) / (1 << 20), table["functions"], table["rows"],
        table["table"] / (1 << 20), ours[0], theirs[0], ratio, memory(ours[1], floor),
        memory(theirs[1], floor)), flush=True)
    return ratio


def main():
    if not os.access(CTL, os.X_OK):
        sys.exit("%s is not there: make" % CTL)
    print("%-20s %7s %9s %9s %8s %9s %9s %7s %8s %8s" % (
        "", "file", "", "", "table", "user", "", "", "memory", ""))
    print("%-20s %7s %9s %9s %8s %9s %9s %7s %8s %8s" % (
        "file", "MiB", "functions", "rows", "MiB", "ms", "readelf", "ratio", "MiB", "readelf"))
    if sys.argv[1:]:
        for path in sys.argv[1:]:
            show(path, os.path.basename(path), 3)
        return
    libc = os.path.realpath(glob.glob("/lib/*-linux-gnu/libc.so.6")[0])
    ratio = show(libc, "libc.so.6", 5, 20)
    for pattern in ("/usr/lib/gcc/*/*/cc1", "/usr/bin/node", "/usr/lib/*/libLLVM-*.so.1",
                    "/usr/lib/chromium/chromium"):
        found = sorted(set(map(os.path.realpath, glob.glob(pattern))))
        if found:
            show(found[-1], os.path.basename(found[-1]), 1)
    with tempfile.TemporaryDirectory() as where:
        large = os.path.join(where, "made")
        make_large(large)
        show(large, "made of functions", 1)
    if ratio >= 1:
        sys.exit("the C library's table takes longer than readelf needs to show it")


main()
