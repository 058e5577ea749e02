package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers/store"
	"frontdesk/workers/store/auditing"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/erasure"
	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/storetest"
)

// twoSends are two acknowledgements of which the first needed two attempts.
func twoSends(t *testing.T, s *store.Store) (sends, messages []int64) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range 2 {
		id := recordOne(t, s, fmt.Sprintf("k%d", i), "hello", day)
		pending, err := s.Backlog.Undecided(t.Context(), []int64{id})
		must(err)
		dec := storetest.Opening(t, s, pending[0], storetest.Phone(i+1), day)
		must(s.Commit.Commit(t.Context(), []commit.Decision{dec}, day))
		e, now := dec.Plan.Effects[0].ID, day
		for n := 1; n <= 2-i; n++ {
			now = now.Add(time.Hour)
			_, err := s.Outbox.ClaimEffects(t.Context(), []int64{e}, "t", now, now.Add(time.Minute))
			must(err)
			o := commands.SendEnded{ID: e, Attempt: n, State: effects.Due, Next: now, Unknown: true, Words: s.Outbox.SealWords(e, n, outbox.Words{Text: fmt.Sprintf("text %d of %d", n, i)})}
			if n == 2-i {
				o.State, o.Unknown = effects.Sent, false
			}
			must(s.Outbox.Settle(t.Context(), []commands.SendEnded{o}, now))
		}
		sends, messages = append(sends, e), append(messages, id)
	}
	return sends, messages
}

// TestWhatWasSentOpensAtItsOwnAttemptOnly: bytes that somebody has moved to another send, or to another attempt at the same
// one, do not open there, and the audit names the send.
func TestWhatWasSentOpensAtItsOwnAttemptOnly(t *testing.T) {
	eachDatabase(t, func(t *testing.T, o store.Options) {
		s := mustOpen(t, o, day, master("m1", 1))
		defer mustClose(t, s)
		effects, messages := twoSends(t, s)
		said, err := s.Outbox.Said(t.Context(), effects)
		if err != nil || len(said[effects[0]]) != 2 || said[effects[0]][1].Words.Text != "text 2 of 0" {
			t.Fatalf("before: %+v, %v", said, err)
		}
		for name, from := range map[string]string{
			"another attempt": `SELECT a.words FROM outbox_attempts a WHERE a.effect = %[1]d AND a.n = 2`,
			"another send":    `SELECT a.words FROM outbox_attempts a WHERE a.effect = %[2]d AND a.n = 1`,
			"a decision":      `SELECT d.sealed FROM decisions d WHERE d.message = %[3]d`,
		} {
			move := fmt.Sprintf(`UPDATE outbox_attempts SET words = (`+from+`) WHERE effect = %[1]d AND n = 1`, effects[0], effects[1], messages[0])
			if err := store.Damage(t.Context(), s, move); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Outbox.Said(t.Context(), effects[:1]); !errors.Is(err, keyring.ErrSealed) {
				t.Errorf("%s: error is %v, want ErrSealed", name, err)
			}
			b, err := s.Auditing.Audit(t.Context(), auditing.AuditOptions{Sealed: true, Hasty: true, Grace: 24 * time.Hour}, day.Add(3*time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(b.Findings, func(f auditing.Finding) bool {
				return f.Rule == auditing.RuleAcknowledgement && f.Effect == effects[0] && f.Message == messages[0]
			}) {
				t.Errorf("%s: the audit does not name it: %+v", name, b.Findings)
			}
		}
	})
}

// TestWhatIsLeftOfAnErasedSendGoes: a program that did not know the texts may have erased a person. Whoever is erased next, they go.
func TestWhatIsLeftOfAnErasedSendGoes(t *testing.T) {
	eachDatabase(t, func(t *testing.T, o store.Options) {
		s := mustOpen(t, o, day, master("m1", 1))
		defer mustClose(t, s)
		effects, _ := twoSends(t, s)
		if err := store.Damage(t.Context(), s, fmt.Sprintf(`UPDATE outbox SET recipient = '', to_kind = '', to_value = '', payload = '', contact = 0, message = 0, erased = true WHERE id = %d`, effects[0])); err != nil {
			t.Fatal(err)
		}
		p, err := s.Erasure.PersonAt(t.Context(), storetest.Phone(2).Identity())
		if err != nil {
			t.Fatal(err)
		}
		out, err := s.Erasure.Erase(t.Context(), p, erasure.Erasure{Who: "li"}, day.Add(3*time.Hour))
		if err != nil || out.Proof.Left() != 0 {
			t.Fatalf("left %+v, %v", out.Proof, err)
		}
		said, err := s.Outbox.Said(t.Context(), effects)
		if err != nil {
			t.Fatal(err)
		}
		for id, all := range said {
			for _, a := range all {
				if a.Words != nil {
					t.Errorf("attempt %d at effect %d still says %q", a.N, id, a.Words.Text)
				}
			}
		}
	})
}

// BenchmarkSealWords is what keeping a text costs a send.
func BenchmarkSealWords(b *testing.B) {
	s := openSQLite(b)
	w := outbox.Words{Subject: "We have received your message [T-4711-4f2a9c]", Language: "en", Text: "Dear Ann,\n\nthank you for your message about your payment. Your ticket is T-4711. " +
		"A colleague of the payments team answers you by Tuesday, 1 December, 12:00 (CST).\n\nSo that we can help you at once, please tell us the number of the order and the day of the payment.\n\nFrontdesk"}
	n := 0
	for b.Loop() {
		n += len(s.Outbox.SealWords(4711, 1, w))
	}
	b.ReportMetric(float64(n)/float64(b.N), "B/send")
}
