package deliver

import (
	"context"
	"errors"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/pipelinetest"
	"frontdesk/pipeline/promise"
	"frontdesk/pipeline/thread"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
)

// agent may answer in every queue.
var agent = viewer.Viewer{User: 1, Login: "wang", Name: "Wang", Grants: []viewer.Grant{{Role: viewer.Agent, Queue: viewer.Every}}}

// answer has the agent answer a ticket, as his page shows where that goes.
func (r *rig) answer(story view.Story, text string) (answering.Sent, answering.Ground) {
	r.T.Helper()
	g, err := r.Store.Answering.Ground(r.T.Context(), agent, story.Message.Ticket, r.house())
	r.Must(err)
	sent, err := r.Store.Answering.Send(r.T.Context(), agent, r.house(), answering.Writing{Key: "page " + text, Kind: replies.Answer, Ticket: story.Message.Ticket, Seen: g.Talk, Text: text,
		Channel: g.Channel, Inbox: g.Inbox, Carries: g.Carries, Recipients: g.Recipients, Subject: g.Subject, Language: g.Language, Of: g.Of}, r.Time())
	r.Must(err)
	return sent, g
}

// house is the rig's desk.
func (r *rig) house() answering.House {
	carries := map[string]message.Carries{}
	for name, t := range r.Settings.Channels {
		carries[name] = t.Carries
	}
	return answering.House{Ways: r.ways, Carries: carries, Ours: r.Settings.Ours, Letters: r.letters,
		Name: func(language string) string {
			return message.Named(map[string]string{"zh": "托付"}, language, "Topay")
		}}
}

func (r *rig) ways(inbox string, kind message.AddressKind) (string, string, bool) {
	return inbox, r.Settings.Inboxes[inbox].Channel, true
}

// promisesReplies has the desk promise the first words of a person within eight hours.
func (r *rig) promisesReplies() {
	r.Settings.Promise.Rules = append(r.Settings.Promise.Rules, promise.Rule{Kind: promise.FirstReply, Clock: promise.Wall, Within: 8 * time.Hour})
}

// owed is where the promise of a first reply stands.
func (r *rig) owed(ticket int64) string {
	r.T.Helper()
	all, err := r.Store.View.PromisesOf(r.T.Context(), []int64{ticket})
	r.Must(err)
	for _, p := range all[ticket] {
		if p.Kind == promises.FirstReply {
			return p.State
		}
	}
	return "none"
}

// TestAnAgentsAnswerGoesOut on the customer's channel, as a person's and joined to its ticket, and keeps what was promised.
func TestAnAgentsAnswerGoesOut(t *testing.T) {
	for _, c := range []struct {
		name, inbox, from string
		mail              bool
	}{
		{"by mail", "support", "li@customer.example", true},
		{"by SMS", "hotline", "+8613800138000", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.promisesReplies()
			d := r.deliverer()
			var out []channels.Outbound
			send := sendFunc(func(_ context.Context, key string, o channels.Outbound) (channels.Receipt, error) {
				out = append(out, o)
				return channels.Receipt{Key: key, Status: channels.StatusSent}, nil
			})
			r.senders["support"], r.senders["hotline"] = send, send
			story := r.Opened(c.inbox, "k1", letter{From: c.from, Text: payment})
			r.deliver(d, story.Effects[0].ID)
			before := r.owed(story.Message.Ticket)
			sent, g := r.answer(story, "您好，款项已在路上。")
			r.deliver(d, sent.Effect)
			if len(out) != 1 {
				t.Fatalf("%d sends before the answer could no longer be taken back", len(out))
			}
			r.Pass(answering.UndoFor)
			r.deliver(d, sent.Effect)
			r.deliver(d, sent.Effect)
			if len(out) != 2 {
				t.Fatalf("%d sends", len(out))
			}
			got := out[1]
			r.Same("as it was written, to whom the page showed, by a person", []any{"您好，款项已在路上。", c.from, false, c.inbox}, []any{got.Text, got.To.Value, got.Automatic, got.Inbox})
			r.Same("the promise", []string{"due", "kept"}, []string{before, r.owed(story.Message.Ticket)})
			if !c.mail {
				r.Same("a text has no subject and no headers", channels.Outbound{Inbox: got.Inbox, To: got.To, Thread: got.Thread, Text: got.Text, Language: got.Language}, got)
				return
			}
			ticket := story.Message.Ticket
			r.Same("it is joined to its ticket", []any{out[0].InReplyTo, thread.ReplyAddress(pipelinetest.MAC, r.Settings.Inboxes["support"].Address, ticket)}, []any{got.InReplyTo, got.ReplyTo})
			if id, ok := thread.ParseMessageID(pipelinetest.MAC, got.MessageID); !ok || id != ticket || got.MessageID == out[0].MessageID {
				t.Errorf("its Message-ID is %s", got.MessageID)
			}
			r.Same("subject", g.Subject+" "+thread.SubjectToken(pipelinetest.MAC, ticket), got.Subject)
		})
	}
}

// TestAnAnswerThatCannotGo stays where its writer sees it, and goes nowhere else.
func TestAnAnswerThatCannotGo(t *testing.T) {
	r := newRig(t)
	r.promisesReplies()
	d := r.deliverer()
	sends := 0
	refused := errors.New("no such number")
	r.senders["hotline"] = sendFunc(func(_ context.Context, key string, _ channels.Outbound) (channels.Receipt, error) {
		if sends++; sends == 2 {
			return channels.Receipt{}, &channels.Error{Class: channels.Permanent, Code: "21614", Err: refused}
		}
		return channels.Receipt{Key: key, Status: channels.StatusSent}, nil
	})
	r.senders["support"] = sendFunc(wellDone)
	story := r.Opened("hotline", "k1", letter{From: "+8613800138000", Text: payment})
	r.deliver(d, story.Effects[0].ID)
	sent, _ := r.answer(story, "It is on its way.")
	r.Pass(answering.UndoFor)
	r.deliver(d, sent.Effect)
	r.Same("failed, and still owed", []string{"failed", "21614", "due"}, []string{r.Effect(sent.Effect).State, r.Effect(sent.Effect).Cause, r.owed(story.Message.Ticket)})
	r.Must(r.Store.Answering.Retry(t.Context(), agent, sent.Reply, r.Time()))
	r.deliver(d, sent.Effect)
	r.Same("sent once more, and kept", []any{"sent", "kept", 3}, []any{r.Effect(sent.Effect).State, r.owed(story.Message.Ticket), sends})

	r.Opened("hotline", "k2", letter{From: "+8613800138000", Text: "STOP"})
	stopped, _ := r.answer(story, "One thing more.")
	r.Pass(answering.UndoFor + time.Second)
	r.deliver(d, stopped.Effect)
	r.Same("not to who has said STOP", []any{"withheld", causes.OptedOut, 3}, []any{r.Effect(stopped.Effect).State, r.Effect(stopped.Effect).Cause, sends})
}

// values are addresses as texts.
func values(all []message.Address) (out []string) {
	for _, a := range all {
		out = append(out, a.Value)
	}
	return out
}

// TestAnAnswerGoesToWhomTheMailShows, below the newest mail, and to whom the page showed, whatever happens before it goes out.
func TestAnAnswerGoesToWhomTheMailShows(t *testing.T) {
	r := newRig(t)
	d := r.deliverer()
	var out []channels.Outbound
	r.senders["support"] = sendFunc(func(_ context.Context, key string, o channels.Outbound) (channels.Receipt, error) {
		out = append(out, o)
		return channels.Receipt{Key: key, ProviderID: o.MessageID, Status: channels.StatusSent}, nil
	})
	story := r.Opened("support", "k1", letter{Proven: true, From: "li@customer.example", Text: payment, MessageID: "m1@customer.example",
		To: []string{"support@desk.example", "chen@customer.example"}, Cc: []string{"dai@other.example"}})
	ticket := story.Message.Ticket
	r.deliver(d, story.Effects[0].ID)
	r.Same("an acknowledgement goes to one", 0, len(out[0].Cc))
	second := r.Opened("support", "k2", letter{Proven: true, From: "li@customer.example", Text: "还有一个问题。", MessageID: "m2@customer.example", References: []string{"m1@customer.example", out[0].MessageID},
		To: []string{out[0].ReplyTo, "chen@customer.example"}, Cc: []string{"Support@desk.example", "eva@other.example"}})
	r.Same("the second mail is of the ticket", ticket, second.Message.Ticket)

	sent, g := r.answer(second, "您好，款项已在路上。")
	later := r.Opened("support", "k3", letter{Proven: true, From: "chen@customer.example", Text: "我也想知道。", MessageID: "m3@customer.example", References: []string{"m2@customer.example", out[0].MessageID},
		To: []string{"support@desk.example", "mallory@other.example"}})
	r.Same("somebody else has written meanwhile", []any{ticket, "chen@customer.example"}, []any{later.Message.Ticket, r.grounded(ticket).Recipients.To[0].Value})
	r.Pass(answering.UndoFor)
	r.deliver(d, sent.Effect)
	got := out[len(out)-1]
	r.Same("to whom", []any{"li@customer.example", []string{"chen@customer.example", "eva@other.example"}}, []any{got.To.Value, values(got.Cc)})
	r.Same("as the page showed it", g.Recipients, replies.Recipients{To: []message.Address{{Kind: got.To.Kind, Value: got.To.Value, Name: g.Recipients.To[0].Name}}, Cc: got.Cc})
	r.Same("below the newest mail that it answers", []any{"m2@customer.example", []string{"m1@customer.example", out[0].MessageID, "m2@customer.example"}}, []any{got.InReplyTo, got.References})
}

// grounded is on what an answer would stand now.
func (r *rig) grounded(ticket int64) answering.Ground {
	r.T.Helper()
	g, err := r.Store.Answering.Ground(r.T.Context(), agent, ticket, r.house())
	r.Must(err)
	return g
}

// TestAChannelThatCarriesNoCopiesIsNotTried: what does not fit fails before its writer's eyes, and nothing goes out by half.
func TestAChannelThatCarriesNoCopiesIsNotTried(t *testing.T) {
	r := newRig(t)
	d := r.deliverer()
	sends := 0
	r.senders["support"] = sendFunc(func(_ context.Context, key string, _ channels.Outbound) (channels.Receipt, error) {
		sends++
		return channels.Receipt{Key: key, Status: channels.StatusSent}, nil
	})
	story := r.Opened("support", "k1", letter{Proven: true, From: "li@customer.example", Text: payment, To: []string{"support@desk.example", "chen@customer.example"}})
	r.deliver(d, story.Effects[0].ID)
	sent, _ := r.answer(story, "It is on its way.")
	mail := r.writer.Channels["email"]
	mail.Carries = message.Carries{}
	r.writer.Channels["email"] = mail
	r.Pass(answering.UndoFor)
	r.deliver(d, sent.Effect)
	r.Same("failed, and why", []any{"failed", "no-copies", 1}, []any{r.Effect(sent.Effect).State, r.Effect(sent.Effect).Cause, sends})
}
