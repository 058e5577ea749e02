package deliver

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/acknowledge"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers/engine"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/view"
)

// sendFunc is a sender that does what the test says.
type sendFunc func(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error)

func (f sendFunc) Send(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
	return f(ctx, key, out)
}

// wellDone is a sender that succeeds.
func wellDone(_ context.Context, key string, _ channels.Outbound) (channels.Receipt, error) {
	return channels.Receipt{Key: key, ProviderID: "P-" + key, Status: channels.StatusSent}, nil
}

func refusing(class channels.Class) sendFunc {
	return func(context.Context, string, channels.Outbound) (channels.Receipt, error) {
		return channels.Receipt{}, &channels.Error{Op: "sending", Class: class, Err: errors.New("the provider says no")}
	}
}

func (r *rig) deliver(d *Deliverer, ids ...int64) {
	r.T.Helper()
	r.Must(d.Handle(r.T.Context(), engine.Work{Kind: engine.Deliver, IDs: ids}))
}

// promise is the state and cause of a ticket's acknowledgement promise.
func (r *rig) promise(ticket int64) string {
	r.T.Helper()
	list, err := r.Store.View.Promises(r.T.Context(), view.Page{Ticket: ticket})
	r.Must(err)
	if len(list) != 1 {
		r.T.Fatalf("ticket %d has %d promises", ticket, len(list))
	}
	return strings.TrimSpace(list[0].State + " " + list[0].Cause)
}

// tries are the outcomes and codes of an effect's attempts.
func (r *rig) tries(message, effect int64) (out []string) {
	r.T.Helper()
	for _, e := range r.Story(message).Effects {
		if e.ID != effect {
			continue
		}
		for _, try := range e.Tries {
			out = append(out, strings.TrimSpace(try.Outcome+" "+try.Code))
		}
	}
	return out
}

func TestWhatBecomesOfARowForEachClassOfError(t *testing.T) {
	r := newRig(t)
	d := r.deliverer()
	for i, c := range []struct {
		class               channels.Class
		state, promise, try string
	}{
		{channels.Temporary, "due", "due", "retry temporary"},
		{channels.Throttled, "due", "due", "retry throttled"},
		{channels.Unauthorized, "due", "due", "retry unauthorized"},
		{channels.Unknown, "due", "due", "unknown unknown"},
		{channels.Permanent, "failed", "void no-address", "failed permanent"},
		{channels.WindowClosed, "failed", "void no-address", "failed window-closed"},
		{channels.OptedOut, "failed", "void no-address", "failed opted-out"},
		{channels.Gone, "failed", "void no-address", "failed gone"},
		{channels.TooLarge, "failed", "void no-address", "failed too-large"},
	} {
		story := r.Opened("hotline", fmt.Sprint("k", i), letter{From: fmt.Sprint("+861380013800", i), Text: payment})
		id := story.Effects[0].ID
		r.senders["hotline"] = refusing(c.class)
		r.deliver(d, id)
		r.Same(string(c.class), []string{c.state, c.promise, c.try},
			[]string{r.Effect(id).State, r.promise(story.Message.Ticket), strings.Join(r.tries(story.Message.ID, id), ", ")})
	}
}

func TestAFailureForGoodIsKnownOfTheAddress(t *testing.T) {
	r := newRig(t)
	d := r.deliverer()
	for i, c := range []struct {
		class       channels.Class
		code        string
		failed, out bool
	}{
		{channels.Permanent, "21211", true, false}, // no such number
		{channels.Permanent, "30007", false, false},
		{channels.OptedOut, "21610", false, true},
		{channels.Gone, "403", true, false}, // blocked: no word of his
		{channels.TooLarge, "", false, false},
	} {
		story := r.Opened("hotline", fmt.Sprint("k", i), letter{From: fmt.Sprint("+861380013800", i), Text: payment})
		r.senders["hotline"] = sendFunc(func(context.Context, string, channels.Outbound) (channels.Receipt, error) {
			return channels.Receipt{}, &channels.Error{Op: "sending", Class: c.class, Code: c.code, Err: errors.New("no")}
		})
		r.deliver(d, story.Effects[0].ID)
		known, err := r.Store.Outbox.Addresses(t.Context(), story.Contact, story.Message.ID)
		r.Must(err)
		r.Same(string(c.class)+" "+c.code+": failed, opted out", []bool{c.failed, c.out}, []bool{known[0].Failed, known[0].OptedOut})
	}
}

func TestFailuresOfNoClass(t *testing.T) {
	row := outbox.EffectRow{ID: 1, CreatedAt: noon, Attempts: 1}
	for _, c := range []struct {
		name    string
		err     error
		unknown bool
	}{
		{"a plain error was not done", errors.New("connection refused"), false},
		{"a deadline leaves the outcome unknown", fmt.Errorf("sending: %w", context.DeadlineExceeded), true},
		{"a stop in the middle leaves the outcome unknown", fmt.Errorf("sending: %w", context.Canceled), true},
	} {
		if o := failure(row, c.err, noon); o.State != effects.Due || o.Unknown != c.unknown {
			t.Errorf("%s: %+v", c.name, o)
		}
	}
}

func TestDelaysGrowAndAreSpreadAndEndAfterTwoDays(t *testing.T) {
	row := outbox.EffectRow{ID: 16, CreatedAt: noon}
	var got []time.Duration
	for _, row.Failures = range []int{0, 0, 1, 2, 7, 8, 9, 1000} {
		row.Attempts = row.Failures + 4 // four died with their processes
		got = append(got, retry(row, noon, "", "", 0).Next.Sub(noon))
	}
	want := []time.Duration{15 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 32 * time.Minute, time.Hour, time.Hour, time.Hour}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("delay %d is %s, want %s", i, got[i], want[i])
		}
	}
	row.Attempts, row.Failures = 1, 0
	if next := retry(row, noon, "", "", 10*time.Minute).Next; !next.Equal(noon.Add(10 * time.Minute)) {
		t.Errorf("the provider asked for ten minutes, next is %s", next)
	}
	other := row
	other.ID = 17
	if retry(row, noon, "", "", 0).Next.Equal(retry(other, noon, "", "", 0).Next) {
		t.Error("rows that failed together come back together")
	}
	for _, c := range []struct {
		name  string
		row   outbox.EffectRow
		after time.Duration
		want  effects.State
	}{
		{"before two days it goes on", outbox.EffectRow{CreatedAt: noon, Attempts: 60}, 47 * time.Hour, effects.Due},
		{"after two days it is given up", outbox.EffectRow{CreatedAt: noon, Attempts: 60}, 49 * time.Hour, effects.Failed},
		{"a digest counts from when it is due", outbox.EffectRow{CreatedAt: noon, DueAt: noon.Add(20 * time.Hour), Attempts: 30}, 49 * time.Hour, effects.Due},
		{"our own long absence gives nothing up", outbox.EffectRow{CreatedAt: noon, Attempts: 1}, 80 * time.Hour, effects.Due},
	} {
		if o := retry(c.row, noon.Add(c.after), "", "", 0); o.State != c.want {
			t.Errorf("%s: %s, want %s", c.name, o.State, c.want)
		}
	}
}

func TestAnEffectThatIsGivenUpTakesTheFallback(t *testing.T) {
	r := newRig(t)
	d := r.deliverer()
	story := r.Opened("support", "k1", letter{From: "li@customer.example", Text: payment, Also: []string{"+8613800138000"}})
	id := story.Effects[0].ID
	r.senders["support"], r.senders["hotline"] = refusing(channels.Temporary), sendFunc(wellDone)
	for n := 0; r.Effect(id).State == "due" && n < 100; n++ {
		r.deliver(d, id)
		r.Pass(75 * time.Minute)
	}
	r.Same("state", "fallback", r.Effect(id).State)
	r.deliver(d, id+1)
	r.Same("next row", []string{"sent", "+8613800138000"}, []string{r.Effect(id + 1).State, r.Effect(id + 1).To})
}

// oracle is a sender that can be asked.
type oracle struct {
	sends, looks int
	send         sendFunc
	found        bool
	err          error
}

func (o *oracle) Send(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
	o.sends++
	return o.send(ctx, key, out)
}

func (o *oracle) Look(context.Context, string, channels.Outbound, time.Time) (channels.Receipt, bool, error) {
	o.looks++
	return channels.Receipt{ProviderID: "SM-found", Status: channels.StatusDelivered}, o.found, o.err
}

func TestASendWithoutAnAnswerIsLookedForBeforeItIsRepeated(t *testing.T) {
	r := newRig(t)
	d := r.deliverer()
	o := &oracle{send: refusing(channels.Unknown)}
	r.senders["hotline"] = o
	story := r.Opened("hotline", "k1", letter{From: "+8613800138000", Text: payment})
	id := story.Effects[0].ID
	step := func(what string, sends, looks int, state string) {
		t.Helper()
		r.deliver(d, id)
		r.Pass(2 * time.Hour)
		r.Same(what, []any{sends, looks, state}, []any{o.sends, o.looks, r.Effect(id).State})
	}
	step("no answer", 1, 0, "due")
	o.err = errors.New("the provider is away")
	step("looking fails", 1, 1, "due")
	o.err = nil
	step("not found", 2, 2, "due")
	r.handBack(d, id)
	r.Same("handed back unseen", []int{2, 2}, []int{o.sends, o.looks})
	o.found = true
	step("found", 2, 3, "delivered")
	r.Same("provider's id and promise", []string{"SM-found", "kept"}, []string{r.Effect(id).ProviderID, r.promise(story.Message.Ticket)})
}

func TestWhatWaitsForSomebodyWhoSaysStopIsWithheld(t *testing.T) {
	r := newRig(t)
	d := r.deliverer()
	o := &oracle{send: refusing(channels.Temporary)}
	r.senders["hotline"] = o
	story := r.Opened("hotline", "k1", letter{From: "+8613800138000", Text: payment})
	id := story.Effects[0].ID
	r.deliver(d, id)
	r.Opened("hotline", "k2", letter{From: "+8613800138000", Text: "STOP"})
	r.Pass(2 * time.Hour)
	r.deliver(d, id)
	row := r.Effect(id)
	r.Same("sends, row and promise", []any{1, "withheld", "opted-out", "void opted-out"}, []any{o.sends, row.State, row.Cause, r.promise(story.Message.Ticket)})
}

// TestASendThatADeathCutOffIsLookedForAWhileLater: the request may still be on its way when the next
// process asks, and would then be made again.
func TestASendThatADeathCutOffIsLookedForAWhileLater(t *testing.T) {
	r := newRig(t)
	d := r.deliverer()
	o := &oracle{send: wellDone}
	r.senders["hotline"] = o
	id := r.Opened("hotline", "k1", letter{From: "+8613800138000", Text: payment}).Effects[0].ID
	_, err := r.Store.Outbox.ClaimEffects(t.Context(), []int64{id}, "dead", r.Time(), r.Time().Add(claimFor))
	r.Must(err)
	r.Must(r.Store.Service.Reclaim(t.Context(), r.Time()))
	r.deliver(d, id)
	r.Same("at once: sends, looks, state", []any{0, 0, "due"}, []any{o.sends, o.looks, r.Effect(id).State})
	r.Pass(lookAfter - time.Second)
	r.deliver(d, id)
	r.Same("too early", []any{0, 0, "due"}, []any{o.sends, o.looks, r.Effect(id).State})
	o.found = true // the request has arrived
	r.Pass(time.Second)
	r.deliver(d, id)
	r.Same("later", []any{0, 1, "delivered"}, []any{o.sends, o.looks, r.Effect(id).State})
}

// handBack lets a claim run out while its row waits.
func (r *rig) handBack(d *Deliverer, id int64) {
	r.T.Helper()
	rows, err := r.Store.Outbox.ClaimEffects(r.T.Context(), []int64{id}, "worker-1", r.Time(), r.Time().Add(claimFor))
	r.Must(err)
	if len(rows) != 1 {
		r.T.Fatalf("claimed %d rows", len(rows))
	}
	r.Must(d.record(r.T.Context(), d.attempt(r.T.Context(), rows[0], r.Time().Add(-time.Second))))
	r.Same("handed back", "due", r.Effect(id).State)
}

func TestAPanicOfASenderIsARetryThatLooksFirst(t *testing.T) {
	r := newRig(t)
	d := r.deliverer()
	o := &oracle{found: true, send: func(context.Context, string, channels.Outbound) (channels.Receipt, error) { panic("the sender trips") }}
	r.senders["hotline"] = o
	story := r.Opened("hotline", "k1", letter{From: "+8613800138000", Text: payment})
	id := story.Effects[0].ID
	r.deliver(d, id)
	r.Same("after the panic", "due", r.Effect(id).State)
	r.Same("tries", []string{"unknown panic"}, r.tries(story.Message.ID, id))
	r.Pass(time.Minute)
	r.deliver(d, id)
	r.Same("sends, looks, state", []any{1, 1, "delivered"}, []any{o.sends, o.looks, r.Effect(id).State})
}

func TestAStopDuringASendSettlesTheRow(t *testing.T) {
	for _, c := range []struct {
		name, state, try string
		err              error
	}{
		{"a send that was done is recorded", "sent", "sent", nil},
		{"a send that was cut off is looked for at the next start", "due", "unknown unknown", context.Canceled},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			d := r.deliverer()
			ctx, stop := context.WithCancel(t.Context())
			r.senders["hotline"] = sendFunc(func(context.Context, string, channels.Outbound) (channels.Receipt, error) {
				stop()
				return channels.Receipt{}, c.err
			})
			story := r.Opened("hotline", "k1", letter{From: "+8613800138000", Text: payment})
			id := story.Effects[0].ID
			r.Must(d.Handle(ctx, engine.Work{Kind: engine.Deliver, IDs: []int64{id}}))
			r.Same("state", c.state, r.Effect(id).State)
			r.Same("tries", []string{c.try}, r.tries(story.Message.ID, id))
		})
	}
}

func TestAReceiptMayOvertakeItsSend(t *testing.T) {
	for _, c := range []struct {
		name          string
		status        channels.Status
		state, settle string
	}{
		{"delivered", channels.StatusDelivered, "delivered", "delivered"},
		{"failed", channels.StatusFailed, "failed", "fallback"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			d := r.deliverer()
			r.senders["support"] = sendFunc(func(ctx context.Context, _ string, _ channels.Outbound) (channels.Receipt, error) {
				_, err := r.record(ctx, intake.Lot{Receipts: []plans.InboxReceipt{{Inbox: "support", Receipt: channels.Receipt{ProviderID: "M9", Status: c.status, Reason: "550", At: noon}}}}, false)
				return channels.Receipt{ProviderID: "M9", Status: channels.StatusSent}, err
			})
			r.senders["hotline"] = sendFunc(wellDone)
			id := r.Opened("support", "k1", letter{From: "li@customer.example", Text: payment, Also: []string{"+8613800138000"}}).Effects[0].ID
			r.deliver(d, id)
			r.Same("state", c.state, r.Effect(id).State)
			r.deliver(d, id)
			r.Same("in the end", c.settle, r.Effect(id).State)
		})
	}
}

func TestALateAcknowledgementSaysSo(t *testing.T) {
	r := newRig(t)
	d := r.deliverer()
	texts := map[string]string{}
	r.senders["hotline"] = sendFunc(func(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
		texts[out.To.Value] = out.Text
		return wellDone(ctx, key, out)
	})
	late := r.Opened("hotline", "k1", letter{From: "+8613800138000", Text: payment})
	r.Pass(25 * time.Hour)
	early := r.Opened("hotline", "k2", letter{From: "+8613800138001", Text: payment})
	r.deliver(d, late.Effects[0].ID)
	r.deliver(d, early.Effects[0].ID)
	if !strings.Contains(texts["+8613800138000"], "sorry") || strings.Contains(texts["+8613800138001"], "sorry") {
		t.Errorf("texts: %q", texts)
	}
	r.Same("promises", []string{"broken", "kept"}, []string{r.promise(late.Message.Ticket), r.promise(early.Message.Ticket)})
}

func TestADigestThatNobodyCanBeSentOwesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		class     channels.Class
		statement string
		want      []string
	}{
		"the address is dead":        {channels.Permanent, "SELECT 1", []string{"failed", "void no-address"}},
		"the customer has said STOP": {channels.Temporary, "UPDATE identities SET opted_out = 1", []string{"withheld", "void opted-out"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			d := r.deliverer()
			r.senders["support"] = refusing(c.class)
			r.Opened("support", "k1", letter{From: "li@customer.example", Subject: "Payment failed", Text: payment})
			second := r.Opened("support", "k2", letter{From: "li@customer.example", Subject: "Card lost", Text: "I have lost my card."})
			r.Database(c.statement)
			r.Pass(2 * time.Hour)
			var digest int64
			for _, e := range second.Effects {
				if e.Kind == effects.KindDigest {
					digest = e.ID
				}
			}
			r.deliver(d, digest)
			r.Same("digest and promise", c.want, []string{r.Effect(digest).State, r.promise(second.Message.Ticket)})
		})
	}
}

func TestADigestListsWhatWasWithheldAndOneWithNothingToListIsWithheld(t *testing.T) {
	r := newRig(t)
	d := r.deliverer()
	var out []channels.Outbound
	r.senders["support"] = sendFunc(func(ctx context.Context, key string, o channels.Outbound) (channels.Receipt, error) {
		out = append(out, o)
		return wellDone(ctx, key, o)
	})
	var tickets, digests []int64
	for i, l := range []letter{{Subject: "Payment failed", Text: payment}, {Subject: "Card lost", Text: "I have lost my card."}, {Subject: "Change of address", Text: "I have moved house."}} {
		l.From, l.Proven = "li@customer.example", true
		s := r.Opened("support", fmt.Sprint("k", i), l)
		tickets = append(tickets, s.Message.Ticket)
		for _, e := range s.Effects {
			if e.Kind == effects.KindDigest {
				digests = append(digests, e.ID)
			}
		}
		r.Pass(time.Second)
	}
	if len(digests) == 0 {
		t.Fatal("no digest was planned")
	}
	r.Pass(24 * time.Hour)
	for _, id := range digests {
		r.deliver(d, id)
	}
	if len(out) != 1 || !strings.Contains(out[0].Text, "Card lost") || !strings.Contains(out[0].Text, "Change of address") || strings.Contains(out[0].Text, "Payment failed") {
		t.Errorf("mails: %+v", out)
	}
	_, texts := r.said(digests[0])
	r.Same("what is kept of the digest", []string{strings.TrimSpace(out[0].Subject + "\n" + out[0].Text)}, texts)
	for _, id := range digests[1:] {
		e := r.Effect(id)
		r.Same("digest with nothing to list", []string{"withheld", "nothing-to-list"}, []string{e.State, e.Cause})
	}
	if p := r.promise(tickets[1]); p == "due" {
		t.Errorf("the promise of a listed ticket is %s", p)
	}
}

func TestTheDesksOwnRateHoldsBackInSilence(t *testing.T) {
	r := newRig(t)
	r.senders["hotline"] = sendFunc(wellDone)
	d := NewDeliverer(r.Store, r.notifier, "worker-1", Outlets{Senders: r.senders, PerMinute: 1}, r.writer, r.meter, r.Logger)
	d.now = r.Time
	d.kinds[effects.KindAcknowledgement].(*sending).now = r.Time
	var ids []int64
	for i := range 2 {
		ids = append(ids, r.Opened("hotline", fmt.Sprint("k", i), letter{From: fmt.Sprint("+861380013800", i), Text: payment}).Effects[0].ID)
	}
	r.deliver(d, ids[0])
	r.deliver(d, ids[1])
	r.Same("states", []string{"sent", "due"}, []string{r.Effect(ids[0]).State, r.Effect(ids[1]).State})
	if strings.Contains(r.Logs.String(), "effect not done") {
		t.Errorf("log:\n%s", r.Logs)
	}
}

func TestRowsThatNobodyCanDoFail(t *testing.T) {
	r := newRig(t)
	d := r.deliverer()
	r.Must(r.Store.Outbox.Notify(t.Context(), []effects.Plan{{Key: "a", Kind: "dance", Due: noon}, {Key: "b", Kind: effects.KindMark, Inbox: "support", Due: noon},
		{Key: "c", Kind: effects.KindMedia, Inbox: "support", Due: noon}, {Key: "d", Kind: effects.KindNotice, Payload: []byte(`{"to":"gone"}`), Due: noon},
		{Key: "e", Kind: effects.KindNotice, Payload: []byte(`[]`), Due: noon}}, noon))
	rows, err := r.Store.View.Outbox(t.Context(), view.Page{})
	r.Must(err)
	causes := map[string]string{}
	for _, row := range rows {
		r.deliver(d, row.ID)
		e := r.Effect(row.ID)
		causes[e.Key] = e.State + " " + e.Cause
	}
	r.Same("rows", map[string]string{"a": "failed unknown-kind", "b": "failed no-post-action", "c": "failed no-media", "d": "failed not-configured", "e": "failed payload"}, causes)
}

func TestTheFallbackGoesToTheNextAddressThatCanBeReached(t *testing.T) {
	r := newRig(t)
	d := r.deliverer()
	var to []string
	fates := map[string]channels.Class{"li@customer.example": channels.Permanent, "+8613800138003": channels.WindowClosed}
	send := sendFunc(func(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
		to = append(to, out.To.Value)
		if class, bad := fates[out.To.Value]; bad {
			return refusing(class)(ctx, key, out)
		}
		return wellDone(ctx, key, out)
	})
	r.senders["support"], r.senders["hotline"] = send, send
	story := r.Opened("support", "k1", letter{From: "li@customer.example", Text: payment,
		Also: []string{"+8613800138001", "+8613800138002", "+8613800138003", "+8613800138004"}})
	r.Database(`UPDATE identities SET opted_out = 1 WHERE value = '+8613800138001'`)
	r.Database(`UPDATE identities SET failed = 1 WHERE value = '+8613800138002'`)
	id := story.Effects[0].ID
	r.tasks()
	for range 3 {
		r.deliver(d, id)
		for _, task := range r.tasks() {
			if task.Kind == engine.Deliver {
				id = task.IDs[0]
			}
		}
	}
	r.Same("sent to", []string{"li@customer.example", "+8613800138003", "+8613800138004"}, to)
	states := map[string]string{}
	for _, e := range r.Story(story.Message.ID).Effects {
		states[e.To] = e.State
		_, texts := r.said(e.ID)
		r.Same("what is kept for "+e.To, e.State == "sent", len(texts) == 1 && texts[0] != "")
	}
	r.Same("rows", map[string]string{"li@customer.example": "fallback", "+8613800138003": "fallback", "+8613800138004": "sent"}, states)
	r.Same("promise", "kept", r.promise(story.Message.Ticket))
}

// TestTheFallbackFillsNoThirdPersonsMailbox: somebody names one address beside many that fail.
func TestTheFallbackFillsNoThirdPersonsMailbox(t *testing.T) {
	r := newRig(t)
	d := r.deliverer()
	d.kinds[effects.KindAcknowledgement].(*sending).writer.Caps = acknowledge.Caps{SenderHour: 1, SenderDay: 4}
	r.Settings.Caps.StrangerHour = 4
	var to []string
	r.senders["support"] = refusing(channels.Permanent)
	r.senders["hotline"] = sendFunc(func(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
		to = append(to, out.To.Value)
		return wellDone(ctx, key, out)
	})
	write := func(key string) view.Story {
		story := r.Opened("support", key, letter{From: key + "@nowhere.example", Text: payment + " " + key, Also: []string{"+8613800138001"}})
		if story.Effects[0].State == "due" {
			r.tasks()
			r.deliver(d, story.Effects[0].ID)
			for _, task := range r.tasks() {
				if task.Kind == engine.Deliver {
					r.deliver(d, task.IDs...)
				}
			}
		}
		return r.Story(story.Message.ID)
	}
	write("first")
	second := write("second")
	r.Same("texts to the third person", []string{"+8613800138001"}, to)
	r.Same("the second one's promise", "void "+causes.NoAddress, r.promise(second.Message.Ticket))
	write("third")
	r.Same("what the fallback took of the desk's share", causes.StrangerCap, write("fourth").Effects[0].Cause)
}

func TestAtTheEndOfTheChainThePromiseIsVoid(t *testing.T) {
	r := newRig(t)
	d := r.deliverer()
	r.senders["hotline"] = refusing(channels.WindowClosed)
	story := r.Opened("support", "k1", letter{From: "li@customer.example", Text: payment, Also: []string{"+8613800138001"}})
	id := story.Effects[0].ID
	r.deliver(d, id) // the inbox has no sender
	r.deliver(d, id+1)
	r.Same("rows", []string{"fallback", "failed"}, []string{r.Effect(id).State, r.Effect(id + 1).State})
	r.Same("promise", "void "+causes.NoAddress, r.promise(story.Message.Ticket))
}

// marks is a connector that marks the source.
type marks map[string]error

func (m marks) Mark(_ context.Context, key string) error { return m[key] }

func TestAMarkIsSetOnceItsMessageIsDecided(t *testing.T) {
	r := newRig(t)
	in := r.Settings.Inboxes["support"]
	in.Mark = true
	r.Settings.Inboxes["support"] = in
	d := NewDeliverer(r.Store, r.notifier, "worker-1", Outlets{Markers: map[string]channels.Marker{"support": marks{"k2": errors.New("away")}}}, r.writer, r.meter, r.Logger)
	d.now = r.Time
	var states []string
	for _, key := range []string{"k1", "k2"} {
		for _, e := range r.Opened("support", key, letter{From: key + "@customer.example", Text: payment}).Effects {
			if e.Kind == effects.KindMark {
				r.deliver(d, e.ID)
				states = append(states, r.Effect(e.ID).State)
			}
		}
	}
	r.Same("states", []string{"sent", "due"}, states)
}
