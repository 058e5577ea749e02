package stored

import (
	"encoding/json"
	"html/template"

	"frontdesk/pipeline/letter"
	"frontdesk/pipeline/outgoing"
	"frontdesk/templates/desk"
	"frontdesk/workers/desk/pages"
)

// foundOf is what a check has found, as a page shows it. Where it may be sent all the same the page gives the names of the findings back.
func foundOf(found []outgoing.Finding) *pages.Found {
	out := &pages.Found{}
	var keys []string
	for _, f := range found {
		out.What, keys = append(out.What, desk.Reason{Word: f.Kind, Of: f.Of}), append(keys, f.Key())
	}
	if b, err := json.Marshal(keys); err == nil && !outgoing.Blocks(found) { // texts always marshal
		out.Despite = string(b)
	}
	return out
}

// shownOf are the names of findings that a page gives back. It comes from a browser: what is none names no finding.
func shownOf(despite string) (keys []string) {
	if json.Unmarshal([]byte(despite), &keys) != nil {
		return nil
	}
	return keys
}

// formatted is what an agent wrote as it goes out. What the package letter writes holds nothing but a closed list of elements.
func formatted(text string) template.HTML {
	return template.HTML(letter.Read(text).HTML(nil))
}
