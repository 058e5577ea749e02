// Package phones knows the world's numbering plans: in which country a number is, and whether a text
// message to it is an ordinary one. It alone asks the library that keeps the plans, beside the
// connector that reads numbers.
package phones

import (
	"strconv"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// Kind says what a number is for.
type Kind int

// The kinds. What costs whoever calls it, or belongs to no country, is Never.
const (
	Never      Kind = iota // premium, shared-cost, toll-free, personal, UAN, pager, satellite and other numbers without a country
	Unassigned             // of one country and as long as its numbers, but in no range that its plan names: plans lag behind new ranges
	Line                   // a landline or an internet telephone: seldom takes a text
	Mobile                 // a mobile number, or one of a plan that does not tell them apart
)

// Number is what is known of one number.
type Number struct {
	Region string // ISO 3166 country, also where many share a code, as in North America; "" for none
	// Kind is Never for what is no number at all.
	Kind   Kind
	Prefix string // with +: the country code and the digits that name an operator's range
}

// prefixDigits of the national number belong to a range; ranges that pay a share to their owner are
// rented in blocks of thousands, so the rest of the number varies.
const prefixDigits = 3

// Look reads a number in E.164. The cost is a microsecond or two.
// It never fails and may be called at the same time by several. The plans are those of the library's version: new ranges come with an update of it.
func Look(e164 string) Number {
	if code, national := direct(e164); code != 0 {
		if region, kind := ask(code, national); kind != phonenumbers.UNKNOWN { // in a range of its plan as it stands
			return known(region, kind, prefix(code, national))
		}
	}
	n, err := phonenumbers.Parse(e164, "")
	if err != nil {
		return Number{}
	}
	return parsed(n)
}

// parsed is what is known of a number that the library has read.
func parsed(n *phonenumbers.PhoneNumber) Number {
	begin := prefix(int(n.GetCountryCode()), phonenumbers.GetNationalSignificantNumber(n))
	if kind := phonenumbers.GetNumberType(n); kind != phonenumbers.UNKNOWN {
		return known(phonenumbers.GetRegionCodeForNumber(n), kind, begin)
	}
	return unassigned(n, Number{Prefix: begin})
}

// direct takes a number in E.164 apart by its country code alone, without what people and programs write into numbers:
// reading that costs more than all the rest. It returns code 0 where the text is anything else.
func direct(e164 string) (code int, national string) {
	digits, ok := strings.CutPrefix(e164, "+")
	if !ok || len(digits) > mostDigits {
		return 0, ""
	}
	for _, c := range []byte(digits) {
		if c < '0' || c > '9' {
			return 0, ""
		}
	}
	for n := 1; n <= 3 && n < len(digits); n++ {
		code = code*10 + int(digits[n-1]-'0')
		if code == 0 {
			return 0, ""
		}
		if !countryCodes()[code] {
			continue
		}
		if digits[n] == '0' { // zeros in front belong to some plans, and are a mistake in others
			return 0, ""
		}
		return code, digits[n:]
	}
	return 0, ""
}

// mostDigits is the length of the longest number (ITU-T E.164 §6).
const mostDigits = 15

// countryCodes are made at the first use.
var countryCodes = sync.OnceValue(phonenumbers.GetSupportedCallingCodes)

// prefix returns the country code and the digits of a range.
func prefix(code int, national string) string {
	return "+" + strconv.Itoa(code) + national[:min(len(national), prefixDigits)]
}

// known is a number that is in a range of its plan.
func known(region string, kind phonenumbers.PhoneNumberType, prefix string) Number {
	out := Number{Prefix: prefix}
	if len(region) != 2 || region == "ZZ" {
		return out // 001 is no country: satellites, international networks, international shared cost
	}
	out.Region = region
	switch kind {
	case phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE:
		out.Kind = Mobile
	case phonenumbers.FIXED_LINE, phonenumbers.VOIP:
		out.Kind = Line
	}
	return out
}

// unassigned is a number that no range of its plan holds. Where several countries share the code, nobody
// can say whose it is.
func unassigned(n *phonenumbers.PhoneNumber, out Number) Number {
	regions := phonenumbers.GetRegionCodesForCountryCode(int(n.GetCountryCode()))
	if len(regions) == 1 && len(regions[0]) == 2 && phonenumbers.IsPossibleNumber(n) {
		out.Region, out.Kind = regions[0], Unassigned
	}
	return out
}

// Country reports whether a word is a country that has a numbering plan, such as HK.
func Country(code string) bool { return phonenumbers.GetSupportedRegions()[code] }
