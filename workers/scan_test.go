package workers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/kinds"
	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/screen"
	"frontdesk/workers/enrich"
	"frontdesk/workers/enrich/scanners"
	"frontdesk/workers/store/backlog"
	"frontdesk/workers/store/view"
)

// spamFilter and virusScanner say what the tests have them say; nil answers "clean".
type spamFilter func(ctx context.Context, m scanners.Mail) (scanners.Opinion, error)

func (f spamFilter) ScanMail(ctx context.Context, m scanners.Mail) (scanners.Opinion, error) {
	if f == nil {
		return scanners.Opinion{Verdict: scanners.Clean, Score: new(float64)}, nil
	}
	return f(ctx, m)
}

type virusScanner func(ctx context.Context, content []byte) (scanners.Opinion, error)

func (f virusScanner) ScanFile(ctx context.Context, content []byte) (scanners.Opinion, error) {
	if f == nil {
		return scanners.Opinion{Verdict: scanners.Clean}, nil
	}
	return f(ctx, content)
}

type probed struct{ err error }

func (p probed) Probe(context.Context) (string, error) { return "", p.err }

// infected finds malware in whatever holds the word.
func infected(_ context.Context, content []byte) (scanners.Opinion, error) {
	if strings.Contains(string(content), "VIRUS") {
		return scanners.Opinion{Verdict: scanners.Malware, Name: "Test.Virus"}, nil
	}
	return scanners.Opinion{Verdict: scanners.Clean}, nil
}

// silent never answers.
func silent[T any](ctx context.Context, _ T) (scanners.Opinion, error) {
	<-ctx.Done()
	return scanners.Opinion{}, ctx.Err()
}

// scanDeadline is how long the tests' messages wait for scanners.
const scanDeadline = 20 * time.Second

// asking is a step before the decision with its scanners. went is told how many messages went on.
type asking struct {
	*enrich.Step
	files *enrich.Scanners
	went  chan int
}

// scans asks a filter and a virus scanner for support and hotline, but not for the bot.
func (r *rig) scans(spam spamFilter, virus virusScanner) asking {
	return r.scansWithin(scanDeadline, spam, virus)
}

func (r *rig) scansWithin(deadline time.Duration, spam spamFilter, virus virusScanner) asking {
	return r.asks(deadline, nil, enrich.Scanner{Name: "rspamd", Mail: spam, Probe: probed{}}, enrich.Scanner{Name: "clamd", File: virus, Probe: probed{}})
}

func (r *rig) asks(deadline time.Duration, again []enrich.Source, scanners ...enrich.Scanner) asking {
	out, q := asking{went: make(chan int, 100)}, NewQuarantine(r.store)
	c := enrich.Config{Again: again, Pause: time.Millisecond, Now: r.time, Ring: func(ids []int64) {
		r.notifier.Again(ids)
		out.went <- len(ids)
	}}
	out.files = enrich.NewScanners(r.store, enrich.ScanConfig{Channels: kinds.All().Line(), Scanners: scanners, Inboxes: map[string]bool{"support": true, "hotline": true},
		Decoders: r.processor.decider.decoders, Deadline: deadline, MayRead: q.MayRead, Told: r.meter.Scanned, Now: r.time}, r.logger)
	if out.files != nil {
		c.Once = append(c.Once, out.files)
	}
	out.Step = enrich.New(r.store, c, r.logger)
	decoders := r.processor.decider.decoders
	r.processor = r.asking(out.Step, q)
	r.processor.decider.decoders = decoders
	return out
}

// scanned takes a letter in, lets it be scanned, and decides it.
func (r *rig) scanned(s asking, inbox, key string, l letter) view.Story {
	r.t.Helper()
	id := r.accept(r.delivery(inbox, key, l))[0]
	r.process(id)
	r.same("before the scan", "recorded", r.story(id).Message.State)
	r.asked(s)
	r.process(id)
	return r.story(id)
}

// asked runs the step until one message has gone on.
func (r *rig) asked(s asking) {
	r.t.Helper()
	ctx, stop := context.WithCancel(r.t.Context())
	done := make(chan struct{})
	go func() { defer close(done); s.Run(ctx) }()
	select {
	case n := <-s.went:
		r.same("went on", 1, n)
	case <-time.After(time.Minute):
		r.t.Fatalf("no message goes on\n%s", r.logs.String())
	}
	stop()
	<-done
}

func mail(key, text string, files map[string]string) letter {
	return letter{From: "li@customer.example", Subject: "Payment " + key, Text: text, MessageID: key + "@customer.example", Files: files}
}

func scanStage(s view.Story) string {
	for _, l := range s.Trace {
		if l.Stage == "scan" {
			return l.Found + "; " + l.Why
		}
	}
	return ""
}

func pointer[T any](v T) *T { return &v }

func TestWithoutAScannerNothingWaits(t *testing.T) {
	r := newRig(t)
	if s := r.asks(scanDeadline, nil); s.Step != nil || s.files != nil {
		t.Error("somebody is asked, and nobody is there")
	}
	r.same("state", "ticketed", r.opened("support", "k1", mail("k1", payment, nil)).Message.State)
	r.scans(nil, nil)
	r.same("an inbox that is not scanned", "ticketed", r.opened("bot", "k2", letter{From: "77", Text: payment}).Message.State)
}

func TestWhatScannersSayDecides(t *testing.T) {
	for _, c := range []struct {
		name  string
		spam  spamFilter
		virus virusScanner
		inbox string
		l     letter
		state string
	}{
		{"a clean mail opens a ticket", nil, infected, "support", mail("a", payment, map[string]string{"bill.txt": "200 USD"}), "ticketed"},
		{"a score at the threshold parks", func(context.Context, scanners.Mail) (scanners.Opinion, error) {
			return scanners.Opinion{Verdict: scanners.Clean, Score: pointer(6.0), Action: "add header"}, nil
		}, nil, "support", mail("b", payment, nil), "parked spam"},
		{"a score below the threshold does not", func(context.Context, scanners.Mail) (scanners.Opinion, error) {
			return scanners.Opinion{Verdict: scanners.Clean, Score: pointer(5.9), Action: "greylist"}, nil
		}, nil, "support", mail("c", payment, nil), "ticketed"},
		{"what the filter would refuse is parked whatever its score", func(context.Context, scanners.Mail) (scanners.Opinion, error) {
			return scanners.Opinion{Verdict: scanners.Spam, Score: pointer(1.0), Action: "reject"}, nil
		}, nil, "support", mail("d", payment, nil), "parked spam"},
		{"malware in an attachment parks", nil, infected, "support", mail("e", payment, map[string]string{"a.exe": "a VIRUS"}), "parked malware"},
		{"malware in the text parks", nil, infected, "support", mail("f", payment+" VIRUS", nil), "parked malware"},
		{"malware counts for more than spam", func(context.Context, scanners.Mail) (scanners.Opinion, error) {
			return scanners.Opinion{Verdict: scanners.Spam, Score: pointer(20.0)}, nil
		}, infected, "support", mail("g", "VIRUS", nil), "parked malware"},
		{"an attachment on a channel without mail is scanned", func(context.Context, scanners.Mail) (scanners.Opinion, error) {
			panic("a spam filter was asked about a text message")
		}, infected, "hotline", letter{From: "+8613800138000", Text: payment, Files: map[string]string{"a": "VIRUS"}}, "parked malware"},
		{"a text message without files has nothing to scan", nil, func(context.Context, []byte) (scanners.Opinion, error) {
			panic("it was asked about")
		}, "hotline", letter{From: "+8613800138000", Text: payment}, "ticketed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.settings.Screen.SpamThreshold = 6
			story := r.scanned(r.scans(c.spam, c.virus), c.inbox, "k1", c.l)
			r.same("state", []string{c.state}, r.states(story.Message.ID))
			r.same("opinions", 2, len(story.Opinions))
			var known pipeline.Known
			r.must(json.Unmarshal(story.Known, &known))
			if len(known.Opinions) != 2 || scanStage(story) == "" {
				t.Errorf("known are %+v, the trace says %q", known.Opinions, scanStage(story))
			}
		})
	}
}

func TestTheFilterIsToldTheEnvelope(t *testing.T) {
	r := newRig(t)
	var got scanners.Mail
	s := r.scans(func(_ context.Context, m scanners.Mail) (scanners.Opinion, error) {
		got = m
		return scanners.Opinion{Verdict: scanners.Clean, Score: new(float64)}, nil
	}, nil)
	d := r.delivery("support", "k1", mail("a", payment, nil))
	d.Meta = map[string]string{channels.MetaHelo: "mx.customer.example"}
	id := r.accept(d)[0]
	r.process(id)
	r.asked(s)
	if got.MailFrom != "li@customer.example" || !got.HasMailFrom || got.Helo != "mx.customer.example" || len(got.Recipients) != 1 || string(got.Raw) != string(d.Raw) {
		t.Errorf("got %+v", got)
	}
}

func TestFilesOfMalwareAreNeverKept(t *testing.T) {
	r := newRig(t)
	s := r.scans(nil, infected)
	story := r.scanned(s, "support", "k1", mail("a", payment, map[string]string{"a.exe": "a VIRUS"}))
	r.same("files kept while parked", map[string]string{}, r.kept(story.Message.ID))
	r.same("names", "a.exe", story.Attachments[0].Name)
	r.same("blobs", 0, r.blobs.puts)
	if strings.Contains(story.Evidence, "VIRUS") {
		t.Errorf("evidence is %q", story.Evidence)
	}
	r.must(r.store.Acts.Release(t.Context(), story.Message.ID, r.time(), "ann"))
	r.process(story.Message.ID)
	r.same("after a person's release", []string{"ticketed"}, r.states(story.Message.ID))
	r.same("files kept after it", map[string]string{}, r.kept(story.Message.ID))
	r.same("blobs", 0, r.blobs.puts)
}

func TestAMessageGoesOnWithoutAnAnswer(t *testing.T) {
	away := errors.New("connection refused")
	for _, c := range []struct {
		name  string
		virus virusScanner
		says  string
	}{
		{"nobody answers by the deadline", silent[[]byte], "clamd: went on without its answer, timeout"},
		{"nobody is there", func(context.Context, []byte) (scanners.Opinion, error) { return scanners.Opinion{}, away }, "clamd: went on without its answer, failed, connection refused"},
		{"the answer is nonsense", func(context.Context, []byte) (scanners.Opinion, error) {
			return scanners.Opinion{}, scanners.ErrProtocol
		}, "the answer cannot be understood"},
		{"the file is too large", func(context.Context, []byte) (scanners.Opinion, error) {
			return scanners.Opinion{Verdict: scanners.TooLarge}, nil
		}, "clamd: went on without its answer, too-large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			s := r.scansWithin(100*time.Millisecond, nil, c.virus)
			story := r.scanned(s, "support", "k1", mail("a", payment, map[string]string{"bill.txt": "200 USD"}))
			r.same("state", "ticketed", story.Message.State)
			r.same("files", map[string]string{"bill.txt": "200 USD"}, r.kept(story.Message.ID))
			r.same("acknowledgements", 1, len(story.Effects))
			if line := scanStage(story); !strings.Contains(line, c.says) {
				t.Errorf("the trace says %q, want %q", line, c.says)
			}
		})
	}
}

func TestWhatWasFoundCountsThoughAnotherFileHadNoAnswer(t *testing.T) {
	r := newRig(t)
	s := r.scans(nil, func(ctx context.Context, content []byte) (scanners.Opinion, error) {
		if strings.HasPrefix(string(content), "{") {
			return scanners.Opinion{Verdict: scanners.TooLarge}, nil
		}
		return infected(ctx, content)
	})
	story := r.scanned(s, "support", "k1", mail("a", payment, map[string]string{"a.exe": "VIRUS"}))
	r.same("state", []string{"parked malware"}, r.states(story.Message.ID))
}

func TestADeadScannerDoesNotCostItsDeadlineEachTime(t *testing.T) {
	r := newRig(t)
	asked := 0
	s := r.scansWithin(50*time.Millisecond, nil, func(ctx context.Context, content []byte) (scanners.Opinion, error) {
		asked++
		return silent(ctx, content)
	})
	for _, key := range []string{"a", "b", "c", "d", "e"} {
		r.same("state", "ticketed", r.scanned(s, "support", key, letter{From: key + "@customer.example", Subject: key, Text: payment, MessageID: key}).Message.State)
	}
	r.same("asked", 3, asked)
	r.same("outcomes", map[string]float64{`frontdesk_scans_total{outcome="timeout",scanner="clamd"}`: 3, `frontdesk_scans_total{outcome="unavailable",scanner="clamd"}`: 2,
		`frontdesk_scans_total{outcome="clean",scanner="rspamd"}`: 5}, values(t, r.meter.Scans))
}

func TestWhenTheScanningProcessDiesTheSweepWakesTheMessage(t *testing.T) {
	r := newRig(t)
	r.scans(nil, infected)
	id := r.accept(r.delivery("support", "k1", mail("a", payment, map[string]string{"a.exe": "VIRUS"})))[0]
	r.process(id)
	took, err := r.store.Backlog.Await(t.Context(), []int64{id}, r.time().Add(scanDeadline)) // and then the process died
	r.must(err)
	r.same("taken", []int64{id}, took)
	r.scans(nil, infected)
	r.must(r.sweep().begin(t.Context(), r.time()))
	r.process(id) // some other task for it
	r.same("while it waits", "awaiting", r.story(id).Message.State)
	r.pass(19 * time.Second)
	r.next()
	r.same("before its deadline", "awaiting", r.story(id).Message.State)
	r.pass(time.Second)
	r.next()
	story := r.story(id)
	r.same("state", "ticketed", story.Message.State)
	if line := scanStage(story); strings.Count(line, "no answer was recorded by the deadline") != 2 {
		t.Errorf("the trace says %q", line)
	}
	on, err := r.store.Backlog.Opine(t.Context(), []backlog.Scanned{{Message: id, Opinions: []backlog.Opinion{{Opinion: screen.Opinion{Scanner: "clamd", Verdict: "malware"}}}}}, r.time())
	r.must(err)
	r.same("late", 0, len(on))
	r.same("state after a late opinion", []string{"ticketed"}, r.states(id))
}

func TestALongLineIsNotTakenUpEachMinute(t *testing.T) {
	r := newRig(t)
	r.scans(nil, nil)
	const long = 512 // messages that wait before one that is left alone
	var ids []int64
	for i := range long + 2 {
		ids = append(ids, r.accept(r.delivery("support", fmt.Sprint(i), mail(fmt.Sprint(i), payment, nil)))...)
	}
	take := func() int {
		taken, _, err := r.store.Backlog.TakeMessages(t.Context(), r.time(), r.time().Add(takenFor), false, len(ids), r.processor.turn)
		r.must(err)
		return len(taken)
	}
	r.same("taken", len(ids), take())
	r.process(ids...)
	r.pass(takenFor)
	r.same("taken after a minute", long, take())
}

func TestAMessageWaitsNoLongerThanItsDeadline(t *testing.T) {
	for _, c := range []struct {
		name  string
		takes time.Duration
		want  string
		wait  time.Duration
	}{
		{"an answer in time is waited for", 18 * time.Second, "clean", 18 * time.Second},
		{"one that would come too late is not", 19500 * time.Millisecond, "timeout", 19 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(noon))
				r := newRig(t)
				r.now = time.Time{}
				s := r.scans(nil, func(ctx context.Context, _ []byte) (scanners.Opinion, error) {
					select {
					case <-time.After(c.takes):
						return scanners.Opinion{Verdict: scanners.Clean}, nil
					case <-ctx.Done():
						return scanners.Opinion{}, ctx.Err()
					}
				})
				l := mail("a", payment, nil)
				id := r.accept(r.delivery("support", "k1", l))[0]
				r.process(id)
				begun := time.Now()
				r.asked(s)
				r.same("waited", c.wait, time.Since(begun))
				r.process(id)
				story := r.story(id)
				r.same("state", "ticketed", story.Message.State)
				r.same("clamd", c.want, story.Opinions[0].Verdict)
				r.same("late", false, story.Opinions[0].Late)
			})
		})
	}
}

func TestAStopHandsBackWhatIsBeingScanned(t *testing.T) {
	r := newRig(t)
	r.now = time.Time{}
	begun := make(chan struct{})
	s := r.scans(func(ctx context.Context, m scanners.Mail) (scanners.Opinion, error) {
		close(begun)
		return silent(ctx, m)
	}, nil)
	id := r.accept(r.delivery("support", "k1", mail("a", payment, nil)))[0]
	r.process(id)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); s.Run(ctx) }()
	<-begun
	r.same("meanwhile", "awaiting", r.story(id).Message.State)
	cancel()
	<-done
	r.same("handed back", "recorded", r.story(id).Message.State)
	r.same("undecided", 1, r.undecided("support"))
	next := r.scans(nil, nil)
	r.process(id)
	r.asked(next)
	r.process(id)
	r.same("scanned after the next start", 2, len(r.story(id).Opinions))
}

func TestAMessageThatWaitsForScannersIsNotTakenForOneThatKills(t *testing.T) {
	r := newRig(t)
	s := r.scans(nil, nil)
	id := r.accept(r.delivery("support", "k1", mail("a", payment, nil)))[0]
	for range maxClaims + 2 {
		r.must(r.processor.careful(t.Context(), []int64{id}))
	}
	r.same("state", "recorded", r.story(id).Message.State)
	r.asked(s)
	r.must(r.processor.careful(t.Context(), []int64{id}))
	r.same("state", "ticketed", r.story(id).Message.State)
}

func TestADecoderThatPanicsStillHasTheRawMailScanned(t *testing.T) {
	r := newRig(t)
	story := r.scanned(r.scans(nil, infected), "support", "k1", letter{Panic: true, Text: "VIRUS"})
	r.same("state", []string{"parked unparsable"}, r.states(story.Message.ID))
	r.same("clamd", "malware", story.Opinions[0].Verdict)
}

func TestAFetchedFileIsScannedBeforeItIsKept(t *testing.T) {
	r := newRig(t)
	r.media["hotline"] = shelf{"good": "a picture", "bad": "a VIRUS"}
	s := r.scans(nil, infected)
	id := r.accept(r.delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment, Refs: []string{"good", "bad"}}))[0]
	r.process(id)
	r.asked(s)
	r.process(id)
	d := NewDeliverer(r.store, r.notifier, "worker-1", Outlets{Senders: r.senders, Media: r.media, Scanners: s.files}, r.writer, r.meter, r.logger)
	d.now = r.time
	var fetch int64
	for _, e := range r.story(id).Effects {
		if e.Kind == effects.KindMedia {
			fetch = e.ID
		}
	}
	r.deliver(d, fetch)
	r.same("row", "sent", r.effect(fetch).State)
	r.same("kept", map[string]string{"good": "a picture"}, r.kept(id))
	story := r.story(id)
	notes := map[string]string{}
	for _, a := range story.Attachments {
		notes[a.Name] = a.Note
	}
	r.same("notes", map[string]string{"good": "", "bad": "not kept: a virus scanner found Test.Virus"}, notes)
	verdicts := map[string]string{}
	for _, o := range story.Opinions {
		if o.Part != "" {
			verdicts[o.Part] = o.Verdict
		}
	}
	r.same("opinions of files", map[string]string{"good": "clean", "bad": "malware"}, verdicts)
}

func TestAFetchedFileIsKeptWhenNobodyAnswers(t *testing.T) {
	r := newRig(t)
	r.media["hotline"] = shelf{"good": "a picture"}
	s := r.scans(nil, func(context.Context, []byte) (scanners.Opinion, error) { return scanners.Opinion{}, errors.New("away") })
	id := r.accept(r.delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment, Refs: []string{"good"}}))[0]
	r.process(id)
	r.asked(s)
	r.process(id)
	d := NewDeliverer(r.store, r.notifier, "worker-1", Outlets{Senders: r.senders, Media: r.media, Scanners: s.files}, r.writer, r.meter, r.logger)
	d.now = r.time
	for _, e := range r.story(id).Effects {
		if e.Kind == effects.KindMedia {
			r.deliver(d, e.ID)
		}
	}
	r.same("kept", map[string]string{"good": "a picture"}, r.kept(id))
}
