package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

// imapInbox is the inbox that is fetched.
const imapInbox = "archive"

// imap measures how fast mails that lie on an IMAP server become tickets: from the start of the
// service until the last one is decided. The inbox was connected before they came, so they are owed
// acknowledgements like any mail.
// The service is started twice. The first start connects the folder and notes its bookmark; with the second all mails
// are there, so that their delivery is no part of what is measured.
func imap(ctx context.Context, r *run) (err error) {
	boxes, err := startMailboxes()
	if err != nil {
		return err
	}
	defer boxes.close()
	addr, user, password := boxes.account()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("reading the address of the IMAP server: %w", err)
	}
	s, err := r.newSite(ctx, fmt.Sprintf(`{name: %s, channel: email, address: archive@desk.example, relay: out, imap: {host: %s, port: %s, tls: none, user: %s, password: %s, since: "%s"}}`,
		imapInbox, host, port, user, password, time.Now().UTC().AddDate(0, 0, -2).Format(time.DateOnly)))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.remove(ctx)) }()
	v, err := startService(ctx, s, false)
	if err != nil {
		return err
	}
	if err := rest(ctx, time.Second); err != nil { // the inbox is connected now
		v.stop()
		return err
	}
	if err := v.end(ctx); err != nil {
		v.stop()
		return err
	}
	n := r.count(2000, 10000)
	who := newCustomers(0)
	for _, l := range who.mails(n, time.Now()) {
		if err := boxes.deliver(l.raw); err != nil {
			return err
		}
	}
	return r.pull(ctx, s, n)
}

// pull starts the service held, and lets its workers go when the meter was read and the clock runs.
func (r *run) pull(ctx context.Context, s *site, n int) error {
	v, err := startService(ctx, s, true)
	if err != nil {
		return err
	}
	defer v.stop()
	m, err := v.meter(ctx)
	if err != nil {
		return err
	}
	begin := time.Now()
	err = r.profiled(ctx, v, "pull", func() error {
		if err := v.release(ctx, "work"); err != nil {
			return err
		}
		return v.decided(ctx, int64(n))
	})
	if err != nil {
		return err
	}
	r.put("rate", "fetched and decided", "/s", float64(n)/time.Since(begin).Seconds())
	return r.cost(ctx, m, "", "", n)
}
