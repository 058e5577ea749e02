package service

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"frontdesk/cmd/frontdesk/trust"
	"frontdesk/configs"
)

// TestAWebhookOfAPersonsLeadsIntoNoPrivateNetwork, whatever its name leads to by then, unless the house wants it so.
func TestAWebhookOfAPersonsLeadsIntoNoPrivateNetwork(t *testing.T) {
	calls := 0
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls++ }))
	defer s.Close()
	for _, private := range []bool{false, true} {
		a := &Service{config: configs.Config{Alerts: configs.Alerts{Webhooks: map[bool]string{false: "public", true: "private"}[private]}}}
		with, err := a.alerts()
		if err != nil {
			t.Fatal(err)
		}
		resp, err := with.Client.Get(s.URL)
		if err == nil {
			resp.Body.Close()
		}
		if private != (err == nil) || !private && !errors.Is(err, trust.ErrPrivate) {
			t.Errorf("private: %t: %v", private, err)
		}
		if with.Private != private || !with.Hooks {
			t.Errorf("private: %t: webhooks are called: %t, private ones: %t", private, with.Hooks, with.Private)
		}
		if with.Client.Timeout != 10*time.Second {
			t.Errorf("it may take %s", with.Client.Timeout)
		}
	}
	if calls != 1 {
		t.Errorf("%d calls arrived", calls)
	}
}
