package contacts

import (
	"testing"

	"frontdesk/pipeline/message"
)

// TestALookUpFindsOnesOwn alone.
func TestALookUpFindsOnesOwn(t *testing.T) {
	t.Parallel()
	li, wang := message.Identity{Kind: message.Email, Value: "li@x.example"}, message.Identity{Kind: message.Email, Value: "wang@x.example"}
	c := &Contact{Identities: []Identity{{Identity: li, Failed: true}, {Identity: message.Identity{Kind: message.Phone, Value: "+1"}}}}
	if got, ok := c.Lookup(li); !ok || !got.Failed || !c.Owns(li) {
		t.Errorf("one's own: %+v, %v", got, ok)
	}
	if _, ok := c.Lookup(wang); ok || c.Owns(wang) {
		t.Error("another's is found")
	}
	if (*Contact)(nil).Owns(li) {
		t.Error("nobody owns something")
	}
}

// TestAnIdentityIsFoundAsItIsKnown: whole, and by kind and value alone.
func TestAnIdentityIsFoundAsItIsKnown(t *testing.T) {
	mail, phone := message.Identity{Kind: message.Email, Value: "li@x.example"}, message.Identity{Kind: message.Phone, Value: "+8613800138000"}
	c := &Contact{Identities: []Identity{{Identity: mail, Verified: true}, {Identity: phone, Verified: true, OptedOut: true}}}
	for _, want := range c.Identities {
		if got, ok := c.Lookup(want.Identity); !ok || got != want {
			t.Errorf("%v is known as %+v", want.Identity, got)
		}
	}
	for _, other := range []message.Identity{{}, {Kind: message.Phone, Value: mail.Value}, {Kind: message.Email, Value: "LI@x.example"}} {
		if c.Owns(other) {
			t.Errorf("%v is found", other)
		}
	}
}
