package parse

import (
	"cmp"
	"strings"

	"frontdesk/channels/internal/mimewalk"
	"frontdesk/pipeline/message"
)

// TrustMicrosoft is an entry of DecoderConfig.TrustedAuthserv. It trusts the Authentication-Results of Microsoft 365,
// which carry no authserv-id. It is right only for mailboxes that Microsoft 365 hosts.
const TrustMicrosoft = "microsoft"

// maxAuthResults bounds the methods that are read from one field.
const maxAuthResults = 50

// authResults is one Authentication-Results field (RFC 8601).
type authResults struct {
	server  string // authserv-id in lower case; empty for Microsoft 365
	methods []authMethod
}

// authMethod is one method of it.
type authMethod struct {
	// name is the method in lower case (spf, dkim, dmarc, arc …); verdict is empty for a result word that says nothing.
	name    string
	verdict message.Verdict
	props   map[string]string // "header.from" → domain
}

// trustedResults returns the topmost Authentication-Results field, if its server is one of those configured, and
// those below it of such servers. A server that adds its field on top and lets others stand, or one that adds it at
// the end, leaves fields in the message that a sender wrote: they may take trust away and never give it.
//
// The raw field is read, because decoding an encoded-word that a sender put into his address could
// add a result.
func trustedResults(fields []mimewalk.Field, trusted []string) (top authResults, below []authResults) {
	if len(trusted) == 0 {
		return authResults{}, nil
	}
	seen := 0
	for _, h := range fields {
		if !strings.EqualFold(h.Name, "Authentication-Results") {
			continue
		}
		r := parseAuthResults(h.Value)
		if seen++; seen == 1 && !r.trusted(trusted) || seen > maxAuthFields {
			break
		}
		switch {
		case seen == 1:
			top = r
		case r.trusted(trusted):
			below = append(below, r)
		}
	}
	return top, below
}

// maxAuthFields bounds the fields that are read.
const maxAuthFields = 50

// The patterns are compared without regard to case. A field without methods is never that of Microsoft 365.
func (r authResults) trusted(servers []string) bool {
	for _, t := range servers {
		t = strings.ToLower(strings.TrimSpace(t))
		if suffix, any := strings.CutPrefix(t, "*."); any && strings.HasSuffix(r.server, "."+suffix) && suffix != "" {
			return true
		}
		if t == r.server && t != "" || r.server == "" && t == TrustMicrosoft && len(r.methods) > 0 {
			return true
		}
	}
	return false
}

// statedVerdicts is what a trusted server says of the message's sender. As with our own checks only aligned
// identifiers count, except for the verdict of SPF.
//
// The doubts come first: a DMARC pass counts only if From is one whole field, and if no trusted field below contradicts it.
// Without a DMARC policy an aligned DKIM or SPF pass counts as Vouches allows. Open is set where a name server could not be asked.
func (j *job) statedVerdicts(trusted []string) Judgement {
	top, below := trustedResults(j.root().Fields, trusted)
	if len(top.methods) == 0 {
		return Judgement{}
	}
	from := queryDomain(j.m.From.Domain())
	out := Judgement{SPF: top.worst("spf"), DKIM: top.signed(from), DMARC: top.dmarc(from)}
	for _, r := range below {
		if out.DMARC == message.VerdictPass && r.worst("dmarc") != "" {
			out.DMARC = r.worst("dmarc")
		}
	}
	_, whole := j.onlyFrom()
	if out.DMARC == message.VerdictPass && !whole {
		out.DMARC = message.VerdictPermError // which of them it passed for nobody knows
	}
	passes := out.DKIM == message.VerdictPass || out.SPF == message.VerdictPass && Aligned(from, top.sender())
	switch {
	case out.DMARC == message.VerdictPass: // the server knows what it passed for
		out.Proven = from != ""
	case out.DMARC == message.VerdictNone:
		out.Proven = from != "" && whole && passes && Vouches(out.DMARC, from)
	}
	out.Open = !out.Proven && (out.DMARC == message.VerdictTempError || out.DMARC == message.VerdictNone && out.DKIM == message.VerdictTempError)
	return out
}

// worst returns the outcome of a method; of several that differ one that is no pass. Somebody may have written the
// others into an address that the server quoted.
func (r authResults) worst(method string) message.Verdict {
	var v message.Verdict
	for _, m := range r.methods {
		if m.name == method && m.verdict != "" && (v == "" || v == message.VerdictPass) {
			v = m.verdict
		}
	}
	return v
}

// signed sums the DKIM results of signatures up that are aligned with a domain: a pass, else the first one.
func (r authResults) signed(from string) message.Verdict {
	v := message.Verdict("")
	for _, m := range r.methods {
		if m.name != "dkim" {
			continue
		}
		if domain := m.signer(); domain != "" && !Aligned(from, domain) {
			v = cmp.Or(v, message.VerdictNone)
			continue
		}
		switch one := m.verdict; {
		case one == message.VerdictPass && m.signer() != "":
			return one
		case one != message.VerdictPass && (v == "" || v == message.VerdictNone):
			v = one
		}
	}
	return v
}

// signer is the domain of a DKIM result: header.d, or that of header.i.
func (m authMethod) signer() string {
	if d := m.props["header.d"]; d != "" {
		return strings.ToLower(d)
	}
	i := m.props["header.i"]
	return strings.ToLower(i[strings.LastIndexByte(i, '@')+1:])
}

// sender is the domain that SPF judged, where the server names the envelope sender.
func (r authResults) sender() string {
	for _, m := range r.methods {
		if m.name == "spf" {
			from := strings.Trim(m.props["smtp.mailfrom"], "<> ")
			return strings.ToLower(from[strings.LastIndexByte(from, '@')+1:])
		}
	}
	return ""
}

// dmarc is what DMARC said of a domain. A result about another domain says nothing of this one; a server that does
// not name it judged From.
func (r authResults) dmarc(from string) message.Verdict {
	for _, m := range r.methods {
		if m.name != "dmarc" {
			continue
		}
		judged := strings.Trim(m.props["header.from"], "<> ")
		judged = judged[strings.LastIndexByte(judged, '@')+1:]
		if judged != "" && queryDomain(judged) != from {
			return ""
		}
	}
	return r.worst("dmarc")
}

// parseAuthResults reads a field. It never fails: what has no form is skipped.
func parseAuthResults(value string) authResults {
	var r authResults
	for i, words := range authStatements(value) {
		if len(words) == 0 {
			continue
		}
		if i == 0 && !strings.Contains(words[0], "=") {
			r.server = strings.ToLower(strings.Trim(words[0], `"`))
			continue
		}
		if m, ok := authStatement(words); ok && len(r.methods) < maxAuthResults {
			r.methods = append(r.methods, m)
		}
	}
	return r
}

// authStatement reads "method[/version]=result prop=value …".
func authStatement(words []string) (authMethod, bool) {
	name, result, ok := strings.Cut(words[0], "=")
	if !ok {
		return authMethod{}, false
	}
	name, _, _ = strings.Cut(strings.ToLower(name), "/")
	m := authMethod{name: name, verdict: authVerdict(result), props: make(map[string]string, len(words)-1)}
	for _, w := range words[1:] {
		if k, v, ok := strings.Cut(w, "="); ok {
			k = strings.ToLower(k)
			if _, have := m.props[k]; !have {
				m.props[k] = v
			}
		}
	}
	return m, true
}

// authVerdict maps a result word. "success" is Yahoo's; unknown words say nothing.
// The words are those of RFC 8601 §2.7 and of servers in use; one that is not known must not read as a pass.
func authVerdict(word string) message.Verdict {
	word, _, _ = strings.Cut(strings.ToLower(strings.Trim(word, `"`)), "(")
	switch word {
	case "pass", "success":
		return message.VerdictPass
	case "fail", "hardfail", "reject":
		return message.VerdictFail
	case "softfail":
		return message.VerdictSoftFail
	case "neutral", "policy":
		return message.VerdictNeutral
	case "none", "bestguesspass":
		return message.VerdictNone
	case "temperror", "error":
		return message.VerdictTempError
	case "permerror", "invalid":
		return message.VerdictPermError
	}
	return ""
}

// authStatements splits a field at its semicolons into words, outside of quotes and comments; white
// space around "=" is dropped.
// It is a lexer for quotes, comments and escapes only, since the form of RFC 8601 §2.2 is kept by few servers.
func authStatements(s string) [][]string {
	var l authLexer
	for i := 0; i < len(s); i++ {
		if l.quoted && s[i] == '\\' && i+1 < len(s) {
			i++
			l.word.WriteByte(s[i])
			continue
		}
		l.step(s[i])
	}
	l.endWord()
	return append(l.statements, l.words)
}

// authLexer follows quotes and comments and gathers words.
type authLexer struct {
	// words are those of the running statement, word the one that is being read; quoted says that a quote is open.
	statements [][]string
	words      []string
	word       strings.Builder
	quoted     bool
	depth      int // of comments
}

// step takes one byte in. A comment disappears, also inside a word.
func (l *authLexer) step(c byte) {
	switch {
	case l.quoted && c == '"':
		l.quoted = false
	case l.quoted:
		l.word.WriteByte(c)
	case c == '(':
		l.depth++
	case c == ')' && l.depth > 0:
		l.depth--
	case l.depth > 0:
	case c == '"':
		l.quoted = true
	case c == ';':
		l.endWord()
		l.statements, l.words = append(l.statements, l.words), nil
	case c == ' ' || c == '\t' || c == '\r' || c == '\n':
		l.endWord()
	default:
		l.word.WriteByte(c)
	}
}

// endWord ends the running word and joins what an "=" belongs to.
func (l *authLexer) endWord() {
	if l.word.Len() == 0 {
		return
	}
	w := l.word.String()
	l.word.Reset()
	if n := len(l.words); n > 0 && (w[0] == '=' || strings.HasSuffix(l.words[n-1], "=")) && len(w)+len(l.words[n-1]) < maxMessageID {
		l.words[n-1] += w
		return
	}
	l.words = append(l.words, w)
}
