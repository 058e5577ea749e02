package normalize

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"frontdesk/pipeline/normalize/tidy"
)

// Subject returns the comparable base of a subject: reply and forward prefixes of all usual
// languages, ticket tokens and list tags are gone, width, case and white space are folded.
// The base of "RE: 答复: [#T-12-ab] Refund  " is "refund". Where nothing would be left, the folded
// subject is returned as it is.
// At most maxSubject bytes are looked at. The result is masked text if s is: nothing is added.
func Subject(s string) string {
	folded := foldSubject(s)
	base := folded
	for {
		next := strings.TrimSpace(dropTag(dropPrefix(base)))
		if next == base {
			break
		}
		base = next
	}
	base = dropTrailingTag(base)
	if base == "" {
		return folded
	}
	return base
}

// ReplyPrefix reports whether the subject says that this is a reply. A forward is none.
func ReplyPrefix(s string) bool {
	if !mayHavePrefix(s) {
		return false
	}
	p, _ := subjectPrefix(skipTags(foldSubject(s)))
	return replyPrefixes[p]
}

// isForward reports whether the subject says that this is a forwarded mail.
func isForward(s string) bool {
	if !mayHavePrefix(s) {
		return false
	}
	p, _ := subjectPrefix(skipTags(foldSubject(s)))
	return forwardPrefixes[p]
}

// mayHavePrefix looks for the colon that ends a prefix; what is not ASCII may become one.
func mayHavePrefix(s string) bool { return strings.IndexByte(s, ':') >= 0 || !isASCII(s) }

// maxSubject bounds the work on one subject, in bytes.
const maxSubject = 2000

// foldSubject also makes format characters (Unicode Cf) spaces, as the subjects of our own mails do.
func foldSubject(s string) string {
	if s == "" {
		return ""
	}
	return strings.Join(strings.FieldsFunc(strings.ToLower(norm.NFKC.String(tidy.Clip(s, maxSubject))), gap), " ")
}

// gap reports whether a character parts words of a subject.
func gap(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }

// subjectPrefix splits "re[2]: x" into "re" and "x". The prefix is empty when there is none.
func subjectPrefix(s string) (prefix, rest string) {
	i := strings.IndexByte(s, ':')
	if i <= 0 || i > 40 {
		return "", s
	}
	p := strings.TrimSpace(s[:i])
	for _, open := range []byte{'[', '(', '^'} { // RE[2], RE(3), RE^4
		if j := strings.IndexByte(p, open); j > 0 && strings.ContainsAny(p[j:], "0123456789") {
			p = strings.TrimSpace(p[:j])
		}
	}
	if replyPrefixes[p] || forwardPrefixes[p] {
		return p, strings.TrimSpace(s[i+1:])
	}
	return "", s
}

// dropPrefix takes one prefix off, if there is one.
func dropPrefix(s string) string {
	_, rest := subjectPrefix(s)
	return rest
}

// skipTags takes all tags off the beginning.
func skipTags(s string) string {
	for {
		next := strings.TrimSpace(dropTag(s))
		if next == s {
			return s
		}
		s = next
	}
}

// dropTag removes one tag in brackets from the start: a ticket token, a list name or a warning
// such as [External]. A tag with a number that is no token tells one request from another.
func dropTag(s string) string {
	for _, b := range []string{"[]", "【】"} {
		open, shut := b[:len(b)/2], b[len(b)/2:]
		if !strings.HasPrefix(s, open) {
			continue
		}
		i := strings.Index(s, shut)
		if i < 0 || i > 60 || !droppable(s[len(open):i]) {
			return s
		}
		return s[i+len(shut):]
	}
	return s
}

// droppable reports whether what stands in brackets says nothing about the request.
func droppable(tag string) bool {
	return strings.HasPrefix(strings.TrimLeft(tag, "abcdefghijklmnopqrstuvwxyz- "), "#") || !strings.ContainsAny(tag, "0123456789")
}

// dropTrailingTag removes the ticket tokens at the end.
func dropTrailingTag(s string) string {
	for strings.HasSuffix(s, "]") {
		i := strings.LastIndexByte(s, '[')
		if i < 0 || strings.IndexByte(s[i:], '#') < 0 {
			return s
		}
		s = strings.TrimSpace(s[:i])
	}
	return s
}

// Prefixes are compared after folding: lower case, without the colon.
var (
	replyPrefixes   = mailLists.Set("reply prefixes")
	forwardPrefixes = mailLists.Set("forward prefixes")
)
