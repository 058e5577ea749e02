package workers

import (
	"context"
	"errors"
	"strings"
	"time"

	"frontdesk/pipeline/screen"
	"frontdesk/scanners"
	"frontdesk/workers/store"
)

// judge asks one scanner about a message. There is always an opinion, if only why there is none.
func (g guarded) judge(ctx context.Context, of sample, now func() time.Time, meter *Meter) store.Opinion {
	asked := now()
	said := g.verdict(ctx, of)
	meter.scanned(g.Name, string(said.Verdict), now().Sub(asked))
	return store.Opinion{Symbols: said.Symbols, AskedAt: store.Stamp{Time: asked}, AnswerAt: store.Stamp{Time: now()},
		Opinion: screen.Opinion{Scanner: g.Name, Verdict: string(said.Verdict), Score: said.Score, Action: said.Action, Name: said.Name, Detail: said.Detail}}
}

func (g guarded) verdict(ctx context.Context, of sample) scanners.Opinion {
	switch {
	case g.Mail != nil && of.mail == nil, g.Mail == nil && len(of.files) == 0:
		return scanners.Opinion{Verdict: scanners.Clean, Detail: "nothing to scan"}
	case !g.ask(ctx):
		return scanners.Opinion{Verdict: scanners.Unavailable, Detail: "it has failed again and again; passed over until it answers a probe"}
	case g.Mail != nil:
		return g.settle(ctx, func() (scanners.Opinion, error) { return g.Mail.ScanMail(ctx, *of.mail) })
	}
	return g.files(ctx, of)
}

// ask asks the breaker, and says so when that has closed it.
func (g guarded) ask(ctx context.Context) bool {
	was := g.breaker.Open()
	may := g.breaker.Ask(ctx)
	if was && may {
		g.logger.Info("the scanner answers again", "scanner", g.Name)
	}
	return may
}

// settle turns an error into the opinion that says so, and tells the breaker.
func (g guarded) settle(ctx context.Context, scan func() (scanners.Opinion, error)) scanners.Opinion {
	o, err := scan()
	switch {
	case err == nil:
		g.breaker.Done(true)
		return o
	case errors.Is(err, context.Canceled): // we stop
		return scanners.Opinion{Verdict: scanners.Failed, Detail: "given up"}
	case errors.Is(err, scanners.ErrBusy):
		return scanners.Opinion{Verdict: scanners.Timeout, Detail: "too many scans were waiting"}
	case ctx.Err() != nil, errors.Is(err, context.DeadlineExceeded):
		g.failed("no answer in time")
		return scanners.Opinion{Verdict: scanners.Timeout, Detail: "no answer in time"}
	}
	g.failed(brief(err))
	return scanners.Opinion{Verdict: scanners.Failed, Detail: brief(err)}
}

func (g guarded) failed(why string) {
	if g.breaker.Done(false) {
		g.logger.Warn("a scanner fails again and again; messages go on without it until it answers a probe", "scanner", g.Name, "error", why)
	}
}

// brief is the last part of an error's text: what happened, without the way there.
func brief(err error) string {
	text := err.Error()
	if i := strings.LastIndex(text, ": "); i >= 0 {
		text = text[i+2:]
	}
	return strings.ToValidUTF8(text[:min(len(text), 120)], "")
}

// files has one file after the other scanned. The first finding ends it; one without an answer leaves
// the whole without.
func (g guarded) files(ctx context.Context, of sample) scanners.Opinion {
	whole := scanners.Opinion{Verdict: scanners.Clean}
	if of.more {
		whole = scanners.Opinion{Verdict: scanners.TooLarge, Detail: "more files than are scanned of one message"}
	}
	for _, content := range of.files {
		o := g.settle(ctx, func() (scanners.Opinion, error) { return g.File.ScanFile(ctx, content) })
		switch {
		case o.Verdict == scanners.Malware:
			return o
		case o.Verdict == scanners.Clean:
			continue
		case o.Verdict == scanners.TooLarge: // the other files are scanned all the same
			whole = scanners.Opinion{Verdict: scanners.TooLarge, Detail: "a part of it is larger than the scanner takes"}
		default:
			return o
		}
	}
	return whole
}

// file scans one file that was fetched after the decision, and records what was said of it. It returns
// the name of what was found; "" to keep the file.
func (s *Scans) file(ctx context.Context, inbox string, message int64, ref string, content []byte) (string, error) {
	if s == nil || !s.config.Inboxes[inbox] {
		return "", nil
	}
	within, cancel := context.WithTimeout(ctx, s.config.Deadline)
	defer cancel()
	found := ""
	for _, g := range s.guarded {
		if g.File == nil {
			continue
		}
		o := g.judge(within, sample{files: [][]byte{content}}, s.now, s.meter)
		if err := ctx.Err(); err != nil {
			return "", err
		}
		o.Part = ref
		if err := s.store.OpineFile(ctx, message, o, s.now()); err != nil {
			return "", err
		}
		if o.Verdict == string(scanners.Malware) {
			found = screen.Malware([]screen.Opinion{o.Opinion})
		}
	}
	return found, nil
}

// unheard is what is known of a message whose scanners have not been heard by its deadline: the
// process that asked them is gone, or its answer was not recorded in time.
func (s *Scans) unheard() []screen.Opinion {
	if s == nil {
		return nil
	}
	var out []screen.Opinion
	for _, g := range s.guarded {
		out = append(out, screen.Opinion{Scanner: g.Name, Verdict: screen.OpinionTimeout, Detail: "no answer was recorded by the deadline"})
	}
	return out
}

// heard reads what was said of the messages that were scanned; nothing where none was.
func (s *Scans) heard(ctx context.Context, from *store.Store, pending []store.Pending) (map[int64][]screen.Opinion, error) {
	var ids []int64
	for _, p := range pending {
		if !p.AwaitUntil.IsZero() || p.Released {
			ids = append(ids, p.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	out, err := from.Opinions(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, p := range pending {
		if !p.AwaitUntil.IsZero() && len(out[p.ID]) == 0 && s != nil && s.config.Inboxes[p.Inbox] {
			out[p.ID] = s.unheard()
		}
	}
	return out, nil
}
