// Package web is the door for our own pages and systems: a generic HTTP API for any program that
// hands over a customer's message, and a hosted contact form with a proof of work (ALTCHA) and a
// honeypot. Both are webhook.Receiver; the form also serves its page.
package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/channels"
	"frontdesk/pipeline/message"
)

// maxBody is the size limit when the configuration names none.
// The program always names one (limits.max_body comes here as Setup.MaxBody); other callers of NewAPI and NewForm may not.
const maxBody = 20 << 20

// refusal is what is wrong with a request, and what its sender can do about it.
type refusal struct {
	// class decides what the runner and the log make of it, status what the caller reads.
	class  channels.Class
	status int
	// text says what is wrong and todo what to change, both in English, for the programmer of the caller. Neither quotes the request.
	text string
	todo string
}

// jsonError makes the connector's error of a refusal, with a JSON answer for the caller.
func (r refusal) jsonError(op string) *channels.Error {
	answer := jsonAnswer(r.status, struct {
		Error string `json:"error"`
		ToDo  string `json:"what_to_do"`
	}{r.text, r.todo})
	return &channels.Error{Op: op, Class: r.class, Answer: &answer, Err: errors.New(r.text)}
}

// jsonAnswer writes a body that no browser keeps or takes for a page.
func jsonAnswer(status int, body any) channels.Answer {
	text, err := json.Marshal(body)
	if err != nil {
		return channels.Answer{Status: http.StatusInternalServerError}
	}
	h := http.Header{}
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	return channels.Answer{Status: status, Header: h, Body: append(text, '\n')}
}

// maxKey is how long a delivery key may be (channels.Delivery.Key).
const maxKey = 512

// key joins prefix and id, and takes a digest of an id that is too long or unprintable.
// The digest is keyed by the installation and as unique as the id, so nothing is folded that was apart. Unprintable ids would break
// listings, and a card number in a key would stand unmasked where every operator reads it.
func key(prefix, id string, digest channels.Digest) string {
	if len(prefix)+len(id) <= maxKey && !cardLike(id) && utf8.ValidString(id) && !strings.ContainsFunc(id, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return prefix + id
	}
	return prefix + "digest:" + digest([]byte(prefix), []byte(id))
}

// cardLike reports whether an id may hold a card number: 13 to 19 digits, with or without separators,
// that pass the check of ISO/IEC 7812-1. Ids are readable in listings, so such a one is digested;
// it stays as good a key.
// The check says yes for one in ten numbers of that length by chance; that costs a readable id and nothing else.
func cardLike(id string) bool {
	var digits []int
	for _, r := range id + "x" {
		switch {
		case r >= '0' && r <= '9':
			digits = append(digits, int(r-'0'))
		case r == ' ' || r == '-' || r == '.' || r == '_':
		default:
			if len(digits) >= 13 && len(digits) <= 19 && luhn(digits) {
				return true
			}
			digits = digits[:0]
		}
	}
	return false
}

// luhn is the check of the last digit, counted from the right.
func luhn(digits []int) bool {
	sum := 0
	for i, d := range digits {
		if (len(digits)-i)%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// mailAddress finds addresses that can be written to: one @, a domain with a dot, no spaces. What
// is finer than that is the mail server's business.
var mailAddress = regexp.MustCompile(`^[^\s@<>(),;:"\\\[\]]+@[^\s@<>(),;:"\\\[\]]+\.[^\s@<>(),;:"\\\[\].]+$`)

// email returns the canonical form of a mail address, or "" when it is none.
// Bounds are those of RFC 5321 §4.5.3.1: 64 octets of the local part, 254 of the whole (a path of 256 with its brackets). The local
// part keeps its case, since only its own server knows whether case matters there.
func email(text string) string {
	text = strings.TrimSpace(text)
	if len(text) > 254 || !mailAddress.MatchString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return ""
	}
	local, domain, _ := strings.Cut(text, "@")
	if len(local) > 64 || strings.Contains(domain, "..") || strings.HasPrefix(domain, ".") {
		return ""
	}
	return local + "@" + strings.ToLower(domain)
}

var (
	// E.164 has at most 15 digits, the country code included; fewer than 7 are taken for a slip.
	international = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	mainland      = regexp.MustCompile(`^1[3-9][0-9]{9}$`)
)

// phone returns a telephone number in E.164, or "". Eleven digits that only mainland mobiles have
// get +86; any other number without a country code could be anyone's.
// Full-width digits and signs are read because Chinese input methods write them; dashes, spaces and marks of direction of every sort, because
// address books do.
func phone(text string) string {
	digits := strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == '（':
			return '('
		case r == '）':
			return ')'
		case r == '＋':
			return '+'
		case r == '.', r == '－', unicode.In(r, unicode.Zs, unicode.Pd, unicode.Cf):
			return -1
		}
		return r
	}, strings.TrimSpace(text))
	if after, ok := strings.CutPrefix(digits, "00"); ok {
		digits = "+" + after
	}
	digits = bracketless(digits)
	switch {
	case international.MatchString(digits):
		return digits
	case mainland.MatchString(digits):
		return "+86" + digits
	}
	return ""
}

// bracketless takes brackets out of a number. A zero that stands in brackets behind a country code is dialled within the country alone,
// as people write it, except in the plan of Italy and San Marino, in which zeros belong to the number.
func bracketless(digits string) string {
	if code, rest, found := strings.Cut(digits, "(0)"); found && len(code) > 1 && code[0] == '+' && code != "+39" && code != "+378" {
		digits = code + rest
	}
	return strings.NewReplacer("(", "", ")", "").Replace(digits)
}

// chat is the kind of address that the interface calls from.telegram.
const chat message.AddressKind = "telegram"

// addresses lists what a sender claims as his own: the first is where an answer goes.
func addresses(mail, number, id, name string) []message.Address {
	var out []message.Address
	for _, a := range []message.Address{{Kind: message.Email, Value: mail}, {Kind: message.Phone, Value: number}, {Kind: chat, Value: id}} {
		if a.Value != "" {
			a.Name = name
			out = append(out, a)
		}
	}
	return out
}

// clean takes NULs and broken UTF-8 out of a text: databases refuse them, and no one reads them.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "")
}

// cleanLine is clean for what belongs in one line.
func cleanLine(text string) string {
	return strings.Join(strings.FieldsFunc(clean(text), func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }), " ")
}

// caller is the address of who called; invalid when it is not known.
// All callers without an address share one allowance (guard.Rate), so that a broken proxy header does not lift the limit.
func caller(remote string) netip.Addr {
	ip, err := netip.ParseAddr(remote)
	if err != nil {
		return netip.Addr{}
	}
	return ip
}
