package service

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestALMTPDoorIsCalledSo: in the ready line and in addresses.json, alone, beside an SMTP door, and as a socket file.
func TestALMTPDoorIsCalledSo(t *testing.T) {
	for name, c := range map[string]struct{ smtp, lmtp string }{
		"alone":               {"", "127.0.0.1:0"},
		"beside an SMTP door": {"127.0.0.1:0", "127.0.0.1:0"},
		"as a socket":         {"", "unix:"},
		"none":                {"127.0.0.1:0", ""},
	} {
		t.Run(name, func(t *testing.T) {
			config := testConfig(t)
			config.Listen.HTTP, config.Listen.Ops, config.Listen.Desk, config.Listen.SMTP, config.Listen.LMTP = "", "", "", c.smtp, c.lmtp
			if c.lmtp == "unix:" {
				config.Listen.LMTP += filepath.Join(t.TempDir(), "lmtp.sock")
			}
			var said bytes.Buffer
			a, err := New(t.Context(), config, Options{Logger: slog.New(slog.DiscardHandler), Out: &said})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(a.Close)
			a.announce(t.Context())
			out := said.String()
			text, err := os.ReadFile(a.addressFile())
			if err != nil {
				t.Fatal(err)
			}
			var at Addresses
			if err := json.Unmarshal(text, &at); err != nil {
				t.Fatal(err)
			}
			if (at.LMTP != "") != (c.lmtp != "") || (at.SMTP != "") != (c.smtp != "") || at.SMTP != "" && at.SMTP == at.LMTP {
				t.Errorf("addresses.json: %s", text)
			}
			if c.lmtp == "unix:" && at.LMTP != config.Listen.LMTP {
				t.Errorf("the socket is called %s", at.LMTP)
			}
			want := "ready http= ops= smtp=" + at.SMTP
			if at.LMTP != "" {
				want += " lmtp=" + at.LMTP
			}
			if got := strings.TrimSpace(out); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// TestPasskeysAreBoundToTheFirstNameOfTheDesk: whatever the name is by which a proxy asks.
func TestPasskeysAreBoundToTheFirstNameOfTheDesk(t *testing.T) {
	config := testConfig(t)
	config.Listen.DeskNames = []string{"work.example.com:8443", "other.example.com"}
	a, err := New(t.Context(), config, Options{Logger: slog.New(slog.DiscardHandler), Out: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	ctx, end := context.WithCancel(t.Context())
	var running sync.WaitGroup
	defer running.Wait()
	defer end()
	h, err := a.deskPage(ctx, &running)
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"work.example.com:8443", "other.example.com", "127.0.0.1:8082"} {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/desk/sign-in", nil)
		r.Host = host
		if h.ServeHTTP(w, r); !strings.Contains(w.Body.String(), `data-origin="https://work.example.com:8443"`) {
			t.Errorf("by %s: %d %s", host, w.Code, w.Body)
		}
	}
}
