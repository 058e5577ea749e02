package stored

import (
	"encoding/json"
	"html/template"
	"strconv"

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

// formatted is what an agent wrote as it goes out, with the images of it that are there. What the package letter writes holds nothing but a
// closed list of elements.
func formatted(text string, files []desk.File) template.HTML {
	return template.HTML(letter.Read(text).HTML(pictures(files))) //nolint:gosec // letter writes every tag itself, and escapes the rest
}

// pictures are the addresses of the images that stand in a text.
func pictures(files []desk.File) func(string) string {
	shown := map[string]string{}
	for _, f := range files {
		if f.Shown {
			shown[strconv.FormatInt(f.ID, 10)] = f.URL
		}
	}
	return func(name string) string { return shown[name] }
}
