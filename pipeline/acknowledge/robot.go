package acknowledge

import (
	_ "embed" // the lists of words
	"strings"

	"frontdesk/pipeline/message"
	"frontdesk/pipeline/words"
)

// RobotLike reports whether a message is worded like a machine's confirmation or notice.
// 2000 bytes are enough: such mails say what they are at their beginning. A character that is cut there matches nothing.
func RobotLike(subject, text string) bool {
	if len(text) > 2000 {
		text = text[:2000]
	}
	return robotSigns.In(message.Lower(subject+"\n"+text), nil)
}

//go:embed robots.txt
var robotFile string

// To add a word or a provider, write it into robots.txt; words in small letters.
var robotLists = words.MustReadLists("acknowledge/robots.txt", robotFile)

// robotSigns are words of a machine's confirmation.
var robotSigns = robotLists.List("robots")

// providers give mailboxes to everyone: that two senders share such a domain says nothing.
var providers = robotLists.Set("providers")

// SharedDomain reports whether a domain is a mail provider's: that two addresses share it says nothing.
func SharedDomain(domain string) bool {
	return providers[domain] || strings.HasPrefix(domain, "yahoo.") || strings.HasPrefix(domain, "hotmail.")
}
