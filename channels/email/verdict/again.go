package verdict

import (
	"bytes"
	"cmp"
	"context"
	"net/netip"

	"frontdesk/channels"
	"frontdesk/channels/email/parse"
	"frontdesk/channels/meta"
	"frontdesk/pipeline/message"
)

// Unsettled reports whether something about a delivery's sender could not be asked when it came: by our own
// listener, or by a server in trusted. It is quick where it says no.
// The search for "error" in the header saves the parsing of nearly every mail: temperror, permerror and error are the words that could leave it open.
func Unsettled(d channels.Delivery, trusted []string) bool {
	if own := d.Meta[meta.Proven]; own != "" || d.Meta[meta.DMARC] != "" {
		return own == parse.ProvenOpen
	}
	if len(trusted) == 0 {
		return false
	}
	head := d.Raw[:min(len(d.Raw), maxHeader)]
	if i := bytes.Index(head, []byte("\r\n\r\n")); i >= 0 {
		head = head[:i]
	}
	if !bytes.Contains(bytes.ToLower(head), []byte("error")) {
		return false
	}
	return parse.Stated(d.Raw, trusted).Open
}

// Again asks once more about a delivery that is Unsettled. Of a mail that another server judged only signature and
// policy can be asked, not from where it came: then a pass counts, and without one it stays open.
// It is called while the message waits, and at most until its deadline. Nothing that was proven before is taken away.
func (c *Checker) Again(ctx context.Context, d channels.Delivery, trusted []string) parse.Judgement {
	if d.Meta[meta.Proven] != "" {
		remote, _ := netip.ParseAddr(d.Meta[meta.Remote])
		return c.judge(ctx, Sender{Remote: remote, Helo: d.Meta[meta.Helo], MailFrom: d.Meta[meta.MailFrom], Raw: d.Raw})
	}
	was := parse.Stated(d.Raw, trusted)
	now := c.judge(ctx, Sender{Raw: d.Raw})
	switch {
	case now.Proven, now.DMARC == message.VerdictPass:
		now.SPF = was.SPF
		return now
	case now.DMARC == message.VerdictNone && !now.Open:
		was.DMARC, was.DKIM, was.Open = message.VerdictNone, cmp.Or(now.DKIM, was.DKIM), false
	}
	return was
}
