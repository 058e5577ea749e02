package screen

import "strconv"

// SecondOpinion is the name under which it is recorded what somebody else said of the category of a message.
const SecondOpinion = "second"

// Second is what somebody else said of the category of a message of which the model was not sure.
type Second struct {
	Model    string `json:"model"`              // who was asked
	Category string `json:"category,omitempty"` // one of those that were offered; empty: none was named, and the verdict says why
	Ms       int64  `json:"ms"`                 // how long it took, in milliseconds
}

// Seconded is the second opinion among opinions that names a category; ok is whether there is one.
func Seconded(opinions []Opinion) (s Second, ok bool) {
	for _, o := range opinions {
		if o.Second != nil && o.Second.Category != "" {
			return *o.Second, true
		}
	}
	return Second{}, false
}

// Words are the opinion as the trace says it; verdict is why nobody has named a category.
func (s Second) Words(verdict string) string {
	said := s.Category
	if said == "" {
		said = "none, " + verdict
	}
	return s.Model + ": " + said + ", " + strconv.FormatInt(s.Ms, 10) + " ms"
}
