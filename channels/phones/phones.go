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
	Kind   Kind
	Prefix string // with +: the country code and the digits that name an operator's range
}

// prefixDigits of the national number belong to a range; ranges that pay a share to their owner are
// rented in blocks of thousands, so the rest of the number varies.
const prefixDigits = 3

// Look reads a number in E.164. The cost is some microseconds.
func Look(e164 string) Number {
	if n := direct(e164); n != nil {
		if kind := phonenumbers.GetNumberType(n); kind != phonenumbers.UNKNOWN { // in a range of its plan as it stands
			return known(n, kind)
		}
	}
	n, err := phonenumbers.Parse(e164, "")
	if err != nil {
		return Number{}
	}
	kind := phonenumbers.GetNumberType(n)
	if kind == phonenumbers.UNKNOWN {
		return unassigned(n, Number{Prefix: prefix(n)})
	}
	return known(n, kind)
}

// direct takes a number in E.164 apart by its country code alone, without what people and programs write into numbers:
// reading that costs more than all the rest. It returns nil where the text is anything else.
func direct(e164 string) *phonenumbers.PhoneNumber {
	digits, ok := strings.CutPrefix(e164, "+")
	if !ok || len(digits) > mostDigits {
		return nil
	}
	for n := 1; n <= 3 && n < len(digits); n++ {
		code, err := strconv.ParseUint(digits[:n], 10, 31)
		if err != nil || code == 0 {
			return nil
		}
		if !countryCodes()[int(code)] {
			continue
		}
		national, err := strconv.ParseUint(digits[n:], 10, 63)
		if err != nil || digits[n] == '0' { // zeros in front belong to some plans, and are a mistake in others
			return nil
		}
		return &phonenumbers.PhoneNumber{CountryCode: new(int32(code)), NationalNumber: &national}
	}
	return nil
}

// mostDigits is the length of the longest number (ITU-T E.164 §6).
const mostDigits = 15

var countryCodes = sync.OnceValue(phonenumbers.GetSupportedCallingCodes)

// prefix returns the country code and the digits of a range.
func prefix(n *phonenumbers.PhoneNumber) string {
	national := phonenumbers.GetNationalSignificantNumber(n)
	return "+" + strconv.Itoa(int(n.GetCountryCode())) + national[:min(len(national), prefixDigits)]
}

// known is a number that is in a range of its plan.
func known(n *phonenumbers.PhoneNumber, kind phonenumbers.PhoneNumberType) Number {
	out := Number{Prefix: prefix(n)}
	region := phonenumbers.GetRegionCodeForNumber(n)
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
