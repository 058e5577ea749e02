package service

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"sync"

	"frontdesk/channels"
	"frontdesk/channels/descriptor"
	"frontdesk/cmd/frontdesk/wiring"
	"frontdesk/configs"
	"frontdesk/workers/receive"
)

// renewable is the running configuration of an inbox with those settings of another that can be taken over while it runs: how it is
// connected. What decides (address, queue, languages, what is done to mails) belongs to all of the workers and waits.
func renewable(old, next configs.Inbox) configs.Inbox {
	if section, able := old.Section.(descriptor.Renewer); able && next.Section != nil {
		old.Section = section.Renew(next.Section)
	}
	return old
}

// merged is the running configuration with what can be taken over of the next one, and which inboxes that concerns.
// It changes neither of them. An inbox that is new, gone, or of another channel waits for a restart: workers hold the
// list of inboxes in many places.
func merged(running, next configs.Config) (configs.Config, []string) {
	out := running
	out.CAFile = next.CAFile
	out.Listen.TLSCert, out.Listen.TLSKey = next.Listen.TLSCert, next.Listen.TLSKey
	if running.Listen.TLSCert == "" || next.Listen.TLSCert == "" { // a listener begins or ends to offer TLS
		out.Listen.TLSCert, out.Listen.TLSKey = running.Listen.TLSCert, running.Listen.TLSKey
	}
	out.Inboxes = slices.Clone(running.Inboxes)
	sections := map[string][]descriptor.Section{}
	for i, old := range running.Inboxes {
		at := slices.IndexFunc(next.Inboxes, func(in configs.Inbox) bool { return in.Name == old.Name && in.Channel == old.Channel })
		if at >= 0 {
			out.Inboxes[i] = renewable(old, next.Inboxes[at])
		}
		sections[old.Channel] = append(sections[old.Channel], out.Inboxes[i].Section)
	}
	out.Shared = maps.Clone(running.Shared)
	for channel, shared := range running.Shared {
		if n := next.Shared[channel]; n != nil {
			out.Shared[channel] = shared.Renew(n, sections[channel])
		}
	}
	var touched []string
	for i, old := range running.Inboxes {
		if !reflect.DeepEqual(used(running, old), used(out, out.Inboxes[i])) {
			touched = append(touched, old.Name)
		}
	}
	return out, touched
}

// used are the sections that an inbox is connected by: its own, and its part of what inboxes share.
func used(c configs.Config, in configs.Inbox) []descriptor.Section {
	out := []descriptor.Section{in.Section}
	if shared := c.Shared[in.Channel]; shared != nil {
		out = append(out, shared.Part(in.Section))
	}
	return out
}

// filePrint is a digest of the files that the connections of an inbox are made with: authorities, and keys such as
// those of DKIM. A renewed file under an old name changes no setting, so the settings alone would not show it.
func filePrint(c configs.Config, in configs.Inbox) [32]byte {
	files := []string{c.CAFile}
	for _, s := range used(c, in) {
		if s != nil {
			for _, f := range s.Facts().Files {
				files = append(files, f.Name)
			}
		}
	}
	h := sha256.New()
	for _, f := range files {
		text, _ := os.ReadFile(f) // one that cannot be read is an error where it is used
		fmt.Fprintf(h, "%q %d\n", f, len(text))
		h.Write(text)
	}
	return [32]byte(h.Sum(nil))
}

// renew takes over what can change of the next configuration: all of it or, upon an error, nothing. running becomes
// what is in force; what it still lacks waits for a restart. It returns what was taken over. New connectors are made
// before any old one is touched, so that a mistake in the file costs nothing. A ca_file that changed reaches inboxes
// only; database, Redis, scanners and webhooks keep the old one (outdated).
func (a *Service) renew(ctx context.Context, running *configs.Config, next configs.Config, fetching *sync.WaitGroup) (taken []string, err error) {
	now, touched := merged(*running, next)
	prints := map[string][32]byte{"": filePrint(configs.Config{CAFile: now.CAFile}, configs.Inbox{})}
	for i, in := range now.Inboxes {
		prints[in.Name] = filePrint(now, in)
		if prints[in.Name] != a.prints[in.Name] && !slices.Contains(touched, in.Name) {
			touched = append(touched, now.Inboxes[i].Name)
		}
	}
	n := a.needs
	n.Config = now
	fresh := wiring.New(n)
	for _, in := range now.Inboxes {
		if slices.Contains(touched, in.Name) {
			if err := fresh.Join(in, n); err != nil {
				fresh.Close()
				return nil, err
			}
		}
	}
	if now.Listen.TLSCert != "" {
		changed, err := a.certificate.Load(now.Listen.TLSCert, now.Listen.TLSKey)
		if err != nil {
			fresh.Close()
			return nil, err
		}
		if changed {
			taken = append(taken, "listen.tls_cert")
		}
	}
	for _, name := range touched {
		taken = append(taken, "inboxes."+name)
	}
	a.exchange(ctx, fresh, touched, fetching)
	if a.takeModel(ctx) {
		taken = append(taken, "model")
	}
	a.outdated = a.outdated || prints[""] != a.prints[""] && (now.Database.Postgres() || !now.Redis.Embedded() || len(now.Webhooks) > 0 || now.Scanners.Rspamd != nil)
	a.prints, *running = prints, now
	return taken, nil
}

// exchange puts the connectors of some inboxes in the place of those that run. The ways out come first, so that
// nobody takes up an old one that is about to end; then the routes; then the streams, whose old ones have ended
// before the new ones begin. Messages that come meanwhile wait at their provider.
func (a *Service) exchange(ctx context.Context, fresh *wiring.Wiring, names []string, fetching *sync.WaitGroup) {
	theirs := func(inbox string) bool { return slices.Contains(names, inbox) }
	var old []channels.Sender
	for _, name := range names {
		old = append(old, a.wiring.Outlets.Senders[name])
	}
	a.deliverer.Renew(fresh.Outlets)
	a.checks.Renew(fresh.Outlets.Senders)
	maps.Copy(a.wiring.Outlets.Senders, fresh.Outlets.Senders)
	a.wiring.Routes = append(slices.DeleteFunc(a.wiring.Routes, func(r receive.Route) bool { return theirs(r.Inbox) }), fresh.Routes...)
	if a.public != nil {
		a.routed.set(a.door.Handler(a.wiring.Routes))
	}
	end := a.wiring.Exchange(fresh, names)
	if a.has(configs.RoleIntake) {
		for _, name := range names {
			a.fetching.end(name)
		}
		a.fetch(ctx, fetching, fresh)
	}
	for _, s := range old {
		if c, ok := s.(interface{ Close() error }); ok {
			c.Close() // sends under way are not cut off
		}
	}
	end()
}
