package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"frontdesk/channels/web"
	"frontdesk/configs"
	"frontdesk/configs/values"
)

// TestASlowHolderGivesWayAtWhicheverDoor fills the memory that messages share by one door, with messages that come in part and
// then trickle. A large message that comes by the other door, or the same, is taken at once.
func TestASlowHolderGivesWayAtWhicheverDoor(t *testing.T) {
	large := strings.Repeat(strings.Repeat("a", 70)+"\r\n", 3<<20/72)
	api := fmt.Sprintf(`{"from":{"email":"a@b.example"},"text":"see the file","attachments":[{"name":"a.bin","media_type":"application/octet-stream","content":"%s"}]}`,
		base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("0123456789abcdef"), 2<<20/16)))
	for _, way := range [][2]string{{"SMTP", "HTTP"}, {"HTTP", "SMTP"}, {"HTTP", "HTTP"}} {
		by, next := way[0], way[1]
		t.Run("by "+by+", then by "+next, func(t *testing.T) {
			t.Parallel()
			c := testConfig(t)
			c.Limits.MaxInFlight, c.Limits.MaxMessage, c.Limits.MaxBody = 6<<20, 4<<20, 4<<20
			c.Inboxes = append(c.Inboxes, configs.Inbox{Name: "app", Channel: web.APIChannel, Section: &web.APISection{API: &web.APISettings{Tokens: []values.Secret{values.NewSecret(siegeToken)}}}})
			r := start(t, c)
			fill := map[string]func() io.Closer{
				"SMTP": func() io.Closer { return r.trickleMail(4<<20-1, large) },
				"HTTP": func() io.Closer { return r.trickleCall(api[:2<<20], 4<<20-1) },
			}
			defer fill[by]().Close()
			r.eventually(5*time.Second, func() string {
				if held := r.counted("frontdesk_inflight_bytes"); held < 3<<20 {
					return fmt.Sprintf("%.0f bytes are held", held)
				}
				return ""
			})
			time.Sleep(2100 * time.Millisecond) // nobody is slow before
			if next == "SMTP" {
				r.mustMail("honest@b.example", human("honest@b.example", "A large one", "", by+large))
				return
			}
			if status := r.callAPI(strings.Replace(api, "see", by, 1)); status/100 != 2 {
				t.Errorf("a large call is answered %d", status)
			}
		})
	}
}

// trickleMail begins a message that never ends.
func (r *rig) trickleMail(announced int64, part string) io.Closer {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.smtpAddr())
	if err != nil {
		r.t.Fatal(err)
	}
	client := smtp.NewClient(conn)
	for _, do := range []func() error{
		func() error { return client.Mail("slow@b.example", &smtp.MailOptions{Size: announced}) },
		func() error { return client.Rcpt("support@desk.example", nil) },
	} {
		if err := do(); err != nil {
			r.t.Fatalf("beginning a slow message: %v", err)
		}
	}
	body, err := client.Data()
	if err != nil {
		r.t.Fatalf("beginning a slow message: %v", err)
	}
	go io.Copy(body, strings.NewReader("Subject: slow\r\n\r\n"+part)) //nolint:errcheck // it may be ended
	return conn
}

// trickleCall begins a call whose body never ends.
func (r *rig) trickleCall(part string, announced int) io.Closer {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.app.Addresses().HTTP)
	if err != nil {
		r.t.Fatal(err)
	}
	go fmt.Fprintf(conn, "POST /api/v1/inboxes/app/messages HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", siegeToken, announced, part)
	return conn
}

func (r *rig) callAPI(body string) int {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, r.httpURL("/api/v1/inboxes/app/messages"), strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+siegeToken)
	req.Header.Set("Content-Type", "application/json")
	res, err := alone.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}
