package wiring

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/email/verdict"
	"frontdesk/cmd/frontdesk/trust"
	"frontdesk/pipeline/screen"
	"frontdesk/workers/enrich"
	"frontdesk/workers/enrich/clamd"
	"frontdesk/workers/enrich/rspamd"
	"frontdesk/workers/enrich/second"
	"frontdesk/workers/store/backlog"
)

// JoinScanners joins the configured scanners. Without any, nobody is asked before a decision.
// What is wrong in an address is an error here; whether a scanner answers is found out with the first message, behind
// a breaker.
func JoinScanners(w *Wiring, n Needs) error {
	if c := n.Config.Scanners.Rspamd; c != nil {
		believed, err := trust.Roots("", n.Config.CAFile)
		if err != nil {
			return err
		}
		client, err := rspamd.New(rspamd.Config{Roots: believed, URL: c.URL, Password: c.Password.Reveal(), Timeout: time.Duration(c.Timeout), MaxSize: int64(c.MaxSize)})
		if err != nil {
			return fmt.Errorf("wiring scanners: %w", err)
		}
		w.closers[""] = append(w.closers[""], client.Close)
		w.Scanners = append(w.Scanners, enrich.Scanner{Name: rspamd.Name, Mail: client, Probe: client})
	}
	if c := n.Config.Scanners.Clamd; c != nil {
		client, err := clamd.New(clamd.Config{Address: c.Address, Timeout: time.Duration(c.Timeout), MaxSize: int64(c.MaxSize)})
		if err != nil {
			return fmt.Errorf("wiring scanners: %w", err)
		}
		w.Scanners = append(w.Scanners, enrich.Scanner{Name: clamd.Name, File: client, Probe: client})
	}
	return nil
}

// AskingSenders says how senders are asked about again that could not be when their mail came; ok is whether they
// are. It needs patience in the configuration (screening.ask_senders_again) and an inbox for mail. trusted are the
// servers of each inbox whose verdicts count.
func AskingSenders(n Needs) (out enrich.Senders, ok bool) {
	patience := time.Duration(n.Config.Screening.AskSendersAgain)
	trusted, mail := map[string][]string{}, n.Config.Kinds.Line()
	for _, in := range n.Config.Inboxes {
		if mail[in.Channel].Mail {
			trusted[in.Name] = in.Facts().Trusted
		}
	}
	if patience <= 0 || len(trusted) == 0 {
		return enrich.Senders{}, false
	}
	checker := verdict.NewChecker(senderDNS, 0)
	return enrich.Senders{
		For: patience,
		Open: func(d channels.Delivery) bool {
			_, mails := trusted[d.Inbox]
			return mails && verdict.Unsettled(d, trusted[d.Inbox])
		},
		Check: func(ctx context.Context, d channels.Delivery) (screen.Sender, bool) {
			j := checker.Again(ctx, d, trusted[d.Inbox])
			return screen.Sender{SPF: j.SPF, DKIM: j.DKIM, DMARC: j.DMARC, Proven: j.Proven}, !j.Open
		},
	}, true
}

// AskingSecond says how somebody outside is asked what a message is about of which the model is not sure; ok is whether anybody is. doubt reads a message
// as the line does.
func AskingSecond(n Needs, categories []second.Category, doubt func(context.Context, backlog.Pending) (enrich.Doubt, bool, error), logger *slog.Logger) (out enrich.Second, ok bool, err error) {
	o := n.Config.Classify.SecondOpinion
	if o == nil {
		return out, false, nil
	}
	believed, err := trust.Roots("", n.Config.CAFile)
	if err != nil {
		return out, false, err
	}
	client, err := second.New(second.Config{URL: o.URL, Key: o.Key.Reveal(), Model: o.Model, Client: trust.Guarded(believed, o.Timeout.Std(), o.Private || o.Local()), Timeout: o.Timeout.Std(), Hour: o.PerHour, Day: o.PerDay,
		Categories: categories, Opened: func(pause time.Duration) {
			logger.Warn("the second opinion has failed again and again; nobody is asked for a while", "pause", pause)
		}})
	if err != nil {
		return out, false, fmt.Errorf("wiring the second opinion: %w", err)
	}
	return enrich.Second{Ready: client.Ready, Doubt: doubt, Name: client.Ask, Model: o.Model, Languages: o.Languages, For: o.Timeout.Std()}, true, nil
}
