package workers

import (
	"bytes"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/workers/store/auditing"
)

// TestACopyOfAMailThatCannotBeReadIsFolded: it is known by its bytes, by whatever way they come.
func TestACopyOfAMailThatCannotBeReadIsFolded(t *testing.T) {
	raw := func(inbox, key, text string) channels.Delivery {
		channel := map[string]string{"support": "email", "hotline": "sms"}[inbox]
		return channels.Delivery{Inbox: inbox, Channel: channel, Key: key, At: noon, Raw: []byte(text)}
	}
	const broken, other = "{ no letter\r\nat all\r\n", "{ another one"
	first := []channels.Delivery{raw("support", "INBOX:7:1", broken), raw("support", "INBOX:7:2", other), raw("hotline", "SM1", broken)}
	again := []channels.Delivery{raw("support", "INBOX:8:1", broken), raw("support", "stored:1", "{ no letter\nat all\n\n"), raw("hotline", "SM2", broken)}
	parked, folded := "parked unparsable", "duplicate"
	want := []string{parked, parked, parked, folded, folded, parked} // two SMS of one text are two messages
	for name, together := range map[string]bool{"in one batch": true, "one after the other": false} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			ids := append(r.accept(first...), r.accept(again...)...)
			if together {
				r.process(ids...)
			} else {
				for _, id := range ids {
					r.process(id)
				}
			}
			r.same("states", want, r.states(ids...))
			r.same("first copies", []int64{ids[0], ids[0]}, []int64{r.story(ids[3]).DuplicateOf, r.story(ids[4]).DuplicateOf})
			r.hindsight(ids, want)
			books, err := r.store.Auditing.Audit(t.Context(), auditing.AuditOptions{Grace: 1e6 * time.Hour}, r.time())
			r.must(err)
			r.same("findings", []auditing.Finding{}, books.Findings)
			r.must(r.store.Acts.Release(t.Context(), ids[0], r.time(), "zhou"))
			r.process(ids[0])
			r.same("the first one, released and still broken", parked, r.states(ids[0])[0])
		})
	}
}

// hindsight decides the messages again and compares their states.
func (r *rig) hindsight(ids []int64, want []string) {
	r.t.Helper()
	decided, err := r.store.Decided.Decided(r.t.Context(), ids)
	r.must(err)
	h := NewHindsight(r.processor.decider.decoders, r.settings, r.logger)
	var got []string
	for _, d := range decided {
		c := h.Decide(d.Pending, d.Known, d.DecidedAt)
		got = append(got, string(bytes.TrimSpace([]byte(string(c.Plan.State)+" "+c.Plan.Cause))))
	}
	r.same("decided again", want, got)
}

// TestACopyOfAnUnreadMailOfSomebodyErasedHoldsNothing: what was erased does not come back another way.
func TestACopyOfAnUnreadMailOfSomebodyErasedHoldsNothing(t *testing.T) {
	r := newRig(t)
	text := []byte("{ no letter of ann@customer.example")
	in := func(key string) channels.Delivery {
		return channels.Delivery{Inbox: "support", Channel: "email", Key: key, At: noon, Raw: text, Meta: map[string]string{channels.MetaMailFrom: "ann@customer.example"}}
	}
	first := r.accept(in("INBOX:7:1"))
	r.process(first...)
	r.database(`UPDATE messages SET erased_at = 1, state = 'dismissed', evidence = ''`)
	second := r.accept(in("INBOX:8:1"))
	r.process(second...)
	s := r.story(second[0])
	if s.Message.State != string(messages.Duplicate) || s.OriginalIs != "gone" {
		t.Errorf("the copy is %s, its original %s", s.Message.State, s.OriginalIs)
	}
}
