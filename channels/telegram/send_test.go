package telegram

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/channelstest"
	"frontdesk/channels/channelstest/telegramfake"
	"frontdesk/pipeline/message"
)

func outbound(text string) channels.Outbound {
	return channels.Outbound{Inbox: "bot", To: message.Address{Kind: "telegram", Value: "111"}, Thread: "111", Text: text}
}

func TestSenderConformance(t *testing.T) {
	channelstest.Sender(t, channelstest.SenderCase{
		Faults: []channelstest.Fault{channelstest.Slow, channelstest.ServerError, channelstest.Throttle,
			channelstest.Drop, channelstest.Unauthorized, channelstest.Refuse},
		Patience: 300 * time.Millisecond,
		Carries:  Kind().Traits.Carries,
		Open: func(t *testing.T) channelstest.SenderBench {
			c, fake := withFake(t)
			fake.Write(li(), "hello")
			return channelstest.SenderBench{
				Sender: c, Out: outbound("<b>FD-1</b> & 已收到"), Secrets: []string{testToken, "TEST-token"},
				Fault: func(f channelstest.Fault) { fake.Fail(telegramfake.Fault(f)) },
				Taken: func() []string {
					var out []string
					for _, m := range fake.Sent() {
						out = append(out, m.Text)
					}
					return out
				},
				Long: strings.Repeat("我们已经收到您的来信😀", 1000),
				Holds: func() (out channelstest.Held) {
					for _, m := range fake.Sent() {
						if m.File != nil {
							out.Files = append(out.Files, channelstest.HeldFile{Name: m.File.Name, Type: m.File.Type, Content: m.File.Content})
						}
					}
					return out
				},
			}
		},
	})
}

func TestSendRefused(t *testing.T) {
	c, fake := withFake(t)
	fake.Write(li(), "hello")
	fake.Write(telegramfake.Customer{ID: 222, Name: "Bo"}, "hello")
	fake.Block(222)
	to := func(value, thread string) channels.Outbound {
		return channels.Outbound{To: message.Address{Kind: "telegram", Value: value}, Thread: thread, Text: "x"}
	}
	for _, tc := range []struct {
		name string
		out  channels.Outbound
		want channels.Class
	}{
		{"a user who blocked the bot", to("222", ""), channels.Gone},
		{"a chat that is not known", to("333", ""), channels.Gone},
		{"a group that is not known, of a person who is", to("111", "-333"), channels.Permanent},
		{"a user name", to("@li_wei", ""), channels.Permanent},
		{"a telephone number", channels.Outbound{To: message.Address{Kind: message.Phone, Value: "+111"}, Text: "x"}, channels.Permanent},
		{"no text", outbound(" "), channels.Permanent},
		{"more skipped than there is", channels.Outbound{Thread: "111", Text: "x", Skip: 2}, channels.Permanent},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := c.Send(t.Context(), "k", tc.out)
			if e, ok := err.(*channels.Error); !ok || e.Class != tc.want {
				t.Errorf("error %v, want class %q", err, tc.want)
			}
		})
	}
	if n := len(fake.Sent()); n != 0 {
		t.Errorf("%d messages were sent", n)
	}
}

func TestSendFollowsAGroupToItsNewID(t *testing.T) {
	c, fake := withFake(t)
	group := li()
	group.Chat = -5
	fake.Write(group, "hello")
	fake.Migrate(-5, -1005)
	r, err := c.Send(t.Context(), "k", channels.Outbound{To: outbound("").To, Thread: "-5", Text: "x"})
	if err != nil || !strings.HasPrefix(r.ProviderID, "-1005:") || fake.Sent()[0].Chat != -1005 {
		t.Errorf("receipt %+v, %v; want it sent to the new group", r, err)
	}
}

func TestPartsAreOfUTF16Units(t *testing.T) {
	_, texts, err := plan(outbound(strings.Repeat("😀", 2049)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{2048, 1}, []int{len([]rune(texts[0].text)), len([]rune(texts[1].text))}); diff != "" {
		t.Errorf("lengths (-want +got):\n%s", diff)
	}
}

func TestClassesOfAnswers(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   channels.Class
		after  time.Duration
	}{
		{"busy", 429, `{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":35}}`, channels.Throttled, 35 * time.Second},
		{"busy, from a gateway", 429, `<html>`, channels.Throttled, time.Second},
		{"the user is gone", 403, `{"ok":false,"description":"Forbidden: user is deactivated"}`, channels.Gone, 0},
		{"not allowed to begin", 403, `{"ok":false,"description":"Forbidden: bot can't initiate conversation with a user"}`, channels.Gone, 0},
		{"put out of a group", 403, `{"ok":false,"description":"Forbidden: bot was kicked from the supergroup chat"}`, channels.Gone, 0},
		{"not in the group", 403, `{"ok":false,"description":"Forbidden: bot is not a member of the supergroup chat"}`, channels.Gone, 0},
		{"a chat that nobody knows", 400, `{"ok":false,"description":"Bad Request: chat not found"}`, channels.Gone, 0},
		{"a right that is missing", 400, `{"ok":false,"description":"Bad Request: not enough rights to send text messages to the chat"}`, channels.Permanent, 0},
		{"a chat in which nobody may write", 403, `{"ok":false,"description":"Forbidden: CHAT_WRITE_FORBIDDEN"}`, channels.Permanent, 0},
		{"a topic that was closed", 400, `{"ok":false,"description":"Bad Request: TOPIC_CLOSED"}`, channels.Permanent, 0},
		{"a page of a proxy", 403, `<html>`, channels.Temporary, 0},
		{"a token that was revoked", 401, `{"ok":false,"description":"Unauthorized"}`, channels.Unauthorized, 0},
		{"a token that never was", 404, `{"ok":false,"description":"Not Found"}`, channels.Unauthorized, 0},
		{"a refusal of next year", 400, `{"ok":false,"description":"Bad Request: SOMETHING_NEW"}`, channels.Permanent, 0},
		{"broken", 500, `{"ok":false,"description":"Internal Server Error"}`, channels.Temporary, 0},
		{"a gateway that waited in vain", 504, `<html>`, channels.Unknown, 0},
		{"taken, but the answer is not JSON", 200, `<html>`, channels.Unknown, 0},
		{"taken, but the answer is no message", 200, `{"ok":true,"result":true}`, channels.Unknown, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := answering(t, c.status, c.body).Send(t.Context(), "k", outbound("x"))
			e, ok := err.(*channels.Error)
			if !ok || e.Class != c.want || e.After != c.after {
				t.Errorf("error %#v, want class %q after %v", err, c.want, c.after)
			}
		})
	}
}
