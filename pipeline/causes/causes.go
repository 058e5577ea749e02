// Package causes is the closed list of why a message is set aside, why an acknowledgement is withheld and why a promise
// is void. Each is spelled here, once: rows, traces, filters and pages of the operator carry the value as it stands.
// docs/operations.md says what to do about each. The screen stage adds what mail alone has (its withhold… constants).
package causes

// Why a message is parked.
const (
	Unparsable           = "unparsable"
	NotConnected         = "not-connected" // a channel, or a kind of sender, that this version does not answer yet
	TooLarge             = "too-large"
	Spam                 = "spam" // withholds an acknowledgement, too
	Malware              = "malware"
	Backscatter          = "backscatter" // a bounce of mail that we have not sent, or one that does not fit the mail it names
	Loop                 = "loop"
	Automated            = "automated"
	ServerNotice         = "server-notice" // an event of a mail service, a list server's refusal: none of ours
	UnauthenticatedReply = "unauthenticated-reply"
	BlockedSender        = "blocked-sender"
	FromOwnAddress       = "from-own-address"
	SenderFlood          = "sender-flood"
	Policy               = "policy"
	OriginalMissing      = "original-missing" // the file of a large one cannot be read; released by itself once it can
)

// Erased is why a message of a person who was erased for good is suppressed, why what was still to be sent to an erased
// person is withheld, and why what was promised to him is void.
const Erased = "erased"

// Why an acknowledgement is withheld, beside what the screen stage finds in the message.
const (
	History        = "history"         // received before the inbox was first connected, or imported
	NoAddress      = "no-address"      // nobody to write to
	NoText         = "no-text"         // its text could not be written for two days
	NotTaken       = "not-taken"       // relay or provider took nothing from us for two days
	OptedOut       = "opted-out"       // the customer said STOP
	AddressFailed  = "address-failed"  // an earlier send there failed for good
	SenderCap      = "sender-cap"      // covered by a digest
	RepeatedText   = "repeated-text"   // a machine says the same again and again
	DomainCap      = "domain-cap"      // circuit breaker
	Disabled       = "disabled"        // switched off for this inbox
	DigestCap      = "digest-cap"      // so many digests a day to the spellings of one mailbox
	StrangerCap    = "stranger-cap"    // the desk answers so many unproven strangers an hour and a day
	NoServiceArea  = "no-service-area" // a number that the desk does not write to by itself
	PremiumNumber  = "premium-number"  // a number to which nothing ever goes, whoever asks
	UnprovenNumber = "unproven-number" // somebody typed the number; nobody has written from it
	SMSPrefixCap   = "sms-prefix-cap"  // so many numbers that begin alike have been written to today
	SMSBudget      = "sms-budget"      // the day's money for numbers that somebody typed is spent
)

// SideThread is why a third party's answer is suppressed: it lies with the ticket of its side thread, and is nobody's as a customer.
const SideThread = "side-thread"

// Split is why a ticket that a person has made of another one's messages is not acknowledged, and a turn of that one is void of which nothing has stayed.
const Split = "split"

// Undone is why an agent's answer is withheld that he took back before it went out.
const Undone = "undone"

// Parking lists the causes for which a message is parked, in the order of the documentation.
func Parking() []string {
	return []string{Unparsable, NotConnected, TooLarge, Spam, Malware, Backscatter, Loop, Automated, ServerNotice,
		UnauthenticatedReply, BlockedSender, FromOwnAddress, SenderFlood, Policy, OriginalMissing}
}

// Learnable lists the parking causes from which a release is learned: those that say that a machine wrote.
func Learnable() []string { return []string{Automated, Backscatter, ServerNotice} }

// Held lists the causes that protect the desk and third persons, not the customer: a person looks at what they withhold
// and may let it go.
func Held() []string {
	return []string{StrangerCap, DigestCap, NoServiceArea, UnprovenNumber, SMSPrefixCap, SMSBudget}
}
