package imap

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/email/internal/emailtest"
)

// once makes a hook that misbehaves at the first line with that beginning, and never again.
func once(prefix string, do func(c *fakeConn, tag, line string)) func(*fakeConn, string, string) bool {
	var done atomic.Bool
	return func(c *fakeConn, tag, line string) bool {
		if !strings.HasPrefix(line, prefix) || done.Swap(true) {
			return false
		}
		do(c, tag, line)
		return true
	}
}

func silence(*fakeConn, string, string) {}

func TestFetchSurvivesAServerThatGoesWrongOnce(t *testing.T) {
	half := func(c *fakeConn, _, _ string) {
		c.raw("* 1 FETCH (UID 1 BODY[] {20}\r\nSubject: 1")
		_ = c.conn.Close()
	}
	cases := map[string]func(*fakeConn, string, string) bool{
		"silent after CAPABILITY":  once("CAPABILITY", silence),
		"silent after LOGIN":       once("LOGIN", silence),
		"silent after ID":          once("ID", silence),
		"silent after EXAMINE":     once("EXAMINE", silence),
		"silent after SEARCH":      once("UID SEARCH", silence),
		"silent after FETCH":       once("UID FETCH", silence),
		"silent within a line":     once("UID FETCH", func(c *fakeConn, _, _ string) { c.raw("* 1 FETCH (UI") }),
		"silent within a literal":  once("UID FETCH 1:3 (UID BODY", func(c *fakeConn, _, _ string) { c.raw("* 1 FETCH (UID 1 BODY[] {20}\r\nSubj") }),
		"closes within a literal":  once("UID FETCH 1:3 (UID BODY", half),
		"closes before the answer": once("UID FETCH", func(c *fakeConn, _, _ string) { _ = c.conn.Close() }),
		"says BYE":                 once("UID SEARCH", func(c *fakeConn, _, _ string) { c.say("* BYE too tired"); _ = c.conn.Close() }),
		"answers garbage":          once("UID SEARCH", func(c *fakeConn, tag, _ string) { c.say("* SEARCH one two"); c.say("%s OK", tag) }),
		"refuses with BAD":         once("EXAMINE", func(c *fakeConn, tag, _ string) { c.say("%s BAD User is authenticated but not connected.", tag) }),
		"an answer for no command": once("UID SEARCH", func(c *fakeConn, _, _ string) { c.say("T99 OK what") }),
	}
	for name, hook := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFake(t)
			s.fill(3)
			s.hook = hook
			f := newFetcher(t, s.config())
			got, cursor := drain(t, f, nil, 3)
			if diff := cmp.Diff([]string{"INBOX:42:1", "INBOX:42:2", "INBOX:42:3"}, keys(got)); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{s.mails[0].raw, s.mails[1].raw, s.mails[2].raw}, raws(got)); diff != "" {
				t.Errorf("mails (-want +got):\n%s", diff)
			}
			if c := cursorOf(t, cursor); len(c.Pending) > 0 {
				t.Errorf("pending = %+v, want none: one failure is not the mail's", c.Pending)
			}
			if s.connections() < 2 {
				t.Error("nothing went wrong")
			}
		})
	}
}

func TestFetchSaysTemporaryWithinTheDeadline(t *testing.T) {
	for name, prepare := range map[string]func(*fake){
		"no greeting":            func(s *fake) { s.greeting = "" },
		"a greeting of BYE":      func(s *fake) { s.greeting = "* BYE full" },
		"nothing after LOGIN":    func(s *fake) { s.hook = always("LOGIN", silence) },
		"IDLE without a plus":    func(s *fake) { s.mails = nil; s.hook = always("IDLE", silence) },
		"DONE without an answer": func(s *fake) { s.mails = nil; s.hook = always("IDLE", deaf) },
		"one byte and no more": func(s *fake) {
			s.hook = always("UID SEARCH", func(c *fakeConn, _, _ string) { c.raw("*") })
		},
		"no UIDVALIDITY":     func(s *fake) { s.validity = 0 },
		"a line without end": func(s *fake) { s.hook = always("UID SEARCH", endless) },
		"a giant string": func(s *fake) {
			s.hook = always("UID SEARCH", func(c *fakeConn, _, _ string) { c.raw("* LIST () \"/\" {999999999}\r\n") })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFake(t)
			s.fill(1)
			prepare(s)
			cfg := s.config()
			cfg.IdleFor = 100 * time.Millisecond
			f := newFetcher(t, cfg)
			var cursor channels.Cursor
			// The deadlines of the connector are well below a second; what is measured is that it has some, and not how busy
			// this machine is.
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			for range 4 {
				b, err := f.Fetch(ctx, cursor)
				if err == nil {
					cursor = b.Next
					continue
				}
				if e := emailtest.Error(t, err); e.Class != channels.Temporary {
					t.Errorf("class = %q, want Temporary (%v)", e.Class, err)
				}
				if ctx.Err() != nil {
					t.Error("only the end of the test ended it")
				}
				return
			}
			t.Error("Fetch saw nothing wrong")
		})
	}
}

func always(prefix string, do func(c *fakeConn, tag, line string)) func(*fakeConn, string, string) bool {
	return func(c *fakeConn, tag, line string) bool {
		if !strings.HasPrefix(line, prefix) {
			return false
		}
		do(c, tag, line)
		return true
	}
}

// deaf takes IDLE and never hears DONE.
func deaf(c *fakeConn, _, _ string) {
	c.say("+ idling")
	_, _ = c.in.ReadString('\n')
}

// endless writes one line for as long as anybody reads it.
func endless(c *fakeConn, _, _ string) {
	c.raw("* SEARCH")
	more := []byte(strings.Repeat(" 1234567", 8<<10))
	for {
		if _, err := c.conn.Write(more); err != nil {
			return
		}
	}
}

func TestFetchUnderstandsServersWithHabits(t *testing.T) {
	body := func(m fakeMail) string {
		return strings.TrimPrefix(m.line("BODY"), fmt.Sprintf("* %d FETCH ", m.uid))
	}
	cases := map[string]func(c *fakeConn, m fakeMail){
		"a flag update before the body": func(c *fakeConn, m fakeMail) {
			c.say(`* %d FETCH (UID %d FLAGS (\Seen))`, m.uid, m.uid)
			c.say("* %d FETCH %s", m.uid, body(m))
		},
		"the UID behind the body": func(c *fakeConn, m fakeMail) {
			c.say("* %d FETCH (BODY[] {%d}\r\n%s UID %d)", m.uid, len(m.raw), m.raw, m.uid)
		},
		"a space before the parenthesis": func(c *fakeConn, m fakeMail) {
			c.say("* %d FETCH (FLAGS ( \\Seen ) UID  %d BODY[] {%d}\r\n%s )", m.uid, m.uid, len(m.raw), m.raw)
		},
		"items of its own": func(c *fakeConn, m fakeMail) {
			c.say(`* %d FETCH (X-GM-LABELS (\Inbox "a) b") UID %d RFC822 {%d}`+"\r\n%s X-GM-MSGID 12)", m.uid, m.uid, len(m.raw), m.raw)
		},
		"lower case": func(c *fakeConn, m fakeMail) {
			c.say("* %d fetch (uid %d body[] {%d}\r\n%s)", m.uid, m.uid, len(m.raw), m.raw)
		},
		"answers nobody asked for": func(c *fakeConn, m fakeMail) {
			c.say("* VANISHED (EARLIER) 41,43:116")
			c.say("* LSUB () \".\" #news.comp.mail.misc")
			c.say("* LANGUAGE (DE)")
			c.say("* JMAPACCESS")
			c.say("* X-GM-SOMETHING {5}\r\nhello more")
			c.say("* ID (\"name\" NIL)")
			c.say("* QUOTAROOT INBOX")
			c.say("")
			c.say("[COPYUID 1 2 3] old Exchange")
			c.say("* 3 X-COUNT")
			c.say("* OK [Error=\"Microsoft.Exchange.Data.Storage.WrongServerException: x\"] hm")
			c.say("* OK [ALERT the quota is full")
			c.say("* NO [ALERT] disk nearly full")
			c.say("* OK still here {3}")
			c.say("* %d FETCH %s", m.uid, body(m))
		},
	}
	for name, speak := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFake(t)
			s.fill(2)
			s.hook = func(c *fakeConn, tag, line string) bool {
				mails, ok := s.bodies(line)
				for _, m := range mails {
					speak(c, m)
				}
				if ok {
					c.say("%s OK [Error=\"Microsoft\"] done", tag)
				}
				return ok
			}
			f := newFetcher(t, s.config())
			got, cursor := drain(t, f, nil, 2)
			if diff := cmp.Diff([]string{s.mails[0].raw, s.mails[1].raw}, raws(got)); diff != "" {
				t.Errorf("mails (-want +got):\n%s", diff)
			}
			if c := cursorOf(t, cursor); len(c.Pending) > 0 || s.connections() > 1 {
				t.Errorf("pending %v, %d connections; want none and one", c.Pending, s.connections())
			}
		})
	}
}

// Scenario: one bad mail blocks all others.
func TestFetchMailThatBreaksTheParserCostsNoOther(t *testing.T) {
	garbled := func(c *fakeConn, _ string, m fakeMail) {
		c.say("* %d FETCH (UID %d BODY[] nonsense)", m.uid, m.uid)
	}
	cases := map[string]struct {
		bad   int
		speak func(c *fakeConn, tag string, m fakeMail)
		why   string
	}{
		"the first of 80 cannot be parsed": {1, garbled, "cannot be read"},
		"the middle one cannot be parsed":  {41, garbled, "cannot be read"},
		"the last one cannot be parsed":    {80, garbled, "cannot be read"},
		"the server has no body for it":    {7, func(c *fakeConn, _ string, m fakeMail) { c.say("* %d FETCH (UID %d BODY[] NIL)", m.uid, m.uid) }, "no body"},
		"the server hands over an empty body": {7, func(c *fakeConn, _ string, m fakeMail) {
			c.say("* %d FETCH (UID %d BODY[] \"\")", m.uid, m.uid)
		}, "no body"},
		"the server leaves it out": {7, func(*fakeConn, string, fakeMail) {}, "no body"},
		"the server dies of it":    {7, func(c *fakeConn, _ string, _ fakeMail) { _ = c.conn.Close() }, "connection breaks"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFake(t)
			s.fill(80)
			s.hook = badMail(s, c.bad, c.speak)
			f := newFetcher(t, s.config())
			f.retry = func(int) time.Duration { return 50 * time.Microsecond }
			got, cursor := drain(t, f, nil, 80)
			if c := cursorOf(t, cursor); len(c.Pending) > 0 || c.Last != 80 {
				t.Errorf("cursor = %+v, want 80 and nothing pending", c)
			}
			good, parked := 0, channels.Delivery{}
			for _, d := range got {
				if d.Cause == "" {
					good++
				} else {
					parked = d
				}
			}
			if good != 79 || parked.Cause != "unparsable" || parked.Key != fmt.Sprintf("INBOX:42:%d", c.bad) {
				t.Fatalf("got %d good mails and parked %q as %q", good, parked.Key, parked.Cause)
			}
			if !strings.Contains(parked.Evidence, c.why) {
				t.Errorf("evidence = %q, want %q in it", parked.Evidence, c.why)
			}
			if !strings.HasPrefix(string(parked.Raw), "Subject: ") {
				t.Errorf("raw = %q, want the mail's header", parked.Raw)
			}
		})
	}
}

// badMail lets speak answer for one mail when its whole body is asked for.
func badMail(s *fake, bad int, speak func(*fakeConn, string, fakeMail)) func(*fakeConn, string, string) bool {
	return func(c *fakeConn, tag, line string) bool {
		mails, ok := s.bodies(line)
		if !ok || strings.Contains(line, "HEADER") {
			return false
		}
		for _, m := range mails {
			if m.uid == bad {
				speak(c, tag, m)
				continue
			}
			c.say("%s", m.line("BODY"))
		}
		c.say("%s OK done", tag)
		return true
	}
}

func TestFetchBadDateCostsOnlyTheDate(t *testing.T) {
	s := newFake(t)
	s.fill(5)
	s.mails[2].date = `"99-Nil-0000 nonsense"`
	cfg := s.config()
	cfg.Since = time.Time{}
	s.set(func() { s.uidNext = "1" })
	f := newFetcher(t, cfg)
	cursor := fetch(t, f, nil).Next
	s.set(func() { s.uidNext = "" })
	got, _ := drain(t, f, cursor, 5)
	for _, d := range got {
		if d.Cause != "" || len(d.Raw) == 0 {
			t.Errorf("%s is parked as %q (%s), want the mail", d.Key, d.Cause, d.Evidence)
		}
		if d.Key == "INBOX:42:3" && time.Since(d.At) > time.Minute {
			t.Errorf("mail without a date is of %v, want now", d.At)
		}
	}
}

func TestFetchVanishedMailIsGone(t *testing.T) {
	for name, answer := range map[string]string{
		"with the code for it":  "NO [EXPUNGEISSUED] Some messages were deleted",
		"with plain NO":         "NO Some of the requested messages no longer exist",
		"without saying so":     "OK done",
		"with an unknown error": "BAD what",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFake(t)
			s.fill(4)
			f := newFetcher(t, s.config())
			cursor := fetch(t, f, nil).Next
			s.hook = func(c *fakeConn, tag, line string) bool {
				if _, ok := s.bodies(line); !ok {
					return false
				}
				s.set(func() {
					if len(s.mails) == 4 {
						s.mails = append(s.mails[:1:1], s.mails[2:]...) // another client expunges UID 2
					}
				})
				mails, _ := s.bodies(line)
				c.say("* 2 EXPUNGE")
				for _, m := range mails {
					c.say("%s", m.line("BODY"))
				}
				c.say("%s %s", tag, answer)
				return true
			}
			got, cursor := drain(t, f, cursor, 3)
			if diff := cmp.Diff([]string{"INBOX:42:1", "INBOX:42:3", "INBOX:42:4"}, keys(got)); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
			if c := cursorOf(t, cursor); len(c.Pending) != 0 || c.Gone != 1 || c.Last != 4 {
				t.Errorf("cursor = %+v, want UID 2 counted as gone", c)
			}
		})
	}
}

func TestFetchOversizeComesWithItsBeginning(t *testing.T) {
	big := "Subject: big\r\n\r\n" + strings.Repeat("x", 600<<10)
	for name, size := range map[string]int{"announced": 0, "not announced": 100} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFake(t)
			s.fill(1)
			s.put(big)
			s.put("Subject: 3\r\n\r\nlast\r\n")
			s.mails[1].size = size
			cfg := s.config()
			cfg.MaxSize = 400 << 10
			got, _ := drain(t, newFetcher(t, cfg), nil, 3)
			var d channels.Delivery
			for _, g := range got {
				if g.Cause != "" {
					d = g
				}
			}
			if d.Cause != "too-large" || d.Key != "INBOX:42:2" || d.Evidence == "" || string(d.Raw) != big[:head] {
				t.Errorf("got %q as %q with %d octets: %s", d.Key, d.Cause, len(d.Raw), d.Evidence)
			}
		})
	}
}

func TestFetchRefusalOfTheWholeServerBlamesNoMail(t *testing.T) {
	cases := map[string]struct {
		answer string
		want   channels.Class
		after  time.Duration
	}{
		"throttled":   {"NO Request is throttled. Suggested Backoff Time: 1500 milliseconds", channels.Throttled, 1500 * time.Millisecond},
		"unavailable": {"NO [UNAVAILABLE] backend down", channels.Temporary, 0},
		"no reason":   {"NO internal error", channels.Temporary, 0},
		// One mail alone: the words must be about the server to clear it.
		"throttled at the only mail":   {"BAD Request is throttled. Suggested Backoff Time: 1500 milliseconds", channels.Throttled, 1500 * time.Millisecond},
		"unavailable at the only mail": {"NO [UNAVAILABLE] backend down", channels.Temporary, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFake(t)
			n := 3
			if strings.HasSuffix(name, "only mail") {
				n = 1
			}
			s.fill(n)
			s.hook = once(map[int]string{1: "UID FETCH 1 (UID BODY", 3: "UID FETCH 1:3 (UID BODY"}[n], func(conn *fakeConn, tag, _ string) { conn.say("%s %s", tag, c.answer) })
			f := newFetcher(t, s.config())
			cursor := fetch(t, f, nil).Next
			_, err := f.Fetch(t.Context(), cursor)
			if e := emailtest.Error(t, err); e.Class != c.want || e.After != c.after {
				t.Errorf("got %+v, want %q after %v", e, c.want, c.after)
			}
			got, cursor := drain(t, f, cursor, n)
			if p := cursorOf(t, cursor).Pending; len(got) != n || len(p) != 0 {
				t.Errorf("got %d mails, pending %v", len(got), p)
			}
		})
	}
}
