package relay

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-smtp"

	"frontdesk/channels"
	"frontdesk/channels/email/compose"
	"frontdesk/pipeline/message"
)

// refusal is a copy that the relay would not take.
type refusal struct {
	to   compose.Address
	code string
}

// name tells the relay whom the mail goes to: To first, and if it is refused nobody else is named. A copy that is refused holds up
// no mail, unless the relay hangs up.
func (c *conn) name(m mail) (refused []refusal, err error) {
	for i, to := range m.letter.Recipients {
		err := c.Rcpt(to.Spec(), &smtp.RcptOptions{Notify: notify(m.from)})
		if err == nil {
			continue
		}
		f := fault("naming recipient to relay", recipient, err)
		if i == 0 || errors.Is(f, errStale) {
			return nil, f
		}
		refused = append(refused, refusal{to, f.Code})
	}
	return refused, nil
}

// told puts refusals into a receipt: whose copies, and by which codes, each once.
func told(refused []refusal) (to []message.Address, reason string) {
	var codes []string
	for _, r := range refused {
		to = append(to, message.Address{Kind: message.Email, Value: r.to.Spec()})
		if !slices.Contains(codes, r.code) {
			codes = append(codes, r.code)
		}
	}
	if len(to) == 0 {
		return nil, ""
	}
	return to, "copies refused: " + strings.Join(codes, ", ")
}

// unclear takes the enhanced code out of a refusal of the whole mail that is about a mailbox (RFC 3463 §3.2, §3.3), where the mail goes to
// several: it must not cost To his address, since it may be about another's.
func (m mail) unclear(f *channels.Error) *channels.Error {
	if r, ok := errors.AsType[reply](f); ok && len(m.letter.Recipients) > 1 && (r.enhanced[1] == 1 || r.enhanced[1] == 2) {
		f.Code = fmt.Sprint(r.code)
	}
	return f
}
