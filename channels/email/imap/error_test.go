package imap

import (
	"errors"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/email/internal/emailtest"
)

func TestIMAPFaultReadsTheServersWords(t *testing.T) {
	type seen struct {
		Class channels.Class
		After time.Duration
		Code  string
	}
	cases := map[string]struct {
		in   error
		want seen
	}{
		"Microsoft names the wait in milliseconds": {
			&imap.Error{Type: "NO", Text: "Request is throttled. Suggested Backoff Time: 299961 milliseconds"},
			seen{channels.Throttled, 299961 * time.Millisecond, "NO"},
		},
		"a wait of days is cut to an hour": {
			&imap.Error{Type: "BAD", Text: "Request is throttled. Suggested Backoff Time: 299961000000 milliseconds"},
			seen{channels.Throttled, time.Hour, "BAD"},
		},
		"a mailbox that is being moved is a passing thing": {
			&imap.Error{Type: "BAD", Text: "User is authenticated but not connected."},
			seen{channels.Temporary, 30 * time.Second, "BAD not connected"},
		},
		"too many connections": {
			&imap.Error{Type: "NO", Code: "ALERT", Text: "Too many simultaneous connections. (Failure)"},
			seen{channels.Throttled, time.Minute, "NO ALERT"},
		},
		"163 wants to know who we are": {
			&imap.Error{Type: "NO", Text: "SELECT Unsafe Login. Please contact kefu@188.com for help"},
			seen{channels.Unauthorized, 0, "NO unsafe login"},
		},
		"a folder that is not there": {
			&imap.Error{Type: "NO", Code: imap.ResponseCodeNonExistent, Text: "Mailbox doesn't exist: x@example.com"},
			seen{channels.Permanent, 0, "NO NONEXISTENT"},
		},
		"a broken line": {&lost{errors.New("reset")}, seen{channels.Temporary, 0, ""}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			e := emailtest.Error(t, fault(t.Context(), "fetching", c.in))
			if diff := cmp.Diff(c.want, seen{e.Class, e.After, e.Code}); diff != "" {
				t.Errorf("fault (-want +got):\n%s", diff)
			}
		})
	}
}

func TestIMAPFaultKeepsAddressesOut(t *testing.T) {
	err := fault(t.Context(), "fetching", &imap.Error{Type: "NO", Text: "no mailbox for anna@example.com"})
	if got, want := err.Error(), "fetching: the server refused (NO)"; got != want {
		t.Errorf("error = %q, want %q", got, want)
	}
}
