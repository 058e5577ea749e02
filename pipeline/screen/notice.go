package screen

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/pipeline/words"
)

// An absence notice without a header that says so is known by what it is: a program's heading over a text that
// says nothing but that somebody is away. A heading over a text that says more is neither clearly a program's nor
// clearly a person's: it becomes a ticket that is not acknowledged. Without a heading the whole text must be a
// notice, and the mail an answer.

// noticed is what the words of a mail say about whether a program wrote it.
type noticed int

const (
	noNotice noticed = iota
	unclear          // the heading of a notice, over a text that says more
	notice           // nothing but a notice
)

// notice judges the words; it does so once.
func (c *check) notice() noticed {
	if !c.judged {
		c.judged, c.words = true, c.judgeNotice()
	}
	return c.words
}

// judgeNotice goes from the surest sign to the weakest: a program's heading, a heading that people use, too, an answer of
// nothing but a notice's sentences.
func (c *check) judgeNotice() noticed {
	switch {
	case headed(c.subject, programs, ends), headed(c.subject, absent, answered):
		if wordless(c.text) || c.covered() || c.tells() && !c.wants() {
			return notice
		}
		return unclear
	case headed(c.subject, absent, ends) || notesSubject(c.subject):
		return c.underHeading()
	case !c.answers():
		return noNotice
	case c.prompt() && (c.tells() || confirms.In(c.text, nil)) && c.covers(c.headers.suppressed()):
		return notice
	case c.onlyNotice():
		return notice
	}
	return noNotice
}

// underHeading judges a text under a heading that people write, too. What the heading goes on with may be the
// customer's matter, and all that he writes.
func (c *check) underHeading() noticed {
	says := !c.answers() && (matter(c.subject) || requests(c.subject) || c.f.Matter != nil && c.f.Matter(c.subject))
	switch {
	case wordless(c.text):
		switch {
		case says:
			return noNotice
		case c.answers() || headed(c.subject, absent, bareTail) || notesSubject(c.subject):
			return notice
		}
		return unclear
	case c.onlyNotice() && !says:
		return notice
	case c.tells() && !c.wants():
		return unclear
	}
	return noNotice
}

// bareTail reports whether a heading goes on with nothing, a span of time or the subject that is answered.
func bareTail(rest string) bool {
	return !strings.ContainsFunc(rest, unicode.IsLetter) || answered(rest) || goesOn(rest) && strings.ContainsAny(rest, "0123456789") && len(strings.Fields(rest)) <= 6
}

// answers reports whether the mail answers another one.
func (c *check) answers() bool { return len(c.m.InReplyTo) > 0 || c.reply() }

// prompt reports a sign that a program answered, which alone proves nothing: the answer to our acknowledgement
// came within minutes, or asks like a program's that nobody answers it automatically.
func (c *check) prompt() bool {
	return c.f.Prompt || c.headers.suppressed() && len(c.m.InReplyTo) > 0
}

// tells reports whether the text says that somebody is away, or that a program wrote it.
func (c *check) tells() bool {
	return tellsOf(clip(c.text, 600))
}

// tellsOf is tells of any text.
func tellsOf(s string) bool { return away.in(s) || selfNamed.In(s, nil) || labelled(s) }

// labelled reports whether a text, or a line of it, is headed as an automatic answer.
func labelled(text string) bool {
	return selfLabels.In(text, func(from, to int) bool {
		before := strings.TrimRight(text[:from], "【[(（*- ")
		return (before == "" || strings.HasSuffix(before, "\n")) && ends(strings.TrimLeft(text[to:], " 】])）*"))
	})
}

// wants reports whether the text says more than a notice: it asks, or names a matter in a sentence that is not
// about whom to turn to meanwhile.
func (c *check) wants() bool {
	tells := c.tells()
	var own strings.Builder
	for s := range sentences(c.text) {
		if referral(s) {
			continue
		}
		if matter(s) || requests(s) || !tells && strings.ContainsAny(s, "?？؟") {
			return true
		}
		own.WriteString(s)
		own.WriteByte('\n')
	}
	return c.f.Matter != nil && c.f.Matter(own.String())
}

// matter reports whether a sentence names what customers write about.
func matter(s string) bool {
	return matters.In(s, func(from, _ int) bool {
		return wordStart(s, from) && !slices.ContainsFunc(noMatters, func(w string) bool { return strings.HasPrefix(s[from:], w) })
	})
}

// wordStart reports whether no Latin, Cyrillic or Greek letter stands right before a place.
func wordStart(s string, at int) bool {
	r, _ := utf8.DecodeLastRuneInString(s[:at])
	return at == 0 || !unicode.In(r, unicode.Latin, unicode.Cyrillic, unicode.Greek)
}

// wordEnd reports whether no such letter stands right behind a place.
func wordEnd(s string, at int) bool {
	r, _ := utf8.DecodeRuneInString(s[at:])
	return at == len(s) || !unicode.In(r, unicode.Latin, unicode.Cyrillic, unicode.Greek)
}

// onlyNotice reports whether each sentence of a short text is one of an absence notice, and one says so.
func (c *check) onlyNotice() bool { return c.tells() && c.covered() }

// covered reports whether no part of a short text says anything but what stands in absence notices.
func (c *check) covered() bool { return c.covers(false) }

// covers looks at whole sentences only, where a field says, too, that a program answers.
// A text of more than 1500 bytes is no notice: somebody has written more. Each part of each sentence must be of a known sort: away, confirming,
// beside, a time, a greeting, a name below one.
func (c *check) covers(whole bool) bool {
	if len(c.text) > 1500 {
		return false
	}
	said := false
	for s := range sentences(c.text) {
		if referral(s) && !matter(s) {
			said = true
			continue
		}
		if whole && tellsOf(s) && !matter(s) {
			said = true
			continue
		}
		greeted := strings.Contains(c.text, "\n"+s)
		for part := range parts(s) {
			told := tellsOf(part) || confirms.In(part, nil) || covering.In(part, nil) || timed(part)
			if !told && !greets(part) && !wordless(part) && !(greeted && name(part)) && !lead(part) || strings.ContainsAny(part, "?？؟") || matter(part) || requests(part) {
				return false
			}
			said, greeted = said || told, greeted || greets(part)
		}
	}
	return said && !c.wants()
}

// lead reports whether a part is what may stand before a sentence about the writer.
func lead(s string) bool {
	for word := range strings.FieldsSeq(s) {
		if !leads[word] {
			return false
		}
	}
	return true
}

// phrases are whole words, and beginnings of words.
type phrases struct{ whole, begun *words.List }

// newPhrases sorts a list; an asterisk at the end of a phrase makes it a beginning.
func newPhrases(list []string) phrases {
	var whole, begun []string
	for _, p := range list {
		if stem, ok := strings.CutSuffix(p, "*"); ok {
			begun = append(begun, stem)
		} else {
			whole = append(whole, p)
		}
	}
	return phrases{words.NewList(whole...), words.NewList(begun...)}
}

// in reports whether one of them stands in the text.
func (p phrases) in(s string) bool {
	return p.whole.In(s, func(from, to int) bool { return wordStart(s, from) && wordEnd(s, to) }) || p.begun.In(s, func(from, _ int) bool { return wordStart(s, from) })
}

// greets reports whether a sentence opens or closes a mail.
func greets(s string) bool {
	if utf8.RuneCountInString(s) > 60 {
		return false
	}
	for _, g := range greetings {
		if rest, ok := strings.CutPrefix(s, g); ok && wordEnd(s, len(g)) && fewWords(rest) {
			return true
		}
	}
	return false
}

// fewWords reports whether what follows a greeting may be a name.
func fewWords(s string) bool {
	s = strings.Trim(s, " ,，、:：")
	if strings.ContainsFunc(s, func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai)
	}) {
		return utf8.RuneCountInString(s) <= 8
	}
	return len(strings.Fields(s)) <= 4
}

// name reports whether a line of its own may be the writer's name or company under the text: few words, no verb to know.
func name(s string) bool { return len(strings.Fields(s)) <= 2 && utf8.RuneCountInString(s) <= 24 }

// wordless reports whether a text has fewer than three letters and digits.
func wordless(s string) bool {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			if n++; n > 2 {
				return false
			}
		}
	}
	return true
}

// headed reports whether a subject begins with one of the tags, in brackets or before a mark, behind whatever a
// mail gateway put before it.
func headed(subject string, tags tagList, fits func(rest string) bool) bool {
	for range 6 {
		if tags.at(subject, fits) {
			return true
		}
		inner, rest, ok := gatewayTag(subject)
		if !ok {
			return false
		}
		if tags.at(inner, fits) {
			return true
		}
		subject = rest
	}
	return false
}

// tagList are tags by their first two bytes: nearly every subject has none of them.
type tagList map[string][]string

// newTagList sorts tags, each of two bytes at least.
func newTagList(tags []string) tagList {
	out := tagList{}
	for _, tag := range tags {
		out[tag[:2]] = append(out[tag[:2]], tag)
	}
	return out
}

// at reports whether a text begins with one of the tags, and goes on as it must.
func (l tagList) at(s string, fits func(rest string) bool) bool {
	if len(s) < 2 {
		return false
	}
	for _, tag := range l[s[:2]] {
		if rest, ok := strings.CutPrefix(s, tag); ok && fits(rest) {
			return true
		}
	}
	return false
}

// notesSubject knows the heading of Lotus Notes: "AUTO: Kim Li is out of the office (returning 12.05.2026)".
func notesSubject(subject string) bool {
	if len(subject) > 200 {
		return false
	}
	s := untagged(strings.TrimPrefix(untagged(subject), "auto:"))
	for _, p := range []string{" is out of the office", " is out of office", " is away", " is on vacation", " is on leave", " ist außer haus", " ist nicht im büro", " ist abwesend", " ist im urlaub", " est absent", " está fuera de la oficina", " está ausente", " è fuori sede", " è assente", " is afwezig", " 不在办公室", " 正在休假"} {
		if i := strings.Index(s, p); i > 0 && len(strings.Fields(s[:i])) <= 5 && !strings.ContainsAny(s, "?？") {
			return true
		}
	}
	return false
}

// untagged drops what mail gateways put before a subject.
func untagged(subject string) string {
	for range 6 {
		_, rest, ok := gatewayTag(subject)
		if !ok {
			break
		}
		subject = rest
	}
	return subject
}

// gatewayTag cuts off one tag: what stands in brackets or between stars, or a warning before a colon.
func gatewayTag(s string) (inner, rest string, ok bool) {
	if r, n := utf8.DecodeRuneInString(s); unicode.Is(unicode.So, r) { // a warning sign
		return "", strings.TrimLeft(s[n:], " \ufe0f\ufe0e"), true
	}
	for _, b := range [][2]string{{"[", "]"}, {"【", "】"}, {"(", ")"}, {"（", "）"}, {"{", "}"}, {"<", ">"}, {"***", "***"}, {"**", "**"}, {"*", "*"}, {"「", "」"}, {"［", "］"}} {
		if after, found := strings.CutPrefix(s, b[0]); found {
			inner, rest, ok = strings.Cut(after, b[1])
			return strings.TrimSpace(inner), strings.TrimSpace(strings.TrimLeft(rest, ":：|-– ")), ok && len(inner) <= 80
		}
	}
	for _, p := range gatewayWords {
		after, found := strings.CutPrefix(s, p)
		if after = strings.TrimLeft(after, " "); found && (strings.HasPrefix(after, ":") || strings.HasPrefix(after, "：") || strings.HasPrefix(after, "|") || strings.HasPrefix(after, "-")) {
			return "", strings.TrimSpace(strings.TrimLeft(after, ":：|- ")), true
		}
	}
	return "", s, false
}

// answered reports whether the subject goes on with the one that is answered: "Out of office Re: Your ticket".
func answered(rest string) bool {
	rest = strings.TrimLeft(rest, " :：")
	return slices.ContainsFunc([]string{"re:", "re：", "aw:", "sv:", "fw:", "回复", "回覆", "答复"}, func(p string) bool { return strings.HasPrefix(rest, p) })
}

// ends reports whether a tag ends there: the subject does, or a mark follows, a date or a span of time.
func ends(rest string) bool {
	if rest == "" {
		return true
	}
	for _, mark := range []string{":", "：", " :", " ：", " -", " –", " —", "–", "—", " (", "(", " （", "（", "]", "】", ")", ",", "，", "、", ".", "。", "!", "！", " |", "|", " [", "[", " /", "…", "\u200f:", " \"", " “", " 【", "【", "」", "*", "~", "～"} {
		if strings.HasPrefix(rest, mark) {
			return true
		}
	}
	return goesOn(rest)
}

// goesOn reports whether what follows a tag without a mark is a date or a span of time.
func goesOn(rest string) bool {
	for _, p := range []string{" until ", " till ", " from ", " bis ", " vom ", " jusqu'au ", " hasta ", " até ", " fino al ", " tot ", " do ", " до ", " message", " notification", " notice", " reply", " autoreply", " 回复", "通知"} {
		if strings.HasPrefix(rest, p) {
			return true
		}
	}
	return len(rest) > 1 && rest[0] == ' ' && rest[1] >= '0' && rest[1] <= '9'
}
