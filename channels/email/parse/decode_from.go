package parse

import (
	"slices"
	"strings"

	"frontdesk/channels/email/header"
	"frontdesk/channels/internal/mimewalk"
	"frontdesk/pipeline/message"
)

// readFrom settles who wrote: From; of several authors the one who sent it (RFC 5322 §3.6.2). Where From names nobody
// whom a mail could reach, it is Sender, else the envelope sender or Return-Path, else Reply-To, else From with what is
// surely a slip mended, else nobody. An address is taken as it stands only when nothing better is there.
// Three passes over the same sources: an address that could be reached over the internet, one within an organization, anything.
func (j *job) readFrom() {
	authors, name := j.authors()
	sender := parseAddresses(j.root().Get("Sender"), j.hint)
	if len(authors) > 1 && len(sender) > 0 {
		for i, a := range authors {
			if a.Identity() == sender[0].Identity() {
				authors[0], authors[i] = authors[i], authors[0]
				j.problem("several authors in From: the one in Sender was taken")
				break
			}
		}
	}
	envelope, back := j.envelopeSender()
	sources := []struct {
		name string
		list []message.Address
	}{{"From", authors}, {"Sender", sender}, {envelope, back}, {"Reply-To", j.m.ReplyTo}, {"From, mended", mended(authors)}}
	for _, reachable := range []func(string) bool{isAddress, isLocalAddress, func(string) bool { return true }} {
		for _, s := range sources {
			i := slices.IndexFunc(s.list, func(a message.Address) bool { return reachable(a.Value) })
			if i < 0 {
				continue
			}
			j.m.From = s.list[i]
			if s.name != "From" {
				if j.m.From.Name == "" {
					j.m.From.Name = name
				}
				j.problem("no address in From: taken from " + s.name)
			}
			return
		}
	}
	j.m.From = message.Address{}
	j.problem("no sender address")
}

// authors are the addresses of all From fields, in order, and the first field's name where that has no address.
// Full-width @ and brackets, as Chinese input methods write them, are read as plain ones.
func (j *job) authors() (list []message.Address, name string) {
	first := true
	for _, f := range j.root().Fields {
		if !strings.EqualFold(f.Name, "From") {
			continue
		}
		value := strings.NewReplacer("＠", "@", "．", ".", "＜", "<", "＞", ">").Replace(f.Value)
		list = joinAddresses(list, parseAddresses(value, j.hint))
		if first {
			name = parseMailbox(header.Line(mimewalk.CutField(value, maxAddressList), j.hint)).Name
			first = false
		}
	}
	return list, name
}

// envelopeSender is the address that bounces go to, and where it stands. What our own door was told wins.
// It names the source only for the line in Problems.
func (j *job) envelopeSender() (where string, _ []message.Address) {
	noted := parseAddresses(j.root().Get("Return-Path"), j.hint)
	switch told := j.m.Envelope.MailFrom; {
	case told == "":
		return "Return-Path", noted
	case len(noted) > 0 && noted[0].Value == told:
		return "Return-Path", noted
	default:
		return "the envelope", []message.Address{{Kind: message.Email, Value: told}}
	}
}

// mended are broken addresses with what people and programs surely meant: one @ for two, no dots at either end of the domain.
// It is the last resort, and never for a proven sender: plainFrom compares with what a strict reader finds.
func mended(list []message.Address) (out []message.Address) {
	for _, a := range list {
		local, domain, ok := strings.Cut(a.Value, "@")
		domain = strings.Trim(domain, "@.")
		if v := local + "@" + domain; ok && v != a.Value && isAddress(v) {
			out = append(out, message.Address{Kind: message.Email, Value: v, Name: a.Name})
		}
	}
	return out
}

// isAddress reports whether a mail could be sent to an address over the internet: RFC 5321 §4.1.2, with local parts as
// providers have given them out (dots anywhere) and in any script (RFC 6531).
func isAddress(v string) bool {
	local, domain, ok := cutAddress(v)
	return ok && isLocal(local) && isHost(domain) && (strings.Contains(domain, ".") || strings.HasPrefix(domain, "["))
}

// isLocalAddress reports the same within one organization: a host without a domain, or a mailbox without a host.
func isLocalAddress(v string) bool {
	if !strings.Contains(v, "@") {
		return isDaemonName(v)
	}
	local, domain, ok := cutAddress(v)
	return ok && isLocal(local) && isHost(domain)
}

// cutAddress cuts at the last @, since a quoted local part may hold one.
func cutAddress(v string) (local, domain string, ok bool) {
	at := strings.LastIndexByte(v, '@')
	if at <= 0 || at == len(v)-1 {
		return "", "", false
	}
	return v[:at], v[at+1:], true
}

// isLocal reports whether a local part could be one: quoted, or without the characters that end an address (RFC 5321 §4.1.2).
func isLocal(s string) bool {
	if len(s) > 1 && s[0] == '"' && s[len(s)-1] == '"' {
		return true
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`@<>()[]\,;:"`, r) })
}

// isHost reports whether a domain could be one: labels as DNS has them (63 bytes, 255 in all), underscores and any letters beyond
// ASCII allowed; or an address literal in brackets, which is not looked into.
func isHost(s string) bool {
	if strings.HasPrefix(s, "[") {
		return strings.HasSuffix(s, "]")
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if strings.ContainsFunc(label, func(r rune) bool {
			return r < 0x80 && r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
		}) {
			return false
		}
	}
	return len(s) <= 255
}
