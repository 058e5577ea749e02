package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"frontdesk/cmd/frontdesk/command"
)

// posted sends a form, as a browser does, and follows nothing.
func formPosted(t testing.TB, address string, form url.Values, cookies ...*http.Cookie) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
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

// TestTheFirstUserComesInByALink: from the command to the desk of a process, and out again.
func TestTheFirstUserComesInByALink(t *testing.T) {
	t.Parallel()
	p, dir := embedded(t)
	until(t, func() string {
		if strings.Contains(p.errs.String(), "nobody can sign in yet: 'frontdesk user add LOGIN") {
			return ""
		}
		return "how the first user is made"
	})
	ask := func(want int, args ...string) (out, errs string) {
		t.Helper()
		code, out, errs := frontdesk(t, append(append([]string{"user"}, args...), "--data-dir", dir)...)
		if code != want {
			t.Fatalf("user %v ended with %d, want %d: %s %s", args, code, want, out, errs)
		}
		return out, errs
	}
	desk := "http://" + p.at.Desk
	out, errs := ask(0, "add", "Li.Na", "--name", "Li Na", "--role", "administrator,agent")
	if !regexp.MustCompile(`^`+desk+`/desk/welcome/[A-Za-z0-9_-]{43}\n$`).MatchString(out) || !strings.Contains(errs, "Good once, for 24 hours: give it to Li Na alone.") {
		t.Fatalf("user add says %q, %q", out, errs)
	}
	link := strings.TrimSpace(out)
	password := url.Values{"password": {"correct horse battery"}, "again": {"correct horse battery"}}
	res := formPosted(t, link, password)
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/desk" {
		t.Fatalf("the link has status %d to %q", res.StatusCode, res.Header.Get("Location"))
	}
	var cookie *http.Cookie
	for _, c := range res.Cookies() {
		if c.Name == "frontdesk_desk" {
			cookie = c
		}
	}
	if got := browse(t, desk+"/desk/me", cookie).StatusCode; got != http.StatusOK {
		t.Errorf("who has followed the link has status %d", got)
	}
	if got := formPosted(t, link, password).StatusCode; got != http.StatusNotFound {
		t.Errorf("the link has status %d the second time", got)
	}
	if got := formPosted(t, desk+"/desk/sign-in", url.Values{"login": {"li.na"}, "password": {"correct horse battery"}}).StatusCode; got != http.StatusSeeOther {
		t.Errorf("the sign-in has status %d", got)
	}

	page, err := io.ReadAll(browse(t, desk+"/desk/sign-in").Body)
	if err != nil || !strings.Contains(string(page), `<a href="http://localhost:`) {
		t.Errorf("who comes by an address is not told where passkeys are (%v): %s", err, page)
	}
	for _, remove := range [][]string{{"factor", "li.na"}, {"factor", "li.na", "--remove"}} {
		if out, _ := ask(0, remove...); out != "li.na: nothing\n" {
			t.Errorf("user %v says %q", remove, out)
		}
	}

	out, _ = ask(0, "add", "tom", "--role", "agent", "--queue", "refunds", "--url", "https://desk.example.com/")
	if !strings.HasPrefix(out, "https://desk.example.com/desk/welcome/") {
		t.Errorf("the link of tom is %s", out)
	}
	ask(0, "grant", "tom", "--role", "lead", "--queue", "refunds")
	if out, _ := ask(0, "grant", "tom", "--role", "agent", "--queue", "refunds", "--take"); out != "tom: lead of refunds\n" {
		t.Errorf("roles are %q", out)
	}
	ask(0, "member", "tom", "--queue", "refunds")
	if out, _ := ask(0, "member", "tom", "--queue", "general", "--level", "2"); out != "tom: refunds, general (2)\n" {
		t.Errorf("queues are %q", out)
	}
	if out, _ := ask(0, "skill", "tom", "--language", "en", "--category", "refund,password-reset", "--level", "2"); out != "tom: language en (2), category refund (2), category password-reset (2)\n" {
		t.Errorf("skills: %q", out)
	}
	if out, _ := ask(0, "skill", "tom", "--category", "password-reset", "--take"); out != "tom: category refund (2), language en (2)\n" {
		t.Errorf("a skill that is taken: %q", out)
	}
	if out, _ := ask(0, "limit", "tom", "3"); out != "tom: 3\n" {
		t.Errorf("a limit: %q", out)
	}
	if out, _ := ask(0, "member", "tom", "--queue", "refunds", "--take"); out != "tom: general (2)\n" {
		t.Errorf("queues are %q", out)
	}
	list := objects(t, dir, "user", "list")
	if len(list) != 2 || list[0]["login"] != "li.na" || list[1]["state"] != "active" || list[1]["password"] != false || fmt.Sprint(list[1]["roles"]) != "[map[Queue:refunds Role:lead]]" {
		t.Errorf("users are %v", list)
	}
	for _, c := range []struct {
		want int
		say  string
		args []string
	}{
		{command.ExitUsage, "no login", []string{"add", "li na", "--role", "agent"}}, {command.ExitUsage, "takes one login and --role", []string{"add", "anna"}}, {command.ExitUsage, "not \"owner\"", []string{"add", "anna", "--role", "owner"}},
		{command.ExitUsage, "there is no queue \"cards\"; --queue takes ", []string{"add", "anna", "--role", "agent", "--queue", "cards"}}, {command.ExitFinding, "already", []string{"add", "LI.NA", "--role", "agent"}},
		{command.ExitFinding, "time zone", []string{"add", "anna", "--role", "agent", "--zone", "Mars"}}, {command.ExitFinding, "no user \"nobody\"", []string{"disable", "nobody"}}, {command.ExitUsage, "name one user", []string{"link"}},
		{command.ExitFinding, "last administrator", []string{"disable", "li.na"}}, {command.ExitFinding, "last administrator", []string{"grant", "li.na", "--role", "administrator", "--take"}}, {command.ExitUsage, "--level of 1 or 2", []string{"member", "tom", "--queue", "refunds", "--level", "3"}}, {command.ExitUsage, "--level of 1 or 2", []string{"skill", "tom", "--language", "en", "--level", "0"}}, {command.ExitUsage, "from 0 to 1000", []string{"limit", "tom", "many"}},
		{command.ExitUsage, "--url takes", []string{"link", "tom", "--url", "desk.example.com"}}, {command.ExitUsage, "no command", []string{"remove"}},
	} {
		if _, errs := ask(c.want, c.args...); !strings.Contains(errs, c.say) {
			t.Errorf("user %v says %q, want %q", c.args, errs, c.say)
		}
	}

	ask(0, "add", "anna", "--role", "administrator")
	ask(0, "disable", "li.na")
	if got := browse(t, desk+"/desk/me", cookie).StatusCode; got == http.StatusOK {
		t.Error("who is disabled is still signed in")
	}
	if _, errs := ask(command.ExitFinding, "link", "li.na"); !strings.Contains(errs, "user enable") {
		t.Errorf("a link for who is disabled: %s", errs)
	}
	ask(0, "enable", "li.na")
	ask(0, "link", "li.na")
	p.end()
	if _, errs := ask(0, "link", "tom"); !strings.Contains(errs, "Nothing is served") {
		t.Errorf("while nothing is served user link says %s", errs)
	}
}

// TestALinkNamesTheDeskAsAgentsReachIt: by the name that is configured, whatever the listener's address is.
func TestALinkNamesTheDeskAsAgentsReachIt(t *testing.T) {
	c := testConfig(t)
	start(t, c).stop()
	t.Setenv("FRONTDESK_LISTEN_DESK_NAMES", "work.example.com")
	code, out, errs := frontdesk(t, "user", "add", "anna", "--role", "agent", "--data-dir", c.DataDir)
	if code != 0 || !strings.HasPrefix(out, "https://work.example.com/desk/welcome/") {
		t.Errorf("the link is %q, %d %s", out, code, errs)
	}
}
