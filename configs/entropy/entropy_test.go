package entropy

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"testing"

	"frontdesk/internal/doubling"
)

// chance is bytes that look random and are the same each time.
func chance(i int) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "chance %d", i))
	return sum[:]
}

// letters writes bytes in an alphabet.
func letters(b []byte, of string, n int) string {
	var out strings.Builder
	for i := range n {
		out.WriteByte(of[int(b[i%len(b)]^byte(7*(i/len(b))))%len(of)])
	}
	return out.String()
}

func TestRandomSecretsAreAccepted(t *testing.T) {
	const lower = "abcdefghijklmnopqrstuvwxyz"
	kinds := map[string]func(b []byte) string{
		"openssl rand -hex 16":                 func(b []byte) string { return hex.EncodeToString(b[:16]) },
		"openssl rand -hex 32":                 func(b []byte) string { return hex.EncodeToString(b) },
		"openssl rand -base64 16":              func(b []byte) string { return base64.StdEncoding.EncodeToString(b[:16]) },
		"openssl rand -base64 32":              func(b []byte) string { return base64.StdEncoding.EncodeToString(b) },
		"a token of a URL's letters":           func(b []byte) string { return base64.RawURLEncoding.EncodeToString(b[:20]) },
		"a UUID":                               func(b []byte) string { return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16]) },
		"twenty-four random small letters":     func(b []byte) string { return letters(b, lower, 24) },
		"twenty random letters and figures":    func(b []byte) string { return letters(b, lower+strings.ToUpper(lower)+"0123456789", 20) },
		"a key of a provider, with its prefix": func(b []byte) string { return "fd_live_" + base64.RawURLEncoding.EncodeToString(b[:18]) },
	}
	for name, of := range kinds {
		weak := 0
		for i := range 3000 {
			if text := of(chance(i)); Bits(text) < Enough || Certain(text) != "" {
				weak++
			}
		}
		if weak > 0 {
			t.Errorf("%s: %d of 3000 are called weak", name, weak)
		}
	}
}

func TestWhatPeopleThinkOfIsWeak(t *testing.T) {
	for _, text := range []string{"", "1", "x", "a", "REPLACE", "changeme", "CHANGE_ME_PLEASE", "<your-token-here>", "ReplaceThisSecret!", "secret", "s3cr3t", "P@ssw0rd!",
		"password12345678", "Password2026!", "app2token-0123456789abcdef", "apptoken-0123456789abcdef", "tgsecret_0123456789", "test-token-of-the-operator",
		"a-long-enough-token", "my-very-secret-token-for-frontdesk", "correct-horse-battery-staple", "0123456789abcdef0123456789abcdef", "abcdefghijklmnopqrstuvwxyz",
		"abcabcabcabcabcabcabcabcabc", "qwertyuiopasdfghjklzxcvbnm", "qazwsxedcrfvtgbyhnujm", "1q2w3e4r5t6y7u8i9o0p", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "00000000000000000000000000000000",
		"adminadminadminadminadmin", "aB3$aB3$aB3$aB3$aB3$aB3$", "woaini1314woaini1314", "kefuxitongmima2026", "zhifubao-kefu-lingpai-20260101", "客服系统令牌二零二六", "示例密钥示例密钥示例密钥示例密钥",
		"2026-11-29-operator-token", "13800138000", "ops@support.example.com", "Summer2026Winter2026Spring2026", "TopaySupport#2026#HongKong", "letmeinletmeinletmein", "deadbeefdeadbeefdeadbeefdeadbeef",
		"ThisIsTheOperatorsToken", "theanswerisalwaysthere", "example-example-example-example", strings.Repeat("ab", 60), strings.Repeat("x", 5000), "\xff\xfe\xff\xfe\xff\xfe\xff\xfe"} {
		if bits := Bits(text); bits >= Enough {
			t.Errorf("%q is taken for %.0f bits", text, bits)
		}
	}
}

func TestWhatIsCertainlyWeak(t *testing.T) {
	for text, weak := range map[string]bool{"1": true, "x": true, "REPLACE": true, "changeme": true, "CHANGE-ME": true, "<replace-me>": true, "your-token-here": true, "secret123": true, "password1234": true,
		"S3cret-Token": true, strings.Repeat("t", 32): true, "abababababababab": true, "示例示例示例": true, "topsecret!!!": true,
		// Weak by the estimate, but not for sure: a start must not fail upon a guess.
		"tgsecret_0123456789": false, "apptoken-0123456789abcdef": false, "test-token-of-the-operator": false, "s3cret-ops-value-2": false, "correct-horse-battery-staple": false, "q7Zt2mVb9Lx4": false,
	} {
		if why := Certain(text); (why != "") != weak {
			t.Errorf("%q: %q", text, why)
		}
	}
}

func TestKeysOfNoChance(t *testing.T) {
	sequence, even, typed, twice := make([]byte, 32), make([]byte, 32), []byte("correct-horse-battery-staple-now"), append(chance(1)[:8:8], chance(1)[:8]...)
	for i := range sequence {
		sequence[i], even[i] = byte(i), byte(255-3*i)
	}
	one := make([]byte, 32)
	one[31] = 1
	for name, key := range map[string][]byte{"zeros": make([]byte, 32), "a one behind zeros": one, "bytes in their order": sequence, "bytes in even steps": even, "a typed text": typed, "eight bytes four times": append(twice, twice...), "none": nil} {
		if bits := KeyBits(key); bits >= EnoughKey {
			t.Errorf("%s is taken for %.0f bits", name, bits)
		}
	}
	for name, want := range map[string]bool{string(make([]byte, 32)): true, string(one): true, string(sequence): false} {
		if Constant([]byte(name)) != want {
			t.Errorf("%x is constant: %v, want %v", name, !want, want)
		}
	}
	for i := range 20000 {
		if bits := KeyBits(chance(i)); bits < EnoughKey {
			t.Fatalf("the random key %x is taken for %.0f bits", chance(i), bits)
		}
	}
}

// TestTheEstimateTakesLinearTime looks at as many runes as are looked at; what is longer is not.
func TestTheEstimateTakesLinearTime(t *testing.T) {
	for _, unit := range []string{"password", "aB3$x9", "qwertyuiop1234567890", "a", "ab", "示例x"} {
		doubling.Check(t, 5_000, func(n int) func() {
			text := []rune(strings.Repeat(unit, n/len(unit)))
			return func() {
				period(text)
				estimate(text)
			}
		})
		if t.Failed() {
			t.Fatalf("%q again and again", unit)
		}
	}
}

func FuzzEntropy(f *testing.F) {
	f.Add("REPLACE")
	f.Add("q7Zt2mVb9Lx4Rk8Wc1Ns6Yp3")
	f.Add("密钥2026\xff")
	f.Fuzz(func(t *testing.T, text string) {
		bits, most := Bits(text), 21*float64(len(text))
		if math.IsNaN(bits) || bits < 0 || bits > most+1 {
			t.Errorf("%q: %f bits", text, bits)
		}
		if Certain(text) != "" && bits > 200 {
			t.Errorf("%q is certainly weak and has %f bits", text, bits)
		}
		KeyBits([]byte(text))
	})
}
