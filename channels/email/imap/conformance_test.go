package imap

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/channelstest"
)

func TestIMAPConformance(t *testing.T) {
	channelstest.Fetcher(t, channelstest.FetcherCase{
		Open: openBench,
		Faults: []channelstest.Fault{
			channelstest.Slow, channelstest.ServerError, channelstest.Throttle, channelstest.Drop,
		},
	})
}

func openBench(t *testing.T) channelstest.FetcherBench {
	s := newFake(t)
	var mu sync.Mutex
	bad := map[int]bool{}
	broken := func(c *fakeConn, tag, line string) bool {
		mails, ok := s.bodies(line)
		if !ok {
			return false
		}
		for _, m := range mails {
			mu.Lock()
			garbled := bad[m.uid]
			mu.Unlock()
			if garbled {
				c.say("* %d FETCH (UID %d BODY[] nonsense)", m.uid, m.uid)
			} else {
				c.say("%s", m.line(line))
			}
		}
		c.say("%s OK done", tag)
		return true
	}
	s.hook = broken
	return channelstest.FetcherBench{
		Connect: func() channels.Fetcher { return newFetcher(t, s.config()) },
		Put:     func(text string) { s.put("From: c@example.com\r\nSubject: x\r\n\r\n" + text) },
		PutBad: func() {
			s.put("Subject: bad\r\n\r\nbad")
			s.set(func() {
				mu.Lock()
				defer mu.Unlock()
				bad[s.mails[len(s.mails)-1].uid] = true
			})
		},
		Fault: func(fault channelstest.Fault) {
			once := once("EXAMINE", func(c *fakeConn, tag, _ string) { fail(c, tag, fault) })
			s.set(func() {
				s.hook = func(c *fakeConn, tag, line string) bool { return once(c, tag, line) || broken(c, tag, line) }
			})
		},
		Secrets: []string{"test-password"},
	}
}

func fail(c *fakeConn, tag string, fault channelstest.Fault) {
	switch fault {
	case channelstest.Slow:
		time.Sleep(time.Second)
	case channelstest.ServerError:
		c.say("%s NO [SERVERBUG] internal error", tag)
	case channelstest.Throttle:
		c.say("%s BAD Request is throttled. Suggested Backoff Time: 299961 milliseconds", tag)
	case channelstest.Drop:
		c.raw("* 1 EXI")
		_ = c.conn.Close()
	default:
		panic(fmt.Sprintf("no such fault: %s", fault))
	}
}
