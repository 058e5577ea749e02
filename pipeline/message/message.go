// Package message defines the normalized message: what every channel's decoder fills and every
// stage of the line reads. It is a leaf: it imports the standard library only, and knows no
// channel, database or configuration.
package message

import (
	"slices"
	"strings"
	"time"
)

// AddressKind says on which kind of medium an address lives. Two addresses are the same identity
// only when kind and value are both equal.
type AddressKind string

// The kinds of address for which the line has rules. A channel whose addresses are names of its provider's has a kind of
// its own, which its folder names.
const (
	Email AddressKind = "email" // addr-spec, lower-case domain, local part as written, lower-cased for comparison
	Phone AddressKind = "phone" // E.164 with leading +
)

// Address is one address of a person or of a desk.
type Address struct {
	Kind  AddressKind `json:"kind"`
	Value string      `json:"value"`          // canonical: see Canonical
	Name  string      `json:"name,omitempty"` // display name, decoded; foreign words, never trusted
}

// IsZero reports whether no address is known.
func (a Address) IsZero() bool { return a.Value == "" }

// Domain is the part of an e-mail address after the last @, lower-cased; empty for other kinds.
func (a Address) Domain() string {
	if a.Kind != Email {
		return ""
	}
	at := strings.LastIndexByte(a.Value, '@')
	if at < 0 {
		return ""
	}
	return strings.ToLower(a.Value[at+1:])
}

// Identity is the comparable key of an address: the same person's address is the same Identity,
// whatever display name it came with.
type Identity struct {
	Kind  AddressKind `json:"kind"`
	Value string      `json:"value"`
}

// Identity returns the key under which this address is known. E-mail local parts are compared
// without case: RFC 5321 §2.4 allows them to be case-sensitive, no provider in use does it.
func (a Address) Identity() Identity {
	v := strings.TrimSpace(a.Value)
	if a.Kind == Email {
		v = strings.ToLower(v)
	}
	return Identity{Kind: a.Kind, Value: v}
}

// Mailbox is the identity of the mailbox behind an address: in mail without the part after a plus sign, at Gmail
// without dots too and under one domain, since all of those arrive in one mailbox. Other addresses stand for themselves.
func (i Identity) Mailbox() Identity {
	at := strings.LastIndexByte(i.Value, '@')
	if i.Kind != Email || at < 0 {
		return i
	}
	local, domain := strings.ToLower(i.Value[:at]), strings.ToLower(i.Value[at+1:])
	if name, _, tagged := strings.Cut(local, "+"); tagged && name != "" {
		local = name
	}
	if domain == "googlemail.com" {
		domain = "gmail.com"
	}
	if name := strings.ReplaceAll(local, ".", ""); domain == "gmail.com" && name != "" {
		local = name
	}
	return Identity{Kind: i.Kind, Value: local + "@" + domain}
}

// IsZero reports whether the identity is empty.
func (i Identity) IsZero() bool { return i.Value == "" }

// Compare orders identities, so that rows are locked in one order everywhere.
func (i Identity) Compare(o Identity) int {
	if c := strings.Compare(string(i.Kind), string(o.Kind)); c != 0 {
		return c
	}
	return strings.Compare(i.Value, o.Value)
}

// Verdict is the outcome of one sender authentication method (RFC 8601 §2.7).
type Verdict string

// Verdicts as they are recorded. The empty Verdict means that nobody checked.
const (
	VerdictNone      Verdict = "none"
	VerdictPass      Verdict = "pass"
	VerdictFail      Verdict = "fail"
	VerdictSoftFail  Verdict = "softfail"
	VerdictNeutral   Verdict = "neutral"
	VerdictTempError Verdict = "temperror"
	VerdictPermError Verdict = "permerror"
)

// Envelope holds the transport facts of a message, apart from what its headers claim.
type Envelope struct {
	MailFrom    string   `json:"mail_from,omitempty"`     // RFC 5321 reverse-path without brackets
	HasMailFrom bool     `json:"has_mail_from,omitempty"` // true with an empty MailFrom means the null sender <>
	Recipients  []string `json:"recipients,omitempty"`    // RCPT TO, Delivered-To, X-Original-To, the number or chat written to
	Remote      string   `json:"remote,omitempty"`        // address of the handing-over host, no port
	SPF         Verdict  `json:"spf,omitempty"`
	DKIM        Verdict  `json:"dkim,omitempty"`
	DMARC       Verdict  `json:"dmarc,omitempty"`
	SpamScore   *float64 `json:"spam_score,omitempty"` // recorded before Decide by a spam daemon or a trusted hop
	Malware     string   `json:"malware,omitempty"`    // name of what a scanner found
}

// Header is one decoded header field, in the order of the message.
type Header struct {
	Name  string `json:"name"` // as written
	Value string `json:"value"`
}

// Headers is the ordered list of a message's header fields.
type Headers []Header

// Get returns the first field of that name (compared without case), or "".
func (h Headers) Get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// Has reports whether a field of that name is there, even an empty one.
func (h Headers) Has(name string) bool {
	return slices.ContainsFunc(h, func(f Header) bool { return strings.EqualFold(f.Name, name) })
}

// Attachment is one file that came with a message. Either Content holds its bytes, or Ref tells
// the channel where to fetch them later.
type Attachment struct {
	Name      string `json:"name"` // decoded, path parts stripped; may be empty
	MediaType string `json:"media_type"`
	Size      int64  `json:"size"` // bytes; 0 when not known yet
	Inline    bool   `json:"inline,omitempty"`
	ContentID string `json:"content_id,omitempty"` // RFC 2392, without brackets
	Content   []byte `json:"-"`
	Ref       string `json:"ref,omitempty"`    // provider's URL or file id; may hold no secret
	Unique    string `json:"unique,omitempty"` // provider's name of the content, the same each time it is handed over; Ref may change
	Digest    string `json:"digest,omitempty"` // key of the stored blob, once stored
}

// ReportKind names the machine-readable kinds of mail.
type ReportKind string

// Kinds of report: delivery status (RFC 3464), disposition (RFC 8098), abuse feedback (RFC 5965).
const (
	DSN ReportKind = "dsn"
	MDN ReportKind = "mdn"
	ARF ReportKind = "arf"
)

// Report holds the machine-readable fields of a bounce, a read receipt or an abuse report.
type Report struct {
	Kind              ReportKind `json:"kind"`
	Action            string     `json:"action,omitempty"`     // failed, delayed, delivered, relayed, expanded
	Status            string     `json:"status,omitempty"`     // RFC 3463, e.g. 5.1.1
	Diagnostic        string     `json:"diagnostic,omitempty"` // Diagnostic-Code without its type
	FinalRecipient    string     `json:"final_recipient,omitempty"`
	OriginalRecipient string     `json:"original_recipient,omitempty"`  // as its sender wrote it, where the report tells another one than the final
	OriginalMessageID string     `json:"original_message_id,omitempty"` // without angle brackets
	// Told says that no part of the mail gives this: it was read out of the text of a mail system that writes
	// no RFC 3464.
	Told bool `json:"told,omitempty"`
}

// Failed reports whether the report says that delivery has failed for good.
func (r *Report) Failed() bool {
	return r != nil && r.Kind == DSN && (strings.EqualFold(r.Action, "failed") || (r.Action == "" && strings.HasPrefix(r.Status, "5")))
}

// deadCodes are the enhanced status codes that say that a mailbox is gone for good (RFC 3463 §3.2 and §3.3, RFC
// 7505): bad mailbox, system or syntax, moved, null MX; mailbox disabled. A full mailbox, a time-out, a policy and
// a quota say nothing about that.
var deadCodes = []string{"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"}

// DeadCodes lists the enhanced status codes that say that a mailbox is gone for good.
func DeadCodes() []string { return slices.Clone(deadCodes) }

// deadWords are what servers say of a mailbox that is not there, where they give no code or a general one.
var deadWords = []string{"user unknown", "unknown user", "no such user", "no such mailbox", "no such recipient", "unknown recipient", "user not found", "recipient not found", "mailbox not found", "does not exist", "doesn't exist", "no mailbox here by that name", "invalid recipient", "unknown mailbox", "not a valid mailbox", "account has been disabled", "account is disabled", "user doesn't have", "收件人不存在", "用户不存在"}

// Gone reports whether the report says that the mailbox is gone for good.
func (r *Report) Gone() bool {
	if !r.Failed() {
		return false
	}
	switch r.Status {
	case "", "5.0.0", "5.1.0", "5.2.0", "5.5.0": // codes that say as little as none (RFC 3463 §3.1-3.6)
	default:
		return slices.Contains(deadCodes, r.Status)
	}
	told := strings.ToLower(r.Diagnostic)
	return !strings.Contains(told, "sender") && slices.ContainsFunc(deadWords, func(w string) bool { return strings.Contains(told, w) })
}

// Message is one normalized inbound item. It is a value: no stage changes it, each adds its finding
// beside it.
type Message struct {
	ID      int64  `json:"id"`
	Inbox   string `json:"inbox"`
	Channel string `json:"channel"` // its name, for people, rules and the books
	Traits  Traits `json:"-"`       // the channel's; pipeline.Read sets them
	Key     string `json:"key"`     // the delivery key: unique per inbox, for ever

	At     time.Time `json:"at"`      // when the SOURCE received it; promises count from here
	SentAt time.Time `json:"sent_at"` // what the sender claims; zero when unknown

	From    Address   `json:"from"`
	ReplyTo []Address `json:"reply_to,omitempty"`
	To      []Address `json:"to,omitempty"`
	Cc      []Address `json:"cc,omitempty"`
	// Proven says that the channel itself vouches for From: a provider-signed webhook; for mail DMARC that passed or,
	// where the domain publishes no policy, its own signature or envelope.
	Proven bool `json:"proven,omitempty"`
	// Also holds further addresses that the sender claims as his own, such as the telephone number
	// in a contact form. They are claims: they never merge contacts.
	Also []Address `json:"also,omitempty"`

	Envelope Envelope `json:"envelope"`

	Subject string  `json:"subject,omitempty"`
	Text    string  `json:"text,omitempty"` // text/plain as written
	HTML    string  `json:"html,omitempty"` // text/html as written; hostile until sanitized
	Headers Headers `json:"headers,omitempty"`

	MessageID  string   `json:"message_id,omitempty"` // without angle brackets
	InReplyTo  []string `json:"in_reply_to,omitempty"`
	References []string `json:"references,omitempty"` // oldest first

	// Thread is the channel's own conversation key (chat id, number pair); empty for mail.
	Thread   string `json:"thread,omitempty"`
	Language string `json:"language,omitempty"` // BCP 47 hint of the channel (form language, profile locale)

	Attachments []Attachment `json:"attachments,omitempty"`
	Report      *Report      `json:"report,omitempty"`
	Encrypted   bool         `json:"encrypted,omitempty"` // S/MIME or PGP: the text cannot be read here
	Echo        bool         `json:"echo,omitempty"`      // our own send, handed back by the provider
	OwnPost     bool         `json:"own_post,omitempty"`  // a channel or a group wrote it as itself, to its members
	// Version is the provider's name of the message that this one is a version of, where senders can edit; empty otherwise.
	Version string `json:"version,omitempty"`
	Edited  bool   `json:"edited,omitempty"` // a later version of a message already seen
	// OptOut is the provider's word on STOP/START ("stop", "start", "help"); empty otherwise.
	OptOut string `json:"opt_out,omitempty"`
	// Fields are structured facts that the sender gave, or his program for him (form topic, order number).
	Fields map[string]string `json:"fields,omitempty"`
	// About is what the channel's provider adds of its own (a user name, the country of a number): people see it, and it
	// answers nothing that a customer is asked for.
	About map[string]string `json:"about,omitempty"`
	// Problems lists what the decoder had to repair or could not read, for the trace.
	Problems []string `json:"problems,omitempty"`
	// Exceeded names the limit on its structure ("parts", "depth") beyond which the message was not
	// read. No mail program writes such mail: it waits for a person, with what was read of it.
	Exceeded string `json:"exceeded,omitempty"`
}
