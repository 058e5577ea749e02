package twilio

import (
	"os"
	"testing"
	"time"
)

// prism returns the URL of a Prism that serves Twilio's own specification:
// a third party's check of our requests.
func prism(t *testing.T) string {
	t.Helper()
	if u := os.Getenv("FRONTDESK_PRISM_URL"); u != "" {
		return u
	}
	if os.Getenv("FRONTDESK_REQUIRE_SERVERS") == "1" {
		t.Fatal("FRONTDESK_PRISM_URL names no running Prism")
	}
	t.Skip("FRONTDESK_PRISM_URL names no running Prism (prism mock twilio_api_v2010.json)")
	return ""
}

func TestRequestsAgainstTheSpecification(t *testing.T) {
	cfg := testConfig()
	cfg.BaseURL = prism(t)
	c := newConnector(t, cfg)
	t.Run("send", func(t *testing.T) {
		r, err := c.Send(t.Context(), "key-1", outbound("您好 FD-1"))
		if err != nil || r.ProviderID == "" {
			t.Errorf("receipt %+v, %v", r, err)
		}
	})
	t.Run("list for catching up, with media", func(t *testing.T) {
		// The mock repeats its example on every page; it must end all the same.
		if _, _, err := c.Reconcile(t.Context(), time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC), known()); err != nil {
			t.Error(err)
		}
	})
	t.Run("list for a look", func(t *testing.T) {
		if _, _, err := c.Look(t.Context(), "key-1", outbound("您好 FD-1"), time.Now().Add(-time.Hour)); err != nil {
			t.Error(err)
		}
	})
	t.Run("fetch the account", func(t *testing.T) {
		if _, err := c.Probe(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
