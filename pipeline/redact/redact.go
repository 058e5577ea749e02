// Package redact masks what must never be stored in readable form: payment card numbers, card
// verification values, one-time codes, passwords, the identity numbers of mainland China, and numbers of passports.
//
// It is one pass over the bytes without regular expressions. A text with digits of other scripts, or
// with letters and signs that nobody sees, is folded first (fold/); numbers in words are read
// (numerals.go). Cards are recognised by what they are: issuer, length and check digit (numbers/), wherever
// they stand. Everything that is only a number by itself is recognised by the words around it
// (byword.go). What protects a number that would pass for a card is a declared form (numbers/formats.go).
//
// International bank account numbers stay readable on purpose: they are no authentication data
// under PCI DSS, a refund cannot be handled without them, and nothing can be drawn with one alone.
package redact

import (
	"strings"

	"frontdesk/pipeline/redact/aloud"
	"frontdesk/pipeline/redact/fold"
	"frontdesk/pipeline/redact/numbers"
)

// Kinds of finding.
// They stand in traces and in the row of each message; none may be renamed.
const (
	Card       = "card"     // payment card number; the last four digits stay
	CVV        = "cvv"      // card verification value
	OTP        = "otp"      // one-time code
	Password   = "password" // password or PIN
	NationalID = "cn-id"    // identity number of mainland China (GB 11643); the last four characters stay
	Passport   = "passport" // number of a passport or a travel permit that a word announces; the last two characters stay
)

// Finding counts what was masked.
type Finding struct {
	// Kind is one of the above; Count is how many values of it were masked.
	Kind  string
	Count int
}

// kinds is the order in which findings are reported.
var kinds = [...]string{Card, CVV, OTP, Password, NationalID, Passport}

const (
	// The same kinds as indexes of scanner.count.
	card = iota
	cvv
	otp
	password
	nationalID
	passport
	kindCount
)

// Masker masks with the formats of one configuration. The zero Masker knows the built-in ones alone.
// It is safe for concurrent use, and so is a nil one.
type Masker struct{ formats numbers.Formats }

// New returns a Masker that lets order, transaction and waybill numbers of these formats stay readable, too. Each is an
// expression of RE2 for the whole of such a number. The error says which one is wrong and what to do about it.
func New(formats []string) (*Masker, error) {
	declared, err := numbers.Declare(formats)
	if err != nil {
		return nil, err
	}
	return &Masker{declared}, nil
}

// Text masks s with the built-in formats.
func Text(s string) (masked string, found []Finding) { return new(Masker).Text(s) }

// Text masks s. Without a finding it returns s itself and nil.
// The cost is linear in s, with a second and a third pass for texts that need them. Masking a masked text changes nothing.
func (m *Masker) Text(s string) (masked string, found []Finding) {
	if s == "" {
		return "", nil
	}
	x := scanner{s: s, src: s, Folded: fold.Original(s)}
	if m != nil {
		x.formats = m.formats
	}
	x.run()
	if x.refold {
		x.again(fold.Text(s), 0)
	}
	if x.readAloud {
		x.again(aloud.ReadOut(fold.Text(s)), -1)
	}
	if x.out == nil {
		return s, nil
	}
	x.out = append(x.out, s[x.done:]...)
	return string(x.out), x.findings()
}

// again begins the pass anew with a folded text. spoken is -1 once numbers in letters are read.
// What was masked so far is thrown away: the new pass masks the original anew, by the places that f knows.
func (x *scanner) again(f fold.Folded, spoken int) {
	y := scanner{Folded: f, s: f.Text, src: x.src, formats: x.formats, spoken: spoken, rightToLeft: strings.ContainsRune(x.src, fold.RightToLeft)}
	y.run()
	*x = y
}

// add joins two lists of findings, kind by kind.
func add(a, b []Finding) []Finding {
	if len(a) == 0 {
		return b
	}
	var x scanner
	for _, list := range [][]Finding{a, b} {
		for _, f := range list {
			for k, name := range kinds {
				if f.Kind == name {
					x.count[k] += f.Count
				}
			}
		}
	}
	return x.findings()
}

// findings are the counts that are not zero, in the order of kinds; nil for none.
func (x *scanner) findings() []Finding {
	var out []Finding
	for k, n := range x.count {
		if n > 0 {
			out = append(out, Finding{Kind: kinds[k], Count: n})
		}
	}
	return out
}
