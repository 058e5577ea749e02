package decide

import (
	"bytes"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/meta"
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
			ids := append(r.Accept(first...), r.Accept(again...)...)
			if together {
				r.Process(ids...)
			} else {
				for _, id := range ids {
					r.Process(id)
				}
			}
			r.Same("states", want, r.States(ids...))
			r.Same("first copies", []int64{ids[0], ids[0]}, []int64{r.Story(ids[3]).DuplicateOf, r.Story(ids[4]).DuplicateOf})
			r.hindsight(ids, want)
			books, err := r.Store.Auditing.Audit(t.Context(), auditing.AuditOptions{Grace: 1e6 * time.Hour}, r.Time())
			r.Must(err)
			r.Same("findings", []auditing.Finding{}, books.Findings)
			r.Must(r.Store.Acts.Release(t.Context(), ids[0], r.Time(), "zhou"))
			r.Process(ids[0])
			r.Same("the first one, released and still broken", parked, r.States(ids[0])[0])
		})
	}
}

// hindsight decides the messages again and compares their states.
func (r *rig) hindsight(ids []int64, want []string) {
	r.T.Helper()
	decided, err := r.Store.Decided.Decided(r.T.Context(), ids)
	r.Must(err)
	h := NewHindsight(r.processor.decider.decoders, r.Settings, r.Logger)
	var got []string
	for _, d := range decided {
		c := h.Decide(d.Pending, d.Known, d.DecidedAt)
		got = append(got, string(bytes.TrimSpace([]byte(string(c.Plan.State)+" "+c.Plan.Cause))))
	}
	r.Same("decided again", want, got)
}

// TestACopyOfAnUnreadMailOfSomebodyErasedHoldsNothing: what was erased does not come back another way.
func TestACopyOfAnUnreadMailOfSomebodyErasedHoldsNothing(t *testing.T) {
	r := newRig(t)
	text := []byte("{ no letter of ann@customer.example")
	in := func(key string) channels.Delivery {
		return channels.Delivery{Inbox: "support", Channel: "email", Key: key, At: noon, Raw: text, Meta: map[string]string{meta.MailFrom: "ann@customer.example"}}
	}
	first := r.Accept(in("INBOX:7:1"))
	r.Process(first...)
	r.Database(`UPDATE messages SET erased_at = 1, state = 'dismissed', evidence = ''`)
	second := r.Accept(in("INBOX:8:1"))
	r.Process(second...)
	s := r.Story(second[0])
	if s.Message.State != string(messages.Duplicate) || s.OriginalIs != "gone" {
		t.Errorf("the copy is %s, its original %s", s.Message.State, s.OriginalIs)
	}
}
