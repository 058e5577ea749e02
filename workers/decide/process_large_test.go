package decide

import (
	"bytes"
	"fmt"
	"testing"

	"frontdesk/channels"
)

// TestLargeMessagesAreDecidedAFewAtATime: a hundred of them in one batch must not be in memory together.
func TestLargeMessagesAreDecidedAFewAtATime(t *testing.T) {
	const n = 5
	r := newRig(t)
	junk := bytes.Repeat([]byte("no letter. "), processBytes/2/11+1)
	var ids []int64
	for i := range n {
		ids = append(ids, r.Accept(channels.Delivery{Inbox: "hotline", Channel: "sms", Key: fmt.Sprint(i), At: noon, Raw: junk})...)
	}
	ids = append(ids, r.Accept(r.Delivery("hotline", "small", letter{From: "+8613800138000", Text: payment}))...)
	commits := 0
	r.processor.step = func(step string) {
		if step == stepCommit {
			commits++
		}
	}
	r.Process(ids...)
	r.Same("states", []string{"parked unparsable", "parked unparsable", "parked unparsable", "parked unparsable", "parked unparsable", "ticketed"}, r.States(ids...))
	r.Same("commits", n, commits)
}
