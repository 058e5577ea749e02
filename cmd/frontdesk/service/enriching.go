package service

import (
	"context"
	"time"

	"frontdesk/cmd/frontdesk/policy"
	"frontdesk/cmd/frontdesk/wiring"
	"frontdesk/configs"
	"frontdesk/workers/decide"
	"frontdesk/workers/enrich"
	"frontdesk/workers/enrich/second"
	"frontdesk/workers/store/backlog"
)

// enriching joins those who are asked about a message before its decision: scanners once, name servers again and
// again, and somebody else about the category where the model is not sure. It returns the scanners apart, since files that are fetched later go by them, too; nil where no inbox has
// any. Without both, the step does nothing.
func (a *Service) enriching(n wiring.Needs, quarantine *decide.Quarantine) (*enrich.Step, *enrich.Scanners, error) {
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
	second, ok, err := wiring.AskingSecond(n, secondCategories(a.config), a.doubt, a.logger)
	if err != nil {
		return nil, nil, err
	}
	if ok {
		c.Again = append(c.Again, second)
	}
	return enrich.New(n.Store, c, a.logger), scanners, nil
}

// doubt reads a message for who is asked for a second opinion. The processor is there before the first message is asked about.
func (a *Service) doubt(ctx context.Context, p backlog.Pending) (enrich.Doubt, bool, error) {
	return a.processor.Doubt(ctx, p)
}

// secondCategories are the categories of the desk as somebody outside is told of them.
func secondCategories(c configs.Config) (out []second.Category) {
	for _, k := range policy.Categories(c) {
		out = append(out, second.Category{Key: k.Key, About: k.Names["en"]})
	}
	return out
}
