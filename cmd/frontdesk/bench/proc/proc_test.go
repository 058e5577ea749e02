package proc

import (
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"
)

func TestAProcessIsReadWhateverItsName(t *testing.T) {
	for _, name := range []string{"frontdesk", "post) S 1 (gres", "a b c"} {
		raw := "4711 (" + name + ") S 42 4711 4711 0 -1 4194560 100 200 0 0 150 50 30 20 20 0 9 0 100 1000 200"
		got, err := parseStat([]byte(raw))
		want := stat{pid: 4711, parent: 42, name: name, own: 2 * time.Second, reaped: 500 * time.Millisecond}
		if err != nil || got != want {
			t.Errorf("%q is read as %+v (%v), want %+v", name, got, err, want)
		}
	}
}

func TestWhatIsNoProcessIsAnError(t *testing.T) {
	for _, raw := range []string{"", "12", "12 (x", "12 (x) S 1 2"} {
		if s, err := parseStat([]byte(raw)); err == nil {
			t.Errorf("%q is read as %+v", raw, s)
		}
	}
}

func TestMemoryIsReadInBytes(t *testing.T) {
	raw := []byte("Name:\tx\nVmHWM:\t   2048 kB\nVmRSS:\t1024 kB\n")
	if got := Field(raw, "VmHWM"); got != 2<<20 {
		t.Errorf("VmHWM is %d", got)
	}
	if got := Field(raw, "VmSwap"); got != 0 {
		t.Errorf("what is not there is %d", got)
	}
}

// TestAFamilyHasTheTimeOfItsChildren burns CPU in a child of a child.
func TestAFamilyHasTheTimeOfItsChildren(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("CPU times of other processes are read from /proc")
	}
	parent := exec.Command("/bin/sh", "-c", `/bin/sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; read -r _'; read -r _`)
	in, err := parent.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		in.Close()
		parent.Wait()
	}()
	deadline := time.Now().Add(30 * time.Second)
	for Family(parent.Process.Pid) < 50*time.Millisecond {
		if time.Now().After(deadline) {
			t.Fatalf("the family has used %s", Family(parent.Process.Pid))
		}
		runtime.Gosched()
	}
	if own := CPU(parent.Process.Pid); own >= 50*time.Millisecond {
		t.Errorf("the parent itself has used %s: the child's time is taken for its own", own)
	}
	if now, most := Memory(os.Getpid()); now <= 0 || most < now {
		t.Errorf("this process holds %d bytes, at most %d", now, most)
	}
}
