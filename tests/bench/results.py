# SPDX-License-Identifier: GPL-2.0
"""
What tests/bench/run has measured, a list of rows (dictionaries) in a file of JSON: how it is
shown, what it may be, and how it compares with an earlier run.

What tells a row from others (KEY):
    profiler    ringprof-record, ringprofd, perf, bpftrace
    stacks      none, fp, table, dwarf
    hz          samples a second
    what        "sample"; or what else costs `instructions`: "user frame", "kernel frame",
                "tick refused: REASON"
    program     what was looked at (tests/bench/programs); `depth`: of its stack, but for two
                frames; of inkernel, through how many overlays it reads
    options     of the profiler, beyond those
    window_seconds   of ringprofd; how many of them count: run-guest

What was measured (FIGURES), null if it was not:
    instructions             of `what`
    instructions_per_sample  whole: all that the program loses, which is on the only CPU
    interrupt_instructions   of it in the interrupt, the median
    reader_instructions      and the rest
    overhead_ppm             what it loses, of all instructions
    window_instructions      of ringprofd, when a window is named and written; the mean
    end_instructions         a sample's part of what comes when the program has ended
    script_instructions      a sample's part of `perf script --no-inline` after it
    cpu_ppm, rss_bytes       of the profiler's processes; pages that they share count for each
    bytes_per_sample_ring    samples only; ringprof: all that is in the ring
    bytes_per_sample_file    as it is written
    samples                  of the program, while it counted
    frames, kernel_frames    of these, the median

And in which state: kernel, clock, date, command.
"""

import json

KEY = ("profiler", "stacks", "hz", "what", "program", "depth", "options", "window_seconds")
COSTS = ("instructions", "instructions_per_sample", "interrupt_instructions",
         "reader_instructions", "overhead_ppm", "window_instructions", "end_instructions",
         "script_instructions", "cpu_ppm", "rss_bytes", "bytes_per_sample_ring",
         "bytes_per_sample_file")
FIGURES = COSTS + ("samples", "frames", "kernel_frames")

# ---- the table -----------------------------------------------------------------------------

COLUMNS = (("samples", "samples"), ("frames", "frames"), ("whole", "instructions_per_sample"),
           ("interrupt", "interrupt_instructions"), ("reader", "reader_instructions"),
           ("ppm", "overhead_ppm"), ("window", "window_instructions"),
           ("end", "end_instructions"), ("script", "script_instructions"),
           ("ring", "bytes_per_sample_ring"), ("file", "bytes_per_sample_file"),
           ("cpu ppm", "cpu_ppm"), ("MiB", "rss_bytes"))


def name(row):
    depth = f" {row['depth']}" if row["depth"] else ""
    options = f" {row['options']}" if row["options"] else ""
    return (f"{row['profiler']:15} {row['stacks']:5} {row['hz']:4} "
            f"{row['program'] + depth:12}{options}")


def text(row, key):
    value = row[key]
    if value is None:
        return "-"
    return f"{value / 2**20:.1f}" if key == "rss_bytes" else f"{value:.0f}"


def heading():
    return " " * 39 + " ".join(f"{title:>9}" for title, _ in COLUMNS)


def line(row):
    if row["what"] != "sample":
        return f"{name(row)} {row['what']}: {text(row, 'instructions')}"
    return f"{name(row)} " + " ".join(f"{text(row, key):>9}" for _, key in COLUMNS)


def table(rows):
    """Lines: samples first, then what else costs."""
    samples = [line(row) for row in rows if row["what"] == "sample"]
    return [heading(), *samples, "", *(line(row) for row in rows if row["what"] != "sample")]


# ---- what it may be ------------------------------------------------------------------------


class Missing(Exception):
    """A figure is not there."""


def find(rows, **wanted):
    """The only row like that; of several programs and depths, the usual one."""
    wanted = {"what": "sample", "program": "nested-fp", "options": "", "depth": 20} | wanted
    for row in rows:
        if all(row[key] == value for key, value in wanted.items()):
            return row
    raise Missing(", ".join(map(str, wanted.values())))


def figure(row, *keys):
    """Their sum."""
    if any(row[key] is None for key in keys):
        raise Missing(f"{name(row)}: {' '.join(keys)}")
    return sum(row[key] for key in keys)


def whole(rows, profiler, stacks, hz, *keys, **more):
    row = find(rows, profiler=profiler, stacks=stacks, hz=hz, **more)
    return figure(row, "instructions_per_sample", *keys)


def cost_of(rows, what, stacks, **more):
    row = find(rows, profiler="ringprof-record", stacks=stacks, hz=999, what=what,
               **{"depth": None} | more)
    return figure(row, "instructions")


# What it takes until a sample counts in a profile with names: the daemon's windows end while the
# program runs, record names when it has ended. What others do at their end is not counted.
UP_TO_ITS_NAMES = {"ringprof-record": ("end_instructions",), "ringprofd": ()}


def ratio_bounds(rows, hz):
    """(what, a function that says what it is, what it may be)"""
    perf, dwarf = ("perf", "fp", hz), ("perf", "dwarf", hz)
    for ours, end in UP_TO_ITS_NAMES.items():
        fp, table_ = (ours, "fp", hz, *end), (ours, "table", hz, *end)
        label = f"{hz} Hz: {ours}"

        def ratio(a, b, **more):
            return lambda: whole(rows, *a, **more) / whole(rows, *b)

        yield f"{label} fp / perf record -g", ratio(fp, perf), 0.65
        yield f"{label} fp / bpftrace", ratio(fp, ("bpftrace", "fp", hz)), 0.65
        for program in "nested-fp", "nested":
            tables = f"{label} table, {program}"
            yield f"{tables} / perf record -g", ratio(table_, perf, program=program), 1
            yield (f"{tables} / perf record --call-graph dwarf",
                   ratio(table_, dwarf, program=program), 0.333)
    yield (f"{hz} Hz: ringprof-record table / perf record -g, perf script",
           lambda: whole(rows, "ringprof-record", "table", hz, "end_instructions") /
           whole(rows, "perf", "fp", hz, "end_instructions", "script_instructions"), 0.2)


def overhead_bounds(rows, hz, ppm):
    for program in "nested-fp", "nested":
        yield (f"{hz} Hz: overhead of ringprofd table, {program}, ppm",
               lambda program=program: figure(find(rows, profiler="ringprofd", stacks="table",
                                                   hz=hz, program=program), "overhead_ppm"), ppm)


ALONE = {"ringprof-record": "--coalesce 0", "ringprofd": "--set sampling.coalesce=0"}


def between_windows(row, key):
    """A sample's part of it but for the end of the daemon's window, if one counts."""
    window = row["window_instructions"] or 0
    return figure(row, key) - (window / figure(row, "samples") if window else 0)


def merging_bounds(rows, hz):
    """What merging spares of a program that has one stack all the time."""
    for ours, off in ALONE.items():
        for key, most in ("instructions_per_sample", 1), ("reader_instructions", 0.3):

            def ratio(ours=ours, off=off, key=key):
                merged, alone = (between_windows(find(
                    rows, profiler=ours, stacks="table", hz=hz, program="hot-fp",
                    options=options), key) for options in ("", off))
                return merged / alone

            yield f"{hz} Hz: {ours} of one stack, {key}, merged / not", ratio, most


def bounds(rows):
    yield "a user frame by frame pointer", lambda: cost_of(rows, "user frame", "fp"), 50
    yield "a user frame by table", lambda: cost_of(rows, "user frame", "table"), 150
    yield ("the same, no frame pointers",
           lambda: cost_of(rows, "user frame", "table", program="nested"), 150)
    for hz in 99, 999:
        yield from ratio_bounds(rows, hz)
    yield from overhead_bounds(rows, 19, 150)
    yield from overhead_bounds(rows, 99, 600)
    yield from merging_bounds(rows, 999)


def judge(rows):
    """([lines], whether all of them hold). What was not measured is not judged."""
    lines, holds = [], True
    for what, value, most in bounds(rows):
        try:
            is_ = value()
        except Missing as missing:
            lines.append(f"{what}: not measured ({missing})")
            continue
        verdict = "holds" if is_ <= most else "DOES NOT HOLD"
        holds = holds and is_ <= most
        lines.append(f"{what:84} {is_:8.3f}, at most {most:7.3f}: {verdict}")
    return lines, holds


# ---- an earlier run ------------------------------------------------------------------------


def by_key(rows):
    return {tuple(row.get(key) for key in KEY): row for row in rows}


def compare(old, new, limit):
    """
    ([lines], [which of our figures have grown by more than `limit`]), for each row that both
    have. What was measured in one of them only, or is 0 or less, has no ratio.
    """
    earlier, lines, grown = by_key(old), [], []
    for key, row in by_key(new).items():
        before = earlier.pop(key, None)
        if before is None:
            lines.append(f"{name(row)} {row['what']}: new")
            continue
        parts = []
        for cost in COSTS:
            a, b = before.get(cost), row.get(cost)
            if a is None or b is None or a <= 0 or b <= 0:
                continue
            parts.append(f"{cost} {b / a:.3f}")
            if b / a > 1 + limit and row["profiler"].startswith("ringprof"):
                grown.append(f"{name(row)} {row['what']}: {cost} {a:g} -> {b:g}")
        lines.append(f"{name(row)} {row['what']}: {', '.join(parts)}")
    lines += [f"{name(row)} {row['what']}: gone" for row in earlier.values()]
    return lines, grown


def load(file):
    with open(file, encoding="utf-8") as f:
        return json.load(f)
