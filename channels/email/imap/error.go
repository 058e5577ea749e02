package imap

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"frontdesk/channels"
)

// fault makes the connector's error of what went wrong. The server's own words are not passed
// on, because they may name an address; its status and response code are.
// The cases below are answers of servers in use (error_test.go has them in full); what is not among them is Temporary, since a mailbox is
// hardly ever gone for good, and giving up on it would lose mail.
func fault(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return &channels.Error{Op: op, Class: channels.Temporary, Err: ctx.Err()}
	}
	if known, ok := errors.AsType[*channels.Error](err); ok {
		return known
	}
	status, ok := errors.AsType[*imap.Error](err)
	if !ok {
		return &channels.Error{Op: op, Class: channels.Temporary, Err: err}
	}
	out := &channels.Error{Op: op, Class: channels.Temporary, Code: codeOf(status), Err: errRefused}
	switch {
	case backoff(status.Text) > 0:
		out.Class, out.After = channels.Throttled, backoff(status.Text)
	case status.Code == imap.ResponseCodeLimit || says(status.Text, "too many", "throttled", "rate limit", "try again later", "bandwidth"):
		out.Class, out.After = channels.Throttled, time.Minute
	case says(status.Text, "authenticated but not connected"):
		// Microsoft 365: the mailbox is being moved, or is throttled without saying so.
		out.Code, out.After = "BAD not connected", 30*time.Second
	case says(status.Text, "unsafe login"):
		// 163 and 126: the client did not say who it is, or the account wants an authorization code.
		out.Class, out.Code = channels.Unauthorized, "NO unsafe login"
	case status.Code == imap.ResponseCodeNonExistent:
		out.Class = channels.Permanent
	}
	return out
}

// errRefused stands for the server's words in what is logged.
var errRefused = errors.New("the server refused")

// codeOf is status and response code in a form for people.
// It is cut at 40 bytes: response codes are short words, and a server may put anything there.
func codeOf(e *imap.Error) string {
	code := string(e.Code)
	if len(code) > 40 {
		code = code[:40]
	}
	return strings.TrimSpace(string(e.Type) + " " + code)
}

// says looks for phrases, given in lower case, in the words of a refusal.
func says(text string, phrases ...string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(phrases, func(p string) bool { return strings.Contains(text, p) })
}

// backoffText is how Microsoft 365 names the wait: "Request is throttled. Suggested Backoff
// Time: 299961 milliseconds".
var backoffText = regexp.MustCompile(`(?i)backoff time:\s*(\d{1,12})\s*milliseconds`)

// backoff reads the wait out of a throttling answer; 0 when there is none. At most an hour.
// An hour is the bound because a typo or a hostile server must not silence an inbox for days.
func backoff(text string) time.Duration {
	m := backoffText.FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return 0
	}
	return max(time.Millisecond, min(time.Duration(n)*time.Millisecond, time.Hour))
}

// status returns the server's refusal, if the error is one.
func status(err error) (*imap.Error, bool) { return errors.AsType[*imap.Error](err) }

// general reports whether a refusal is about the server as a whole rather than one mail.
// Such a refusal ends the Fetch; no mail is blamed for it, and no attempt is counted against it.
func general(e *imap.Error) bool {
	switch e.Code {
	case imap.ResponseCodeUnavailable, imap.ResponseCodeInUse, imap.ResponseCodeLimit, imap.ResponseCodeContactAdmin:
		return true
	}
	return backoff(e.Text) > 0 || says(e.Text, "throttled", "not connected", "too many", "try again later")
}
