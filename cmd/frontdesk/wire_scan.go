package main

import (
	"context"
	"fmt"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/email/verdict"
	"frontdesk/pipeline/screen"
	"frontdesk/scanners/clamd"
	"frontdesk/scanners/rspamd"
	"frontdesk/workers"
)

// wireScanners joins the configured scanners. Without any, nobody is asked before a decision.
func wireScanners(w *wiring, n needs) error {
	if c := n.config.Scanners.Rspamd; c != nil {
		believed, err := roots("", n.config.CAFile)
		if err != nil {
			return err
		}
		client, err := rspamd.New(rspamd.Config{Roots: believed, URL: c.URL, Password: c.Password.Reveal(), Timeout: time.Duration(c.Timeout), MaxSize: int64(c.MaxSize)})
		if err != nil {
			return fmt.Errorf("wiring scanners: %w", err)
		}
		w.closers = append(w.closers, client.Close)
		w.scanners = append(w.scanners, workers.Scanner{Name: rspamd.Name, Mail: client, Probe: client})
	}
	if c := n.config.Scanners.Clamd; c != nil {
		client, err := clamd.New(clamd.Config{Address: c.Address, Timeout: time.Duration(c.Timeout), MaxSize: int64(c.MaxSize)})
		if err != nil {
			return fmt.Errorf("wiring scanners: %w", err)
		}
		w.scanners = append(w.scanners, workers.Scanner{Name: clamd.Name, File: client, Probe: client})
	}
	return nil
}

// scanning says for which inboxes the scanners are asked.
func scanning(w *wiring, n needs) workers.ScanConfig {
	out := workers.ScanConfig{Scanners: w.scanners, Inboxes: map[string]bool{}, Deadline: time.Duration(n.config.Scanners.Deadline), Channels: n.config.Kinds.Line()}
	for _, in := range n.config.Inboxes {
		if in.Scanned() {
			out.Inboxes[in.Name] = true
		}
	}
	out.Senders = askingSenders(n)
	return out
}

// askingSenders says how senders are asked about again that could not be when their mail came.
func askingSenders(n needs) workers.SenderCheck {
	patience := time.Duration(n.config.Screening.AskSendersAgain)
	trusted, mail := map[string][]string{}, n.config.Kinds.Line()
	for _, in := range n.config.Inboxes {
		if mail[in.Channel].Mail {
			trusted[in.Name] = in.TrustedAuthserv
		}
	}
	if patience <= 0 || len(trusted) == 0 {
		return workers.SenderCheck{}
	}
	checker := verdict.NewChecker(senderDNS, 0)
	return workers.SenderCheck{
		For: patience,
		Open: func(d channels.Delivery) bool {
			_, mails := trusted[d.Inbox]
			return mails && verdict.Unsettled(d, trusted[d.Inbox])
		},
		Again: func(ctx context.Context, d channels.Delivery) (screen.Sender, bool) {
			j := checker.Again(ctx, d, trusted[d.Inbox])
			return screen.Sender{SPF: j.SPF, DKIM: j.DKIM, DMARC: j.DMARC, Proven: j.Proven}, !j.Open
		},
	}
}
