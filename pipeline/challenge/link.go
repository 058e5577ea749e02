package challenge

import (
	"crypto/subtle"
	"strconv"
	"strings"
)

// linked is how much of a digest stands in a link, in letters of four bits: 128 bits, which nobody guesses.
const linked = 32

// Link names a check in the address of the page on which its code is entered. It is kept nowhere, and shows nothing by itself: it stands in the conversation, where
// whoever pretends to be the customer reads it. It has letters alone: digits would be taken for a code where a customer sends it back.
func Link(mac MAC, id int64) string {
	return name(id) + "-" + digest(mac, id)
}

// base is that in which a check's number has letters alone.
const base = 26

func name(id int64) string { return letters(strconv.FormatInt(id, base)) }

// letters writes other letters for digits than those that stand for more than nine.
func letters(number string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r - '0' + 'q'
		}
		return r
	}, number)
}

// number is what letters was given.
func number(letters string) string {
	return strings.Map(func(r rune) rune {
		if 'q' <= r && r <= 'z' {
			return r - 'q' + '0'
		}
		return r
	}, letters)
}

// Linked is the check that a link names; ok is false for what is none of ours.
func Linked(mac MAC, link string) (id int64, ok bool) {
	named, proof, _ := strings.Cut(link, "-")
	id, err := strconv.ParseInt(number(named), base, 64)
	if err != nil || id <= 0 || name(id) != named {
		return 0, false
	}
	return id, subtle.ConstantTimeCompare([]byte(proof), []byte(digest(mac, id))) == 1
}

func digest(mac MAC, id int64) string {
	sum := mac([]byte("identity-check-page"), []byte(strconv.FormatInt(id, 10)))
	return letters(sum[:min(len(sum), linked)])
}

// Same reports whether two proofs are one, in a time that says nothing of where they differ.
func Same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
