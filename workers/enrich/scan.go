package enrich

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/meta"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/screen"
	"frontdesk/workers/enrich/scanners"
	"frontdesk/workers/store"
	"frontdesk/workers/store/backlog"
)

// scanFiles is how many attachments of one message are scanned: a mail with more is hardly a customer's, and each
// costs a connection.
const scanFiles = 64

// Scanner is one daemon that is asked before a decision. Mail judges whole mails, File the raw mail
// and each attachment; at least one of them is set.
type Scanner struct {
	Name  string
	Mail  scanners.MailScanner
	File  scanners.FileScanner
	Probe scanners.Prober
}

// ScanConfig says who is asked, for which inboxes, and how long a message waits for the answers.
type ScanConfig struct {
	Scanners []Scanner
	Inboxes  map[string]bool // those whose messages are scanned
	Decoders map[string]channels.Decoder
	Channels map[string]message.Traits // by name
	Deadline time.Duration             // of one message, for all scanners together
	// MayRead waits until a message may be decoded; nil: at once.
	MayRead func(ctx context.Context) (release func(), err error)
	Told    func(scanner, outcome string, took time.Duration) // of each opinion; nil: nobody
	Now     func() time.Time                                  // nil: time.Now
}

// Scanners is the Source that shows messages to scanners. A nil one has no files scanned.
type Scanners struct {
	config  ScanConfig
	guarded []guarded
	store   *store.Store
	logger  *slog.Logger
}

var _ Source = (*Scanners)(nil)

// NewScanners puts a breaker before each scanner. It is nil when there is nobody to ask, or no inbox to ask for.
func NewScanners(s *store.Store, c ScanConfig, logger *slog.Logger) *Scanners {
	if len(c.Scanners) == 0 || len(c.Inboxes) == 0 {
		return nil
	}
	c.Now = clock(c.Now)
	if c.MayRead == nil {
		c.MayRead = func(context.Context) (func(), error) { return func() {}, nil }
	}
	if c.Told == nil {
		c.Told = func(string, string, time.Duration) {}
	}
	out := &Scanners{config: c, store: s, logger: logger}
	for _, sc := range c.Scanners {
		out.guarded = append(out.guarded, guarded{sc, scanners.NewBreaker(sc.Probe, nil), logger})
	}
	return out
}

// Wait is the deadline in an inbox that is scanned.
func (s *Scanners) Wait(p backlog.Pending) time.Duration {
	if !s.config.Inboxes[p.Inbox] {
		return 0
	}
	return s.config.Deadline
}

// Ask has all scanners look at a message, side by side. It is settled in any case: a scanner that was silent will not
// be asked about it again.
func (s *Scanners) Ask(ctx context.Context, p backlog.Pending) ([]backlog.Opinion, bool, error) {
	sample, err := s.sample(ctx, p)
	if err != nil {
		return nil, false, err
	}
	opinions := make([]backlog.Opinion, len(s.guarded))
	var all sync.WaitGroup
	for i := range s.guarded {
		all.Go(func() { opinions[i] = s.judge(ctx, &s.guarded[i], sample) })
	}
	all.Wait()
	return opinions, true, nil
}

// Unheard says of each scanner that it has not been heard: the process that asked it is gone, or its answer was
// not recorded in time.
func (s *Scanners) Unheard(p backlog.Pending) []screen.Opinion {
	if !s.config.Inboxes[p.Inbox] {
		return nil
	}
	var out []screen.Opinion
	for _, g := range s.guarded {
		out = append(out, screen.Opinion{Scanner: g.Name, Verdict: screen.OpinionTimeout, Detail: "no answer was recorded by the deadline"})
	}
	return out
}

// File scans one file that was fetched after the decision, and records what was said of it. It returns
// the name of what was found; "" to keep the file.
func (s *Scanners) File(ctx context.Context, inbox string, message int64, ref string, content []byte) (string, error) {
	if s == nil || !s.config.Inboxes[inbox] {
		return "", nil
	}
	within, cancel := context.WithTimeout(ctx, s.config.Deadline)
	defer cancel()
	found := ""
	for i := range s.guarded {
		if s.guarded[i].File == nil {
			continue
		}
		o := s.judge(within, &s.guarded[i], sample{files: [][]byte{content}})
		if err := ctx.Err(); err != nil {
			return "", err
		}
		o.Part = ref
		if err := s.store.Backlog.OpineFile(ctx, message, o, s.config.Now()); err != nil {
			return "", err
		}
		if o.Verdict == string(scanners.Malware) {
			found = screen.Malware([]screen.Opinion{o.Opinion})
		}
	}
	return found, nil
}

// sample is what the scanners are shown of a message.
type sample struct {
	mail  *scanners.Mail // nil where the channel is none of mail
	files [][]byte       // the raw mail, then each attachment
	more  bool           // there are attachments beyond the limit
}

// sample reads a message. One that cannot be read is shown as far as it can.
func (s *Scanners) sample(ctx context.Context, p backlog.Pending) (out sample, err error) {
	m, err := s.decode(ctx, p)
	if err != nil {
		return sample{}, err
	}
	if s.config.Channels[p.Channel].Mail {
		out.mail = &scanners.Mail{Raw: p.Raw, ID: fmt.Sprintf("message-%d", p.ID), MailFrom: m.Envelope.MailFrom, HasMailFrom: m.Envelope.HasMailFrom,
			Recipients: m.Envelope.Recipients, Remote: m.Envelope.Remote, Helo: p.Meta[meta.Helo]}
		out.files = append(out.files, p.Raw)
	}
	for _, a := range m.Attachments {
		if len(a.Content) == 0 {
			continue
		}
		if len(out.files) > scanFiles {
			out.more = true
			break
		}
		out.files = append(out.files, a.Content)
	}
	return out, nil
}

// decode is empty for what cannot be decoded. The error is that of waiting for one's turn to read.
func (s *Scanners) decode(ctx context.Context, p backlog.Pending) (m message.Message, err error) {
	decoder := s.config.Decoders[p.Inbox]
	if decoder == nil {
		return message.Message{}, nil
	}
	release, err := s.config.MayRead(ctx)
	if err != nil {
		return message.Message{}, fmt.Errorf("waiting to read the message: %w", err)
	}
	defer release()
	defer func() {
		if cause := recover(); cause != nil {
			s.logger.Error("reading for the scanners panicked; only the raw message is scanned", "inbox", p.Inbox, "message", p.ID,
				"panic", fmt.Sprint(cause), "stack", string(debug.Stack()))
			m = message.Message{}
		}
	}()
	m, err = decoder.Decode(asDelivery(p))
	if err != nil {
		return message.Message{}, nil
	}
	return m, nil
}
