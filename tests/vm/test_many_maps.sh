#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A process whose executable mappings take more bytes to describe than are let wait for
# the reader is not described, and that is counted; the attempt takes no more memory
# than what would have been let in.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d)
ulimit -n 20000

# With names of 4 KB: about 60 MB of descriptions, or 20 MB in the short form
maps=$(amount 15000 5000)
cat >"$dir/many.py" <<-'END'
	import mmap, os, sys, time
	os.chdir(sys.argv[1])
	for _ in range(15):
	    os.mkdir("d" * 250)
	    os.chdir("d" * 250)
	fd = os.open("f" * 200, os.O_RDWR | os.O_CREAT, 0o755)
	os.write(fd, bytes(4096))
	maps = [mmap.mmap(fd, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC) for _ in range(int(sys.argv[2]))]
	open(sys.argv[1] + "/ready", "w").close()
	end = time.process_time() + float(sys.argv[3])
	while time.process_time() < end:
	    pass
END

# slab: KB of the kernel's small allocations, which descriptions are made in
slab()
{
	awk '$1 == "Slab:" { print $2 }' /proc/meminfo
}

ringprofctl record -F 999 -o "$dir/p.pb.gz" -- \
	/usr/bin/python3 -I -S "$dir/many.py" "$dir" "$maps" "$(amount 3 1)" 2>/dev/null &
recorder=$!
highest=0
while [[ -d /proc/$recorder ]]; do
	if [[ ! -e $dir/ready ]]; then
		before=$(slab)
	else
		now=$(slab)
		((now <= highest)) || highest=$now
	fi
	sleep 0.05
done
check_ok wait $recorder
step "slab: $before KB before, $highest KB at most"
check_between $((highest - before)) -100000 12000 "KB that describing took"
check_between "$(counter space-dropped)" 1 1000000 "descriptions given up"
check_accounting
