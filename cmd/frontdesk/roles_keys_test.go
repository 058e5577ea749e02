package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/workers/engine/redistest"
)

// withIntakeKey gives the fleet's configuration an intake key, and returns what an environment adds so that the
// master key is out of reach.
func (f *fleet) withIntakeKey(t *testing.T) (away string) {
	t.Helper()
	raw, err := os.ReadFile(f.file())
	if err != nil {
		t.Fatal(err)
	}
	master, intake := filepath.Join(f.dir, "master.key"), filepath.Join(f.dir, "intake.key")
	text := strings.Replace(string(raw), "file: "+master+"}]}", "file: \"${FRONTDESK_TEST_MASTER:-"+master+"}\"}], intake: [{name: first, file: "+intake+"}]}", 1)
	if text == string(raw) {
		t.Fatal("the fleet's configuration has changed")
	}
	if err := os.WriteFile(f.file(), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("FRONTDESK_TEST_DIR", filepath.Join(f.dir, "maker"))
	code, out, errs := frontdesk(t, "keys", "intake", "--config", f.file())
	if code != 0 || !strings.HasPrefix(out, "frontdesk-intake-1:") || strings.Contains(out, "AAECAwQF") {
		t.Fatalf("keys intake: exit %d, %d bytes, %s", code, len(out), errs)
	}
	if err := os.WriteFile(intake, []byte(out), 0o600); err != nil {
		t.Fatal(err)
	}
	return "FRONTDESK_TEST_MASTER=" + filepath.Join(f.dir, "nowhere.key")
}

// TestAProcessWithTheIntakeKeyAloneTakesIn: it never sees the master key, records what customers write, and a
// process with the master key decides and answers it.
func TestAProcessWithTheIntakeKeyAloneTakesIn(t *testing.T) {
	f := newFleet(t, databases.Database(t), redistest.Start(t).URL())
	away := f.withIntakeKey(t)
	start := func(dir, roles string, env ...string) *member {
		return program(t, append(env, "FRONTDESK_TEST_DIR="+filepath.Join(f.dir, dir)), "serve", "--config", f.file(), "--roles", roles)
	}
	door := start("door", "intake", away)
	const mails = 40
	f.write(0, mails, func() string { return door.at.SMTP }).all.Wait()
	f.recorded(mails)
	start("worker", "work")
	f.kept(mails, 0)
	if strings.Contains(door.errs.String(), "more than it needs") {
		t.Error("the process that takes in warns of a key that it cannot reach")
	}
}

// TestWhoNeedsTheMasterKeyIsTold: the roles that read do not start without it, and say why; a process that
// only takes in and could read it is warned of.
func TestWhoNeedsTheMasterKeyIsTold(t *testing.T) {
	f := newFleet(t, databases.Database(t), redistest.Start(t).URL())
	away := f.withIntakeKey(t)
	name, value, _ := strings.Cut(away, "=")
	check := func(roles string) (int, string) {
		t.Setenv("FRONTDESK_ROLES", roles)
		code, out, errs := frontdesk(t, "check", "--offline", "--config", f.file())
		return code, out + errs
	}
	failed := func(said string) bool {
		return strings.Contains(said, "frontdesk: ") && !strings.Contains(said, "places are weak")
	} // the fleet's Redis has no password
	if code, said := check("intake"); failed(said) || !strings.Contains(said, "WARNING keys: master key first can be read") {
		t.Errorf("intake that reaches the master key: exit %d, %s", code, said)
	}
	if code, said := check("work"); failed(said) || strings.Contains(said, "WARNING") {
		t.Errorf("work: exit %d, %s", code, said)
	}
	t.Setenv(name, value)
	if code, said := check("intake"); failed(said) || strings.Contains(said, "WARNING") {
		t.Errorf("intake with its own key alone: exit %d, %s", code, said)
	}
	for _, roles := range []string{"work", "desk", "intake,work"} {
		if code, said := check(roles); code != 1 || !strings.Contains(said, "reading master key first") || !strings.Contains(said, "need the master key") {
			t.Errorf("%s without it: exit %d, %s", roles, code, said)
		}
	}
	if err := os.WriteFile(filepath.Join(f.dir, "intake.key"), []byte("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, said := check("intake"); code != 1 || !strings.Contains(said, "this is a master key") {
		t.Errorf("the master key in the place of the intake key: exit %d, %s", code, said)
	}
}
