// SPDX-License-Identifier: GPL-2.0

// Writes a CPU and a heap profile with Go's own runtime/pprof, for our reader:
// gopprof CPU_FILE HEAP_FILE
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"time"
)

var sink [][]byte

//go:noinline
func burn(until time.Time) (sum uint64) {
	for time.Now().Before(until) {
		for i := uint64(0); i < 100000; i++ {
			sum += i * i
		}
	}
	return sum
}

//go:noinline
func hoard() {
	for i := 0; i < 64; i++ {
		sink = append(sink, make([]byte, 1<<20))
	}
}

func create(name string) *os.File {
	f, err := os.Create(name)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return f
}

func main() {
	cpu := create(os.Args[1])
	if err := pprof.StartCPUProfile(cpu); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	pprof.Do(context.Background(), pprof.Labels("request", "checkout"),
		func(context.Context) { burn(time.Now().Add(1500 * time.Millisecond)) })
	pprof.StopCPUProfile()
	cpu.Close()

	hoard()
	runtime.GC()
	heap := create(os.Args[2])
	if err := pprof.WriteHeapProfile(heap); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	heap.Close()
}
