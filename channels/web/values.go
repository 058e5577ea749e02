package web

import (
	"bytes"
	"encoding/json"
	"strings"
)

// values are the fields of an API call. People read them, so each is kept as text: a number with the digits that were sent, a list or an
// object as its JSON, with its characters instead of escapes. null says that there is none.
type values map[string]string

// UnmarshalJSON implements json.Unmarshaler.
func (v *values) UnmarshalJSON(raw []byte) error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return err
	}
	*v = make(values, len(all))
	for name, value := range all {
		text, err := readable(value)
		if err != nil {
			return err
		}
		if string(value) != "null" {
			(*v)[name] = text
		}
	}
	return nil
}

// readable is a value of JSON as people read it.
// Numbers keep their digits (UseNumber): an order number of 18 digits must not be rounded as a float.
func readable(raw json.RawMessage) (string, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return "", err
	}
	if text, ok := value.(string); ok {
		return text, nil
	}
	var out strings.Builder
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(value)
	return strings.TrimSuffix(out.String(), "\n"), err
}
