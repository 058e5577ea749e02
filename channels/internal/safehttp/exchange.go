package safehttp

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"
)

// Exchange is what is known of the last request made under a context, so that a caller can tell
// "never left" from "left, and no answer came", also behind a library that hides the answer.
type Exchange struct {
	// They are atomic: net/http sets them from its own goroutines.
	sent   atomic.Bool
	status atomic.Int64
	wait   atomic.Int64
}

// Sent reports whether the request's header went out: from then on the provider may have acted.
func (e *Exchange) Sent() bool { return e.sent.Load() }

// Status is the status code of the last answer; 0 while there is none.
func (e *Exchange) Status() int { return int(e.status.Load()) }

// RetryAfter is the wait that the last answer asked for (RFC 9110 §10.2.3), at most a day; 0 when none.
func (e *Exchange) RetryAfter() time.Duration { return time.Duration(e.wait.Load()) }

// exchangeKey is the key of an Exchange in a context.
type exchangeKey struct{}

// Observe returns a context under which requests are watched. One Exchange watches one request at a time.
func Observe(ctx context.Context) (context.Context, *Exchange) {
	e := &Exchange{}
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { e.sent.Store(true) }})
	return context.WithValue(ctx, exchangeKey{}, e), e
}

// observe does a request and notes its answer, if somebody asked for that.
func observe(r *http.Request, next http.RoundTripper) (*http.Response, error) {
	e, _ := r.Context().Value(exchangeKey{}).(*Exchange)
	res, err := next.RoundTrip(r)
	if e == nil || err != nil {
		return res, err
	}
	e.sent.Store(true)
	e.status.Store(int64(res.StatusCode))
	e.wait.Store(int64(retryAfter(res.Header.Get("Retry-After"), time.Now())))
	return res, nil
}

// retryAfter reads seconds or a date. What it cannot read is no wait.
func retryAfter(value string, now time.Time) time.Duration {
	d := time.Duration(0)
	if n, err := strconv.ParseInt(value, 10, 32); err == nil {
		d = time.Duration(n) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		d = at.Sub(now)
	}
	return min(max(d, 0), 24*time.Hour)
}

// Redact takes the URL out of an error of net/http, where a token may be part of it.
func Redact(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
