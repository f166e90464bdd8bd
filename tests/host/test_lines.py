#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
#
# Lines and inlined functions of every instruction of a C++ and of a Rust program, as the
# library says them, beside addr2line -f -i and llvm-symbolizer: by gcc, clang and rustc, in
# DWARF 2 to 5, and in the other forms that debugging data come in; and the names as they
# were written, beside addr2line -C.
#
# Where addr2line is not followed (binutils 2.40): it has no ranges of clang's DWARF 5, no
# lines of 64-bit DWARF 5, loses the way among type units, and now and then calls an inlined function without a name for linkers by that of the symbol.

import os
import re
import shutil
import subprocess
import sys
import tempfile

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SOURCE = os.path.join(PROJECT, "tests/host/inlines.cc")
RUST = os.path.join(PROJECT, "tests/host/inlines.rs")
PLACES = os.path.join(PROJECT, "build/tests/host/places")
GCC = [
    "-gdwarf-2", "-gdwarf-3", "-gdwarf-4", "-gdwarf-5", "-gdwarf-5 -gz", "-gdwarf-4 -gz",
    "-gdwarf-5 -gdwarf64", "-gdwarf-4 -gdwarf64", "-gdwarf-5 -ffunction-sections -O3",
    "-gdwarf-5 -fdebug-types-section", "-gdwarf-4 -fdebug-types-section", "-gdwarf-5 -no-pie",
    "-gdwarf-5 -O0", "-gdwarf-5 -flto",
]
LOST = re.compile("dwarf64|types-section|flto")  # addr2line, there
CLONE = re.compile(r" \[clone (\.[^]]*)\]")  # how addr2line writes what we keep as ".isra.0"
CLANG = ["-gdwarf-4", "-gdwarf-5", "-gdwarf-5 -gz", "-gdwarf-5 -ffunction-sections", "-gdwarf-5 -gdwarf64"]

# Old compilers know one of the manglings as something unstable, new ones the other.
RUSTC = ["-O -C symbol-mangling-version=legacy", "-O -C symbol-mangling-version=v0",
         "-O -C symbol-mangling-version=v0 -C codegen-units=1", "-C opt-level=1 -C symbol-mangling-version=legacy",
         "-C opt-level=3 -C lto -C symbol-mangling-version=v0"]
UNSTABLE = dict(os.environ, RUSTC_BOOTSTRAP="1")


def run(*command, **more):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, **more).stdout


def functions(program):
    """(start, end, name) of all functions of the source."""
    found = []
    for line in run("nm", "-S", program).splitlines():
        words = line.split()
        if len(words) == 4 and words[2] in "tTwW" and ("shop" in words[3] or words[3] == "main"):
            start = int(words[0], 16)
            found.append((start, start + int(words[1], 16), words[3]))
    return found


def instructions(program):
    """{address: the names that symbols have for the function there}"""
    known = functions(program)
    found = {}
    for line in run("objdump", "-d", "--no-show-raw-insn", program).splitlines():
        head = line.split(":")[0].strip()
        try:
            address = int(head, 16)
        except ValueError:
            continue
        for start, end, name in known:
            if start <= address < end:
                found.setdefault(address, []).append(name)
    return found


def frames(text):
    """Lists of (function, FILE:LINE) behind lines of an address."""
    answers = []
    for line in text.splitlines():
        if line.startswith("0x"):
            answers.append([])
        elif line:
            answers[-1].append(line.split(" (disc")[0].replace(":?", ":0"))
    return [list(zip(words[::2], words[1::2])) for words in answers]


def llvm(text):
    """The same: function and FILE:LINE:COLUMN, an empty line behind each answer."""
    answers = []
    for part in text.strip().split("\n\n"):
        words = part.splitlines()
        answers.append([(f, p.rsplit(":", 1)[0]) for f, p in zip(words[::2], words[1::2])])
    return answers


def check_written(program, asked, named, theirs):
    """That names are written as addr2line -C does, where both mean the same."""
    ours = frames(run(PLACES, "-a", "-C", "-f", "-i", program, input=asked))
    written = frames(run("addr2line", "-a", "-C", "-f", "-i", "-e", program, input=asked))
    assert len(ours) == len(written) == len(named), (len(ours), len(written), len(named))
    pairs = {}
    for frame, their, our, other in zip(named, theirs, ours, written):
        for (symbol, _), (same, _), (name, _), (wanted, _) in zip(frame, their, our, other):
            if symbol == same:
                pairs[symbol] = (name, CLONE.sub(r"\1", wanted))
    wrong = {symbol: pair for symbol, pair in pairs.items() if pair[0] != pair[1]}
    if wrong:
        sys.exit("%s: not written as addr2line -C does: %s" % (program, wrong))
    changed = sum(symbol != pair[0] for symbol, pair in pairs.items())
    assert changed >= 5, pairs
    return changed


def check(program, what):
    wanted = instructions(program)
    asked = "".join("0x%x\n" % address for address in wanted)
    ours = frames(run(PLACES, "-a", "-i", "-l", program, input=asked))
    named = frames(run(PLACES, "-a", "-f", "-i", "-l", program, input=asked))
    # Lines alone may be read in another way.
    alone = [frame[0][1] for frame in frames(run(PLACES, "-a", "-l", program, input=asked))]
    if alone != [frame[0][1] for frame in ours]:
        sys.exit("%s: lines alone are not those that inlined functions have" % program)
    if what == "addr2line":
        theirs = frames(run("addr2line", "-a", "-f", "-i", "-e", program, input=asked))
    else:
        theirs = llvm(run("llvm-symbolizer", "--functions=linkage", "--no-demangle",
                          "-e", program, input=asked))
    deep = wrong = 0
    for (address, symbols), our, name, their in zip(wanted.items(), ours, named, theirs):
        deep = max(deep, len(our))
        same = [place for _, place in our] == [place for _, place in their]
        # All but the outermost, whose name is the symbol's: see next.
        for (one, _), (other, _) in zip(our[:-1], their[:-1]):
            same &= one == other or (what == "addr2line" and other in symbols)
        same &= name[:-1] == our[:-1] and name[-1][0] in symbols and name[-1][1] == our[-1][1]
        if not same:
            wrong += 1
            print("0x%x in %s\n  ours  %s\n  named %s\n  %s %s" % (address, symbols, our, name, what, their))
            if wrong == 3:
                break
    assert len(ours) == len(theirs) == len(wanted) > 100, (len(ours), len(theirs), len(wanted))
    if wrong:
        sys.exit("%s: not what %s says" % (program, what))
    written = check_written(program, asked, named, theirs) if what == "addr2line" else 0
    return len(wanted), deep, written


def check_all(compiler, forms, other, build):
    if not shutil.which(compiler) or not shutil.which(other):
        print("no %s or no %s: left out" % (compiler, other))
        return
    deepest = 0
    for form in forms:
        program = build(form)
        count, deep, written = check(program, "llvm-symbolizer" if LOST.search(form) else other)
        print("%s %s: %d instructions, up to %d functions at one, %d names" %
              (compiler, form, count, deep, written))
        deepest = max(deepest, deep)
    assert deepest >= 4, "nothing was inlined"


def main():
    run("make", "-s", "-C", PROJECT, PLACES[len(PROJECT) + 1:])
    with tempfile.TemporaryDirectory() as work:
        program = os.path.join(work, "program")
        for compiler, forms, other in (("g++", GCC, "addr2line"), ("clang++", CLANG, "llvm-symbolizer")):
            def build(form, compiler=compiler):
                run(compiler, "-O2", *form.split(), "-o", program, SOURCE)
                return program
            check_all(compiler, forms, other, build)

        def build_rust(form):
            run("rustc", "-Z", "unstable-options", "--crate-name", "shop", "-g", *form.split(),
                "-o", program, RUST, env=UNSTABLE)
            return program
        check_all("rustc", RUSTC, "addr2line", build_rust)


main()
