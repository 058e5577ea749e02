package totp

import (
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// secret is that of RFC 6238, appendix B, in base 32.
const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

func TestCodesOfTheRFC(t *testing.T) {
	for _, c := range []struct {
		at   int64
		code string // the last six of the eight digits there
	}{{59, "287082"}, {1111111109, "081804"}, {1111111111, "050471"}, {1234567890, "005924"}, {2000000000, "279037"}} {
		if step, ok := Read(secret, c.code, 0, time.Unix(c.at, 0)); !ok || step != c.at/30 {
			t.Errorf("at %d the code %s is taken: %t, step %d", c.at, c.code, ok, step)
		}
	}
}

func TestWhichCodesAreTaken(t *testing.T) {
	at := time.Unix(1234567890, 0)
	for _, c := range []struct {
		name string
		code string
		now  time.Time
		last int64
		ok   bool
	}{
		{"one of now", "005924", at, 0, true},
		{"one with a gap, in full width", "００５ ９２４", at, 0, true},
		{"one of the step before", "005924", at.Add(30 * time.Second), 0, true},
		{"one of the next step, from a clock that is ahead", "005924", at.Add(-30 * time.Second), 0, true},
		{"one of two steps before", "005924", at.Add(60 * time.Second), 0, false},
		{"one that was taken", "005924", at, at.Unix() / 30, false},
		{"one of before one that was taken", "005924", at.Add(30 * time.Second), at.Unix()/30 + 1, false},
		{"another one", "005925", at, 0, false},
		{"a part of it", "00592", at, 0, false},
		{"more than it", "0059240", at, 0, false},
		{"nothing", "", at, 0, false},
		{"letters", "abcdef", at, 0, false},
	} {
		if _, ok := Read(secret, c.code, c.last, c.now); ok != c.ok {
			t.Errorf("%s: taken %t, want %t", c.name, ok, c.ok)
		}
	}
	if _, ok := Read("no secret!", "", 0, at); ok {
		t.Error("a code of no secret was taken")
	}
}

func TestAKeyIsReadByAnAuthenticator(t *testing.T) {
	k, err := New("Topay: 服务台", "li.na")
	if err != nil {
		t.Fatal(err)
	}
	if len(k.Secret) != 32 || !strings.HasPrefix(k.URL, "otpauth://totp/") || !strings.Contains(k.URL, k.Secret) {
		t.Errorf("the key is %s", k.URL)
	}
	now := time.Unix(1234567890, 0)
	code, err := totp.GenerateCode(k.Secret, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := Read(k.Secret, code, 0, now); !ok {
		t.Error("a code of the library is not taken")
	}
	again := Again("Topay: 服务台", "li.na", k.Secret)
	if again.Secret != k.Secret || !strings.Contains(again.URL, "secret="+k.Secret) || !strings.Contains(again.URL, "li.na") {
		t.Errorf("the key is %s, and then %s", k.URL, again.URL)
	}
	path, size, ok := again.Picture()
	if !ok || size < 21 || !strings.HasPrefix(path, "M0 0h1v1h-1z") {
		t.Errorf("the picture is %d wide: %.40s", size, path)
	}
}

// FuzzRead: a code that is taken is six digits, and of a step later than the last.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"005924", "", "００５９２４", "-1", "00 59 24"} {
		f.Add(seed, int64(41152262))
	}
	f.Fuzz(func(t *testing.T, code string, last int64) {
		if step, ok := Read(secret, code, last, time.Unix(1234567890, 0)); ok && (step <= last || len(digits(code)) != 6) {
			t.Errorf("%q is taken behind step %d: %d", code, last, step)
		}
	})
}
