package workers

import (
	"slices"
	"strings"

	"frontdesk/pipeline/message"
)

// dead lists the providers' codes that speak of the recipient's address: nothing will ever arrive
// there. Connectors whose codes say too little give the class Gone instead. Every other permanent failure may be our own fault (a wrong sender, a policy, an account),
// and must not cost a customer his address.
var dead = map[string][]string{
	// Twilio: invalid number, not a mobile number, unknown destination, landline.
	"sms": {"21211", "21214", "21217", "21614", "30005", "30006"},
}

// unreachable reports whether a failure's code says that the address itself is dead.
func unreachable(channel, code string) bool {
	for _, word := range strings.Fields(code) {
		if channel == "email" && message.DeadCode(word) || slices.Contains(dead[channel], word) {
			return true
		}
	}
	return false
}
