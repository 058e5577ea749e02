// Package proc reads what processes of this machine use, from /proc.
package proc

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of times in /proc: Linux counts a hundred to the second for user space, on every
// machine.
const tick = 10 * time.Millisecond

// stat is one process as /proc/PID/stat tells it.
type stat struct {
	pid, parent int
	name        string
	own         time.Duration // of the process itself
	reaped      time.Duration // of children that have ended and were waited for
}

// readStat reads one process. An error mostly means that it has ended.
func readStat(pid int) (stat, error) {
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return stat{}, fmt.Errorf("reading the CPU time of process %d: %w", pid, err)
	}
	return parseStat(raw)
}

// parseStat reads "pid (name) state ppid …": the name may hold anything, so it is cut at the last
// bracket. Fields are numbered as in proc(5).
func parseStat(raw []byte) (stat, error) {
	open, end := bytes.IndexByte(raw, '('), bytes.LastIndexByte(raw, ')')
	if open < 0 || end < open {
		return stat{}, fmt.Errorf("reading a process: no name")
	}
	fields := strings.Fields(string(raw[end+1:]))
	if len(fields) < 15 {
		return stat{}, fmt.Errorf("reading a process: %d fields", len(fields))
	}
	s := stat{name: string(raw[open+1 : end])}
	s.pid, _ = strconv.Atoi(strings.TrimSpace(string(raw[:open])))
	s.parent, _ = strconv.Atoi(fields[1])
	ticks := func(n int) time.Duration {
		v, _ := strconv.ParseInt(fields[n-3], 10, 64)
		return time.Duration(v) * tick
	}
	s.own = ticks(14) + ticks(15)
	s.reaped = ticks(16) + ticks(17)
	return s, nil
}

// CPU is the CPU time of one process since its start, user and system, in steps of 10 ms. A process that has ended
// has used nothing more, so it counts as 0: take differences while it lives.
func CPU(pid int) time.Duration {
	s, err := readStat(pid)
	if err != nil {
		return 0
	}
	return s.own
}

// Family is the CPU time of a process with all its children, those that have ended too: PostgreSQL
// serves each connection with one.
func Family(pid int) time.Duration {
	s, err := readStat(pid)
	if err != nil {
		return 0
	}
	total := s.own + s.reaped
	for _, child := range children(pid) {
		total += CPU(child) + reaped(child)
	}
	return total
}

func reaped(pid int) time.Duration {
	s, err := readStat(pid)
	if err != nil {
		return 0
	}
	return s.reaped
}

// children are the processes whose parent it is; those of children are not looked for.
func children(pid int) []int {
	paths, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well-formed
	var out []int
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if s, err := parseStat(raw); err == nil && s.parent == pid {
			out = append(out, s.pid)
		}
	}
	return out
}

// Memory is what a process holds now and has held at most, in bytes (VmRSS and VmHWM).
// Both are 0 for a process that is not there.
func Memory(pid int) (now, most int64) {
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0, 0
	}
	return Field(raw, "VmRSS"), Field(raw, "VmHWM")
}

// Field is a size in a file of lines such as "VmRSS: 1024 kB", in bytes; 0 when it is not there.
func Field(raw []byte, name string) int64 {
	for line := range strings.Lines(string(raw)) {
		rest, ok := strings.CutPrefix(line, name+":")
		if !ok {
			continue
		}
		kib, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
		return kib << 10
	}
	return 0
}

// ForgetPeak makes VmHWM begin anew.
func ForgetPeak(pid int) {
	_ = os.WriteFile(filepath.Join("/proc", strconv.Itoa(pid), "clear_refs"), []byte("5"), 0) // else the peak since the start is told
}

// Steady waits until a process takes no more memory than some seconds before, so many seconds at most, and tells how many bytes it takes then.
func Steady(ctx context.Context, pid, most int) (now int64, err error) {
	const apart, grows = 5, 1 << 20 // seconds, bytes
	for was := int64(0); most > 0; most, was = most-apart, now {
		select {
		case <-time.After(time.Duration(min(apart, most)) * time.Second):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
		if now, _ = Memory(pid); was > 0 && now < was+grows {
			break
		}
	}
	return now, nil
}
