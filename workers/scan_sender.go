package workers

import (
	"cmp"
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/screen"
	"frontdesk/workers/store"
)

// Bounds of asking again about senders in one process.
const (
	senderAsking  = 32              // at a time
	senderWaiting = 512             // messages; what is more goes on as it came
	senderRoom    = 32 << 20        // bytes that messages take up which are looked at
	senderPause   = 3 * time.Second // before the second time; doubled from then on
)

// SenderCheck asks again about senders that could not all be asked when their message came. Without Again nobody is.
type SenderCheck struct {
	// Open reports whether there is something to ask again. It is asked of every message and has to be quick.
	Open func(d channels.Delivery) bool
	// Again asks; settled says that asking once more would bring nothing new.
	Again func(ctx context.Context, d channels.Delivery) (said screen.Sender, settled bool)
	For   time.Duration // how long a message waits
	Pause time.Duration // before the second time, doubled from then on; 3 s when 0
}

// doubtful reports whether a message's sender is to be asked about again. History is not worth the wait.
func (s *Scans) doubtful(p store.Pending) bool {
	return s.config.Senders.Again != nil && !p.Bulk && !p.Imported && s.config.Senders.Open(asDelivery(p))
}

func asDelivery(p store.Pending) channels.Delivery {
	return channels.Delivery{Inbox: p.Inbox, Channel: p.Channel, Key: p.Key, At: p.At, Raw: p.Raw, Meta: p.Meta}
}

// doubt asks again beside the lanes, so that senders whose name servers are slow hold up nobody. False when the
// message has gone on already.
func (s *Scans) doubt(ctx context.Context, turn scanTurn, heard []store.Opinion) (later bool) {
	select {
	case s.doubts <- struct{}{}:
	default:
		return false
	}
	patience := s.config.Senders.For
	until := s.now().Add(patience - min(5*time.Second, patience/10)) // what is said is to be recorded by the deadline
	s.open.Go(func() {
		defer func() { <-s.doubts }()
		defer s.forget(turn.id)
		defer func() {
			if cause := recover(); cause != nil {
				s.logger.Error("asking again about a sender panicked; the message goes on at its deadline", "message", turn.id,
					"panic", fmt.Sprint(cause), "stack", string(debug.Stack()))
			}
		}()
		if err := s.settle(ctx, turn, heard, until); err != nil && ctx.Err() == nil {
			s.logger.Error("asking again about a sender failed; the message goes on at its deadline", "message", turn.id, "error", err)
		}
	})
	return true
}

// settle asks until it is known who the sender is, or nearly until the time is up, and records what is known then.
func (s *Scans) settle(ctx context.Context, turn scanTurn, heard []store.Opinion, until time.Time) error {
	asked := s.now()
	for pause := cmp.Or(s.config.Senders.Pause, senderPause); ; pause *= 2 {
		said, settled, err := s.askAgain(ctx, turn)
		if ctx.Err() != nil {
			return s.handBack(ctx, turn.id)
		}
		if err != nil || said == nil {
			return err
		}
		if settled || s.now().Add(pause).After(until) {
			return s.record(ctx, turn.id, append(heard, senderOpinion(*said, settled, asked, s.now())))
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return s.handBack(ctx, turn.id)
		}
	}
}

// askAgain asks once; said is nil when the message is nobody's concern any more.
func (s *Scans) askAgain(ctx context.Context, turn scanTurn) (said *screen.Sender, settled bool, err error) {
	select {
	case s.asking <- struct{}{}:
		defer func() { <-s.asking }()
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
	leave, err := s.beside.enter(ctx, scanCopies*turn.size)
	if err != nil {
		return nil, false, err
	}
	defer leave()
	pending, err := s.store.Undecided(ctx, []int64{turn.id})
	if err != nil || len(pending) == 0 {
		return nil, false, err
	}
	who, settled := s.config.Senders.Again(ctx, asDelivery(pending[0]))
	return &who, settled, nil
}

func senderOpinion(said screen.Sender, settled bool, asked, answered time.Time) store.Opinion {
	o := screen.Opinion{Scanner: screen.SenderOpinion, Verdict: screen.OpinionClean, Sender: &said}
	if !settled {
		o.Verdict = screen.OpinionTimeout
	}
	return store.Opinion{AskedAt: store.Stamp{Time: asked}, AnswerAt: store.Stamp{Time: answered}, Opinion: o}
}
