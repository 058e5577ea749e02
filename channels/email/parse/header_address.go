package parse

import (
	"strings"
	"unicode/utf8"

	"frontdesk/channels/email/header"
	"frontdesk/channels/internal/mimewalk"
	"frontdesk/pipeline/message"
)

// Limits of address fields: what goes beyond is left out of the lists, and stays in the headers.
const (
	// maxAddresses is for one list, such as To. maxAddressLen is the longest line of RFC 5322 §2.1.1.
	maxAddresses   = 1000
	maxAddressList = 128 << 10 // bytes of one field
	maxAddressLen  = 998       // bytes of one address; RFC 5321 §4.5.3.1 allows 320
	maxDisplayName = 512       // characters
)

// parseAddresses reads an address list the way people and programs write it, not only as RFC 5322
// wants it: groups, raw 8-bit names, missing brackets, stray commas, semicolons as separators. What
// holds no address is left out; parseMailbox keeps its name.
// hint is the charset of raw 8-bit bytes. Encoded-words are decoded after the list is taken apart, as RFC 2047 §5 wants it: one that
// holds a comma or a bracket adds no address. The cost is linear in raw, which is cut at maxAddressList.
func parseAddresses(raw, hint string) []message.Address {
	if strings.TrimSpace(raw) == "" {
		return nil
	}
	var out []message.Address
	for _, item := range splitAddresses(header.Line(mimewalk.CutField(raw, maxAddressList), hint)) {
		a := parseMailbox(item)
		if a.Value == "" {
			continue
		}
		if len(out) == maxAddresses {
			break
		}
		out = append(out, a)
	}
	return out
}

// splitAddresses cuts a list at its commas and semicolons, outside quotes, comments and brackets,
// and drops group names.
// It works by a lexer that goes forward only. Where a quote or a bracket never closes it counts as an ordinary character, so that
// one wrong byte does not swallow the list.
func splitAddresses(s string) []string {
	out := make([]string, 0, 1+strings.Count(s, ",")+strings.Count(s, ";")) // at once: a list that grows costs three times as much
	start := 0
	word, address := false, false // what stands since start
	var l addressLexer
	for i := 0; i < len(s); i++ {
		if l.step(s, i) {
			switch {
			case s[i] == ',' || s[i] == ';':
				out = append(out, s[start:i])
				start, word, address = i+1, false, false
				continue
			case s[i] == ':' && word && !address: // the name of a group, or the scheme mailto
				start, word = i+1, false
				continue
			}
		}
		word = word || s[i] != ' '
		address = address || s[i] == '@' || s[i] == '<'
	}
	out = append(out, s[start:])
	return mergeCommaNames(out)
}

// addressLexer follows quotes, comments and angle brackets.
type addressLexer struct {
	// angle says that a "<" is open; escaped, that a backslash came.
	quoted, escaped, angle bool
	depth                  int // of comments
	close                  int // one more than the place of the last ">"; 0 before it was looked for, -1 for none
}

// closes reports whether a ">" comes after i.
func (l *addressLexer) closes(s string, i int) bool {
	if l.close == 0 {
		if l.close = strings.LastIndexByte(s, '>') + 1; l.close == 0 {
			l.close = -1
		}
	}
	return l.close > i
}

// step takes the byte at i and reports whether it stands outside of everything.
func (l *addressLexer) step(s string, i int) bool {
	c := s[i]
	switch {
	case l.escaped:
		l.escaped = false
	case c == '\\' && (l.quoted || l.depth > 0):
		l.escaped = true
	case l.quoted:
		l.quoted = c != '"'
	case l.depth > 0:
		switch c {
		case '(':
			l.depth++
		case ')':
			l.depth--
		}
	case c == '"':
		l.quoted = strings.IndexByte(s[i+1:min(len(s), i+1+2*maxAddressLen)], '"') >= 0 // an unpaired quote is only a character
	case c == '(':
		l.depth++
	case c == '<':
		l.angle = true
	case c == '>':
		l.angle = false
	case l.angle:
		// A list inside an unclosed bracket: "<a@b, c@d".
		if c == ',' && !l.closes(s, i) {
			l.angle = false
			return true
		}
	default:
		return true
	}
	return false
}

// mergeCommaNames rejoins "Doe, John <j@d>": an item without an address belongs to the next one,
// if that is in brackets.
// It works in place on items.
func mergeCommaNames(items []string) []string {
	out := items[:0]
	var carry strings.Builder
	for i, item := range items {
		if strings.TrimSpace(item) == "" {
			continue
		}
		if !strings.Contains(item, "@") && i+1 < len(items) && strings.Contains(items[i+1], "<") && carry.Len() < maxDisplayName {
			carry.WriteString(item)
			carry.WriteByte(',')
			continue
		}
		if carry.Len() > 0 {
			item = carry.String() + item
			carry.Reset()
		}
		out = append(out, item)
	}
	if carry.Len() > 0 {
		out = append(out, strings.TrimSuffix(carry.String(), ","))
	}
	return out
}

// parseMailbox reads one mailbox. Value is empty when the text names no address.
// The last "<" counts, since names may hold one. Value has its domain in lower case; Name is decoded.
func parseMailbox(s string) message.Address {
	open := lastBracket(s)
	if open < 0 {
		if !strings.Contains(s, "@") && strings.Contains(s, "=?") { // the whole mailbox is one encoded-word
			if d := header.Words(s); strings.Contains(d, "@") {
				return parseMailbox(d)
			}
		}
		return bareMailbox(s)
	}
	spec := s[open+1:]
	if end := strings.IndexByte(spec, '>'); end >= 0 {
		spec = spec[:end]
	}
	spec = strings.Trim(spec, "< ")
	a := message.Address{Kind: message.Email, Value: canonicalAddress(spec), Name: displayName(s[:open])}
	if a.Name == "" {
		a.Name = displayName(firstComment(s))
	}
	if !strings.Contains(a.Value, "@") {
		if inner := bareMailbox(s[:open]); inner.Value != "" && strings.Contains(inner.Value, "@") {
			return inner
		}
	}
	return a
}

// lastBracket finds the "<" that begins the address: the last one outside of quotes.
func lastBracket(s string) int {
	at := -1
	var l addressLexer
	for i := 0; i < len(s); i++ {
		wasAngle := l.angle
		l.step(s, i)
		if s[i] == '<' && l.angle && !wasAngle {
			at = i
		}
	}
	return at
}

// bareMailbox reads a mailbox without brackets: "a@b (Name)", "Name a@b", "MAILER-DAEMON".
// The first word with an @ is the address and all other words are its name.
func bareMailbox(s string) message.Address {
	comment := firstComment(s)
	rest := strings.TrimSpace(strings.Replace(s, "("+comment+")", " ", 1))
	a := message.Address{Kind: message.Email}
	if strings.HasPrefix(rest, `"`) && strings.Contains(rest, `"@`) {
		a.Value = canonicalAddress(rest)
		a.Name = displayName(comment)
		return a
	}
	words := strings.Fields(rest)
	for i, w := range words {
		if !strings.Contains(w, "@") {
			continue
		}
		a.Value = canonicalAddress(strings.Trim(w, `"'[],;`))
		a.Name = displayName(strings.Join(append(append([]string{}, words[:i]...), words[i+1:]...), " "))
		break
	}
	if a.Value == "" && len(words) == 1 && isDaemonName(words[0]) {
		a.Value = words[0]
	}
	if a.Name == "" {
		a.Name = displayName(comment)
	}
	if a.Value == "" {
		a.Name = displayName(rest)
	}
	return a
}

// isDaemonName knows the local parts that mail systems give as their whole address.
func isDaemonName(s string) bool {
	switch strings.ToLower(s) {
	case "mailer-daemon", "postmaster", "root", "daemon", "mail-daemon", "mdaemon", "nobody", "uucp", "mailer_daemon":
		return true
	}
	return false
}

// firstComment returns the text of the first parenthesized comment outside of quotes.
// "" for none. Comments inside it are part of it.
func firstComment(s string) string {
	var l addressLexer
	start := -1
	for i := 0; i < len(s); i++ {
		before := l.depth
		l.step(s, i)
		if before == 0 && l.depth == 1 {
			start = i + 1
		}
		if before == 1 && l.depth == 0 && start >= 0 {
			return s[start:i]
		}
	}
	return ""
}

// displayName unquotes and decodes a display name.
// White space is made single, and quotes of either kind around the whole are dropped: programs quote a quoted name once more.
func displayName(s string) string {
	s = strings.TrimSpace(s)
	if len(s) >= 2 && (s[0] == '"' && s[len(s)-1] == '"') {
		s = s[1 : len(s)-1]
	}
	s = header.Words(unquoteWords(s))
	if strings.Contains(s, "  ") || strings.ContainsAny(s, "\t\u00a0\u3000") {
		s = strings.Join(strings.Fields(s), " ")
	}
	s = strings.Trim(strings.TrimSpace(s), `"`)
	if len(s) >= 2 && s[0] == '\'' && s[len(s)-1] == '\'' {
		s = s[1 : len(s)-1]
	}
	if utf8.RuneCountInString(s) > maxDisplayName {
		s = string([]rune(s)[:maxDisplayName])
	}
	return strings.TrimSpace(s)
}

// unquoteWords removes the quotes of quoted strings and the backslashes of escapes.
func unquoteWords(s string) string {
	if !strings.ContainsAny(s, `"\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		} else if s[i] == '"' {
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// canonicalAddress removes white space and decoration and lower-cases the domain. It returns "" for
// what cannot be an address.
// The local part keeps its case and its dots: only its own server knows what they mean. Message.Address compares without regard to case.
func canonicalAddress(s string) string {
	if strings.Contains(s, "=?") {
		s = header.Words(s)
	}
	if i := strings.LastIndexByte(s, ':'); i >= 0 && (strings.HasPrefix(s, "@") || strings.EqualFold(s[:i], "mailto")) {
		s = s[i+1:] // source route, RFC 5321 §4.1.1.3, or a scheme
	}
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		s = strings.TrimSpace(s)
		if strings.ContainsAny(s, " \t<>") || len(s) > maxAddressLen {
			return ""
		}
		return s
	}
	local, domain := strings.TrimSpace(s[:at]), strings.TrimSpace(s[at+1:])
	if len(local) < 2 || local[0] != '"' {
		local = withoutSpace(local)
	}
	domain = strings.ToLower(strings.TrimRight(withoutSpace(domain), ".>,;"))
	if local == "" || domain == "" || len(local)+len(domain) > maxAddressLen {
		return ""
	}
	return local + "@" + domain
}

// withoutSpace removes white space, which a fold may have left inside an address.
func withoutSpace(s string) string {
	if !strings.ContainsAny(s, " \t") {
		return s
	}
	return strings.Join(strings.Fields(s), "")
}
