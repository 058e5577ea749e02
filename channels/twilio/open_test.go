package twilio

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels/descriptor"
	"frontdesk/configs/values"
)

func TestNumbersOfOneAccountKnowEachOther(t *testing.T) {
	peer := func(inbox, address, account, from string) descriptor.Peer {
		return descriptor.Peer{Inbox: inbox, Address: address, Section: &Section{Twilio: &Account{AccountSID: account, From: from, AuthToken: values.NewSecret("t")}}}
	}
	s := descriptor.Setup{Peer: peer("a", "+85221234567", "AC1", ""), Peers: []descriptor.Peer{
		peer("a", "+85221234567", "AC1", ""), peer("b", "", "AC1", "+85221234568"), peer("c", "", "AC1", "TOPAY"), peer("other", "+85221234569", "AC2", ""),
		{Inbox: "broken", Section: &Section{}}}}
	want := []Neighbour{{Inbox: "a", Number: "+85221234567"}, {Inbox: "b", Number: "+85221234568"}, {Inbox: "c"}}
	if diff := cmp.Diff(want, sameAccount(s)); diff != "" {
		t.Error(diff)
	}
}
