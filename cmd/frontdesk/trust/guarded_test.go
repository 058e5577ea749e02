package trust

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestAWebhookIsLedIntoNoPrivateNetwork: neither by its address, nor by its name, nor by where it is sent on, nor by a proxy that the environment names.
func TestAWebhookIsLedIntoNoPrivateNetwork(t *testing.T) {
	heard := 0
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { heard++ }))
	t.Cleanup(inside.Close)
	port := inside.URL[strings.LastIndex(inside.URL, ":"):]
	t.Setenv("HTTP_PROXY", inside.URL)
	guarded := Guarded(nil, 5*time.Second, false)
	for name, address := range map[string]string{
		"an address of this machine":        inside.URL,
		"a name of this machine":            "http://localhost" + port,
		"one written in IPv6":               "http://[::ffff:127.0.0.1]" + port,
		"one written as a number":           "http://2130706433" + port,
		"an address of a private network":   "http://10.0.0.1" + port,
		"where a cloud tells its machines":  "http://169.254.169.254/latest/meta-data/",
		"one of a network that is local":    "http://[fe80::1]" + port,
		"one that leads to IPv4 by a trick": "http://[64:ff9b::7f00:1]" + port,
	} {
		res, err := guarded.Get(address)
		if err == nil {
			res.Body.Close()
			t.Errorf("%s is reached: %s", name, address)
			continue
		}
		if !errors.Is(err, ErrPrivate) && !strings.Contains(err.Error(), "lookup") { // a number is no name either
			t.Errorf("%s: %v", name, err)
		}
	}
	if heard != 0 {
		t.Errorf("%d requests came", heard)
	}
	res, err := Guarded(nil, 5*time.Second, true).Get(inside.URL)
	if err != nil || heard != 1 {
		t.Fatalf("where it should be reached: %v, %d requests", err, heard)
	}
	res.Body.Close()
}
