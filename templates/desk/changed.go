package desk

// field is the value of a field that was changed beneath a form, as people read it.
func (p *Pages) field(lang, name, value string) string {
	switch {
	case value == "":
		return p.text(lang, "field.none")
	case name == "owner":
		return value
	case name == "state", name == "urgent":
		return p.text(lang, "field."+name+"."+value)
	}
	return p.value(lang, name, value)
}
