#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
#
# Usage: seeds_unwind_compile.py DIR
#
# Seeds for fuzz_unwind_compile out of what lies on this machine: some small programs and
# libraries as they are, and the descriptions of others, each kind of them once, in the
# format that the fuzzer has for descriptions. Nothing of it is kept in the repository.

import glob
import os
import struct
import sys

SMALL = 40000  # bytes: the fuzzer is slower the larger the largest
ENTRIES = 12  # descriptions a seed
SEEDS = 24  # of descriptions, a file


def section(data, name):
    """A section's bytes, or nothing."""
    at, number, strings = struct.unpack_from("<Q10xHHH", data, 40)[0], *struct.unpack_from("<HH", data, 60)
    headers = [struct.unpack_from("<IIQQQQ", data, at + 64 * i) for i in range(number)]
    names = headers[strings][4]
    for header in headers:
        end = data.index(b"\0", names + header[0])
        if data[names + header[0]:end] == name:
            return data[header[4]:header[4] + header[5]]
    return b""


def uleb(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if not data[at - 1] & 0x80:
            return value, at


def entries(frames):
    """(is a CIE, bytes of code, instructions) of each entry with addresses of 4 bytes."""
    at = 0
    while at + 8 <= len(frames):
        length, reference = struct.unpack_from("<II", frames, at)
        body, end = at + 8, at + 4 + length
        at = end
        if not length:
            continue
        if reference == 0:
            zero = frames.index(b"\0", body + 1)
            place = uleb(frames, zero + 1)[1]
            place = uleb(frames, place)[1] + 1
            augmentation, place = uleb(frames, place)
            yield True, 0, frames[place + augmentation:end]
        else:
            size = struct.unpack_from("<I", frames, body + 4)[0]
            augmentation, place = uleb(frames, body + 8)
            yield False, size, frames[place + augmentation:end]


def described(data):
    """Seeds of one file: FDEs by the instructions that they use, each mix once."""
    flags = 1 if struct.unpack_from("<H", data, 18)[0] == 183 else 0
    common, seen, seeds, seed = b"", set(), [], b""
    for is_cie, size, code in entries(section(data, b".eh_frame")):
        code = code[:255]
        if is_cie:
            common = bytes([0, len(code)]) + code
            continue
        mix = frozenset(byte if byte < 0x40 else byte & 0xC0 for byte in code)
        if mix in seen:
            continue
        seen.add(mix)
        start = len(seed) * 7 % 4096
        seed += common + struct.pack("<BHHB", 1, start, min(size, 0xFFFF), len(code)) + code
        if len(seen) % ENTRIES == 0:
            seeds.append(bytes([3, flags | (len(seeds) % 8) << 1 & ~2]) + seed)
            seed = b""
        if len(seeds) == SEEDS:
            break
    return seeds


def main():
    where = sys.argv[1]
    os.makedirs(where, exist_ok=True)
    files = sorted(
        path
        for pattern in ("/lib/*/lib[a-d]*.so.?", "/usr/bin/[a-e]*", "/usr/*/lib/lib*.so.?")
        for path in glob.glob(pattern)
    )
    whole = rich = 0
    for path in dict.fromkeys(map(os.path.realpath, files)):
        if not os.path.isfile(path) or os.path.getsize(path) > 8 << 20:
            continue
        with open(path, "rb") as file:
            data = file.read()
        if data[:6] != b"\x7fELF\x02\x01" or data[18:20] not in (b"\x3e\0", b"\xb7\0"):
            continue
        if len(data) <= SMALL and whole < 8:
            whole += 1
            with open(os.path.join(where, "file-%d" % whole), "wb") as out:
                out.write(b"\0" + data)
        elif rich < 12:
            rich += 1
            for number, seed in enumerate(described(data)):
                with open(os.path.join(where, "fdes-%d-%d" % (rich, number)), "wb") as out:
                    out.write(seed)
    print("%d whole files, descriptions of %d" % (whole, rich))


main()
