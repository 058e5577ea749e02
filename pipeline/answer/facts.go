package answer

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"frontdesk/pipeline/message"
)

// Fact is something that the desk needs to know for a category.
type Fact struct {
	Key string
	Ask string // how it is asked for, in the customer's language
	// Signs are words whose presence means that the fact is given, for keys of an installation's
	// own; the keys that have a rule here need none.
	Signs []string
}

// Evidence is where facts may be given.
type Evidence struct {
	Subject, Text string // the customer's own words, card numbers already masked
	Fields        map[string]string
	Attachments   []message.Attachment
	Addresses     []message.Address // addresses of the sender, proven or claimed
}

// inlineImage is the size in bytes from which an image inside a mail is taken for a picture of
// something; smaller ones are logos of signatures.
const inlineImage = 20 << 10

// Checklist is a list of facts made ready for checking: those of one category in one language. It
// is safe for concurrent use.
type Checklist struct {
	finder *Finder
	facts  []Fact
}

// Checklist makes facts ready. It refuses facts that may not be asked for, see ValidateFact.
func (f *Finder) Checklist(facts []Fact) (*Checklist, error) {
	for _, fact := range facts {
		if err := ValidateFact(fact.Key, fact.Ask); err != nil {
			return nil, err
		}
	}
	return &Checklist{f, slices.Clone(facts)}, nil
}

// Missing returns the facts that the evidence does not give, in their order.
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
	text string // half width, lower case
	near string // what stands around its digits, a line each
}

func look(e Evidence) looked {
	text := e.Subject + "\n" + e.Text[:min(len(e.Text), maxText)]
	text = lower(text)
	return looked{text, nearDigits(text)}
}

func (f *Finder) given(fact Fact, e Evidence, t looked) bool {
	key := spelled(fact.Key)
	if e.named(key) || f.signed(fact.Signs, t.text) {
		return true
	}
	switch key {
	case "order-number", "transaction-number":
		return announced(t.near) || longNumber(t.near)
	case "amount":
		return len(sums(t.near)) > 0
	case "expected-amount":
		return twoAmounts(t.near)
	case "screenshot":
		return slices.ContainsFunc(e.Attachments, isPicture)
	case "registered-account":
		return slices.ContainsFunc(e.Addresses, reachable) || phoneNumber(t.near) || mailAddress(aroundAt(t.text))
	case "time":
		return stands(times, t.text) || clock(t.near)
	case "app-version":
		return version(t.near)
	case "error-message":
		return quotes(t.text, 4) || follows(t.text, errorCues, 4)
	case "promotion-name":
		return quotes(t.text, 2) || f.promoted(t.text)
	case "recipient":
		return follows(t.text, recipientCues, 2)
	}
	named := namesFor[key]
	return named != nil && stands(named, t.text)
}

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

func twoAmounts(text string) bool {
	found := sums(text)
	return len(found) > 1 && slices.ContainsFunc(found[1:], func(a Amount) bool { return a.Value != found[0].Value })
}

func reachable(a message.Address) bool {
	return !a.IsZero() && (a.Kind == message.Email || a.Kind == message.Phone)
}

func isPicture(a message.Attachment) bool {
	media, _, _ := strings.Cut(strings.ToLower(a.MediaType), ";")
	picture := strings.HasPrefix(media, "image/") || media == "application/pdf" ||
		slices.Contains([]string{".png", ".jpg", ".jpeg", ".heic", ".webp", ".gif", ".bmp", ".pdf"}, strings.ToLower(path.Ext(a.Name)))
	return picture && (!a.Inline || a.Size >= inlineImage || len(a.Content) >= inlineImage)
}

func digits(s string) int {
	n := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}

// ValidateFact refuses a fact that would have customers send a secret: passwords, one-time codes,
// card numbers, security codes, keys. The last four digits of a card may be asked for.
func ValidateFact(key, ask string) error {
	for _, text := range []string{key, ask} {
		if secret := secretIn(text); secret != "" {
			return fmt.Errorf("fact %q: customers are never asked for %s", key, secret)
		}
	}
	return nil
}

// secretIn returns the words of a secret that the text asks for.
func secretIn(text string) string {
	t := strings.ToLower(halfWidth(text))
	for _, space := range []string{"-", "_", "\u00a0"} {
		t = strings.ReplaceAll(t, space, " ")
	}
	t = " " + strings.Join(strings.Fields(t), " ") + " "
	for _, s := range []string{"password", "passwort", "passcode", "passphrase", "one time code", "one time pass", "verification code", "security code", "login code",
		"secret key", "private key", "api key", "recovery phrase", "seed phrase", "cvv", "cvc", "cvn", " otp", " pin ", " pin,", " pin)", " pins ", "pin code",
		"密码", "密碼", "口令", "验证码", "驗證碼", "校验码", "校驗碼", "动态码", "動態碼", "安全码", "安全碼", "密钥", "密鑰", "私钥", "私鑰", "助记词", "助記詞"} {
		if strings.Contains(t, s) {
			return strings.TrimSpace(s)
		}
	}
	for _, s := range []string{"card number", "card no", "cardnumber", "number of your card", "number of the card", "number on your card", "full card", "credit card details", " pan ", "卡号", "卡號", "卡片号", "卡片號", "卡的号码", "卡的號碼"} {
		if strings.Contains(t, s) && !lastFour(t) {
			return strings.TrimSpace(s)
		}
	}
	return ""
}

func lastFour(t string) bool {
	return slices.ContainsFunc([]string{"last four", "last 4", "final four", "后四位", "後四位", "末四位", "后4位", "後4位", "末4位", "尾号", "尾號"},
		func(s string) bool { return strings.Contains(t, s) })
}
