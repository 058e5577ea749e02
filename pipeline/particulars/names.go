package particulars

import (
	_ "embed" // the lists of words
	"strings"
	"time"
	"unicode"

	"frontdesk/pipeline/words"
)

//go:embed names.txt
var nameFile string

var nameLists = words.MustReadLists("particulars/names.txt", nameFile)

var (
	telephones     = prefixesIn(nameLists.Words("telephones"))
	models         = prefixesIn(nameLists.Words("models"))
	versions       = suffixesOf(nameLists.Words("versions"))
	versionsBehind = prefixesIn(nameLists.Words("versions behind"))
	recipients     = prefixesIn(nameLists.Words("recipients"))
	nameEnds       = prefixesIn(nameLists.Words("ends"))
	nobody         = prefixesIn(nameLists.Words("nobody"))
)

// Found is all that a text tells.
type Found struct {
	Amounts   []Amount `json:"amounts,omitempty"`
	Numbers   []string `json:"numbers,omitempty"` // of orders and transactions, see Numbers
	Times     []Time   `json:"times,omitempty"`
	Phone     string   `json:"phone_model,omitempty"` // "iPhone 15 Pro", as it is written
	Version   string   `json:"app_version,omitempty"` // "5.2.1"
	Recipient string   `json:"recipient,omitempty"`   // who got the money, as it is written
}

// Read reads all that a redacted text tells, as somebody means it who writes at that time.
func Read(s string, at time.Time) Found {
	t := folded(cut(s))
	return Found{Amounts(s), Numbers(s), Times(s, at), t.phone(), t.version(), t.recipient()}
}

// longestName bounds a name, in bytes.
const longestName = 48

// phone is the first model of a telephone: a maker's name with what follows of numbers and words of models. A maker's name alone is none.
func (t text) phone() string {
	for i := 0; i < len(t.low); i = next(t.low, i) {
		if letter(t.low, i) && word(t.low, i-1) {
			continue
		}
		w := telephones.at(t.low, i)
		if w == "" { // "iPhone15"
			if end := lettersEnd(t.low, i); !digit(t.low, end) || len(t.low[i:end]) < len("oppo") || telephones.at(t.low[:end], i) == "" {
				continue
			}
			w = t.low[i:lettersEnd(t.low, i)]
		}
		if end := t.modelEnd(i + len(w)); end > i+len(w) {
			return strings.TrimSpace(t.plain[i:end])
		}
	}
	return ""
}

// modelEnd is where the words of a model end that follow a maker's name.
func (t text) modelEnd(i int) int {
	for end, n := i, 0; n < 5; n++ {
		at := end
		if at < len(t.low) && (t.low[at] == ' ' || t.low[at] == '-' || t.low[at] == '+') {
			at++
		}
		stop := at
		for alnum(t.low, stop) {
			stop++
		}
		if stop == at || stop-at > 8 || at == end && n > 0 && !digit(t.low, at) && !digit(t.low, at-1) {
			return end
		}
		if figures := strings.ContainsAny(t.low[at:stop], "0123456789"); !figures && (models.at(t.low, at) == "" || len(models.at(t.low, at)) != stop-at) || figures && n > 0 && digitsEnd(t.low, at) == stop && stop-at > 3 {
			return end
		}
		end, i = stop, stop
		if end < len(t.low) && t.low[end] == '+' {
			end++
		}
	}
	return i
}

// version is the first version of the app: a number with points behind or before a word for it.
func (t text) version() string {
	for i := 0; i < len(t.low); i++ {
		if !digit(t.low, i) {
			continue
		}
		end, points := digitsEnd(t.low, i), 0
		for points < 4 && end < len(t.low) && t.low[end] == '.' && digit(t.low, end+1) {
			end, points = digitsEnd(t.low, end+1), points+1
		}
		head := strings.TrimRight(t.low[max(0, i-24):i], " :v=.")
		said := versions.before(head, len(head)) != "" || strings.HasSuffix(t.low[:i], "v") && !word(t.low, i-2)
		if end-i < 24 && (said && points > 0 || points > 1 && versionsBehind.at(t.low, spaceEnd(t.low, end)) != "") {
			return t.low[i:end]
		}
		i = end
	}
	return ""
}

// recipient is the first name behind a word that says who got the money.
func (t text) recipient() string {
	for i := 0; i < len(t.low); i = next(t.low, i) {
		if letter(t.low, i) && word(t.low, i-1) {
			continue
		}
		w := recipients.at(t.low, i)
		if w == "" {
			continue
		}
		if name := t.nameAt(i + len(w)); name != "" {
			return name
		}
	}
	return ""
}

// nameAt is the name that begins at i: up to a sign, a digit, or a word with which a sentence goes on. English names have capitals.
func (t text) nameAt(i int) string {
	for i < len(t.low) && strings.IndexByte(" :\"'", t.low[i]) >= 0 {
		i++
	}
	if nobody.at(t.low, i) != "" {
		return ""
	}
	end := i
	for end < len(t.low) && end-i < longestName {
		r, size := runeAt(t.plain, end)
		if end > i && nameEnds.at(t.low, end) != "" && !(letter(t.low, end) && word(t.low, end-1)) || !unicode.IsLetter(r) && r != ' ' && r != '\'' && r != '-' && r != '·' && r != '.' && r != '&' {
			break
		}
		end += size
	}
	name := strings.Trim(t.plain[i:end], " .-'&")
	if len(name) < 2 || name[0] < 0x80 && !(name[0] >= 'A' && name[0] <= 'Z') {
		return ""
	}
	return name
}
