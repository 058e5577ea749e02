package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// attack is one way to stop the desk. run ends with ctx and says how often it was done.
type attack struct {
	name string
	run  func(ctx context.Context, s *siege) int64
}

// attacks are those of the security review and their neighbours.
func attacks() []attack {
	return []attack{
		{"bodies that are announced and never come", slowBodies},
		{"answers that nobody reads", unreadAnswers},
		{"apostrophes, which a page shows five times as long", apostrophes},
		{"language tags without end", languageTags},
		{"tiny posts from all of a /48", ofOneSite(http.MethodPost, "/form/contact", "x=1")},
		{"challenges for all of a /48", ofOneSite(http.MethodGet, "/form/contact/challenge", "")},
		{"SMTP sessions that say nothing", silentSMTP},
		{"mails that come a letter at a time", slowMail},
		{"header fields of many folded lines", foldedFields},
		{"what is malformed, at each door", malformed},
		{"posts and mails in a customer's name", victims},
		{"numbers that cost, by form", pumping},
		{"wrong tokens at the operator's page", wrongTokens},
	}
}

// horde runs n attackers side by side, each again and again until ctx ends.
func horde(ctx context.Context, n int, once func(ctx context.Context, i int)) int64 {
	var all sync.WaitGroup
	var times, next atomic.Int64
	for range n {
		all.Go(func() {
			for ctx.Err() == nil {
				once(ctx, int(next.Add(1)))
				times.Add(1)
			}
		})
	}
	all.Wait()
	return times.Load()
}

// hang opens a connection from the nth address, says words, and stays until the other side or ctx ends it.
// It reads only where listen is set.
func hang(ctx context.Context, n int, addr, words string, listen bool) {
	c, err := dialer(n).DialContext(ctx, "tcp", addr)
	if err != nil {
		pause(ctx, 100*time.Millisecond)
		return
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	if t, ok := c.(*net.TCPConn); ok && !listen {
		_ = t.SetReadBuffer(4096)
	}
	if _, err := io.WriteString(c, words); err != nil || !listen {
		if err != nil {
			pause(ctx, 50*time.Millisecond)
			return
		}
		<-ctx.Done()
		return
	}
	_, _ = io.Copy(io.Discard, c)
	pause(ctx, 50*time.Millisecond)
}

// posted is the head of a post to the form with a body that is announced to have size bytes.
func posted(size int, more string) string {
	return fmt.Sprintf("POST /form/contact HTTP/1.1\r\nHost: desk.example\r\nContent-Type: application/x-www-form-urlencoded\r\n%sContent-Length: %d\r\n\r\n", more, size)
}

func slowBodies(ctx context.Context, s *siege) int64 {
	return horde(ctx, 161+40, func(ctx context.Context, i int) {
		size, client := 20<<20-1, i
		switch {
		case i%3 == 1:
			size = 60 << 10
		case i%3 == 2:
			client = 7 // many from one address
		}
		hang(ctx, client, s.p.at.HTTP, posted(size, "")+"a", true)
	})
}

func unreadAnswers(ctx context.Context, s *siege) int64 {
	body := "text=" + strings.Repeat("a", 60<<10)
	lines := strings.Repeat("GET /form/contact HTTP/1.1\r\nHost: desk.example\r\n\r\n", 400)
	return horde(ctx, 100, func(ctx context.Context, i int) {
		words := lines
		if i%2 == 0 {
			words = strings.Repeat(posted(len(body), "")+body, 4)
		}
		hang(ctx, 300+i, s.p.at.HTTP, words, false)
	})
}

func apostrophes(ctx context.Context, s *siege) int64 {
	large, small := strings.Repeat("'", 19<<20), strings.Repeat("'", 60<<10)
	return horde(ctx, 11, func(ctx context.Context, i int) {
		text := small
		if i%2 == 0 {
			text = large
		}
		hang(ctx, 500+i%2000, s.p.at.HTTP, posted(len(text)+5, "Connection: close\r\n")+"text="+text, i%3 != 0)
	})
}

func languageTags(ctx context.Context, s *siege) int64 {
	tags := []string{"en-" + strings.Repeat("%40-", 60_000), "en" + strings.Repeat("-a-bb", 50_000), "en-" + strings.Repeat("123456789-", 6_000), strings.Repeat("en;q=0.1,", 6_000)}
	return horde(ctx, 4, func(ctx context.Context, i int) {
		tag := tags[i%len(tags)]
		body, head := "text=x&email=a%40b.example&lang="+tag, "Connection: close\r\n"
		if i%2 == 0 {
			head += "Accept-Language: " + tag[:30_000] + "\r\n"
		}
		if i%3 == 0 {
			body = "x=1&" + strings.Repeat("lang=en&", 7_000)
		}
		hang(ctx, 3000+i%2000, s.p.at.HTTP, posted(len(body), head)+body, true)
	})
}

// ofOneSite calls through the trusted proxy, each time from another /64 of one /48.
func ofOneSite(method, path, body string) func(context.Context, *siege) int64 {
	return func(ctx context.Context, s *siege) int64 {
		client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}
		defer client.CloseIdleConnections()
		var n atomic.Int64
		horde(ctx, 8, func(ctx context.Context, _ int) {
			i := n.Add(1)
			if i > 20_000 {
				n.Add(-1)
				<-ctx.Done()
				return
			}
			req, err := http.NewRequestWithContext(ctx, method, "http://"+s.p.at.HTTP+path, strings.NewReader(body))
			if err != nil {
				return
			}
			req.Header.Set("Content-Type", formKind)
			req.Header.Set("X-Forwarded-For", fmt.Sprintf("2a0e:b107:1:%x::1", i))
			if res, err := client.Do(req); err == nil {
				_, _ = io.Copy(io.Discard, res.Body)
				res.Body.Close()
			}
		})
		return n.Load()
	}
}

func silentSMTP(ctx context.Context, s *siege) int64 {
	return horde(ctx, 200, func(ctx context.Context, i int) { hang(ctx, 6000+i%5000, s.p.at.SMTP, "", true) })
}

// smtpTo has the SMTP door wait for the text of a mail. The caller closes the connection.
func (s *siege) smtpTo(ctx context.Context, n int) (net.Conn, error) {
	c, err := dialer(n).DialContext(ctx, "tcp", s.p.at.SMTP)
	if err != nil {
		return nil, err
	}
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	in := bufio.NewReader(c)
	for _, line := range []string{"", "HELO a\r\n", "MAIL FROM:<a@bank.example>\r\n", "RCPT TO:<support@desk.example>\r\n", "DATA\r\n"} {
		if _, err = io.WriteString(c, line); err == nil {
			_, err = in.ReadString('\n')
		}
		if err != nil {
			c.Close()
			return nil, err
		}
	}
	return c, nil
}

func slowMail(ctx context.Context, s *siege) int64 {
	return horde(ctx, 120, func(ctx context.Context, i int) {
		c, err := s.smtpTo(ctx, 12_000+i%5000)
		if err != nil {
			pause(ctx, 100*time.Millisecond)
			return
		}
		defer c.Close()
		for err == nil && pause(ctx, 200*time.Millisecond) {
			_, err = io.WriteString(c, "X")
		}
	})
}

// foldedFields sends mails whose signature, and whose other field, is of many folded lines. Who asks from the
// loopback network is not checked as a sender; what such a check costs is held by TestVerdictsCostLinearTime.
func foldedFields(ctx context.Context, s *siege) int64 {
	fold := strings.Repeat(" a\r\n", 200_000)
	signature := "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=bank.example; s=s;\r\n h=from:subject:x; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=YQ==\r\n"
	return horde(ctx, 3, func(ctx context.Context, i int) {
		c, err := s.smtpTo(ctx, 18_000+i%5000)
		if err != nil {
			pause(ctx, 100*time.Millisecond)
			return
		}
		defer c.Close()
		defer context.AfterFunc(ctx, func() { c.Close() })()
		head := signature + "X: a\r\n" + fold
		if i%2 == 0 {
			head = strings.TrimSuffix(signature, "\r\n") + ";\r\n" + fold
		}
		if _, err := io.WriteString(c, head+"From: a@bank.example\r\nTo: support@desk.example\r\nSubject: hi\r\n\r\nhello\r\n.\r\n"); err == nil {
			_, _ = bufio.NewReader(c).ReadString('\n')
		}
	})
}

func malformed(ctx context.Context, s *siege) int64 {
	words := []string{
		"*1\r\n$2147483647\r\nPING\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + strings.Repeat("\x00", 512), "GET / HTTP/9.9\r\n\r\n",
		"POST /form/contact HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", "POST /hooks/hotline HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
		strings.Repeat("A", 200_000), strings.Repeat("\r\n", 50_000), "EHLO " + strings.Repeat("a", 5000) + "\r\n", "MAIL FROM:<" + strings.Repeat("@a,", 2000) + ":x@y>\r\n",
		"EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<support@desk.example>\r\nBDAT 99999999999999999999\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + strings.Repeat("\x00\x00\x00\x04\x00", 1000),
		"POST /api/v1/inboxes/app/messages HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + siegeToken + "\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("[", 100_000),
	}
	return horde(ctx, 12, func(ctx context.Context, i int) {
		ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
		doors := []string{s.p.at.HTTP, s.p.at.SMTP, s.p.at.Ops}
		hang(ctx, 24_000+i%9000, doors[i/len(words)%len(doors)], words[i%len(words)], true)
	})
}

// stranger is the address of an attacker, as the trusted proxy names it.
func stranger(i int) string { return fmt.Sprintf("203.0.%d.%d", i/250%250, 1+i%250) }

// typed posts the form with a proof of work, from an address of its own.
func (s *siege) typed(ctx context.Context, i int, fields url.Values) {
	proof, a := s.solved(ctx, stranger(i))
	if a.err != nil || !pause(ctx, 1100*time.Millisecond) {
		pause(ctx, 50*time.Millisecond)
		return
	}
	fields.Set("altcha", proof)
	s.call(ctx, http.MethodPost, "/form/contact", formKind, fields.Encode(), stranger(i))
}

// victims write in the names of honest customers, those who wrote before and those who will.
func victims(ctx context.Context, s *siege) int64 {
	return horde(ctx, 20, func(ctx context.Context, i int) {
		who := fmt.Sprintf("%s%d@honest.example", []string{"f", "a"}[i%2], i%150)
		if i%4 == 0 {
			who = fmt.Sprintf("m%d@honest%d.example", i%100, i%100)
			_ = s.mailFrom(ctx, 34_000+i%5000, "x@evil.example", human(who, "Payment failed", fmt.Sprintf("evil%d@evil.example", i), "Send my money to another account."))
			pause(ctx, 200*time.Millisecond)
			return
		}
		s.typed(ctx, 10_000+i, url.Values{"email": {who}, "text": {fmt.Sprintf("Send my money to another account, number %d.", i)}})
	})
}

// pumping has the desk send texts to numbers that cost, if it did.
func pumping(ctx context.Context, s *siege) int64 {
	ranges := []string{"+8816%08d", "+882%09d", "+979%09d", "+37259%05d", "+4487124%05d", "+1900555%04d", "+25263%07d", "+85291%06d"}
	return horde(ctx, 20, func(ctx context.Context, i int) {
		s.typed(ctx, 30_000+i, url.Values{"phone": {fmt.Sprintf(ranges[i%len(ranges)], i)}, "text": {fmt.Sprintf("Question %d about my payment", i)}})
	})
}

func wrongTokens(ctx context.Context, s *siege) int64 {
	return horde(ctx, 8, func(ctx context.Context, i int) { _, _ = page(ctx, s.p.at.Ops, fmt.Sprintf("wrong-token-%d", i)) })
}
