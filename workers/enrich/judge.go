package enrich

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"frontdesk/pipeline/screen"
	"frontdesk/workers/enrich/scanners"
	"frontdesk/workers/store/backlog"
	"frontdesk/workers/store/base"
)

// guarded is a scanner behind its breaker.
type guarded struct {
	Scanner
	breaker *scanners.Breaker
	logger  *slog.Logger
}

// judge asks one scanner about a message. There is always an opinion, if only why there is none.
func (s *Scanners) judge(ctx context.Context, g *guarded, of sample) backlog.Opinion {
	asked := s.config.Now()
	said := g.verdict(ctx, of)
	answered := s.config.Now()
	s.config.Told(g.Name, string(said.Verdict), answered.Sub(asked))
	return backlog.Opinion{Symbols: said.Symbols, AskedAt: base.Stamp{Time: asked}, AnswerAt: base.Stamp{Time: answered},
		Opinion: screen.Opinion{Scanner: g.Name, Verdict: string(said.Verdict), Score: said.Score, Action: said.Action, Name: said.Name, Detail: said.Detail}}
}

// verdict is the scanner's, or why there is none: nothing to scan, an open breaker, an error.
func (g *guarded) verdict(ctx context.Context, of sample) scanners.Opinion {
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
func (g *guarded) ask(ctx context.Context) bool {
	was := g.breaker.Open()
	may := g.breaker.Ask(ctx)
	if was && may {
		g.logger.Info("the scanner answers again", "scanner", g.Name)
	}
	return may
}

// settle turns an error into the opinion that says so, and tells the breaker.
func (g *guarded) settle(ctx context.Context, scan func() (scanners.Opinion, error)) scanners.Opinion {
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

func (g *guarded) failed(why string) {
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
func (g *guarded) files(ctx context.Context, of sample) scanners.Opinion {
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
