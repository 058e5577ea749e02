package service

import (
	"time"

	"frontdesk/cmd/frontdesk/wiring"
	"frontdesk/workers/decide"
	"frontdesk/workers/enrich"
)

// enriching joins those who are asked about a message before its decision: scanners once, name servers again and
// again. It returns the scanners apart, since files that are fetched later go by them, too; nil where no inbox has
// any. Without both, the step does nothing.
func (a *Service) enriching(n wiring.Needs, quarantine *decide.Quarantine) (*enrich.Step, *enrich.Scanners) {
	scan := enrich.ScanConfig{Channels: n.Config.Kinds.Line(), Scanners: a.wiring.Scanners, Inboxes: map[string]bool{}, Decoders: a.wiring.Decoders,
		Deadline: time.Duration(n.Config.Scanners.Deadline), MayRead: quarantine.MayRead, Told: a.counts.Scanned}
	for _, in := range n.Config.Inboxes {
		if in.Scanned() {
			scan.Inboxes[in.Name] = true
		}
	}
	c := enrich.Config{Ring: a.notifier.Again}
	scanners := enrich.NewScanners(n.Store, scan, a.logger)
	if scanners != nil {
		c.Once = append(c.Once, scanners)
	}
	if senders, ok := wiring.AskingSenders(n); ok {
		c.Again = append(c.Again, senders)
	}
	return enrich.New(n.Store, c, a.logger), scanners
}
