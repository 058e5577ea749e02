package workers

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/message"
	"frontdesk/scanners"
	"frontdesk/workers/engine"
	"frontdesk/workers/store"
)

// Bounds of scanning in one process.
const (
	scanLive    = 16 // messages at a time
	scanBulk    = 4
	scanRoom    = 64 << 20 // bytes that they take up, live and bulk each; a larger message is scanned alone
	scanCopies  = 3        // a message in memory: as it came, and with its files taken out
	scanWaiting = 1 << 15  // ids that may wait, live and bulk each; what is more the sweep brings again
	scanFiles   = 64       // attachments of one message

	scanLong     = 512              // from then on a line is long
	scanPatience = 10 * time.Minute // for which the sweep leaves a message in a long line alone
)

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
	Deadline time.Duration   // of one message, from the moment at which it is taken up
	Senders  SenderCheck
	MayRead  func(ctx context.Context) (release func(), err error) // waits until a message may be decoded; nil: at once
}

// Scans asks scanners about recorded messages, beside the deciding and never in its way. A message is
// taken up by one process, which puts it into the state "awaiting" with a deadline; once all have
// answered, or nearly at the deadline, what was said is recorded and the message is decided. When the
// process dies, the sweep wakes the message at its deadline and it is decided without.
//
// What waits here are ids alone: a message is read when its turn comes.
type Scans struct {
	config   ScanConfig
	guarded  []guarded
	store    *store.Store
	notifier *Notifier
	decoders map[string]channels.Decoder
	meter    *Meter
	logger   *slog.Logger
	now      func() time.Time
	mayRead  func(context.Context) (release func(), err error) // asked before a message is decoded

	live, bulk *scanLine
	takes      *group[scanTurn, bool]
	answers    *group[store.Scanned, struct{}]

	asking chan struct{}  // who asks again about a sender just now
	doubts chan struct{}  // messages whose senders are asked about again
	open   sync.WaitGroup // of these
	beside room           // that these take up

	mu    sync.Mutex
	known map[int64]bool // waiting or being scanned here
}

// scanLine is where messages wait for their turn.
type scanLine struct {
	waiting chan scanTurn
	lanes   int
	room    room
}

// scanTurn is one message that waits.
type scanTurn struct {
	id, size int64
	scanned  bool // by scanners
	doubtful bool // its sender is asked about again
}

func newScanLine(lanes int) *scanLine {
	return &scanLine{waiting: make(chan scanTurn, scanWaiting), lanes: lanes, room: room{whole: scanRoom}}
}

// guarded is a scanner behind its breaker.
type guarded struct {
	Scanner
	breaker *scanners.Breaker
	logger  *slog.Logger
}

// NewScans joins the scanners to a store. It is nil, which asks nobody, when there is nobody to ask.
func NewScans(s *store.Store, notifier *Notifier, decoders map[string]channels.Decoder, c ScanConfig, meter *Meter, logger *slog.Logger) *Scans {
	if len(c.Scanners) == 0 {
		c.Inboxes = nil
	}
	if len(c.Inboxes) == 0 && c.Senders.Again == nil {
		return nil
	}
	out := &Scans{config: c, store: s, notifier: notifier, decoders: decoders, meter: meter, logger: logger, now: time.Now,
		mayRead: c.MayRead,
		live:    newScanLine(scanLive), bulk: newScanLine(scanBulk), known: map[int64]bool{},
		asking: make(chan struct{}, senderAsking), doubts: make(chan struct{}, senderWaiting), beside: room{whole: senderRoom}}
	if out.mayRead == nil {
		out.mayRead = func(context.Context) (func(), error) { return func() {}, nil }
	}
	for _, sc := range c.Scanners {
		out.guarded = append(out.guarded, guarded{sc, scanners.NewBreaker(sc.Probe, nil), logger})
	}
	out.takes = &group[scanTurn, bool]{run: out.take, lanes: 1, max: processItems}
	out.answers = &group[store.Scanned, struct{}]{run: out.answer, lanes: 1, max: processItems}
	return out
}

// hold takes out of a batch the messages that wait for scanners, and lines up those that nobody was
// asked about yet. Where the line is long, the sweep need not come again so soon.
func (s *Scans) hold(ctx context.Context, pending []store.Pending, now time.Time) ([]store.Pending, error) {
	if s == nil {
		return pending, nil
	}
	ready := make([]store.Pending, 0, len(pending))
	var patient []int64
	for _, p := range pending {
		switch {
		case p.Awaiting && p.AwaitUntil.After(now): // somebody asks for it
		case p.Shut != "": // there is nothing to show
			ready = append(ready, p)
		case p.AwaitUntil.IsZero() && !p.Released && (s.config.Inboxes[p.Inbox] || s.doubtful(p)):
			if s.offer(scanTurn{p.ID, int64(len(p.Raw)), s.config.Inboxes[p.Inbox], s.doubtful(p)}, p.Bulk) > scanLong {
				patient = append(patient, p.ID)
			}
		default:
			ready = append(ready, p)
		}
	}
	return ready, s.store.Postpone(ctx, patient, now.Add(scanPatience))
}

// offer lines a message up, and returns how many wait before it. When too many wait it is dropped;
// the sweep brings it again.
func (s *Scans) offer(turn scanTurn, bulk bool) int {
	line := s.live
	if bulk {
		line = s.bulk
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.known[turn.id] {
		select {
		case line.waiting <- turn:
			s.known[turn.id] = true
		default:
		}
	}
	return len(line.waiting)
}

func (s *Scans) forget(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.known, id)
}

// Run scans until ctx ends. What is under way then is handed back unscanned. A nil Scans returns.
func (s *Scans) Run(ctx context.Context) {
	if s == nil {
		return
	}
	var lanes sync.WaitGroup
	for _, line := range []*scanLine{s.live, s.bulk} {
		for range line.lanes {
			lanes.Go(func() { s.lane(ctx, line) })
		}
	}
	lanes.Wait()
	s.open.Wait()
}

func (s *Scans) lane(ctx context.Context, line *scanLine) {
	for {
		select {
		case turn := <-line.waiting:
			s.turn(ctx, line, turn)
		case <-ctx.Done():
			return
		}
	}
}

// turn scans one message once there is room for it.
func (s *Scans) turn(ctx context.Context, line *scanLine, turn scanTurn) {
	later := false
	defer func() {
		if !later {
			s.forget(turn.id)
		}
	}()
	leave, err := line.room.enter(ctx, scanCopies*turn.size)
	if err != nil {
		return
	}
	defer leave()
	later, err = s.scan(ctx, turn)
	if err != nil && ctx.Err() == nil {
		s.logger.Error("scanning failed; the message goes on at its deadline", "message", turn.id, "error", err)
	}
}

// scan takes one message up, asks, and records what was said. later says that it goes on asking about the sender.
func (s *Scans) scan(ctx context.Context, turn scanTurn) (later bool, err error) {
	ours, err := s.takes.do(context.WithoutCancel(ctx), turn) // else a stop could leave a message taken and nobody's
	if err != nil || !ours {
		return false, err
	}
	var opinions []store.Opinion
	if turn.scanned {
		opinions, err = s.ask(ctx, turn.id)
	}
	switch {
	case ctx.Err() != nil:
		return false, s.handBack(ctx, turn.id)
	case err != nil:
		return false, err
	case turn.doubtful && s.doubt(ctx, turn, opinions):
		return true, nil
	}
	return false, s.record(ctx, turn.id, opinions)
}

// record writes down what was said, and lets the message go on.
func (s *Scans) record(ctx context.Context, id int64, opinions []store.Opinion) error {
	_, err := s.answers.do(context.WithoutCancel(ctx), store.Scanned{Message: id, Opinions: opinions})
	return err
}

// handBack leaves a message to whoever comes after us.
func (s *Scans) handBack(ctx context.Context, id int64) error {
	back, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return s.store.Unawait(back, []int64{id}, s.now())
}

func (s *Scans) take(ctx context.Context, turns []scanTurn) ([]bool, error) {
	ids := map[time.Duration][]int64{}
	for _, t := range turns {
		ids[s.patience(t)] = append(ids[s.patience(t)], t.id)
	}
	ours := map[int64]bool{}
	for patience, some := range ids {
		took, err := s.store.Await(ctx, some, s.now().Add(patience))
		if err != nil {
			return nil, err
		}
		for _, id := range took {
			ours[id] = true
		}
	}
	out := make([]bool, len(turns))
	for i, t := range turns {
		out[i] = ours[t.id]
	}
	return out, nil
}

// patience is how long a message waits.
func (s *Scans) patience(t scanTurn) (d time.Duration) {
	if t.scanned {
		d = s.config.Deadline
	}
	if t.doubtful {
		d += s.config.Senders.For
	}
	return d
}

func (s *Scans) answer(ctx context.Context, scanned []store.Scanned) ([]struct{}, error) {
	on, err := s.store.Opine(ctx, scanned, s.now())
	if err != nil {
		return nil, err
	}
	s.notifier.Notify(engine.Task{Kind: engine.Process, IDs: on, Attempt: int(s.now().UnixMicro())})
	return make([]struct{}, len(scanned)), nil
}

// ask has all scanners look at a message, side by side. It returns some time before the deadline, for
// the answers are to be recorded by then.
func (s *Scans) ask(ctx context.Context, id int64) ([]store.Opinion, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.Deadline-min(time.Second, s.config.Deadline/10))
	defer cancel()
	pending, err := s.store.Undecided(ctx, []int64{id})
	if err != nil {
		return nil, fmt.Errorf("reading the message: %w", err)
	}
	if len(pending) == 0 {
		return nil, nil
	}
	sample, err := s.sample(ctx, pending[0])
	if err != nil {
		return nil, err
	}
	opinions := make([]store.Opinion, len(s.guarded))
	var all sync.WaitGroup
	for i := range s.guarded {
		all.Go(func() { opinions[i] = s.guarded[i].judge(ctx, sample, s.now, s.meter) })
	}
	all.Wait()
	return opinions, nil
}

// sample is what the scanners are shown of a message.
type sample struct {
	mail  *scanners.Mail // nil where the channel is none of mail
	files [][]byte       // the raw mail, then each attachment
	more  bool           // there are attachments beyond the limit
}

// sample reads a message. One that cannot be read is shown as far as it can.
func (s *Scans) sample(ctx context.Context, p store.Pending) (out sample, err error) {
	m, err := s.decode(ctx, p)
	if err != nil {
		return sample{}, err
	}
	if p.Channel == "email" {
		out.mail = &scanners.Mail{Raw: p.Raw, ID: fmt.Sprintf("message-%d", p.ID), MailFrom: m.Envelope.MailFrom, HasMailFrom: m.Envelope.HasMailFrom,
			Recipients: m.Envelope.Recipients, Remote: m.Envelope.Remote, Helo: p.Meta[channels.MetaHelo]}
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
func (s *Scans) decode(ctx context.Context, p store.Pending) (m message.Message, err error) {
	decoder := s.decoders[p.Inbox]
	if decoder == nil {
		return message.Message{}, nil
	}
	release, err := s.mayRead(ctx)
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
	m, err = decoder.Decode(channels.Delivery{Inbox: p.Inbox, Channel: p.Channel, Key: p.Key, At: p.At, Raw: p.Raw, Meta: p.Meta})
	if err != nil {
		return message.Message{}, nil
	}
	return m, nil
}
