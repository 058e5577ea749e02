package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestAPromotedModelDecidesWhatARunningServiceTakesIn, from the next SIGHUP on, and no more once it is taken back.
func TestAPromotedModelDecidesWhatARunningServiceTakesIn(t *testing.T) {
	t.Parallel()
	const token = "tR4wK9mZ2xV7bN5qY8cL3pD6"
	r := newReloading(t, "listen: {http: 127.0.0.1:0, ops: 127.0.0.1:0}\ninboxes: [{name: app, channel: api, api: {tokens: ["+token+"]}}]\n")
	// Words of this desk's alone, of which neither the rules nor the model that comes with the program know anything: to it they are no invoice.
	var data strings.Builder
	data.WriteString("at,category,text\n")
	for i := range 300 {
		at := time.Date(2026, 3, 1, 0, i, 0, 0, time.UTC).Format(time.RFC3339)
		fmt.Fprintf(&data, "%s,%s,the %s of client%dx keeps blinking\n", at, [2]string{"invoice", "suggestion"}[i%2], [2]string{"zorblat", "quuxify"}[i%2], i)
	}
	file := filepath.Join(t.TempDir(), "labelled.csv")
	write(t, file, data.String())
	do := func(args ...string) {
		t.Helper()
		if code, out, errs := frontdesk(t, append(args, "--config", r.file)...); code != 0 {
			t.Fatalf("%v: %d\n%s%s", args, code, out, errs)
		}
	}
	asks := 0
	decided := func(says string, ours bool) {
		t.Helper()
		asks++
		say(t, "http://"+r.at.HTTP+"/api/v1/inboxes/app/messages", token, asks)
		until(t, func() string {
			_, out, _ := frontdesk(t, "tickets", "--json", "--limit", "1", "--config", r.file)
			if !strings.Contains(out, fmt.Sprintf("client 70%d", asks)) || strings.Contains(out, `"invoice"`) != ours {
				return says + ": " + out
			}
			return ""
		})
	}
	decided("before", false)
	do("train", "--data", file, "--name", "ours", "--holdout", "0.4")
	do("models", "promote", "ours", "--data", file)
	decided("until it reads what is new", false)
	r.hangUp("taken=model")
	decided("promoted", true)
	do("models", "rollback")
	r.hangUp("taken=model")
	decided("taken back", false)
	if code, out, errs := frontdesk(t, "audit", "--config", r.file); code != 0 {
		t.Errorf("the books: %d\n%s%s", code, out, errs)
	}
	if code := r.end(); code != 0 {
		t.Errorf("SIGTERM ended it with %d", code)
	}
}

// say posts a message of a customer of its own.
func say(t *testing.T, url, token string, n int) {
	t.Helper()
	body := fmt.Sprintf(`{"id": "m%d", "from": {"email": "c%d@customer.example"}, "subject": "client 70%d", "text": "the zorblat of client70%d keeps blinking"}`, n, n, n, n)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		t.Fatalf("posting gives %s", answer.Status)
	}
}
