package demo

import (
	"errors"
	"fmt"
	"io"
	"net/url"

	"golang.org/x/net/html"
)

// page is a page of the desk as a person uses it: where it is, and its forms.
type page struct {
	at    *url.URL
	forms []form
}

// form is what a form sends when nothing is filled in.
type form struct {
	action string
	fields url.Values
}

// fields are those of the first form that posts to a path; ok is false where none does.
func (p page) fields(action string) (fields url.Values, ok bool) {
	for _, f := range p.forms {
		if f.action == action {
			return f.fields, true
		}
	}
	return nil, false
}

// readPage reads the forms of a page: their hidden fields and texts. What is chosen in them is left to who sends them.
func readPage(r io.Reader) (p page, err error) {
	z := html.NewTokenizer(r)
	area := "" // the field whose text comes next
	for {
		switch z.Next() {
		case html.ErrorToken:
			if err := z.Err(); !errors.Is(err, io.EOF) {
				return p, fmt.Errorf("reading a page: %w", err)
			}
			return p, nil
		case html.StartTagToken, html.SelfClosingTagToken:
			area = p.opened(z.Token())
		case html.TextToken:
			if area != "" && len(p.forms) > 0 {
				p.forms[len(p.forms)-1].fields.Add(area, z.Token().Data)
			}
			area = ""
		}
	}
}

// opened takes in a tag; area is the name of a textarea that begins.
func (p *page) opened(t html.Token) (area string) {
	a := map[string]string{}
	for _, x := range t.Attr {
		a[x.Key] = x.Val
	}
	switch {
	case t.Data == "form":
		p.forms = append(p.forms, form{a["action"], url.Values{}})
	case len(p.forms) == 0 || a["name"] == "":
	case t.Data == "input" && a["type"] == "hidden":
		p.forms[len(p.forms)-1].fields.Add(a["name"], a["value"])
	case t.Data == "textarea":
		return a["name"]
	}
	return ""
}
