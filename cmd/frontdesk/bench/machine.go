package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"frontdesk/cmd/frontdesk/bench/proc"
)

// Machine is where it was measured. Without it no figure means anything: most of all FsyncMS, since every commit
// waits for one. MemoryMB is in MiB, Load three averages of 1, 5 and 15 minutes, Kernel such as 6.1.0-13-amd64;
// "unknown" where /proc does not say.
type Machine struct {
	CPU      string  `json:"cpu"`
	Cores    int     `json:"cores"`
	Kernel   string  `json:"kernel"`
	Go       string  `json:"go"`
	System   string  `json:"system"`
	MemoryMB int64   `json:"memory_mb"`
	Load     string  `json:"load"`     // load averages before it began: what else the machine did
	FsyncMS  float64 `json:"fsync_ms"` // median of writing 4 KiB and syncing them, where the databases are
	Version  string  `json:"version"`
	Database string  `json:"database"`
	Redis    string  `json:"redis"`
}

// machine reads /proc; elsewhere than on Linux most of it stays unknown, and the bench goes on.
func machine(dir string) Machine {
	m := Machine{Cores: runtime.NumCPU(), Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH, CPU: "unknown", Kernel: "unknown"}
	if raw, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(raw)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				m.CPU = strings.TrimSpace(value)
				break
			}
		}
	}
	if raw, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = strings.TrimSpace(string(raw))
	}
	if raw, err := os.ReadFile("/proc/meminfo"); err == nil {
		m.MemoryMB = proc.Field(raw, "MemTotal") >> 20
	}
	if raw, err := os.ReadFile("/proc/loadavg"); err == nil {
		if f := strings.Fields(string(raw)); len(f) >= 3 {
			m.Load = strings.Join(f[:3], " ")
		}
	}
	m.FsyncMS = fsync(dir)
	return m
}

// fsync is the median of a few small durable writes, in milliseconds: 64 of them, since the first ones after a quiet
// time are slow.
func fsync(dir string) float64 {
	f, err := os.Create(filepath.Join(dir, "fsync"))
	if err != nil {
		return 0
	}
	defer os.Remove(f.Name())
	defer f.Close()
	page := make([]byte, 4096)
	var took []float64
	for range 64 {
		begin := time.Now()
		if _, err := f.Write(page); err != nil {
			return 0
		}
		if err := f.Sync(); err != nil {
			return 0
		}
		took = append(took, time.Since(begin).Seconds()*1000)
	}
	return median(took)
}

// table writes it at the head of the report, so that no figure is quoted without its machine.
func (m Machine) table(b *strings.Builder) {
	fmt.Fprintf(b, "machine    %s, %d cores, %d MB, %s, Linux %s, load before %s\n", m.CPU, m.Cores, m.MemoryMB, m.System, m.Kernel, m.Load)
	fmt.Fprintf(b, "program    frontdesk %s, %s\n", m.Version, m.Go)
	fmt.Fprintf(b, "database   %s; 4 KiB written and synced in %s ms\n", m.Database, figure(m.FsyncMS))
	fmt.Fprintf(b, "redis      %s\n", m.Redis)
}
