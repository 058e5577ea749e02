package answer

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"frontdesk/pipeline/message"
	"frontdesk/pipeline/particulars"
)

// Fact is something that the desk needs to know for a category.
type Fact struct {
	// Key is one of given's, or an installation's own, as Key spells it: order-number, screenshot.
	Key string
	Ask string // how it is asked for, in the customer's language
	// Signs are words whose presence means that the fact is given, for keys of an installation's
	// own; the keys that have a rule here need none.
	Signs []string
}

// Evidence is where facts may be given.
type Evidence struct {
	Subject, Text string // the customer's own words, card numbers already masked
	// Fields are what a form or a program gave, masked, by their names as Spell left them.
	Fields      map[string]string
	Attachments []message.Attachment
	Addresses   []message.Address // addresses of the sender, proven or claimed
}

// inlineImage is the size in bytes from which an image inside a mail is taken for a picture of
// something; smaller ones are logos of signatures.
const inlineImage = 20 << 10

// Checklist is a list of facts made ready for checking: those of one category in one language. It
// is safe for concurrent use.
type Checklist struct {
	// facts are in the order in which they are asked for.
	finder *Finder
	facts  []Fact
}

// Checklist makes facts ready. It refuses facts that may not be asked for, see validateFact.
// It is called when the configuration is read; an error stops that, so that no customer is ever asked for a password.
func (f *Finder) Checklist(facts []Fact) (*Checklist, error) {
	for _, fact := range facts {
		if err := validateFact(fact.Key, fact.Ask); err != nil {
			return nil, err
		}
	}
	return &Checklist{f, slices.Clone(facts)}, nil
}

// Missing returns the facts that the evidence does not give, in their order.
// Nil when all are there. It errs on the side of "given": asking for what somebody has written already is worse than not asking.
func (c *Checklist) Missing(e Evidence) []Fact {
	var out []Fact
	t := look(e)
	for _, fact := range c.facts {
		if !c.finder.given(fact, e, t) {
			out = append(out, fact)
		}
	}
	return out
}

// looked is a message made ready for the search.
type looked struct {
	raw  string // as it was written
	text string // half width, lower case
	near string // what stands around its digits, a line each
}

// look does once what all facts need.
func look(e Evidence) looked {
	text := e.Subject + "\n" + e.Text[:min(len(e.Text), maxText)]
	small := lower(text)
	return looked{text, small, nearDigits(small)}
}

// given reports whether a fact is there: in a field of its name, by the installation's signs, or by the rule of its key. The rules look for the
// form of the fact, never for its truth. Keys without a rule and without a list in namesFor are given by fields and signs alone.
func (f *Finder) given(fact Fact, e Evidence, t looked) bool {
	key := spelled(fact.Key)
	if e.named(key) || f.signed(fact.Signs, t.text) {
		return true
	}
	switch key {
	case "order-number", "transaction-number":
		return len(particulars.Numbers(t.raw)) > 0
	case "amount":
		return len(particulars.Amounts(t.raw)) > 0
	case "expected-amount":
		return twoAmounts(particulars.Amounts(t.raw))
	case "screenshot":
		return slices.ContainsFunc(e.Attachments, isPicture)
	case "registered-account":
		return slices.ContainsFunc(e.Addresses, reachable) || phoneNumber(t.near) || groupedMobile(t.near) || mailAddress(aroundAt(t.text))
	case "time":
		return stands(times, t.text) || len(particulars.Times(t.raw, anyDay)) > 0
	case "app-version":
		return version(versionIs.Replace(t.near))
	case "error-message":
		return quotes(t.text, 4) || follows(t.text, errorCues, 4)
	case "promotion-name":
		return quotes(t.text, 2) || f.promoted(otherNumbers.Replace(t.text))
	case "recipient":
		return follows(t.text, recipientCues, 2)
	}
	named := namesFor[key]
	return named != nil && named.In(t.text, func(from, to int) bool {
		return alone(t.text, from, to) || key == "phone-model" && digit(t.text, to) && alone(t.text[:to], from, to) // "iPhone15"
	})
}

// What is taken away or put in another way before a text is searched for a fact.
var (
	// otherNumbers leave the word for a number away where it is said to be one of something else: "my phone number is".
	otherNumbers = func() *strings.Replacer {
		var pairs []string
		for _, w := range factLists.Words("other numbers") {
			thing, _, _ := strings.Cut(w, " ")
			pairs = append(pairs, w, thing)
		}
		return strings.NewReplacer(pairs...)
	}()
	versionIs = strings.NewReplacer("号是", "号", "號是", "號", "号为", "号", "號為", "號", "版本是", "版本", "版本为", "版本", "版本為", "版本", " number is ", " ", " is ", " ", " number ", " ")
)

// signed looks for the installation's own signs.
func (f *Finder) signed(signs []string, text string) bool {
	if len(signs) == 0 {
		return false
	}
	folded := f.fold(text)
	return slices.ContainsFunc(signs, func(s string) bool {
		word := strings.TrimSpace(f.fold(s))
		return word != "" && holds(folded, word)
	})
}

// anyDay is when a message is read that is asked only whether it names a time.
var anyDay = time.Unix(0, 0).UTC()

// twoAmounts reports whether a text names two different sums: what was paid and what should have been.
func twoAmounts(found []particulars.Amount) bool {
	return len(found) > 1 && slices.ContainsFunc(found[1:], func(a particulars.Amount) bool {
		return a.Value != found[0].Value || a.Currency != found[0].Currency && a.Currency != "" && found[0].Currency != ""
	})
}

// reachable reports whether an address can name an account: mail and telephone can, a chat's number says nothing.
func reachable(a message.Address) bool {
	return !a.IsZero() && (a.Kind == message.Email || a.Kind == message.Phone)
}

// isPicture goes by type or name. A PDF counts, since banks give receipts so.
func isPicture(a message.Attachment) bool {
	media, _, _ := strings.Cut(strings.ToLower(a.MediaType), ";")
	picture := strings.HasPrefix(media, "image/") || media == "application/pdf" ||
		slices.Contains([]string{".png", ".jpg", ".jpeg", ".heic", ".webp", ".gif", ".bmp", ".pdf"}, strings.ToLower(path.Ext(a.Name)))
	return picture && (!a.Inline || a.Size >= inlineImage || len(a.Content) >= inlineImage)
}

// validateFact refuses a fact that would have customers send a secret: passwords, one-time codes,
// card numbers, security codes, keys. The last four digits of a card may be asked for.
// The error names the secret. It is a guard against a mistake in the configuration, so it only knows what facts.txt lists.
func validateFact(key, ask string) error {
	for _, text := range []string{key, ask} {
		if secret := secretIn(text); secret != "" {
			return fmt.Errorf("fact %q: customers are never asked for %s", key, secret)
		}
	}
	return nil
}

// They stand between spaces where they must be whole words: secretIn puts one around each.
var secretWords, cardWords, lastFourWords = factLists.Words("secrets"), factLists.Words("card numbers"), factLists.Words("last four")

// secretIn returns the words of a secret that the text asks for.
// Card numbers are refused unless the last four digits alone are asked for: with them nobody can pay.
func secretIn(text string) string {
	t := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || r == '\'' {
			return r
		}
		return ' '
	}, strings.ToLower(halfWidth(text)))
	t = " " + strings.Join(strings.Fields(t), " ") + " "
	for _, s := range secretWords {
		if strings.Contains(t, s) {
			return strings.TrimSpace(s)
		}
	}
	for _, s := range cardWords {
		if strings.Contains(t, s) && !lastFour(t) {
			return strings.TrimSpace(s)
		}
	}
	return ""
}

// lastFour reports whether a text asks for the end of a number only.
func lastFour(t string) bool {
	return slices.ContainsFunc(lastFourWords,
		func(s string) bool { return strings.Contains(t, s) })
}
