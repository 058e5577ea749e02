package workers

import (
	"slices"
	"strings"
)

// dead lists the providers' codes that speak of the recipient's address: nothing will ever arrive
// there. Every other permanent failure may be our own fault (a wrong sender, a policy, an account),
// and must not cost a customer his address.
var dead = map[string][]string{
	// RFC 3463 §3.2 and §3.3: bad mailbox, system or syntax, moved, null MX; mailbox disabled.
	"email": {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"},
	// Twilio: invalid number, not a mobile number, unknown destination, landline.
	"sms": {"21211", "21214", "21217", "21614", "30005", "30006"},
	// Telegram: blocked by the user, or the chat is gone.
	"telegram": {"403", "400"},
}

// unreachable reports whether a failure's code says that the address itself is dead.
func unreachable(channel, code string) bool {
	for _, word := range strings.Fields(code) {
		if slices.Contains(dead[channel], word) {
			return true
		}
	}
	return false
}
