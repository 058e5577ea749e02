package ops

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	sessionCookie = "frontdesk_ops"
	sessionFor    = 12 * time.Hour
	// wrongPerMinute is how many wrong tokens one address may try in a minute.
	wrongPerMinute = 10
	// wrongAddresses bounds the addresses that are counted at a time.
	wrongAddresses = 4096
)

// guard decides who may ask. With a token everyone needs it, wherever he is; without one only this
// machine may ask, by a name of its own: a page of another site whose name was made to point here
// (DNS rebinding) carries that site's name in Host, and a proxy says that it forwards.
type guard struct {
	token []byte
	key   []byte // of the sessions; made of the token, so that they outlive a restart and end with the token

	mu     sync.Mutex
	minute int64
	wrong  map[netip.Addr]int
}

func newGuard(token string) *guard {
	g := &guard{token: []byte(token), wrong: map[netip.Addr]int{}}
	mac := hmac.New(sha256.New, g.token)
	mac.Write([]byte("frontdesk operator session"))
	g.key = mac.Sum(nil)
	return g
}

// local reports whether the request comes from this machine and names it.
func local(r *http.Request) bool {
	if !remote(r).IsLoopback() {
		return false
	}
	for _, forwarded := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip"} {
		if r.Header.Get(forwarded) != "" {
			return false
		}
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

func remote(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap()
}

// allowed reports whether the request carries the token or a session.
func (g *guard) allowed(r *http.Request, now time.Time) bool {
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return !g.slow(r, now) && g.right(r, bearer, now)
	}
	c, err := r.Cookie(sessionCookie)
	return err == nil && g.session(c.Value, now)
}

// right compares a token in constant time, and counts a wrong one.
func (g *guard) right(r *http.Request, token string, now time.Time) bool {
	got, want := sha256.Sum256([]byte(strings.TrimSpace(token))), sha256.Sum256(g.token)
	if subtle.ConstantTimeCompare(got[:], want[:]) == 1 {
		return true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.turn(now)
	if len(g.wrong) < wrongAddresses {
		g.wrong[remote(r)]++
	}
	return false
}

// slow reports whether the address has tried too many wrong tokens in this minute.
func (g *guard) slow(r *http.Request, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.turn(now)
	return g.wrong[remote(r)] >= wrongPerMinute || len(g.wrong) >= wrongAddresses
}

func (g *guard) turn(now time.Time) {
	if m := now.Unix() / 60; m != g.minute {
		g.minute = m
		clear(g.wrong)
	}
}

// newSession is the value of a cookie: when it ends, and that under our key.
func (g *guard) newSession(now time.Time) string {
	until := strconv.FormatInt(now.Add(sessionFor).Unix(), 10)
	return until + "." + g.sign(until)
}

func (g *guard) session(value string, now time.Time) bool {
	until, mac, ok := strings.Cut(value, ".")
	if !ok || !hmac.Equal([]byte(mac), []byte(g.sign(until))) {
		return false
	}
	end, err := strconv.ParseInt(until, 10, 64)
	return err == nil && now.Unix() < end
}

func (g *guard) sign(until string) string {
	mac := hmac.New(sha256.New, g.key)
	mac.Write([]byte(until))
	return hex.EncodeToString(mac.Sum(nil))
}
