package identify

import (
	"regexp"
	"slices"
	"strings"

	"frontdesk/pipeline/message"
)

// mostWritten bounds the addresses that one text may name, longestWritten how much of a text is looked at, in bytes.
const (
	mostWritten    = 20
	longestWritten = 64 << 10
)

var (
	writtenMail = regexp.MustCompile(`(?i)[a-z0-9][a-z0-9._%+-]*@[a-z0-9][a-z0-9.-]*\.[a-z]{2,}`)
	// writtenPhone is a number with a country code, or a mobile one of mainland China, which is written without.
	writtenPhone = regexp.MustCompile(`(?:\+|00)[1-9](?:[ ()./-]{0,2}[0-9]){6,13}|1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}`)
)

// Written are the mailboxes and telephone numbers that stand in a text, each once, twenty at most, as identities are compared. It proves nothing: anybody writes any address. Of numbers those
// count that say their country, and mobile ones of mainland China. The cost is linear in the text.
func Written(text string) (out []message.Identity) {
	text = text[:min(len(text), longestWritten)]
	add := func(kind message.AddressKind, value string) {
		if id := (message.Address{Kind: kind, Value: value}).Identity(); !id.IsZero() && len(out) < mostWritten && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	for _, at := range writtenMail.FindAllStringIndex(text, mostWritten) {
		add(message.Email, strings.ToLower(text[at[0]:at[1]]))
	}
	for _, at := range writtenPhone.FindAllStringIndex(text, mostWritten) {
		if at[0] > 0 && digit(text[at[0]-1]) || at[1] < len(text) && digit(text[at[1]]) { // a piece of a longer number
			continue
		}
		digits := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, text[at[0]:at[1]])
		switch {
		case text[at[0]] == '+':
		case strings.HasPrefix(digits, "00"):
			digits = digits[2:]
		default:
			digits = "86" + digits
		}
		if len(digits) >= 8 && len(digits) <= 15 {
			add(message.Phone, "+"+digits)
		}
	}
	return out
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// signatureLines bounds how much of what is folded away may be its writer's signature.
const signatureLines = 8

// Signature is the head of what is folded away behind a message, where that is its writer's signature: up to the first blank line, and nothing of what he quotes.
func Signature(hidden string) string {
	var lines []string
	for line := range strings.Lines(hidden) {
		line = strings.TrimSpace(line)
		if line == "" || len(lines) == signatureLines {
			break
		}
		if strings.HasPrefix(line, ">") || strings.HasSuffix(line, ":") || strings.HasSuffix(line, "：") || quotes.MatchString(line) { // a quotation begins with who wrote it, or with the head of a mail
			return ""
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// quotes is how the head of a quoted or forwarded mail begins.
var quotes = regexp.MustCompile(`(?i)^(from|to|cc|sent|date|subject|von|an|gesendet|betreff|de|à|发件人|收件人|发送时间|主题|寄件者|收件者|主旨)\s*[:：]|^-{2,}.*-{2,}$|^_{5,}$`)
