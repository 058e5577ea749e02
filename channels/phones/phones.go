// Package phones knows the world's numbering plans: in which country a number is, and whether a text
// message to it is an ordinary one. It alone asks the library that keeps the plans, beside the
// connector that reads numbers.
package phones

import (
	"strconv"

	"github.com/nyaruka/phonenumbers"
)

// Kind says what a number is for.
type Kind int

// The kinds. What is in no plan, or costs whoever calls it, or belongs to no country, is Never.
const (
	Never  Kind = iota // premium, shared-cost, toll-free, personal, UAN, pager, satellite and other numbers without a country, or unassigned
	Line               // a landline or an internet telephone: seldom takes a text
	Mobile             // a mobile number, or one of a plan that does not tell them apart
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
	n, err := phonenumbers.Parse(e164, "")
	if err != nil {
		return Number{}
	}
	national := phonenumbers.GetNationalSignificantNumber(n)
	out := Number{Prefix: "+" + strconv.Itoa(int(n.GetCountryCode())) + national[:min(len(national), prefixDigits)]}
	region := phonenumbers.GetRegionCodeForNumber(n)
	if len(region) != 2 || region == "ZZ" || !phonenumbers.IsValidNumber(n) {
		return out // 001 is no country: satellites, international networks, international shared cost
	}
	out.Region = region
	switch phonenumbers.GetNumberType(n) {
	case phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE:
		out.Kind = Mobile
	case phonenumbers.FIXED_LINE, phonenumbers.VOIP:
		out.Kind = Line
	}
	return out
}

// Country reports whether a word is a country that has a numbering plan, such as HK.
func Country(code string) bool { return phonenumbers.GetSupportedRegions()[code] }
