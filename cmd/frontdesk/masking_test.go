package main

import (
	"encoding/base64"
	"fmt"
	"html"
	"io/fs"
	"mime"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"frontdesk/pipeline/pipelinetest"
)

// maskedMails is how many mails with a secret the running service gets.
const maskedMails = 160

// secretMail puts a secret into one place of a mail.
func secretMail(i int, s pipelinetest.Secret) (place, from, raw string) {
	from = fmt.Sprintf("c%d@customer.example", i)
	word := func(text string) string { return mime.BEncoding.Encode("utf-8", text) }
	places := []string{"text", "subject", "name of the sender", "name of a file", "quoted text", "HTML"}
	place = places[i%len(places)]
	if s.Lines {
		place = "text"
	}
	id := fmt.Sprintf("m%d@customer.example", i)
	const file = "see the file\n--b\nContent-Type: image/png\nContent-Disposition: attachment; filename=\"=?utf-8?B?%s?=\"\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--b--"
	switch place {
	case "subject":
		return place, from, human(from, word(s.Text), id, "My payment failed.")
	case "name of the sender":
		return place, from, human(word(s.Text)+" <"+from+">", "Payment failed", id, "My payment failed.")
	case "name of a file":
		raw = human(from, "Payment failed", id, "--b\nContent-Type: text/plain\n\n"+fmt.Sprintf(file, base64.StdEncoding.EncodeToString([]byte(s.Text+".png"))))
		return place, from, strings.Replace(raw, "Content-Type: text/plain; charset=utf-8\n", "Content-Type: multipart/mixed; boundary=b\n", 1)
	case "quoted text":
		return place, from, human(from, "Re: Payment", id, "it failed again\n\nOn Monday, Li wrote:\n> "+s.Text)
	case "HTML":
		raw = human(from, "Payment failed", id, "<p>Hello</p><p>"+html.EscapeString(s.Text)+"</p>")
		return place, from, strings.Replace(raw, "text/plain", "text/html", 1)
	}
	return place, from, human(from, "Payment failed", id, "Hello,\n"+s.Text+"\nyours")
}

// TestNoSecretIsReadableInARunningService sends secrets in all spellings through the running program and
// searches what every listing, page, log, mail that left and file of the data directory says.
func TestNoSecretIsReadableInARunningService(t *testing.T) {
	t.Parallel()
	p, dir := embedded(t)
	secrets := pipelinetest.Secrets(7, maskedMails)
	places := make([]string, len(secrets))
	for i, s := range secrets {
		place, from, raw := secretMail(i, s)
		places[i] = place
		if err := (&rig{}).mailTo(p.at.SMTP, from, raw); err != nil {
			t.Fatal(err)
		}
	}
	const carrier = "4539000001375775@x.example" // an address has to stay as it is to be answered; it is shown masked
	if err := (&rig{}).mailTo(p.at.SMTP, carrier, human(carrier, "Payment failed", "4539000000837999@x.example", "My payment failed.")); err != nil {
		t.Fatal(err)
	}
	waited(t, dir, "ticketed", maskedMails+1)
	until(t, func() string {
		if list := objects(t, dir, "outbox", "--state", "due", "--limit", "1000"); len(list) > 0 {
			return fmt.Sprintf("%d effects are due", len(list))
		}
		return ""
	})
	said := map[string]string{"log": p.errs.String()}
	for _, name := range []string{"messages", "tickets", "outbox", "promises", "inboxes", "parked list"} {
		args := strings.Fields(name)
		said[name+" --json"] = fmt.Sprint(objects(t, dir, append(args, "--limit", "1000")[:len(args)+limitArgs(name)]...))
	}
	for _, page := range []string{"/", "/tickets", "/messages", "/parked", "/outbox", "/promises", "/sink", "/metrics", "/api/overview"} {
		said["page "+page] = fetched(t, "http://"+p.at.Ops+page, p.token())
	}
	for _, m := range sinkNames.FindAllStringSubmatch(said["page /sink"], -1) {
		said["page of the sink"] += fetched(t, "http://"+p.at.Ops+"/sink/"+m[1], p.token())
	}
	if said["page of the sink"] == "" {
		t.Error("no mail of the sink was looked at")
	}
	own := map[string]string{}
	for _, m := range objects(t, dir, "messages", "--limit", "1000") {
		id := fmt.Sprint(m["id"])
		_, story, _ := frontdesk(t, "trace", id, "--json", "--data-dir", dir)
		own[fmt.Sprint(m["from"])] = story + tags.ReplaceAllString(html.UnescapeString(fetched(t, "http://"+p.at.Ops+"/messages/"+id, p.token())), " ")
	}
	files := readAll(t, dir)
	for i, s := range secrets {
		if s.Readable(own[fmt.Sprintf("c%d@customer.example", i)]) {
			t.Errorf("%s in the %s (%s) is readable in its own story: %q", s.Kind, places[i], s.Form, s.Text)
		}
		if len(s.Written) < 8 {
			continue
		}
		for where, text := range said {
			if strings.Contains(text, s.Written) || strings.Contains(text, s.Value) && len(s.Value) >= 12 {
				t.Errorf("%s in the %s (%s) is readable in %s", s.Kind, places[i], s.Form, where)
			}
		}
		for name, text := range files {
			if strings.Contains(text, s.Written) || strings.Contains(text, s.Value) && len(s.Value) >= 12 {
				t.Errorf("%s in the %s (%s) is readable in the file %s", s.Kind, places[i], s.Form, name)
			}
		}
	}
	for where, text := range said {
		if strings.Contains(text, "4539000001375775") || strings.Contains(text, "4539000000837999") {
			t.Errorf("a card number in an address or a Message-ID is readable in %s", where)
		}
	}
	for name, text := range files {
		if strings.Contains(text, "4539000000837999") {
			t.Errorf("a card number in a Message-ID is readable in the file %s", name)
		}
	}
}

var sinkNames = regexp.MustCompile(`href="/sink/([^"]+)"`)

var tags = regexp.MustCompile(`<[^>]*>`)

// limitArgs is how many of the arguments --limit and its value a listing takes.
func limitArgs(name string) int {
	if name == "inboxes" {
		return 0
	}
	return 2
}

// readAll reads every file below dir.
func readAll(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		out[path] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
