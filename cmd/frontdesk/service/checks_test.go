package service

import (
	"net"
	"testing"

	"frontdesk/configs"
)

// TestCustomersAreSentToNoPageOfThisMachine: the address of the listener is right on this machine only, which is where the demonstration's customers are.
func TestCustomersAreSentToNoPageOfThisMachine(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for name, c := range map[string]struct {
		url    string
		public net.Listener
		demo   bool
		want   string
	}{
		"it is known where customers reach us":      {"https://desk.example.com/", l, false, "https://desk.example.com/check/a-b"},
		"it is not":                                 {"", l, false, ""},
		"in the demonstration":                      {"", l, true, "http://" + l.Addr().String() + "/check/a-b"},
		"in a demonstration without their listener": {"", nil, true, ""},
	} {
		a := &Service{config: configs.Config{Listen: configs.Listen{PublicURL: c.url}}, public: c.public, given: Options{Demo: c.demo}}
		if got := a.checkPage("a-b"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
