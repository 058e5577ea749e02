package phones

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

func TestLook08(t *testing.T) {
	for _, c := range []struct {
		name, number, region string
		kind                 Kind
	}{
		{"a mobile in Hong Kong", "+85291234567", "HK", Mobile},
		{"a mobile on the mainland", "+8613800138000", "CN", Mobile},
		{"a landline in Hong Kong", "+85221234567", "HK", Line},
		{"the United States", "+12125550123", "US", Mobile},
		{"Canada has the same code", "+14165550123", "CA", Mobile},
		{"Jamaica has it too", "+18762345678", "JM", Mobile},
		{"premium in North America", "+19005550199", "", Never},
		{"toll-free in North America", "+18002345678", "US", Never},
		{"a personal number in North America", "+15002345678", "US", Never},
		{"Iridium", "+881612345678", "", Never},
		{"international networks", "+882161234567", "", Never},
		{"a satellite telephone of +870", "+870773123456", "", Never},
		{"international premium", "+979123456789", "", Never},
		{"international shared cost", "+80812345678", "", Never},
		{"premium in the United Kingdom", "+449098790123", "GB", Never},
		{"a personal number in the United Kingdom", "+447012345678", "GB", Never},
		{"shared cost in Germany", "+491801234567", "DE", Never},
		{"a range in Hong Kong that the plan does not name yet", "+85299887766", "HK", Unassigned},
		{"one too short for any number there", "+8529988", "", Never},
		{"no range in a code that many countries share", "+19995550123", "", Never},
		{"no number", "+", "", Never},
		{"nothing", "", "", Never},
	} {
		got := Look(c.number)
		if got.Kind != c.kind || c.region != "" && got.Region != c.region {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
	if p := Look("+85291234567").Prefix; p != "+852912" {
		t.Errorf("prefix %s", p)
	}
}

func FuzzLook(f *testing.F) {
	f.Add("+85291234567")
	f.Add("+881612345678")
	f.Fuzz(func(t *testing.T, s string) {
		if n := Look(s); n.Kind != Never && len(n.Region) != 2 {
			t.Errorf("%q: %+v", s, n)
		}
	})
}

func BenchmarkLook(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Look("+8613800138000")
	}
}

// lookSlowly reads a number as the library reads what people write.
func lookSlowly(e164 string) Number {
	n, err := phonenumbers.Parse(e164, "")
	if err != nil {
		return Number{}
	}
	return parsed(n)
}

func TestLookReadsADirectNumberLikeTheLibrary(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 2))
	compared, taken := 0, 0
	check := func(number string) {
		compared++
		if code, _ := direct(number); code != 0 {
			taken++
		}
		if got, want := Look(number), lookSlowly(number); got != want {
			t.Errorf("%s: %+v, the library says %+v", number, got, want)
		}
	}
	for region := range phonenumbers.GetSupportedRegions() {
		for kind := phonenumbers.FIXED_LINE; kind <= phonenumbers.VOICEMAIL; kind++ {
			example := phonenumbers.GetExampleNumberForType(region, kind)
			if example == nil {
				continue
			}
			number := phonenumbers.Format(example, phonenumbers.E164)
			check(number)
			for range 4 { // neighbours: other digits, a digit more, one fewer, a prefix that is dialled at home
				b := []byte(number)
				at := 2 + chance.IntN(len(b)-2)
				b[at] = byte('0' + chance.IntN(10))
				check(string(b))
				check(string(b[:len(b)-1]))
				check(string(b) + "7")
			}
			code := "+" + strconv.Itoa(int(example.GetCountryCode()))
			for _, home := range []string{"0", "1", "8", "9", "00"} {
				check(code + home + number[len(code):])
			}
		}
	}
	if compared < 10_000 || taken < compared/2 {
		t.Errorf("%d numbers compared, %d of them read directly", compared, taken)
	}
}
