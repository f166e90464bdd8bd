#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Does the sum of promise 1 from `ringprofctl -j status -v` on its own.

taken = delivered + refused + lost, for every session, for each of its CPUs, and for
the sessions that have ended. Exits with 1 and says which sum does not hold.
"""
import json
import sys


def classes(counters):
    sums = {}
    for row in counters:
        sums[row["class"]] = sums.get(row["class"], 0) + row["count"]
    return sums


def check(what, sums):
    taken = sums["taken"]
    parts = sums["delivered"] + sums["refused"] + sums["lost"]
    print(f"{what}: taken {taken} = {sums['delivered']} + {sums['refused']} + {sums['lost']}")
    return taken == parts


def main():
    status = json.load(sys.stdin)
    good = check("ended", classes(status["ended"]["counters"]))
    for session in status["sessions"]:
        name = f"session {session['session']}"
        good &= check(name, classes(session["counters"]))
        for cpu in session["cpus"]:
            good &= check(f"{name} CPU {cpu['cpu']}", cpu)
    sys.exit(0 if good else 1)


main()
