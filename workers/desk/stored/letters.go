package stored

import (
	"html/template"

	"frontdesk/pipeline/letter"
)

// formatted is what an agent wrote as it goes out. What the package letter writes holds nothing but a closed list of elements.
func formatted(text string) template.HTML {
	return template.HTML(letter.Read(text).HTML(nil))
}
