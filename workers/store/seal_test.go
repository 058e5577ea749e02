package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/screen"
	"frontdesk/workers/store"
	"frontdesk/workers/store/auditing"
	"frontdesk/workers/store/backlog"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/keyring"
)

// sealedPair is an installation with two of everything that lies sealed.
type sealedPair struct {
	s             *store.Store
	blobs         blobs.Store
	decided, open [2]int64
	large         [2]int64
	files         [2]string
}

func newSealedPair(t *testing.T, o store.Options) *sealedPair {
	t.Helper()
	o.Blobs = blobs.NewMemory()
	p := &sealedPair{s: mustOpen(t, o, day, master("m1", 1)), blobs: o.Blobs}
	t.Cleanup(func() { mustClose(t, p.s) })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range 2 {
		p.decided[i] = recordOne(t, p.s, fmt.Sprintf("d%d", i), fmt.Sprintf("decided %d", i), day)
		p.open[i] = recordOne(t, p.s, fmt.Sprintf("o%d", i), fmt.Sprintf("open %d", i), day)
		p.large[i] = recordOne(t, p.s, fmt.Sprintf("l%d", i), strings.Repeat(fmt.Sprintf("large %d", i), 50_000), day)
		digest, err := p.s.Files.PutBlob(t.Context(), fmt.Appendf(nil, "file %d", i))
		must(err)
		p.files[i] = digest
		must(p.s.Service.SaveToken(t.Context(), fmt.Sprintf("token%d", i), fmt.Appendf(nil, "secret %d", i), day))
		pending, err := p.s.Backlog.Undecided(t.Context(), []int64{p.decided[i]})
		must(err)
		opinion := backlog.Opinion{Opinion: screen.Opinion{Scanner: "rspamd", Verdict: "clean", Detail: fmt.Sprint("said ", i)}}
		must(p.s.Backlog.OpineFile(t.Context(), p.decided[i], opinion, day))
		must(p.s.Commit.Commit(t.Context(), []commit.Decision{{Pending: pending[0], Known: []byte(`{}`), Plan: pipeline.Plan{Message: p.decided[i], State: messages.Suppressed,
			Row: pipeline.MessageRow{Kind: "message"}, Trace: []pipeline.Line{{Stage: "screen", Found: fmt.Sprint("found ", i)}}}}}, day))
		must(store.Damage(t.Context(), p.s, fmt.Sprintf(`INSERT INTO attachments (message, n, name, media_type, size, inline, content_id, ref, digest) VALUES (%d, 1, 'a', 'b', 6, false, '', '', '%s')`, p.decided[i], digest)))
	}
	return p
}

func (p *sealedPair) findings(t *testing.T) []auditing.Finding {
	t.Helper()
	b, err := p.s.Auditing.Audit(t.Context(), auditing.AuditOptions{Sealed: true, Hasty: true, Grace: 24 * time.Hour}, day.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(b.Findings, func(f auditing.Finding) bool { return !strings.Contains(f.Detail, "cannot be opened") })
}

func swap(table, key string, a, b any, columns ...string) (out []string) {
	for _, c := range columns {
		out = append(out, fmt.Sprintf(`CREATE TABLE swapped AS SELECT %[2]s AS k, %[1]s AS v FROM %[3]s`, c, key, table),
			fmt.Sprintf(`UPDATE %[1]s SET %[2]s = (SELECT v FROM swapped WHERE k = '%[5]v') WHERE %[3]s = '%[4]v'`, table, c, key, a, b),
			fmt.Sprintf(`UPDATE %[1]s SET %[2]s = (SELECT v FROM swapped WHERE k = '%[5]v') WHERE %[3]s = '%[4]v'`, table, c, key, b, a), `DROP TABLE swapped`)
	}
	return out
}

// TestSwappedRowsDoNotOpen: whoever can write to the database can put one row's bytes into another. None of
// them opens there, and the audit names each.
func TestSwappedRowsDoNotOpen(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(p *sealedPair) []string
		open  func(t *testing.T, p *sealedPair) error
		named func(p *sealedPair) []int64
	}{
		"two originals": {func(p *sealedPair) []string { return swap("originals", "id", p.decided[0], p.decided[1], "sealed") },
			func(t *testing.T, p *sealedPair) error {
				_, _, err := p.s.Files.Original(t.Context(), p.decided[0])
				return err
			},
			func(p *sealedPair) []int64 { return p.decided[:] }},
		"the names of two large originals": {func(p *sealedPair) []string { return swap("originals", "id", p.large[0], p.large[1], "blob") },
			func(t *testing.T, p *sealedPair) error {
				_, _, err := p.s.Files.Original(t.Context(), p.large[1])
				return err
			},
			func(p *sealedPair) []int64 { return p.large[:] }},
		"the inbox of an original": {func(p *sealedPair) []string {
			return []string{fmt.Sprintf(`UPDATE deliveries SET inbox = 'sales' WHERE id = %d`, p.decided[0])}
		},
			func(t *testing.T, p *sealedPair) error {
				_, _, err := p.s.Files.Original(t.Context(), p.decided[0])
				return err
			},
			func(p *sealedPair) []int64 { return p.decided[:1] }},
		"two decisions": {func(p *sealedPair) []string {
			return swap("decisions", "message", p.decided[0], p.decided[1], "sealed")
		},
			func(t *testing.T, p *sealedPair) error {
				_, err := p.s.View.Trace(t.Context(), p.decided[1])
				return err
			},
			func(p *sealedPair) []int64 { return p.decided[:] }},
		"a decision that is an original": {func(p *sealedPair) []string {
			return []string{fmt.Sprintf(`UPDATE decisions SET sealed = (SELECT o.sealed FROM originals o WHERE o.id = %[1]d) WHERE message = %[1]d`, p.decided[0])}
		},
			func(t *testing.T, p *sealedPair) error {
				_, err := p.s.View.Trace(t.Context(), p.decided[0])
				return err
			},
			func(p *sealedPair) []int64 { return p.decided[:1] }},
		"two opinions": {func(p *sealedPair) []string { return swap("opinions", "message", p.decided[0], p.decided[1], "sealed") },
			func(t *testing.T, p *sealedPair) error {
				_, err := p.s.View.Trace(t.Context(), p.decided[0])
				return err
			},
			func(p *sealedPair) []int64 { return p.decided[:] }},
		"the verdict of an opinion": {func(p *sealedPair) []string {
			return []string{fmt.Sprintf(`UPDATE opinions SET verdict = 'infected' WHERE message = %d`, p.decided[0])}
		},
			func(t *testing.T, p *sealedPair) error {
				_, err := p.s.View.Trace(t.Context(), p.decided[0])
				return err
			},
			func(p *sealedPair) []int64 { return p.decided[:1] }},
		"two secrets": {func(p *sealedPair) []string { return swap("secrets", "name", "token0", "token1", "sealed") },
			func(t *testing.T, p *sealedPair) error {
				_, err := p.s.Service.LoadToken(t.Context(), "token1")
				return err
			},
			func(p *sealedPair) []int64 { return []int64{0, 0} }},
	} {
		t.Run(name, func(t *testing.T) {
			eachDatabase(t, func(t *testing.T, o store.Options) {
				p := newSealedPair(t, o)
				if err := c.open(t, p); err != nil {
					t.Fatalf("before: %v", err)
				}
				if found := p.findings(t); len(found) != 0 {
					t.Fatalf("before: %+v", found)
				}
				if err := store.Damage(t.Context(), p.s, c.spoil(p)...); err != nil {
					t.Fatal(err)
				}
				if err := c.open(t, p); !errors.Is(err, keyring.ErrSealed) {
					t.Errorf("error is %v, want ErrSealed", err)
				}
				var got []int64
				for _, f := range p.findings(t) {
					got = append(got, f.Message)
				}
				slices.Sort(got)
				if want := c.named(p); !slices.Equal(got, want) {
					t.Errorf("the audit names %v, want %v", got, want)
				}
			})
		})
	}
}

func TestSwappedBlobsDoNotOpen(t *testing.T) {
	p := newSealedPair(t, store.Options{Dir: t.TempDir()})
	ctx := t.Context()
	a, err := p.blobs.Get(ctx, p.files[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := p.blobs.Put(ctx, p.files[1], a); err != nil {
		t.Fatal(err)
	}
	if _, err := p.s.Files.Blob(ctx, p.files[1]); !errors.Is(err, keyring.ErrSealed) {
		t.Errorf("error is %v", err)
	}
	if found := p.findings(t); len(found) != 1 || found[0].Message != p.decided[1] {
		t.Errorf("the audit names %+v", found)
	}
}

// TestASwappedUndecidedMessageHoldsUpNoOther: it comes out shut, with the reason, and the others open.
func TestASwappedUndecidedMessageHoldsUpNoOther(t *testing.T) {
	p := newSealedPair(t, store.Options{Dir: t.TempDir()})
	if err := store.Damage(t.Context(), p.s, fmt.Sprintf(`UPDATE originals SET sealed = (SELECT o.sealed FROM originals o WHERE o.id = %d) WHERE id = %d`, p.open[1], p.open[0])); err != nil {
		t.Fatal(err)
	}
	got, err := p.s.Backlog.Undecided(t.Context(), p.open[:])
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	if !strings.Contains(got[0].Shut, "another place") || got[0].Raw != nil || got[1].Shut != "" || string(got[1].Raw) != "open 1" {
		t.Errorf("got %+v", got)
	}
}

// openIntake opens the same database with the intake key of a master key.
func openIntake(t *testing.T, o store.Options, m keyring.Master) (*store.Store, error) {
	t.Helper()
	k, err := m.IntakeKey()
	if err != nil {
		t.Fatal(err)
	}
	if o.Keyring, err = keyring.OpenIntake([]keyring.IntakeKey{k}); err != nil {
		t.Fatal(err)
	}
	return store.Open(t.Context(), o, day)
}

// TestAnIntakeKeyRecordsAndReadsNothing: what it recorded, small and large, others read; it cannot.
func TestAnIntakeKeyRecordsAndReadsNothing(t *testing.T) {
	eachDatabase(t, func(t *testing.T, o store.Options) {
		ctx := t.Context()
		o.Blobs = blobs.NewMemory()
		whole := mustOpen(t, o, day, master("m1", 1))
		defer mustClose(t, whole)
		intake, err := openIntake(t, o, master("m1", 1))
		if err != nil {
			t.Fatal(err)
		}
		defer mustClose(t, intake)
		large := strings.Repeat("large ", 100_000)
		a, b := recordOne(t, intake, "k1", "hello", day), recordOne(t, intake, "k2", large, day)
		if again := recordOne(t, whole, "k2", large, day.Add(time.Hour)); again != b {
			t.Errorf("a repeat is message %d, want %d", again, b)
		}
		for id, want := range map[int64]string{a: "hello", b: large} {
			if raw, _, err := whole.Files.Original(ctx, id); err != nil || string(raw) != want {
				t.Errorf("message %d: %d bytes, %v", id, len(raw), err)
			}
			if _, _, err := intake.Files.Original(ctx, id); !errors.Is(err, keyring.ErrIntakeOnly) {
				t.Errorf("message %d in the process that takes in: %v", id, err)
			}
		}
		if _, err := intake.Backlog.Undecided(ctx, []int64{a}); !errors.Is(err, keyring.ErrIntakeOnly) {
			t.Errorf("reading undecided messages: %v, want ErrIntakeOnly and nothing parked", err)
		}
		if err := intake.Service.SaveToken(ctx, "gmail", []byte("refresh"), day); err != nil {
			t.Fatal(err)
		}
		for _, s := range []*store.Store{intake, whole} {
			if got, err := s.Service.LoadToken(ctx, "gmail"); err != nil || string(got) != "refresh" {
				t.Errorf("token %q, %v", got, err)
			}
		}
	})
}

func TestAnIntakeKeyIsNotTheFirstOnADatabase(t *testing.T) {
	o := store.Options{Dir: t.TempDir(), Migrate: true}
	if _, err := openIntake(t, o, master("m1", 1)); !errors.Is(err, keyring.ErrUnprepared) {
		t.Errorf("error is %v", err)
	}
}

// TestDataKeysGoWithWhatTheySealed: those of originals that have expired are dropped; one in use, the last one
// and fresh ones stay.
func TestDataKeysGoWithWhatTheySealed(t *testing.T) {
	eachDatabase(t, func(t *testing.T, o store.Options) {
		s := mustOpen(t, o, day, master("m1", 1))
		defer mustClose(t, s)
		var ids []int64
		for i := range 4 {
			ids = append(ids, recordOne(t, s, fmt.Sprint("k", i), "hello", day.Add(time.Duration(i)*time.Hour)))
		}
		drop := func(at time.Time, want int) {
			t.Helper()
			if n, err := s.Base.DropKeys(t.Context(), at, 100); err != nil || n != want {
				t.Errorf("dropped %d keys, %v; want %d", n, err, want)
			}
		}
		later := day.Add(10 * 24 * time.Hour)
		drop(later, 0)
		if err := store.Damage(t.Context(), s, fmt.Sprintf(`DELETE FROM originals WHERE id <> %d`, ids[1])); err != nil {
			t.Fatal(err)
		}
		drop(day.Add(24*time.Hour), 0)
		drop(later, 2) // of the first and the third hour; the second is in use, the fourth is the last
		drop(later, 0)
		if raw, _, err := s.Files.Original(t.Context(), ids[1]); err != nil || string(raw) != "hello" {
			t.Errorf("%q, %v", raw, err)
		}
	})
}

// TestNothingIsRecordedUnderALostKey: the database was restored to a state from before the key was made.
func TestNothingIsRecordedUnderALostKey(t *testing.T) {
	eachDatabase(t, func(t *testing.T, o store.Options) {
		s := mustOpen(t, o, day, master("m1", 1))
		recordOne(t, s, "k1", "hello", day)
		if err := store.Damage(t.Context(), s, `DELETE FROM data_keys WHERE kind = 'original'`); err != nil {
			t.Fatal(err)
		}
		id := recordOne(t, s, "k2", "again", day)
		mustClose(t, s)
		s = mustOpen(t, o, day, master("m1", 1))
		defer mustClose(t, s)
		if raw, _, err := s.Files.Original(t.Context(), id); err != nil || string(raw) != "again" {
			t.Errorf("%q, %v", raw, err)
		}
	})
}
