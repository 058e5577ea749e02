package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMailBecomesATicketAndIsAcknowledged is the straight line on the embedded default.
func TestMailBecomesATicketAndIsAcknowledged(t *testing.T) {
	c := testConfig(t)
	r := start(t, c)
	r.mustMail("li@customer.example", human("李雷 <li@customer.example>", "=?utf-8?B?5pSv5LuY5aSx6LSl?=", "1@customer.example",
		"你好，我昨天付款 200元 失败了，但是钱已经扣了，卡号 4111 1111 1111 1111，订单号 20261120001。"))
	r.settled(1)
	tickets := r.tickets()
	if len(tickets) != 1 || tickets[0].Category != "payment-failed" || tickets[0].Subject != "支付失败" || tickets[0].Queue == "" {
		t.Fatalf("tickets = %+v", tickets)
	}
	acks := r.outbox("acknowledgement")
	if len(acks) != 1 || acks[0].State != "sent" || acks[0].To != "li@customer.example" {
		t.Fatalf("acknowledgements = %+v", acks)
	}
	for _, p := range r.promises("acknowledgement") {
		if p.State != "kept" {
			t.Errorf("promise = %+v, want it kept", p)
		}
	}
	mails := r.sent()
	if len(mails) != 1 || !strings.Contains(mails[0], "Auto-Submitted: auto-replied") || !strings.Contains(mails[0], "Content-Language: zh-Hans") {
		t.Errorf("sink = %v", mails)
	}
	r.stop()
	nowhere(t, c.DataDir, r.logs.String(), "4111 1111 1111 1111", "4111111111111111")
}

// nowhere fails when one of the words stands readable in a file below dir or in the log.
func nowhere(t *testing.T, dir, log string, words ...string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, w := range words {
			if strings.Contains(string(content), w) {
				t.Errorf("%s holds %q", path, w)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range words {
		if strings.Contains(log, w) {
			t.Errorf("the log holds %q", w)
		}
	}
}
