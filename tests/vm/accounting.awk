#!/usr/bin/awk -f
# SPDX-License-Identifier: GPL-2.0
#
# Does the sum of promise 1 from `ringprofctl -j status -v` on its own:
# taken = delivered + refused + lost, for every session, for each of its CPUs, and for the
# sessions that have ended. Exits with 1 and says which sum does not hold. An object of the
# JSON is a record here; what knows JSON takes an emulator a second to start.

BEGIN { RS = "{" }

# number KEY: of this record
function number(key)
{
	if (!match($0, "\"" key "\":[0-9]+")) {
		printf "there is no %s in %s\n", key, $0
		wrong = 1
		return 0
	}
	return substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3) + 0
}

function check(what, taken, delivered, refused, lost)
{
	printf "%s: taken %.0f = %.0f + %.0f + %.0f\n", what, taken, delivered, refused, lost
	if (taken != delivered + refused + lost)
		wrong = 1
	checked++
}

# What was summed up of one session, or of the ended ones
function finish()
{
	if (name != "")
		check(name, sums["taken"], sums["delivered"], sums["refused"], sums["lost"])
	delete sums["taken"]
	delete sums["delivered"]
	delete sums["refused"]
	delete sums["lost"]
}

/^"session":/ || next_is_ended {
	finish()
	name = next_is_ended ? "ended" : "session " number("session")
}
/^"class":"/ {
	split($0, words, "\"")
	sums[words[4]] += number("count")
}
/^"cpu":/ {
	check(name " CPU " number("cpu"), number("taken"), number("delivered"),
		number("refused"), number("lost"))
}
{ next_is_ended = /"ended":[ \n]*$/ }

END {
	finish()
	if (!checked)
		print "there is nothing to sum up"
	exit wrong || !checked
}
