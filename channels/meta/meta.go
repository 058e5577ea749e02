// Package meta has the keys under which a delivery carries what is known beside its original: its envelope, verdicts, the peer.
package meta

// The keys. They lie in the database with each delivery, so none may be renamed. A value that is not known is left out.
const (
	MailFrom   = "mail_from"   // reverse-path without brackets; present and empty for <>
	Recipients = "rcpt_to"     // accepted RCPT TO addresses, one a line
	Remote     = "remote"      // host that handed the message over
	Helo       = "helo"        // its EHLO name
	SPF        = "spf"         // message.Verdict
	DKIM       = "dkim"        // message.Verdict
	DMARC      = "dmarc"       // message.Verdict
	Proven     = "proven"      // whether the sender checks vouch for From: yes, no, or open (could not all be asked)
	TLS        = "tls"         // version of TLS, if any
	Folder     = "folder"      // IMAP mailbox
	Content    = "contenttype" // Content-Type of an HTTP body
	Language   = "language"    // language of the page that posted a form
	Door       = "door"        // "yes": handed over at a door of ours, not fetched; the intake writes it
)
