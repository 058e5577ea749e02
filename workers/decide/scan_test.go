package decide

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/channels/kinds"
	"frontdesk/channels/meta"
	"frontdesk/pipeline"
	"frontdesk/pipeline/screen"
	"frontdesk/workers/enrich"
	"frontdesk/workers/enrich/scanners"
	"frontdesk/workers/store/backlog"
	"frontdesk/workers/store/view"
	"frontdesk/workers/workerstest"
)

// spamFilter says what the tests have it say; nil answers "clean".
type spamFilter func(ctx context.Context, m scanners.Mail) (scanners.Opinion, error)

func (f spamFilter) ScanMail(ctx context.Context, m scanners.Mail) (scanners.Opinion, error) {
	if f == nil {
		return scanners.Opinion{Verdict: scanners.Clean, Score: new(float64)}, nil
	}
	return f(ctx, m)
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
func (r *rig) scans(spam spamFilter, virus workerstest.VirusScanner) asking {
	return r.scansWithin(scanDeadline, spam, virus)
}

func (r *rig) scansWithin(deadline time.Duration, spam spamFilter, virus workerstest.VirusScanner) asking {
	return r.asks(deadline, nil, enrich.Scanner{Name: "rspamd", Mail: spam, Probe: workerstest.Probed{}}, enrich.Scanner{Name: "clamd", File: virus, Probe: workerstest.Probed{}})
}

func (r *rig) asks(deadline time.Duration, again []enrich.Source, scanners ...enrich.Scanner) asking {
	out, q := asking{went: make(chan int, 100)}, NewQuarantine(r.Store)
	c := enrich.Config{Again: again, Pause: time.Millisecond, Now: r.Time, Ring: func(ids []int64) {
		r.notifier.Again(ids)
		out.went <- len(ids)
	}}
	out.files = enrich.NewScanners(r.Store, enrich.ScanConfig{Channels: kinds.All().Line(), Scanners: scanners, Inboxes: map[string]bool{"support": true, "hotline": true},
		Decoders: r.processor.decider.decoders, Deadline: deadline, MayRead: q.MayRead, Told: r.meter.Scanned, Now: r.Time}, r.Logger)
	if out.files != nil {
		c.Once = append(c.Once, out.files)
	}
	out.Step = enrich.New(r.Store, c, r.Logger)
	decoders := r.processor.decider.decoders
	r.processor = r.asking(out.Step, q)
	r.processor.decider.decoders = decoders
	return out
}

// scanned takes a letter in, lets it be scanned, and decides it.
func (r *rig) scanned(s asking, inbox, key string, l letter) view.Story {
	r.T.Helper()
	id := r.Accept(r.Delivery(inbox, key, l))[0]
	r.Process(id)
	r.Same("before the scan", "recorded", r.Story(id).Message.State)
	r.asked(s)
	r.Process(id)
	return r.Story(id)
}

// asked runs the step until one message has gone on.
func (r *rig) asked(s asking) {
	r.T.Helper()
	ctx, stop := context.WithCancel(r.T.Context())
	done := make(chan struct{})
	go func() { defer close(done); s.Run(ctx) }()
	select {
	case n := <-s.went:
		r.Same("went on", 1, n)
	case <-time.After(time.Minute):
		r.T.Fatalf("no message goes on\n%s", r.Logs.String())
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
	r.Same("state", "ticketed", r.Opened("support", "k1", mail("k1", payment, nil)).Message.State)
	r.scans(nil, nil)
	r.Same("an inbox that is not scanned", "ticketed", r.Opened("bot", "k2", letter{From: "77", Text: payment}).Message.State)
}

func TestWhatScannersSayDecides(t *testing.T) {
	for _, c := range []struct {
		name  string
		spam  spamFilter
		virus workerstest.VirusScanner
		inbox string
		l     letter
		state string
	}{
		{"a clean mail opens a ticket", nil, workerstest.Infected, "support", mail("a", payment, map[string]string{"bill.txt": "200 USD"}), "ticketed"},
		{"a score at the threshold parks", func(context.Context, scanners.Mail) (scanners.Opinion, error) {
			return scanners.Opinion{Verdict: scanners.Clean, Score: pointer(6.0), Action: "add header"}, nil
		}, nil, "support", mail("b", payment, nil), "parked spam"},
		{"a score below the threshold does not", func(context.Context, scanners.Mail) (scanners.Opinion, error) {
			return scanners.Opinion{Verdict: scanners.Clean, Score: pointer(5.9), Action: "greylist"}, nil
		}, nil, "support", mail("c", payment, nil), "ticketed"},
		{"what the filter would refuse is parked whatever its score", func(context.Context, scanners.Mail) (scanners.Opinion, error) {
			return scanners.Opinion{Verdict: scanners.Spam, Score: pointer(1.0), Action: "reject"}, nil
		}, nil, "support", mail("d", payment, nil), "parked spam"},
		{"malware in an attachment parks", nil, workerstest.Infected, "support", mail("e", payment, map[string]string{"a.exe": "a VIRUS"}), "parked malware"},
		{"malware in the text parks", nil, workerstest.Infected, "support", mail("f", payment+" VIRUS", nil), "parked malware"},
		{"malware counts for more than spam", func(context.Context, scanners.Mail) (scanners.Opinion, error) {
			return scanners.Opinion{Verdict: scanners.Spam, Score: pointer(20.0)}, nil
		}, workerstest.Infected, "support", mail("g", "VIRUS", nil), "parked malware"},
		{"an attachment on a channel without mail is scanned", func(context.Context, scanners.Mail) (scanners.Opinion, error) {
			panic("a spam filter was asked about a text message")
		}, workerstest.Infected, "hotline", letter{From: "+8613800138000", Text: payment, Files: map[string]string{"a": "VIRUS"}}, "parked malware"},
		{"a text message without files has nothing to scan", nil, func(context.Context, []byte) (scanners.Opinion, error) {
			panic("it was asked about")
		}, "hotline", letter{From: "+8613800138000", Text: payment}, "ticketed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.Settings.Screen.SpamThreshold = 6
			story := r.scanned(r.scans(c.spam, c.virus), c.inbox, "k1", c.l)
			r.Same("state", []string{c.state}, r.States(story.Message.ID))
			r.Same("opinions", 2, len(story.Opinions))
			var known pipeline.Known
			r.Must(json.Unmarshal(story.Known, &known))
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
	d := r.Delivery("support", "k1", mail("a", payment, nil))
	d.Meta = map[string]string{meta.Helo: "mx.customer.example"}
	id := r.Accept(d)[0]
	r.Process(id)
	r.asked(s)
	if got.MailFrom != "li@customer.example" || !got.HasMailFrom || got.Helo != "mx.customer.example" || len(got.Recipients) != 1 || string(got.Raw) != string(d.Raw) {
		t.Errorf("got %+v", got)
	}
}

func TestFilesOfMalwareAreNeverKept(t *testing.T) {
	r := newRig(t)
	s := r.scans(nil, workerstest.Infected)
	story := r.scanned(s, "support", "k1", mail("a", payment, map[string]string{"a.exe": "a VIRUS"}))
	r.Same("files kept while parked", map[string]string{}, r.Kept(story.Message.ID))
	r.Same("names", "a.exe", story.Attachments[0].Name)
	r.Same("blobs", 0, r.Blobs.Puts())
	if strings.Contains(story.Evidence, "VIRUS") {
		t.Errorf("evidence is %q", story.Evidence)
	}
	r.Must(r.Store.Acts.Release(t.Context(), story.Message.ID, r.Time(), "ann"))
	r.Process(story.Message.ID)
	r.Same("after a person's release", []string{"ticketed"}, r.States(story.Message.ID))
	r.Same("files kept after it", map[string]string{}, r.Kept(story.Message.ID))
	r.Same("blobs", 0, r.Blobs.Puts())
}

func TestAMessageGoesOnWithoutAnAnswer(t *testing.T) {
	away := errors.New("connection refused")
	for _, c := range []struct {
		name  string
		virus workerstest.VirusScanner
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
			r.Same("state", "ticketed", story.Message.State)
			r.Same("files", map[string]string{"bill.txt": "200 USD"}, r.Kept(story.Message.ID))
			r.Same("acknowledgements", 1, len(story.Effects))
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
		return workerstest.Infected(ctx, content)
	})
	story := r.scanned(s, "support", "k1", mail("a", payment, map[string]string{"a.exe": "VIRUS"}))
	r.Same("state", []string{"parked malware"}, r.States(story.Message.ID))
}

func TestADeadScannerDoesNotCostItsDeadlineEachTime(t *testing.T) {
	r := newRig(t)
	asked := 0
	s := r.scansWithin(50*time.Millisecond, nil, func(ctx context.Context, content []byte) (scanners.Opinion, error) {
		asked++
		return silent(ctx, content)
	})
	for _, key := range []string{"a", "b", "c", "d", "e"} {
		r.Same("state", "ticketed", r.scanned(s, "support", key, letter{From: key + "@customer.example", Subject: key, Text: payment, MessageID: key}).Message.State)
	}
	r.Same("asked", 3, asked)
	r.Same("outcomes", map[string]float64{`frontdesk_scans_total{outcome="timeout",scanner="clamd"}`: 3, `frontdesk_scans_total{outcome="unavailable",scanner="clamd"}`: 2,
		`frontdesk_scans_total{outcome="clean",scanner="rspamd"}`: 5}, workerstest.Values(t, r.meter.Scans))
}

func TestWhenTheScanningProcessDiesTheSweepWakesTheMessage(t *testing.T) {
	r := newRig(t)
	r.scans(nil, workerstest.Infected)
	id := r.Accept(r.Delivery("support", "k1", mail("a", payment, map[string]string{"a.exe": "VIRUS"})))[0]
	r.Process(id)
	took, err := r.Store.Backlog.Await(t.Context(), []int64{id}, r.Time().Add(scanDeadline)) // and then the process died
	r.Must(err)
	r.Same("taken", []int64{id}, took)
	r.scans(nil, workerstest.Infected)
	r.Must(r.Store.Backlog.Rouse(t.Context(), r.Time()))
	r.Process(id) // some other task for it
	r.Same("while it waits", "awaiting", r.Story(id).Message.State)
	r.Pass(19 * time.Second)
	r.next()
	r.Same("before its deadline", "awaiting", r.Story(id).Message.State)
	r.Pass(time.Second)
	r.next()
	story := r.Story(id)
	r.Same("state", "ticketed", story.Message.State)
	if line := scanStage(story); strings.Count(line, "no answer was recorded by the deadline") != 2 {
		t.Errorf("the trace says %q", line)
	}
	on, err := r.Store.Backlog.Opine(t.Context(), []backlog.Scanned{{Message: id, Opinions: []backlog.Opinion{{Opinion: screen.Opinion{Scanner: "clamd", Verdict: "malware"}}}}}, r.Time())
	r.Must(err)
	r.Same("late", 0, len(on))
	r.Same("state after a late opinion", []string{"ticketed"}, r.States(id))
}

func TestALongLineIsNotTakenUpEachMinute(t *testing.T) {
	r := newRig(t)
	r.scans(nil, nil)
	const long = 512 // messages that wait before one that is left alone
	var ids []int64
	for i := range long + 2 {
		ids = append(ids, r.Accept(r.Delivery("support", fmt.Sprint(i), mail(fmt.Sprint(i), payment, nil)))...)
	}
	take := func() int {
		taken, _, err := r.Store.Backlog.TakeMessages(t.Context(), r.Time(), r.Time().Add(takenFor), false, len(ids), r.processor.turn)
		r.Must(err)
		return len(taken)
	}
	r.Same("taken", len(ids), take())
	r.Process(ids...)
	r.Pass(takenFor)
	r.Same("taken after a minute", long, take())
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
				r.RealTime()
				s := r.scans(nil, func(ctx context.Context, _ []byte) (scanners.Opinion, error) {
					select {
					case <-time.After(c.takes):
						return scanners.Opinion{Verdict: scanners.Clean}, nil
					case <-ctx.Done():
						return scanners.Opinion{}, ctx.Err()
					}
				})
				l := mail("a", payment, nil)
				id := r.Accept(r.Delivery("support", "k1", l))[0]
				r.Process(id)
				begun := time.Now()
				r.asked(s)
				r.Same("waited", c.wait, time.Since(begun))
				r.Process(id)
				story := r.Story(id)
				r.Same("state", "ticketed", story.Message.State)
				r.Same("clamd", c.want, story.Opinions[0].Verdict)
				r.Same("late", false, story.Opinions[0].Late)
			})
		})
	}
}

func TestAStopHandsBackWhatIsBeingScanned(t *testing.T) {
	r := newRig(t)
	r.RealTime()
	begun := make(chan struct{})
	s := r.scans(func(ctx context.Context, m scanners.Mail) (scanners.Opinion, error) {
		close(begun)
		return silent(ctx, m)
	}, nil)
	id := r.Accept(r.Delivery("support", "k1", mail("a", payment, nil)))[0]
	r.Process(id)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); s.Run(ctx) }()
	<-begun
	r.Same("meanwhile", "awaiting", r.Story(id).Message.State)
	cancel()
	<-done
	r.Same("handed back", "recorded", r.Story(id).Message.State)
	r.Same("undecided", 1, r.Undecided("support"))
	next := r.scans(nil, nil)
	r.Process(id)
	r.asked(next)
	r.Process(id)
	r.Same("scanned after the next start", 2, len(r.Story(id).Opinions))
}

func TestAMessageThatWaitsForScannersIsNotTakenForOneThatKills(t *testing.T) {
	r := newRig(t)
	s := r.scans(nil, nil)
	id := r.Accept(r.Delivery("support", "k1", mail("a", payment, nil)))[0]
	for range maxClaims + 2 {
		r.Must(r.processor.careful(t.Context(), []int64{id}))
	}
	r.Same("state", "recorded", r.Story(id).Message.State)
	r.asked(s)
	r.Must(r.processor.careful(t.Context(), []int64{id}))
	r.Same("state", "ticketed", r.Story(id).Message.State)
}

func TestADecoderThatPanicsStillHasTheRawMailScanned(t *testing.T) {
	r := newRig(t)
	story := r.scanned(r.scans(nil, workerstest.Infected), "support", "k1", letter{Panic: true, Text: "VIRUS"})
	r.Same("state", []string{"parked unparsable"}, r.States(story.Message.ID))
	r.Same("clamd", "malware", story.Opinions[0].Verdict)
}
