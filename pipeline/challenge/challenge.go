// Package challenge is the one-time code by which a customer shows that an address is his: how it is made, found in what he answers, and hidden in what
// people see. A code is kept nowhere: whoever sends it makes it anew. It is pure.
package challenge

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"time"

	"frontdesk/pipeline/message"
)

// Bounds of a check. A guess has one chance in a million, and mostCodes of them are one try: so whoever has no access to the address passes one check in 65 000.
const (
	Valid     = 10 * time.Minute
	Tries     = 5
	Digits    = 6
	mostCodes = 3 // that one answer may hold
)

// Results of a check. Open is that of one that waits for its answer.
const (
	Open     = ""
	Passed   = "passed"
	Failed   = "failed"   // five wrong answers
	Replaced = "replaced" // by a newer one
)

// MAC is a keyed digest of its parts as lower-case hex, made with the installation's token key.
type MAC func(parts ...[]byte) string

// Code is the code of a check. The same id gives the same code, so that a send that is repeated says the same.
func Code(mac MAC, id int64) string {
	sum := mac([]byte("identity-check-code"), []byte(strconv.FormatInt(id, 10)))
	n, err := strconv.ParseUint(sum[:min(len(sum), 15)], 16, 64) // 60 bits: no code is noticeably more frequent than another
	if err != nil {
		n = 0
	}
	return fmt.Sprintf("%06d", n%1_000_000)
}

// Proof is what is kept of a code: an answer is right if its proof is the same.
func Proof(mac MAC, id int64, code string) string {
	return mac([]byte("identity-check-answer"), []byte(strconv.FormatInt(id, 10)), []byte(code))
}

// Answers are the codes that a text may hold, at most three: runs of six digits, plain or of full width, which may be parted by spaces or hyphens in the
// middle. The cost is linear in the text.
func Answers(text string) (out []string) {
	each(text, func(code string, _, _ int) bool {
		out = append(out, code)
		return len(out) < mostCodes
	})
	return out
}

// hiddenCode stands where a code stood.
const hiddenCode = "••••••"

// Hide is a text without a code, however it is written.
func Hide(text, code string) string {
	var b strings.Builder
	last := 0
	each(text, func(found string, from, to int) bool {
		if found == code {
			b.WriteString(text[last:from])
			b.WriteString(hiddenCode)
			last = to
		}
		return true
	})
	if last == 0 {
		return text
	}
	return b.String() + text[last:]
}

// run is digits of a text that belong together, and where they stand. A gap may stand behind the third.
type run struct {
	digits           []byte
	from, second, to int
	gap              bool
}

// code is what the run may be; what stands before a gap may be another number.
func (r run) code() (code string, from int, ok bool) {
	switch {
	case len(r.digits) == Digits:
		return string(r.digits), r.from, true
	case r.gap && len(r.digits) == Digits/2+Digits:
		return string(r.digits[Digits/2:]), r.second, true
	}
	return "", 0, false
}

// each finds runs of six digits that no other digit touches, with where they stand.
func each(text string, found func(code string, from, to int) bool) {
	var r run
	end := func() bool {
		code, from, ok := r.code()
		to := r.to
		r = run{digits: r.digits[:0]}
		return !ok || found(code, from, to)
	}
	for at, c := range text {
		d, digit := value(c)
		switch {
		case digit:
			if len(r.digits) == 0 {
				r.from = at
			}
			if r.gap && len(r.digits) == Digits/2 {
				r.second = at
			}
			if r.to = at + len(string(c)); len(r.digits) <= 2*Digits { // a longer one is no code, however it goes on
				r.digits = append(r.digits, d)
			}
		case len(r.digits) == Digits/2 && !r.gap && (c == ' ' || c == '-' || c == '\u00a0'):
			r.gap = true
		case len(r.digits) > 0:
			if !end() {
				return
			}
		}
	}
	end()
}

// value is that of a digit, plain or of full width.
func value(r rune) (byte, bool) {
	switch {
	case r >= '0' && r <= '9':
		return byte(r), true
	case r >= '０' && r <= '９':
		return byte(r-'０') + '0', true
	}
	return 0, false
}

var (
	//go:embed texts.txt
	texts string
	//go:embed asks.txt
	asks string
	//go:embed joins.txt
	joins string
)

// Text is how a code is told in a language, or in English where there is no text in it. No link stands in it: whoever reads it alone could be led to prove another
// one's conversation.
func Text(language, code, desk string) (subject, text string) {
	subjects, bodies := table(texts)
	return message.Named(subjects, language, subjects["en"]), strings.TrimSpace(fmt.Sprintf(message.Named(bodies, language, bodies["en"]), code, desk))
}

// Joining is how a code is told that shows that two addresses are one person's: its reader sends it from the other one. No link stands in it, and it says what to do for who has asked for nothing.
func Joining(language, code, desk string) (subject, text string) {
	subjects, bodies := table(joins)
	return message.Named(subjects, language, subjects["en"]), strings.TrimSpace(fmt.Sprintf(message.Named(bodies, language, bodies["en"]), code, desk))
}

// Ask is how an agent asks for a code in the conversation: on the page at that address, or, where there is none, in an answer.
func Ask(language, page string) string {
	with, without := table(asks)
	if page == "" {
		return message.Named(without, language, without["en"])
	}
	return fmt.Sprintf(message.Named(with, language, with["en"]), page)
}

// table is two columns of a file by the language before them.
func table(file string) (first, second map[string]string) {
	first, second = map[string]string{}, map[string]string{}
	for line := range strings.Lines(file) {
		if part := strings.Split(strings.TrimSpace(line), " | "); len(part) == 3 && !strings.HasPrefix(line, "#") {
			first[part[0]], second[part[0]] = part[1], part[2]
		}
	}
	return first, second
}
