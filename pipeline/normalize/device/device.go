// Package device knows the lines that mail programs and telephones add to what somebody writes by themselves: "Sent from my iPhone", "发自我的华为手机".
// It is pure.
package device

import (
	_ "embed" // the lists of words
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/pipeline/message"
	"frontdesk/pipeline/normalize/phrases"
	"frontdesk/pipeline/words"
)

// Signature reports whether the line is what a mail program or a telephone adds by itself.
// Customers write "sent from my iPhone" within sentences, too: so the whole line must be that, and at most 200 bytes. What stands in links is not looked at.
func Signature(t string) bool {
	if len(t) > 200 {
		return false
	}
	l := message.Lower(strings.Trim(t, "*_[]()~- \u00a0\t"))
	linked := false
	for _, link := range []string{"<http", "(http", "https://", "http://"} {
		var found bool
		l, _, found = strings.Cut(l, link)
		linked = linked || found
	}
	if linked {
		l = strings.NewReplacer("[", "", "]", "", "(", "").Replace(l)
	}
	l = strings.TrimSpace(l)
	if signatureStarts.Begin(l) {
		for _, head := range signatureHeads {
			if rest, ok := strings.CutPrefix(l, head); ok {
				return isShort(rest) && !ofMatter(rest) || ofDevice(rest) || endsWithDevice(rest)
			}
		}
	}
	if deviceStarts.Begin(l) && (fromDevice(l) || advert(l, linked) || excuse(l) || vendorMark(l)) {
		return true
	}
	return slices.ContainsFunc(signatureTails, func(tail string) bool { return strings.HasSuffix(l, tail) && len(strings.Fields(l)) <= 12 })
}

// isShort reports whether the rest of a signature's line is a name and no sentence.
// The bounds are those of names of apps and telephones; a sentence of a customer's is longer, or has a mark in it.
func isShort(rest string) bool {
	return len(strings.Fields(rest)) <= 6 && !strings.ContainsAny(rest, ",;!?，。；！？:：") && utf8.RuneCountInString(rest) <= 48
}

// ofMatter reports whether the rest goes on as a customer's own words do: "my account without my consent".
func ofMatter(rest string) bool {
	own, mine := strings.CutPrefix(rest, "my ")
	return mine && (len(strings.Fields(own)) > 3 || phrases.HasWord(own, owned))
}

// owned is what customers have, and nothing that sends mail.
var owned = []string{"account", "card", "bank", "wallet", "balance", "number", "old", "new", "other", "wife", "husband", "son", "daughter"}

// ofDevice reports whether the rest names a telephone or the like, whatever is said behind it: "my tablet, forgive
// the mistakes".
// "my phone number is …" names none: it is the customer's matter.
func ofDevice(rest string) bool {
	words := strings.FieldsFunc(rest, func(r rune) bool {
		return r == ' ' || r == ',' || r == '.' || r == ';' || r == '，' || r == '。' || r == '-'
	})
	if len(words) > 16 {
		return false
	}
	for i, w := range words[:min(3, len(words))] {
		if devices[w] && (i+1 == len(words) || words[i+1] != "number") {
			return true
		}
	}
	return false
}

// endsWithDevice reports whether the rest is an app for a device: "the all new mail app for ios".
func endsWithDevice(rest string) bool {
	words := strings.Fields(rest)
	return len(words) > 2 && len(words) <= 10 && devices[strings.TrimRight(words[len(words)-1], ".")] && words[len(words)-2] == "for" && !strings.ContainsAny(rest, ",;!?:")
}

// fromDevice recognises "From my iPhone 15": the device, and nothing behind it but its model.
// "From my phone I cannot log in" is a sentence: every word behind the device must be a model or hold a figure.
func fromDevice(l string) bool {
	rest, ok := strings.CutPrefix(l, "from my ")
	if !ok {
		if rest, ok = strings.CutPrefix(l, "via my "); !ok {
			return false
		}
	}
	words := strings.Fields(strings.TrimRight(rest, "."))
	seen := false
	for _, w := range words {
		switch {
		case devices[w]:
			seen = true
		case !seen && len(words) > 4, seen && !models[w] && !strings.ContainsAny(w, "0123456789"):
			return false
		}
	}
	return seen && len(words) <= 6
}

// advert recognises "Get Example Mail for phones", which a link follows as a rule.
// Without a link it must name mail or an app, since "get help for phones" is a request.
func advert(l string, linked bool) bool {
	rest, ok := strings.CutPrefix(l, "get ")
	if !ok {
		if rest, ok = strings.CutPrefix(l, "download "); !ok {
			return false
		}
	}
	i := strings.LastIndex(rest, " for ")
	if i < 0 || len(strings.Fields(rest)) > 8 || strings.ContainsAny(rest, ",;!?.") {
		return false
	}
	target := strings.Fields(rest[i+len(" for "):])
	return len(target) > 0 && len(target) <= 2 && devices[target[0]] && (linked || strings.Contains(rest[:i], "mail") || strings.Contains(rest[:i], "app"))
}

// excuse recognises the line in which people ask pardon for what they type on a telephone.
// It wants both the plea and what is pleaded for: "sorry for the short reply".
func excuse(l string) bool {
	if len(strings.Fields(l)) > 12 || !phrases.ContainsAny(l, excused) {
		return false
	}
	return slices.ContainsFunc([]string{"please excuse", "please pardon", "please forgive", "excuse ", "pardon ", "forgive ", "apologies for", "sorry for"}, func(head string) bool {
		return strings.HasPrefix(l, head)
	})
}

// excused are what such a line asks pardon for.
var excused = []string{"typo", "brevity", "autocorrect", "short reply", "spelling mistake", "spelling error"}

// vendorMark recognises "来自 HUAWEI P60" and "来自小米手机": the maker, and nothing behind it but a device.
func vendorMark(l string) bool {
	rest := strings.TrimPrefix(strings.TrimPrefix(l, "来自"), "來自")
	if rest == l {
		return false
	}
	rest = strings.TrimLeft(strings.TrimPrefix(strings.TrimSpace(rest), "我的"), " ")
	for _, v := range vendors {
		if tail, ok := strings.CutPrefix(rest, v); ok {
			tail = strings.Trim(tail, " 的。.")
			return tail == "" || vendorTails[tail] || ascii(tail) && len(tail) <= 20 && len(strings.Fields(tail)) <= 4
		}
	}
	return false
}

// deviceStarts are the beginnings of the four kinds of line that are asked about behind it.
var deviceStarts = phrases.StartsOf([]string{"from", "via", "get", "download", "please", "excuse", "pardon", "forgive", "apologies", "sorry", "来自", "來自"})

//go:embed device.txt
var file string

// The file says what each of its lists is.
var (
	lists           = words.MustReadLists("normalize/device/device.txt", file)
	sentHeads       = lists.Words("bracketed heads")
	signatureHeads  = lists.Words("signature heads")
	signatureTails  = lists.Words("signature tails")
	devices         = lists.Set("devices")
	models          = lists.Set("models")
	vendors         = lists.Words("vendors")
	vendorTails     = lists.Set("vendor tails")
	signatureStarts = phrases.StartsOf(signatureHeads)
)

// maxBracketed bounds a line in brackets, in runes.
const maxBracketed = 80

// SentBy reports whether a line in brackets says by what a message was sent: "(来自… App 意见反馈)".
func SentBy(l string) bool {
	first, n := utf8.DecodeRuneInString(l)
	last, _ := utf8.DecodeLastRuneInString(l)
	return strings.ContainsRune("([（【", first) && strings.ContainsRune(")]）】", last) && utf8.RuneCountInString(l) <= maxBracketed && phrases.BeginsWithAny(message.Lower(l[n:]), sentHeads)
}

// ascii reports whether s has nothing but ASCII.
func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}
