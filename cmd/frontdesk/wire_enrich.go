package main

import (
	"context"
	"fmt"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/email/verdict"
	"frontdesk/configs"
	"frontdesk/pipeline/screen"
	"frontdesk/workers/enrich"
	"frontdesk/workers/enrich/clamd"
	"frontdesk/workers/enrich/rspamd"
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
		w.scanners = append(w.scanners, enrich.Scanner{Name: rspamd.Name, Mail: client, Probe: client})
	}
	if c := n.config.Scanners.Clamd; c != nil {
		client, err := clamd.New(clamd.Config{Address: c.Address, Timeout: time.Duration(c.Timeout), MaxSize: int64(c.MaxSize)})
		if err != nil {
			return fmt.Errorf("wiring scanners: %w", err)
		}
		w.scanners = append(w.scanners, enrich.Scanner{Name: clamd.Name, File: client, Probe: client})
	}
	return nil
}

// enriching joins those who are asked about a message before its decision.
func (a *app) enriching(n needs) (*enrich.Step, *enrich.Scanners) {
	scan := enrich.ScanConfig{Scanners: a.wiring.scanners, Inboxes: map[string]bool{}, Decoders: a.wiring.decoders,
		Deadline: time.Duration(n.config.Scanners.Deadline), MayRead: a.processor.MayRead, Told: a.meter.Scanned}
	for _, in := range n.config.Inboxes {
		if in.Scanned() {
			scan.Inboxes[in.Name] = true
		}
	}
	c := enrich.Config{Ring: a.bell.RingAnew}
	scanners := enrich.NewScanners(n.store, scan, a.logger)
	if scanners != nil {
		c.Once = append(c.Once, scanners)
	}
	if senders, ok := askingSenders(n); ok {
		c.Again = append(c.Again, senders)
	}
	return enrich.New(n.store, c, a.logger), scanners
}

// askingSenders says how senders are asked about again that could not be when their mail came; ok is whether they are.
func askingSenders(n needs) (out enrich.Senders, ok bool) {
	patience := time.Duration(n.config.Screening.AskSendersAgain)
	trusted := map[string][]string{}
	for _, in := range n.config.Inboxes {
		if in.Channel == configs.ChannelEmail {
			trusted[in.Name] = in.TrustedAuthserv
		}
	}
	if patience <= 0 || len(trusted) == 0 {
		return enrich.Senders{}, false
	}
	checker := verdict.NewChecker(senderDNS, 0)
	return enrich.Senders{
		For: patience,
		Open: func(d channels.Delivery) bool {
			return d.Channel == configs.ChannelEmail && verdict.Unsettled(d, trusted[d.Inbox])
		},
		Check: func(ctx context.Context, d channels.Delivery) (screen.Sender, bool) {
			j := checker.Again(ctx, d, trusted[d.Inbox])
			return screen.Sender{SPF: j.SPF, DKIM: j.DKIM, DMARC: j.DMARC, Proven: j.Proven}, !j.Open
		},
	}, true
}
