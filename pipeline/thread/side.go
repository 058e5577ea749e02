package thread

import (
	"fmt"
	"strconv"
	"strings"
)

// Purposes of the tokens of side threads. They differ from a ticket's, so that what a third party has leads into no ticket as a customer's.
const (
	purposeSideAddress = "side-address"
	purposeSideMessage = "side-message-id"
)

// sideKind is the first part of a side thread's Message-IDs, by which nobody takes them for a ticket's.
const sideKind = "side"

// SideAddress is the signed form of one of our addresses to which a third party answers: support+s7.abcdefghjk@desk.example.
func SideAddress(mac MAC, address string, side int64) string {
	return plus(address, "s", side, sign(mac, purposeSideAddress, side))
}

// ParseSideAddress returns the side thread that a signed address names. Case does not count.
func ParseSideAddress(mac MAC, address string) (side int64, ok bool) {
	return parsePlus(mac, address, "s", purposeSideAddress)
}

// SideMessageID is the Message-ID (without brackets) of a mail to a third party, made of the outbox row's key, as MessageID is.
func SideMessageID(mac MAC, side int64, key, domain string) string {
	unique := shorten(mac([]byte("outbound-message-id"), []byte(key)))
	return fmt.Sprintf("%s.%d.%s.%s@%s", sideKind, side, unique, sign(mac, purposeSideMessage, side), domain)
}

// ParseSideMessageID returns the side thread that one of our Message-IDs names.
func ParseSideMessageID(mac MAC, id string) (side int64, ok bool) {
	local, _, found := strings.Cut(strings.Trim(strings.TrimSpace(id), "<>"), "@")
	parts := strings.Split(local, ".")
	if !found || len(parts) != 4 || !strings.EqualFold(parts[0], sideKind) {
		return 0, false
	}
	n, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || n <= 0 || !equal(strings.ToLower(parts[3]), sign(mac, purposeSideMessage, n)) {
		return 0, false
	}
	return n, true
}

// plus is an address with a signed detail. A plus-address of the configuration's gives up its own detail; what is no address comes back as it is.
func plus(address, letter string, id int64, proof string) string {
	local, domain, ok := strings.Cut(address, "@")
	if !ok {
		return address
	}
	local, _, _ = strings.Cut(local, "+")
	return fmt.Sprintf("%s+%s%d.%s@%s", local, letter, id, proof, domain)
}

// parsePlus reads a signed detail again.
func parsePlus(mac MAC, address, letter, purpose string) (int64, bool) {
	local, _, found := strings.Cut(strings.ToLower(address), "@")
	if !found {
		return 0, false
	}
	_, detail, signed := strings.Cut(local, "+")
	if !signed || !strings.HasPrefix(detail, letter) {
		return 0, false
	}
	number, proof, dot := strings.Cut(detail[len(letter):], ".")
	if !dot {
		return 0, false
	}
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || id <= 0 || !equal(proof, sign(mac, purpose, id)) {
		return 0, false
	}
	return id, true
}
