package templates

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits on foreign words in our texts, in characters.
const (
	// They are what fits into a line that people read; what is longer says nothing more, or is meant to.
	maxSubject = 120
	maxName    = 40
	maxLine    = 300
	maxAnswers = 3
)

// clean makes every value of the data harmless.
// Everything is cleaned, also what is ours: a template must be able to trust any field. The lists are copied, so the caller's stay as they are.
func clean(d Data) Data {
	for _, s := range []*string{&d.DeskName, &d.TicketNumber, &d.Token, &d.FirstReplyBy, &d.Category} {
		*s = oneLine(*s)
	}
	d.Subject = ownSubject(d.Subject)
	d.CustomerName = personName(d.CustomerName)
	d.Missing = slices.Clone(d.Missing)
	for i, m := range d.Missing {
		d.Missing[i] = oneLine(m)
	}
	d.Answers = slices.Clone(d.Answers[:min(len(d.Answers), maxAnswers)])
	for i, a := range d.Answers {
		d.Answers[i] = Answer{oneLine(a.Question), strings.TrimSpace(visible(a.Answer, true))}
	}
	d.Digest = slices.Clone(d.Digest)
	for i, item := range d.Digest {
		d.Digest[i] = DigestItem{oneLine(item.TicketNumber), ownSubject(item.Subject), oneLine(item.FirstReplyBy)}
	}
	d.Count = max(d.Count, len(d.Digest)+d.More)
	return d
}

// oneLine makes a value fit for a header: control and invisible characters, line breaks of any
// kind among them, become spaces, runs of spaces one, and the length is bounded.
func oneLine(s string) string {
	return cut(strings.Join(strings.Fields(visible(s, false)), " "), maxLine)
}

// visible replaces control and format characters (Unicode Cc, Cf, Zl, Zp) by spaces; line feeds
// stay where they are wanted. Broken UTF-8 becomes U+FFFD.
func visible(s string, lines bool) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines, r >= ' ' && r <= '~':
			return r
		case r == '\r' && lines:
			return -1
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// cut shortens to at most n characters, with an ellipsis.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:n-1])) + "…"
}

// ownSubject reduces a subject to the customer's words: without reply prefixes, which would pile
// up, and without tokens, of which only the present ticket's may stand in our answer.
// Tokens of other tickets in it would join the answer to the wrong one.
func ownSubject(s string) string {
	s = dropTokens(oneLine(s))
	for {
		rest, found := dropReplyPrefix(s)
		if !found {
			return cut(s, maxSubject)
		}
		s = rest
	}
}

// dropReplyPrefix takes one "Re:" off, in the spellings of the usual mail programs, also counted
// as in "Re[2]:".
func dropReplyPrefix(s string) (rest string, found bool) {
	at := strings.IndexAny(s, ":：")
	if at < 0 {
		return s, false
	}
	word, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(s[:at])), "[")
	switch strings.TrimSpace(word) {
	case "re", "aw", "sv", "antw", "回复", "回覆", "答复", "答覆":
		_, size := utf8.DecodeRuneInString(s[at:])
		return strings.TrimSpace(s[at+size:]), true
	}
	return s, false
}

// dropTokens takes out what looks like a subject token: "[#" up to "]", without spaces.
func dropTokens(s string) string {
	for from := 0; ; {
		start := strings.Index(s[from:], "[#")
		if start < 0 {
			return strings.Join(strings.Fields(s), " ")
		}
		start += from
		end := strings.IndexAny(s[start:], "] ")
		if end < 0 || s[start+end] != ']' {
			from = start + 2
			continue
		}
		s, from = s[:start]+s[start+end+1:], start
	}
}

// personName returns the name if it can stand in a salutation, else nothing. Display names are
// foreign words: what holds an address, a link or a sentence is not repeated to anyone.
// A name such as "Win a prize at shop.example" in a form would else make our own mail its advertisement.
// A name that is refused costs a salutation, nothing else.
func personName(s string) string {
	s = oneLine(s)
	if utf8.RuneCountInString(s) > maxName || strings.ContainsAny(s, `@/\:;<>[]{}()"!?=#%&*|$￥¥：；！？。，、【】（）`) {
		return ""
	}
	letters := 0
	for i, r := range s {
		switch {
		case unicode.IsLetter(r):
			letters++
		case unicode.IsDigit(r):
			return ""
		case r == '.' && i+1 < len(s) && s[i+1] != ' ':
			return "" // looks like a host name; initials are followed by a space
		}
	}
	if letters == 0 {
		return ""
	}
	return s
}

// tidy takes blanks off line ends and leaves at most one empty line between paragraphs.
func tidy(s string) string {
	var out []string
	empty := true
	for line := range strings.SplitSeq(strings.ReplaceAll(s, "\r", ""), "\n") {
		line = strings.TrimRight(line, " \t")
		if line == "" && empty {
			continue
		}
		empty = line == ""
		out = append(out, line)
	}
	return strings.TrimRight(strings.Join(out, "\n"), "\n")
}

// chain lists the languages to try for a tag: itself, its shorter forms, the script that a Chinese
// region writes, then the same for the fallback, then English.
// Only languages that have texts are in it, each once.
func (s *Set) chain(tags ...string) []string {
	var out []string
	for _, tag := range append(tags, "en") {
		for _, t := range broader(tag) {
			i := slices.IndexFunc(s.languages, func(have string) bool { return strings.EqualFold(have, t) })
			if i >= 0 && !slices.Contains(out, s.languages[i]) {
				out = append(out, s.languages[i])
			}
		}
	}
	return out
}

// places are the texts of the place whose words a region's people use: Macau's read Hong Kong's.
func places(subtags []string) []string {
	switch subtags[len(subtags)-1] {
	case "tw":
		return []string{"zh-hant-tw"}
	case "hk", "mo":
		return []string{"zh-hant-hk"}
	}
	return nil
}

// broader lists a tag and what stands for it, nearest first.
// "zh-HK" gives zh-hk, zh-hant-hk, zh-hant, zh, zh-hans: a reader of one script reads the other rather than English.
func broader(tag string) []string {
	tag = strings.ToLower(strings.ReplaceAll(tag, "_", "-"))
	out := []string{tag}
	if strings.HasPrefix(tag, "zh-") && !strings.HasPrefix(tag, "zh-hans") {
		out = append(out, places(strings.Split(tag, "-"))...)
	}
	for t := tag; ; {
		at := strings.LastIndexByte(t, '-')
		if at < 0 {
			break
		}
		t = t[:at]
		if t != "zh" {
			out = append(out, t)
		}
	}
	subtags := strings.Split(tag, "-")
	if subtags[0] != "zh" {
		return out
	}
	traditional := slices.ContainsFunc(subtags, func(t string) bool { return t == "hant" || t == "tw" || t == "hk" || t == "mo" })
	if traditional && !slices.Contains(subtags, "hans") {
		return append(out, "zh-hant", "zh", "zh-hans")
	}
	return append(out, "zh-hans", "zh", "zh-hant")
}
