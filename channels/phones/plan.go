package phones

import (
	"regexp"
	"slices"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// A plan is what the library knows of one region, its expressions compiled once. The library's own way writes and looks
// up each expression, some as long as a page, for every number: that is most of what asking it costs.
type plan struct {
	// general holds every number of the region; what is in none of the kinds is of no known kind.
	region  string
	leading *regexp.Regexp // whoever begins so is of this region; nil where a range must hold the number
	general ranges
	kinds   []ranges // in the order in which the library asks, the fixed line behind them
	mobile  ranges
	same    bool // fixed lines and mobiles are not told apart
}

// ranges are the numbers of one kind: their lengths, and an expression over the national number.
type ranges struct {
	// pattern is anchored at both ends.
	kind    phonenumbers.PhoneNumberType
	lengths []int32 // none: as long as the general ones
	pattern *regexp.Regexp
}

// in reports whether a national number is in the ranges.
// The length is asked first, since the expressions are long.
func (r ranges) in(national string) bool {
	if len(r.lengths) > 0 && !slices.Contains(r.lengths, int32(len(national))) {
		return false
	}
	return r.pattern.MatchString(national)
}

// kind says what a national number is for in this region.
func (p *plan) kind(national string) phonenumbers.PhoneNumberType {
	if !p.general.in(national) {
		return phonenumbers.UNKNOWN
	}
	for _, r := range p.kinds {
		if !r.in(national) {
			continue
		}
		if r.kind == phonenumbers.FIXED_LINE && (p.same || p.mobile.in(national)) {
			return phonenumbers.FIXED_LINE_OR_MOBILE
		}
		return r.kind
	}
	if !p.same && p.mobile.in(national) {
		return phonenumbers.MOBILE
	}
	return phonenumbers.UNKNOWN
}

// ask returns the region of a number and what it is for; UNKNOWN where no region's range holds it.
func ask(code int, national string) (string, phonenumbers.PhoneNumberType) {
	all := plans(code)
	for _, p := range all {
		switch {
		case len(all) == 1 || p.leading != nil && p.leading.MatchString(national):
			return p.region, p.kind(national)
		case p.leading == nil:
			if kind := p.kind(national); kind != phonenumbers.UNKNOWN {
				return p.region, kind
			}
		}
	}
	return "", phonenumbers.UNKNOWN
}

// plansOf holds the plans that were asked for, by country code. There are some 210 codes.
var plansOf sync.Map

// plans returns the regions of a country code, the main one first.
func plans(code int) []*plan {
	if known, ok := plansOf.Load(code); ok {
		return known.([]*plan)
	}
	var out []*plan
	for _, region := range phonenumbers.GetRegionCodesForCountryCode(code) {
		if m := metadata()[place{region, int32(code)}]; m != nil {
			out = append(out, compile(region, m))
		}
	}
	known, _ := plansOf.LoadOrStore(code, out)
	return known.([]*plan)
}

// place names a region's plan. All networks without a country are "001", so that the code tells them apart.
type place struct {
	region string
	code   int32
}

// metadata is the library's data by region and code, read once.
var metadata = sync.OnceValue(func() map[place]*phonenumbers.PhoneMetadata {
	out := map[place]*phonenumbers.PhoneMetadata{}
	all, err := phonenumbers.MetadataCollection()
	if err != nil {
		return nil // the library panics at its start where its own data cannot be read
	}
	for _, m := range all.GetMetadata() {
		out[place{m.GetId(), m.GetCountryCode()}] = m
	}
	return out
})

// compile makes a region's plan. The kinds stand in the order in which the library's GetNumberType asks; a test compares the two over many
// numbers.
func compile(region string, m *phonenumbers.PhoneMetadata) *plan {
	p := &plan{region: region, same: m.GetSameMobileAndFixedLinePattern(), mobile: newRanges(phonenumbers.MOBILE, m.GetMobile()), general: newRanges(phonenumbers.UNKNOWN, m.GetGeneralDesc())}
	if lead := m.GetLeadingDigits(); lead != "" {
		p.leading = regexp.MustCompile("^(?:" + lead + ")")
	}
	for _, k := range []struct {
		kind phonenumbers.PhoneNumberType
		desc *phonenumbers.PhoneNumberDesc
	}{
		{phonenumbers.PREMIUM_RATE, m.GetPremiumRate()},
		{phonenumbers.TOLL_FREE, m.GetTollFree()},
		{phonenumbers.SHARED_COST, m.GetSharedCost()},
		{phonenumbers.VOIP, m.GetVoip()},
		{phonenumbers.PERSONAL_NUMBER, m.GetPersonalNumber()},
		{phonenumbers.PAGER, m.GetPager()},
		{phonenumbers.UAN, m.GetUan()},
		{phonenumbers.VOICEMAIL, m.GetVoicemail()},
		{phonenumbers.FIXED_LINE, m.GetFixedLine()},
	} {
		if r := newRanges(k.kind, k.desc); !slices.Equal(r.lengths, []int32{none}) {
			p.kinds = append(p.kinds, r)
		}
	}
	return p
}

// none is the length by which the data say that a region has no such numbers.
const none = -1

// newRanges compiles one kind of a region.
func newRanges(kind phonenumbers.PhoneNumberType, d *phonenumbers.PhoneNumberDesc) ranges {
	return ranges{kind: kind, lengths: d.GetPossibleLength(), pattern: regexp.MustCompile("^(?:" + d.GetNationalNumberPattern() + ")$")}
}
