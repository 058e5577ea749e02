package demo

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/cmd/frontdesk/service"
	"frontdesk/configs"
	"frontdesk/templates/home"
	table "frontdesk/workers/store/desk"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// TestTwoOfTheDemonstrationWorkByThemselves on the desk's own pages: they answer in their languages, close, ask the lead, and leave some
// tickets to whoever signs in.
func TestTwoOfTheDemonstrationWorkByThemselves(t *testing.T) {
	quick := pace{first: 10 * time.Millisecond, rest: 20 * time.Millisecond, read: 10 * time.Millisecond, write: 10 * time.Millisecond, beat: time.Second, leaves: 2}
	r := startRig(t, testConfig(t), func(ctx context.Context, c configs.Config, o service.Options) error { return serve(ctx, c, o, quick) })
	defer r.stop()
	var wang users.User
	r.eventually(10*time.Second, func() string {
		var err error
		if wang, err = r.store.Users.Find(t.Context(), "wang.fang"); err != nil {
			return err.Error()
		}
		return ""
	})
	lead := viewer.Viewer{User: wang.ID, Login: "wang.fang", Grants: []viewer.Grant{{Role: viewer.Lead, Queue: viewer.Every}}}
	replies := func() (by map[string][]string) {
		by = map[string][]string{}
		tickets, err := r.books()
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range tickets.tickets {
			lines, _, err := r.store.Desk.Timeline(t.Context(), lead, k.ID, table.Mark{}, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range lines {
				if l.Reply != nil && l.Reply.Kind == "reply" {
					language, _, _ := strings.Cut(l.Reply.Language, "-")
					by[l.Reply.Name] = append(by[l.Reply.Name], language)
				}
			}
		}
		return by
	}
	r.eventually(90*time.Second, func() string {
		by := replies()
		unseen, err := r.store.Mentions.Unseen(t.Context(), lead)
		switch {
		case err != nil:
			return err.Error()
		case len(by["Li Na"]) == 0 || len(by["Tom"]) == 0:
			return "an answer of each"
		case unseen == 0:
			return "a question to the lead"
		}
		return ""
	})
	for name, languages := range replies() {
		if want := map[string]string{"Li Na": "zh", "Tom": "en"}[name]; slices.ContainsFunc(languages, func(l string) bool { return l != want }) {
			t.Errorf("%s answered in %v", name, languages)
		}
	}
	time.Sleep(time.Second) // with this pace they would have taken what is left
	c, err := r.store.Desk.Counts(t.Context(), lead, time.Now())
	if err != nil || c.Unassigned == 0 {
		t.Errorf("%d tickets are left, %v", c.Unassigned, err)
	}
	if strings.Contains(r.out.String(), "takes a break") {
		t.Errorf("the desk has refused something:\n%s", r.out)
	}
}

func TestAFormIsReadAsABrowserWouldSendIt(t *testing.T) {
	p, err := readPage(strings.NewReader(`<input type="hidden" name="lost" value="1"><form action="/a"><input type=hidden name=key value="a&amp;b"><textarea name="text">one &lt; two</textarea>
<input name="typed" value="no"><button name="then" value="x">Go</button></form><form action="/b"><textarea name="empty"></textarea><input type="hidden" name="seen" value="8"></form>`))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]url.Values{"/a": {"key": {"a&b"}, "text": {"one < two"}}, "/b": {"seen": {"8"}}}
	for action, fields := range want {
		got, ok := p.fields(action)
		if !ok {
			t.Errorf("no form %s", action)
		}
		if diff := cmp.Diff(fields, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", action, diff)
		}
	}
	if _, ok := p.fields("/c"); ok {
		t.Error("a form that is not there")
	}
}

func TestTheNearestAnswerIsTaken(t *testing.T) {
	const otherwise = "otherwise"
	for _, c := range []struct{ name, category, said, language, has string }{
		{"a question that was asked", "payment-failed", "it did not go through and the money was deducted", home.English, "Please do not pay again"},
		{"in its language", "payment-failed", "没有付成，但是已经扣款", home.Simplified, "请先不要重复支付"},
		{"another one of the category", "payment-failed", "it says processing for hours", home.English, "24 hours"},
		{"one that nothing speaks for", "payment-failed", "hello", home.English, otherwise},
		{"a category that is not there", "unheard-of", "deducted", home.English, otherwise},
	} {
		if got := nearest(c.category, c.said, c.language, otherwise); !strings.Contains(got, c.has) {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}
