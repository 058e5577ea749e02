// Package totp makes secrets for authenticators and reads their codes (RFC 6238: SHA-1, six digits, thirty seconds, which is what all of them
// know).
package totp

import (
	"crypto/subtle"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

const (
	period = 30
	// skew is how many steps the clock of a telephone may be off.
	skew = 1
	// secretSize is that of the hash, in bytes (RFC 4226 §4, R6 asks for 16 at least).
	secretSize = 20
)

// Key is a new secret, as it is typed, and as the address that a picture of it holds.
type Key struct{ Secret, URL string }

// New makes a key for somebody at a desk.
func New(desk, login string) (Key, error) {
	k, err := totp.Generate(totp.GenerateOpts{Issuer: plain(desk), AccountName: login, SecretSize: secretSize, Period: period, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	if err != nil {
		return Key{}, fmt.Errorf("making a secret for an authenticator: %w", err)
	}
	return Key{Secret: k.Secret(), URL: k.URL()}, nil
}

// Again is the key of a secret that was made before.
func Again(desk, login, secret string) Key {
	name := plain(desk)
	k := otp.Key{}
	if made, err := otp.NewKeyFromURL("otpauth://totp/" + url.PathEscape(name) + ":" + url.PathEscape(login) + "?issuer=" + url.PathEscape(name) + "&secret=" + secret); err == nil {
		k = *made
	}
	return Key{Secret: secret, URL: k.URL()}
}

// plain is a name without the colon that would end it in an address.
func plain(name string) string { return strings.TrimSpace(strings.ReplaceAll(name, ":", " ")) }

// Picture is a key's address as a path of SVG, one unit a module, and how many units it is wide; ok is false where it cannot be drawn.
func (k Key) Picture() (path string, size int, ok bool) {
	code, err := qr.Encode(k.URL, qr.M, qr.Auto)
	if err != nil {
		return "", 0, false
	}
	var out strings.Builder
	size = code.Bounds().Dx()
	for y := range size {
		for x := range size {
			if r, _, _, _ := code.At(x, y).RGBA(); r == 0 {
				fmt.Fprintf(&out, "M%d %dh1v1h-1z", x, y)
			}
		}
	}
	return out.String(), size, true
}

// Read is the step of a code that was typed, where it is one of the secret's about now and later than the last step that was taken; ok is false
// for every other text. All steps are looked at, whichever fits.
func Read(secret, code string, last int64, now time.Time) (step int64, ok bool) {
	code = digits(code)
	at := now.Unix() / period
	for n := at - skew; n <= at+skew; n++ {
		want, err := hotp.GenerateCodeCustom(secret, uint64(max(n, 0)), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && n > last {
			step, ok = n, true
		}
	}
	return step, ok
}

// digits are those of a text, full width or not, with whatever stands between them left out.
func digits(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == ' ' || r == '-' || r == '\u00a0' || r == '\u3000':
			return -1
		}
		return 'x' // it is no code
	}, text)
}
