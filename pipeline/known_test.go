package pipeline

import (
	"slices"
	"testing"

	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
)

// TestNames: two messages that one another's decision may depend on have a name in common.
func TestNames(t *testing.T) {
	mail := func(value string) message.Identity { return message.Identity{Kind: message.Email, Value: value} }
	li, wang := mail("li@customer.example"), mail("wang@customer.example")
	for name, test := range map[string]struct {
		a, b   Asks
		shared bool
	}{
		"of one sender":  {Asks{From: li, Proven: true}, Asks{From: li}, true},
		"of two senders": {Asks{From: li}, Asks{From: wang}, false},
		"one writes, the other asks for his copy": {Asks{From: li}, Asks{From: wang, Recipient: li}, true},
		"one mailbox in two spellings":            {Asks{From: mail("li.ming@gmail.com"), Recipient: mail("li.ming@gmail.com"), Trusted: true}, Asks{From: mail("liming+pay@gmail.com"), Recipient: mail("liming+pay@gmail.com"), Trusted: true}, true},
		"an answer to the other":                  {Asks{From: li, Own: "d1"}, Asks{From: wang, References: []string{"d0", "d1"}}, true},
		"of one ticket":                           {Asks{Tokens: []Token{{7, thread.BySubjectToken}}}, Asks{Tokens: []Token{{8, thread.BySubjectToken}, {7, thread.BySubjectToken}}}, true},
		"of tickets with numbers alike":           {Asks{Tokens: []Token{{7, thread.BySubjectToken}}}, Asks{Tokens: []Token{{77, thread.BySubjectToken}}}, false},
		"a copy":                                  {Asks{From: li, Content: "c"}, Asks{From: wang, Content: "c"}, true},
		"the proven one of a copy":                {Asks{From: li, Content: "c"}, Asks{From: wang, Vouched: "c"}, true},
		"two versions of a message":               {Asks{From: li, Version: "v"}, Asks{From: wang, Version: "v"}, true},
		"a group in which two write":              {Asks{From: li, Thread: "bot|1"}, Asks{From: wang, Thread: "bot|1"}, true},
		"one conversation, proven and not":        {Asks{From: li, Thread: "bot|1", Beside: "?bot|1"}, Asks{From: wang, Thread: "?bot|1", Beside: "bot|1"}, true},
		"two reports of one mail":                 {Asks{Bounced: []BouncedBy{{Key: "ack:1"}}}, Asks{Bounced: []BouncedBy{{Key: "ack:1", MessageID: "m@desk.example"}}}, true},
		"two reports of what nobody can name":     {Asks{Bounced: []BouncedBy{{}}}, Asks{Bounced: []BouncedBy{{}}}, false},
		"the same text to one domain":             {Asks{From: li, Recipient: li, Print: "p"}, Asks{From: wang, Recipient: wang, Print: "p"}, true},
		"the same text by SMS":                    {Asks{Print: "p"}, Asks{Print: "p"}, false},
		"nothing is asked for":                    {Asks{}, Asks{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			shared := slices.ContainsFunc(test.a.Names(), func(n string) bool { return slices.Contains(test.b.Names(), n) })
			if shared != test.shared {
				t.Errorf("%q and %q share a name: %t", test.a.Names(), test.b.Names(), shared)
			}
		})
	}
}
