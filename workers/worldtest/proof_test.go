package worldtest

import (
	"bytes"
	"context"
	"strings"

	"frontdesk/channels/email/parse"
	"frontdesk/channels/email/verdict"
	"frontdesk/pipeline/message"
)

// proof is what the domain in From says of a mail.
type proof string

// The proofs.
const (
	vouched proof = "vouched for" // the domain authenticates it (DMARC pass)
	silent  proof = "silent"      // the domain says nothing
	refuted proof = "refuted"     // the domain disowns it
	unsure  proof = "unsure"      // its name servers do not answer
)

// authserv is the server of our mailboxes, whose word is taken.
const authserv = "mx.desk.example"

// usual is the proof of mails that really come from an address: some domains authenticate what they
// send, others do not.
func usual(from string) proof {
	for _, domain := range []string{"@c0.example", "@c1.example", "@other.example"} {
		if strings.HasSuffix(from, domain) {
			return vouched
		}
	}
	return silent
}

// proven reports whether a desk may believe that the item is from whom it names.
func (it *item) proven(inbox string) bool {
	switch inbox {
	case "hotline", "bot":
		return true
	case "app", "form":
		return it.signed
	}
	return it.proof == vouched
}

// sure reports whether anything proves the sender, wherever the item came in; the book is locked.
func (it *item) sure() bool {
	switch {
	case it.proof != "":
		return it.proof == vouched
	case it.keys["app"] != "" || it.keys["form"] != "":
		return it.signed
	}
	return true
}

// domain is that of the address in From.
func (it *item) domain() string { return it.from[strings.LastIndex(it.from, "@")+1:] }

// stamped is a mail as it lies in one of our mailboxes: the server has put on top what it has found out.
func (it *item) stamped() []byte {
	results := map[proof]string{vouched: "spf=pass smtp.mailfrom=%; dkim=pass header.d=%; dmarc=pass header.from=%",
		silent: "spf=none smtp.mailfrom=%; dmarc=none header.from=%", refuted: "spf=fail smtp.mailfrom=%; dmarc=fail header.from=%",
		unsure: "spf=temperror smtp.mailfrom=%; dmarc=temperror header.from=%"}[it.proof]
	top := "Authentication-Results: " + authserv + "; " + strings.ReplaceAll(results, "%", it.domain()) + "\r\n"
	return append([]byte(top), it.raw...)
}

// judging is what the SMTP door finds out about a mail.
type judging struct{ w *world }

// Judge implements verdict.Judge.
func (j judging) Judge(_ context.Context, s verdict.Sender) parse.Judgement {
	b := j.w.book
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, it := range b.items {
		if it.to != "" && len(it.raw) > 0 && bytes.Contains(s.Raw, it.id()) {
			return it.judgement()
		}
	}
	return parse.Judgement{}
}

// id is the line of a mail by which it is told from all others.
func (it *item) id() []byte {
	i := bytes.Index(it.raw, []byte("Message-ID: "))
	return it.raw[i : i+bytes.IndexByte(it.raw[i:], '\r')]
}

func (it *item) judgement() parse.Judgement {
	switch it.proof {
	case vouched:
		return parse.Judgement{SPF: message.VerdictPass, DKIM: message.VerdictPass, DMARC: message.VerdictPass, Proven: true}
	case refuted:
		return parse.Judgement{SPF: message.VerdictFail, DKIM: message.VerdictNone, DMARC: message.VerdictFail}
	case unsure:
		return parse.Judgement{SPF: message.VerdictTempError, DKIM: message.VerdictNone, DMARC: message.VerdictTempError, Open: true}
	}
	return parse.Judgement{SPF: message.VerdictNone, DKIM: message.VerdictNone, DMARC: message.VerdictNone}
}
