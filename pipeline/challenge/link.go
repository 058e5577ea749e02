package challenge

import (
	"crypto/subtle"
	"strconv"
	"strings"
)

// linked is how much of a digest stands in a link, in hexadecimal digits: 128 bits, which nobody guesses.
const linked = 32

// Link names a check in the address of the page on which its code is entered. It is kept nowhere, and shows nothing by itself: it stands in the conversation, where
// whoever pretends to be the customer reads it.
func Link(mac MAC, id int64) string {
	return strconv.FormatInt(id, 36) + "-" + digest(mac, id)
}

// Linked is the check that a link names; ok is false for what is none of ours.
func Linked(mac MAC, link string) (id int64, ok bool) {
	name, proof, _ := strings.Cut(link, "-")
	id, err := strconv.ParseInt(name, 36, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 36) != name {
		return 0, false
	}
	return id, subtle.ConstantTimeCompare([]byte(proof), []byte(digest(mac, id))) == 1
}

func digest(mac MAC, id int64) string {
	sum := mac([]byte("identity-check-page"), []byte(strconv.FormatInt(id, 10)))
	return sum[:min(len(sum), linked)]
}

// Same reports whether two proofs are one, in a time that says nothing of where they differ.
func Same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
