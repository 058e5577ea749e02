package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/service"
)

// browser keeps no cookie by itself and follows nothing.
func browse(t testing.TB, address string, cookies ...*http.Cookie) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cookies {
		req.AddCookie(c)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

// followed opens a link that signs in, and returns the cookie.
func followed(t testing.TB, address string) *http.Cookie {
	t.Helper()
	res := browse(t, address)
	if to := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || to != "/" || len(res.Cookies()) != 1 {
		t.Fatalf("the link has status %d to %q, cookies %v", res.StatusCode, to, res.Cookies())
	}
	return res.Cookies()[0]
}

var shownLink = regexp.MustCompile(`(?m)^page  (http://127\.0\.0\.1:\d+/\?token=[A-Za-z0-9_-]{43})$`)

// TestAFirstStartShowsALinkOnce: the secret is made then, kept for this user alone, and shown on the terminal, not to the tools
// that read standard output.
func TestAFirstStartShowsALinkOnce(t *testing.T) {
	t.Parallel()
	p, dir := embedded(t)
	until(t, func() string {
		if !shownLink.MatchString(p.errs.String()) {
			return "no link is shown:\n" + p.errs.String()
		}
		return ""
	})
	page := "http://" + p.at.Ops
	link := shownLink.FindStringSubmatch(p.errs.String())[1]
	cookie := followed(t, link)
	if res := browse(t, link); len(res.Cookies()) > 0 || strings.Contains(link, p.token()) || strings.Contains(p.errs.String(), p.token()) {
		t.Errorf("the link signs in twice, or has the token in it: %d", res.StatusCode)
	}
	if info, err := os.Stat(service.TokenFile(dir)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file of the token: %v, %v", info, err)
	}
	for path, want := range map[string]int{"/": 401, "/tickets": 401, "/metrics": 401, "/healthz": 200, "/readyz": 200} {
		if got := browse(t, page+path).StatusCode; got != want {
			t.Errorf("%s without a secret: status %d, want %d", path, got, want)
		}
	}
	if got := browse(t, page+"/metrics", cookie).StatusCode; got != http.StatusOK {
		t.Errorf("with the session: status %d", got)
	}
	token := p.token()

	again := program(t, nil, "serve", "--data-dir", t.TempDir(), "--http", "", "--ops", "", "--desk", "", "--smtp", "127.0.0.1:0")
	if shownLink.MatchString(again.errs.String()) || len(again.token0()) > 0 {
		t.Error("a process that serves no page has made a token")
	}
	p.end()
	second := program(t, nil, p.args...)
	if got := browse(t, "http://"+second.at.Ops+"/tickets", cookie).StatusCode; got != http.StatusOK || second.token() != token {
		t.Errorf("after a restart the session has status %d", got)
	}
	second.end()
	if strings.Contains(second.errs.String(), "token=") || !strings.Contains(second.errs.String(), "'frontdesk login' makes a link") || len(second.stdout()) != 1 {
		t.Errorf("a second start shows it again, or does not say how to get in: %s %s", second.stdout(), second.errs.String())
	}
	if err := os.Remove(service.TokenFile(dir)); err != nil {
		t.Fatal(err)
	}
	nowhere(t, dir, "", token, cookie.Value) // but in the file that is gone now
	third := program(t, nil, p.args...)
	if got := browse(t, "http://"+third.at.Ops+"/tickets", cookie).StatusCode; got != http.StatusUnauthorized || third.token() == token {
		t.Errorf("with another token the session has status %d", got)
	}
}

// token0 is the token of a process, or nothing where it has made none.
func (p *member) token0() string {
	for i, a := range p.args {
		if a == "--data-dir" {
			text, _ := os.ReadFile(service.TokenFile(p.args[i+1])) //nolint:errcheck // not there is nothing
			return string(text)
		}
	}
	return ""
}

// TestLoginAndSessions: a link by command, once; who is signed in, and an end to it.
func TestLoginAndSessions(t *testing.T) {
	t.Parallel()
	p, dir := embedded(t)
	code, out, errs := frontdesk(t, "login", "--data-dir", dir, "--name", "Li Wei")
	if code != 0 || !strings.HasPrefix(out, "http://"+p.at.Ops+"/?token=") || strings.Count(out, "\n") != 1 || strings.Contains(errs, "Nothing is served") {
		t.Fatalf("login ended with %d: %s %s", code, out, errs)
	}
	cookie := followed(t, strings.TrimSpace(out))
	if res := browse(t, strings.TrimSpace(out)); len(res.Cookies()) > 0 || res.Header.Get("Location") != "/login?next=%2F&why=used" {
		t.Errorf("a used link leads to %q with %v", res.Header.Get("Location"), res.Cookies())
	}
	code, out, _ = frontdesk(t, "login", "--data-dir", dir, "--url", "https://ops.example.com/")
	if code != 0 || !strings.HasPrefix(out, "https://ops.example.com/?token=") {
		t.Errorf("login --url ended with %d: %s", code, out)
	}
	for _, bad := range []string{"ops.example.com", "ftp://x", "https://a@b", "https://x?y=1"} {
		if code, _, _ := frontdesk(t, "login", "--data-dir", dir, "--url", bad); code != command.ExitUsage {
			t.Errorf("login --url %s ended with %d, want 2", bad, code)
		}
	}
	list := objects(t, dir, "sessions", "list")
	if len(list) != 1 || list[0]["name"] != "Li Wei" || list[0]["address"] != "127.0.0.1" {
		t.Fatalf("sessions are %v", list)
	}
	id := fmt.Sprint(list[0]["id"])
	for _, c := range []struct {
		args []string
		want int
	}{
		{[]string{"revoke"}, command.ExitUsage}, {[]string{"revoke", "--all", id}, command.ExitUsage}, {[]string{"revoke", "nonesuch"}, command.ExitFinding}, {[]string{"revoke", id}, 0}, {[]string{"revoke", "--all"}, 0},
	} {
		if code, out, errs := frontdesk(t, append(append([]string{"sessions"}, c.args...), "--data-dir", dir)...); code != c.want {
			t.Errorf("sessions %v ended with %d, want %d: %s %s", c.args, code, c.want, out, errs)
		}
	}
	if got := browse(t, "http://"+p.at.Ops+"/messages", cookie).StatusCode; got != http.StatusUnauthorized {
		t.Errorf("a revoked session has status %d", got)
	}
	p.end()
	if _, out, errs = frontdesk(t, "login", "--data-dir", dir); !strings.Contains(errs, "Nothing is served") {
		t.Errorf("while nothing is served login says %s %s", out, errs)
	}
}

// asStranger is set for a process of another user, which tries what it can.
const asStranger = "FRONTDESK_TEST_STRANGER"

// TestAnotherUserOfThisMachineGetsNothing: he reaches the listener, and neither the page nor a file.
func TestAnotherUserOfThisMachineGetsNothing(t *testing.T) {
	if at := os.Getenv(asStranger); at != "" {
		beStranger(t, at, os.Getenv(asStranger+"_DIR"))
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can run a process of another user")
	}
	p, dir := embedded(t)
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // each file by itself, should the folders be open one day
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "-test.run=^TestAnotherUserOfThisMachineGetsNothing$", "-test.v")
	cmd.Env = append(os.Environ(), asStranger+"="+p.at.Ops, asStranger+"_DIR="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534, NoSetGroups: false}}
	cmd.Dir = "/"
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "as user 65534") {
		t.Errorf("%v\n%s", err, out)
	}
}

func beStranger(t *testing.T, at, dir string) {
	t.Logf("as user %d", os.Geteuid())
	for _, path := range []string{"/", "/messages", "/tickets", "/metrics", "/api/overview", "/sink", "/queues/", "/sessions", "/?token="} {
		res := browse(t, "http://"+at+path)
		if body, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusUnauthorized && res.StatusCode != http.StatusSeeOther || len(body) > 200 {
			t.Errorf("%s has status %d, %v: %s", path, res.StatusCode, err, body)
		}
	}
	opened := 0
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil //nolint:nilerr // what cannot be listed cannot be read
		}
		if f, err := os.Open(path); err == nil {
			f.Close()
			opened++
			t.Errorf("%s can be read", path)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if c, err := net.Dial("unix", filepath.Join(dir, "control.sock")); err == nil {
		c.Close()
		t.Error("the control socket can be reached")
	} else if !errors.Is(err, os.ErrPermission) {
		t.Errorf("the control socket: %v", err)
	}
}

// TestSlowVisitorsCloseThePageToNobody: more of them than there are places, each in the midst of a form that goes on for ever.
func TestSlowVisitorsCloseThePageToNobody(t *testing.T) {
	t.Parallel()
	r := start(t, testConfig(t))
	at := r.app.Addresses().Ops
	const places = 256
	for i := range places + 60 {
		c, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		said := "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9000\r\n\r\ntoken="
		if i%3 == 0 {
			said = "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
		}
		if _, err := io.WriteString(c, said); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+at+"/tickets", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+r.token())
		req.Close = true
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatalf("the operator is not let in: %v", err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Errorf("the operator gets status %d", res.StatusCode)
		}
	}
}
