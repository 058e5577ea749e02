package main

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// evil is what an attacker puts into each field of a message, in ways that break out of text, attributes, scripts and comments.
var evil = []string{`<script>pwned()</script>`, `"><img src=x onerror=pwned()>`, `'><svg onload=pwned()>`, `javascript:pwned()`, `</textarea><script>pwned()</script>`, `--><script>pwned()</script>`, `{{.}}${pwned()}`}

// poisonedMail is a mail in which every field is one.
func poisonedMail(n int, word string) string {
	b := fmt.Sprint("b", n)
	encoded := "=?utf-8?b?" + base64.StdEncoding.EncodeToString([]byte(word)) + "?="
	name := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(word)
	body := "I want my refund of order 20261119001. " + word
	formatted := `<html><head><base href="//evil.example/"><style>body{display:none}</style></head><body onload="pwned()"><p>I want my refund of order 20261119001.</p>` + word +
		`<a href="javascript:pwned()">one</a><a href="data:text/html,<script>pwned()</script>">two</a><img src="https://evil.example/pixel.gif"><img src="cid:pic@x" alt="` + html.EscapeString(word) + `">` +
		`<svg><script>pwned()</script></svg><iframe src="//evil.example"></iframe><form action="/desk/sign-out" method="post"><button>x</button></form><p style="background:url(//evil.example/x)" onclick="pwned()">y</p></body></html>`
	parts := []string{
		"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte(body)),
		"Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte(formatted)),
		"Content-Type: image/svg+xml\nContent-ID: <pic@x>\nContent-Disposition: inline; filename=\"" + name + ".svg\"\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="pwned()"/>`)),
		"Content-Type: text/html; name=\"" + name + "\"\nContent-Disposition: attachment; filename*=utf-8''" + url.PathEscape(word+"\r\nSet-Cookie: evil=1") + "\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte(`<script>pwned()</script>`)),
	}
	return fmt.Sprintf("From: %s <\"x%d<b>\"@customer.example>\nTo: %s <support@desk.example>\nReply-To: %s <r%d@customer.example>\nCc: %s <c%d@customer.example>\nSubject: %s\nMessage-ID: <evil%d@customer.example>\nDate: %s\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=%s\n\n--%s\n",
		encoded, n, encoded, encoded, n, encoded, n, encoded, n, time.Now().Format(time.RFC1123Z), b, b) + strings.Join(parts, "\n--"+b+"\n") + "\n--" + b + "--\n"
}

// hostile are the elements and attributes of a page that no template of ours wrote. Scripts of ours have an address and no words; what a stranger
// wrote is text, wherever it stands.
func hostile(page string) (found []string) {
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return []string{err.Error()}
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script":
			if n.FirstChild != nil {
				found = append(found, "a script with words")
			}
		case "object", "embed", "base", "math":
			found = append(found, n.Data)
		}
		for _, a := range n.Attr {
			value := strings.ToLower(strings.Join(strings.Fields(a.Val), ""))
			address := a.Key == "href" || a.Key == "src" || a.Key == "action" || a.Key == "formaction" || a.Key == "data"
			if strings.HasPrefix(a.Key, "on") || address && !strings.HasPrefix(value, "/") && !strings.HasPrefix(value, "#") && value != "" && !strings.HasPrefix(value, "data:image/png;base64,") || a.Key == "style" && strings.Contains(value, "url") {
				found = append(found, fmt.Sprintf("%s %s=%q", n.Data, a.Key, a.Val))
			}
		}
	}
	return found
}

var ofMessages = regexp.MustCompile(`"(/desk/tickets/T-\d+/(?:messages/\d+/[^"]+|entries/[^"]+))"`)

// TestWhatStrangersWriteRunsNowhere: a script in the subject, the name, the address, the text, the HTML, a file's name, type and content of a
// mail, through the whole line, on every page of the desk that shows it (stored XSS, D42).
func TestWhatStrangersWriteRunsNowhere(t *testing.T) {
	t.Parallel()
	r := start(t, testConfig(t))
	agent := r.colleague("wang", everywhere)
	for i, word := range evil {
		r.mustMail(fmt.Sprintf("x%d@customer.example", i), poisonedMail(i, word))
	}
	r.settled(len(evil))
	pages := map[string]bool{"/desk": true, "/desk/lists/unassigned": true, "/desk/lists/mine": true, "/desk/search?q=refund": true, "/desk/counts": true}
	formatted, saved, shown := 0, 0, 0
	for _, ticket := range r.tickets() {
		path := fmt.Sprintf("/desk/tickets/T-%d", ticket.ID)
		r.eventually(10*time.Second, func() string {
			if page := agent.see(path); strings.Contains(page, "<iframe") {
				return ""
			}
			return path + " has no formatted version"
		})
		pages[path], pages[path+"?lang=zh"] = true, true
		for _, m := range ofMessages.FindAllStringSubmatch(agent.see(path), -1) {
			pages[html.UnescapeString(m[1])] = true
		}
	}
	for path := range pages {
		res := browse(t, agent.base+path, agent.cookie)
		body := whole(t, res.Body)
		kind, policy := res.Header.Get("Content-Type"), res.Header.Get("Content-Security-Policy")
		if res.StatusCode != http.StatusOK || res.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "script-src 'unsafe") || res.Header.Get("Set-Cookie") != "" && !strings.Contains(path, "lang=") {
			t.Errorf("%s: %s, %v", path, res.Status, res.Header)
		}
		switch {
		case strings.HasPrefix(kind, "text/html"):
			shown += strings.Count(body, "pwned()")
			for _, found := range hostile(body) {
				t.Errorf("%s has %s", path, found)
			}
			if strings.HasSuffix(path, "/formatted") {
				formatted++
				if !strings.Contains(policy, "sandbox;") || strings.Contains(body, "evil.example") {
					t.Errorf("%s, under %s: %s", path, policy, body)
				}
			}
		case strings.Contains(path, "/files/") || strings.HasSuffix(path, "/original"):
			saved++
			if d := res.Header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment;") || kind != "application/octet-stream" || !strings.HasPrefix(policy, "sandbox;") {
				t.Errorf("%s is given as %s, %s, under %s", path, kind, d, policy)
			}
		}
	}
	if formatted < len(evil) || saved < 3*len(evil) || shown < 20*len(evil) {
		t.Errorf("%d formatted versions, %d files and originals were looked at, and the words were read %d times", formatted, saved, shown)
	}
}

func whole(t testing.TB, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
