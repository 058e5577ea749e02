package decide

import (
	"context"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/meta"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/screen"
	"frontdesk/workers/enrich"
	"frontdesk/workers/store/backlog"
	"frontdesk/workers/workerstest"
)

// doubts is a step that asks again about senders whose delivery says so, beside the scanners.
func (r *rig) doubts(again func(try int) (screen.Sender, bool), scanners ...enrich.Scanner) asking {
	tries := 0
	return r.asks(scanDeadline, []enrich.Source{enrich.Senders{
		Open: func(d channels.Delivery) bool { return d.Meta[meta.Proven] == "open" },
		Check: func(context.Context, channels.Delivery) (screen.Sender, bool) {
			tries++
			return again(tries)
		},
		For: 5 * time.Minute, Now: r.Time}}, scanners...)
}

func (r *rig) open(key, text string) channels.Delivery {
	d := r.Delivery("support", key, mail(key, text, nil))
	d.Meta = map[string]string{meta.Proven: "open", meta.DMARC: "temperror"}
	return d
}

func TestASenderWhoCouldNotBeAskedAboutIsAskedAgain(t *testing.T) {
	pass := screen.Sender{SPF: message.VerdictPass, DMARC: message.VerdictPass, Proven: true}
	temp := screen.Sender{SPF: message.VerdictTempError, DMARC: message.VerdictTempError}
	for _, c := range []struct {
		name  string
		again func(r *rig) func(try int) (screen.Sender, bool)
		want  string
	}{
		{"and is proven the third time", func(*rig) func(int) (screen.Sender, bool) {
			return func(try int) (screen.Sender, bool) {
				if try < 3 {
					return temp, false
				}
				return pass, true
			}
		}, "asked again about the sender; sender, asked again: spf=pass dmarc=pass proven"},
		{"and turns out to be forged", func(*rig) func(int) (screen.Sender, bool) {
			return func(int) (screen.Sender, bool) { return screen.Sender{DMARC: message.VerdictFail}, true }
		}, "asked again about the sender; sender, asked again: dmarc=fail not proven"},
		{"and stays unproven when his time is over", func(r *rig) func(int) (screen.Sender, bool) {
			return func(int) (screen.Sender, bool) {
				r.Pass(2 * time.Minute)
				return temp, false
			}
		}, "asked again about the sender; sender, asked again: spf=temperror dmarc=temperror not proven"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			s := r.doubts(c.again(r))
			id := r.Accept(r.open("k1", payment))[0]
			r.Process(id)
			r.Same("before", "recorded", r.Story(id).Message.State)
			r.Same("nobody else waits", "ticketed", r.Opened("support", "k2", mail("k2", payment, nil)).Message.State)
			r.asked(s)
			r.Process(id)
			story := r.Story(id)
			r.Same("after", "ticketed", story.Message.State)
			r.Same("trace", c.want, scanStage(story))
			r.Same("in the story", 1, len(story.Opinions))
		})
	}
}

// The line sees the sender as he is known now, and so does whoever decides again in hindsight.
func TestTheLineSeesTheSenderAsHeIsKnownNow(t *testing.T) {
	r := newRig(t)
	s := r.doubts(func(int) (screen.Sender, bool) {
		return screen.Sender{DMARC: message.VerdictPass, Proven: true}, true
	})
	d := r.open("k1", payment)
	id := r.Accept(d)[0]
	r.Process(id)
	r.asked(s)
	heard, err := r.Store.Backlog.Opinions(t.Context(), []int64{id})
	r.Must(err)
	for _, c := range []struct {
		heard []screen.Opinion
		want  bool
	}{{nil, false}, {heard[id], true}} {
		got := r.processor.decider.read(backlog.Pending{ID: id, Inbox: "support", Channel: "email", Key: "k1", Raw: d.Raw, Meta: d.Meta}, c.heard, r.Time())
		r.Same("proven", c.want, got.c.Message.Proven)
	}
}

// Whoever scans and asks again does both; a message that waits for its sender alone is not said to wait for scanners.
func TestScannersAndSenderAreAskedTogether(t *testing.T) {
	r := newRig(t)
	virus := workerstest.VirusScanner(workerstest.Infected)
	s := r.doubts(func(int) (screen.Sender, bool) { return screen.Sender{DMARC: message.VerdictFail}, true },
		enrich.Scanner{Name: "clamd", File: virus, Probe: workerstest.Probed{}})
	id := r.Accept(r.open("k1", payment+" VIRUS"))[0]
	r.Process(id)
	r.asked(s)
	r.Process(id)
	r.Same("state", "parked malware", strings.TrimSpace(string(r.Story(id).Message.State)+" "+r.Story(id).Message.Cause))
}

// A process that dies leaves the message to the sweep: it goes on unproven, and once.
func TestASenderIsForgottenWithTheProcess(t *testing.T) {
	r := newRig(t)
	r.doubts(func(int) (screen.Sender, bool) { return screen.Sender{}, false })
	id := r.Accept(r.open("k1", payment))[0]
	r.Process(id)
	_, err := r.Store.Backlog.Await(t.Context(), []int64{id}, r.Time().Add(5*time.Minute)) // and then the process died
	r.Must(err)
	r.Must(r.Store.Backlog.Rouse(t.Context(), r.Time()))
	r.doubts(func(int) (screen.Sender, bool) { return screen.Sender{}, true })
	r.Process(id)
	r.Same("while it waits", "awaiting", r.Story(id).Message.State)
	r.Pass(5*time.Minute + time.Second)
	r.next()
	story := r.Story(id)
	r.Same("after", "ticketed", story.Message.State)
	r.Same("no word of scanners that nobody has", "", scanStage(story))
}
