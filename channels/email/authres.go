package email

import (
	"strings"

	"frontdesk/channels/internal/mimewalk"
	"frontdesk/pipeline/message"
)

// TrustMicrosoft, as an entry of DecoderConfig.TrustedAuthserv, trusts the Authentication-Results of
// Microsoft 365, which carry no authserv-id. It is right only for mailboxes that Microsoft 365 hosts.
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
	name    string
	verdict message.Verdict
	props   map[string]string // "header.from" → domain
}

// trustedResults returns the topmost Authentication-Results field, if its server is one of those
// configured. Fields below it may be forged and are never read.
//
// The raw field is read, because decoding an encoded-word that a sender put into his address could
// add a result.
func trustedResults(fields []mimewalk.Field, trusted []string) (authResults, bool) {
	if len(trusted) == 0 {
		return authResults{}, false
	}
	for _, h := range fields {
		if !strings.EqualFold(h.Name, "Authentication-Results") {
			continue
		}
		r := parseAuthResults(h.Value)
		for _, t := range trusted {
			t = strings.ToLower(strings.TrimSpace(t))
			if t == r.server && t != "" || r.server == "" && t == TrustMicrosoft && len(r.methods) > 0 {
				return r, true
			}
		}
		return authResults{}, false
	}
	return authResults{}, false
}

// verdict returns the outcome of a method: the first one, but of several DKIM signatures a pass.
func (r authResults) verdict(method string) message.Verdict {
	var v message.Verdict
	for _, m := range r.methods {
		if m.name != method {
			continue
		}
		if method == "dkim" && m.verdict == message.VerdictPass {
			return message.VerdictPass
		}
		if v == "" {
			v = m.verdict
		}
	}
	return v
}

// property returns a property of the first method of that name.
func (r authResults) property(method, prop string) string {
	for _, m := range r.methods {
		if m.name == method {
			return m.props[prop]
		}
	}
	return ""
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
	statements [][]string
	words      []string
	word       strings.Builder
	quoted     bool
	depth      int // of comments
}

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
