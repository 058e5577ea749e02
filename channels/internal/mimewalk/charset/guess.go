package charset

import (
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// sample is how many bytes a guess looks at.
// More says nothing new about a language, and a part may have megabytes.
const sample = 16 << 10

// pairs counts what double-byte charsets look like.
type pairs struct {
	total   int // lead byte 0x81-0xfe with a possible trail byte
	common  int // GB 2312 level 1 (the 3 755 common characters) and its punctuation
	kana    int // rows A4 and A5: kana in EUC-JP and GB 2312 alike
	hangul  int // rows B0 to C8: hangul in EUC-KR
	lowBig5 int // a common lead of Big5 with a low trail byte, rare in GB text
	sjis    int // kana of Shift_JIS
	broken  int // a lead byte without a trail byte
}

// singles counts what single-byte charsets look like.
type singles struct {
	high  int // 0xc0-0xff
	upper int // 0xe0-0xff
	ascii int // ASCII letters
	// Korean has spaces between words, Chinese has none: that tells two charsets of the same byte values apart.
	spaces int
}

// guess finds a charset for text that is not UTF-8 and whose label says nothing: the order is by
// how sure the sign is. What shows no sign is windows-1252.
// charset_test.go has texts of each language in each charset; a change of a ratio must keep all of them.
// EUC-JP, EUC-KR, Big5 and GBK share their bytes, so each is told by what is frequent in its language alone.
func guess(b []byte) encoding.Encoding {
	b = b[:min(len(b), sample)]
	p, s := countPairs(b), countSingles(b)
	switch {
	case p.sjis*3 > p.total && p.sjis > 1:
		return japanese.ShiftJIS
	case p.total > 2*p.broken && p.kana*4 > p.total && p.kana > 1:
		return japanese.EUCJP
	case p.broken == 0 && p.total >= 8 && p.hangul*20 >= p.total*19 && s.spaces*12 > p.total:
		return korean.EUCKR
	case p.broken*50 <= p.total && p.total > 1 && p.lowBig5*6 > p.total && p.common*2 < p.total*2-p.lowBig5:
		return traditionalchinese.Big5
	case p.total > 0 && p.broken*20 <= p.total && p.common*10 >= p.total*6:
		return simplifiedchinese.GB18030
	case s.high > 3 && s.high*10 > (s.high+s.ascii)*6 && s.upper*2 > s.high:
		return charmap.Windows1251
	case s.high > 3 && s.high*10 > (s.high+s.ascii)*6:
		return charmap.KOI8R
	}
	return charmap.Windows1252
}

// surelyGB reports whether bytes that are labelled as something western are Chinese all the same.
func surelyGB(b []byte) bool {
	p := countPairs(b[:min(len(b), sample)])
	return p.total >= 4 && p.broken == 0 && p.common*10 >= p.total*9
}

// countPairs reads two bytes at a time, as double-byte decoders do. A lead byte at the end of the sample is not broken, only cut.
func countPairs(b []byte) (p pairs) {
	for i := 0; i < len(b); i++ {
		lead := b[i]
		if lead < 0x80 {
			continue
		}
		if i+1 == len(b) {
			if len(b) < sample {
				p.broken++
			}
			break
		}
		trail := b[i+1]
		if lead == 0x80 || lead == 0xff || trail < 0x40 || trail == 0x7f || trail == 0xff {
			p.broken++
			continue
		}
		p.count(lead, trail)
		i++
	}
	return p
}

// count sorts a pair into the ranges that pairs names; a pair may be in several.
func (p *pairs) count(lead, trail byte) {
	p.total++
	if trail >= 0xa1 {
		switch {
		case lead == 0xa4 || lead == 0xa5:
			p.kana++
		case lead >= 0xb0 && lead <= 0xd7 || lead == 0xa1 || lead == 0xa3:
			p.common++
		}
		if lead >= 0xb0 && lead <= 0xc8 {
			p.hangul++
		}
	}
	if lead >= 0xa4 && lead <= 0xc6 && trail <= 0x7e || lead == 0xa1 && trail <= 0x7e {
		p.lowBig5++
	}
	if lead == 0x82 && trail >= 0x9f && trail <= 0xf1 || lead == 0x83 && trail <= 0x96 {
		p.sjis++
	}
}

// countSingles counts single bytes, for the Cyrillic charsets: windows-1251 has its small letters where KOI8-R has its capitals.
func countSingles(b []byte) (s singles) {
	for _, c := range b {
		switch {
		case c >= 0xe0:
			s.upper++
			s.high++
		case c >= 0xc0:
			s.high++
		case c == ' ':
			s.spaces++
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			s.ascii++
		}
	}
	return s
}
