package wiring

import (
	"slices"
	"strconv"
	"testing"

	"frontdesk/channels/descriptor"
	"frontdesk/configs"
)

// TestAReloadEndsWhatItExchanges: however often an inbox is connected anew, one connector of it is open, and none is ended twice.
func TestAReloadEndsWhatItExchanges(t *testing.T) {
	for _, c := range []struct {
		name    string
		reloads [][]string // the inboxes that each reload connects anew
		open    []string   // what is open after them
		ended   []string   // by them, in order
	}{
		{"no reload", nil, []string{"mail 0", "scanner", "shop 0"}, nil},
		{"one inbox once", [][]string{{"mail"}}, []string{"mail 1", "scanner", "shop 0"}, []string{"mail 0"}},
		{"one inbox again and again", [][]string{{"mail"}, {"mail"}, {"mail"}}, []string{"mail 3", "scanner", "shop 0"}, []string{"mail 0", "mail 1", "mail 2"}},
		{"both in turn", [][]string{{"mail"}, {"shop"}, {"mail"}}, []string{"mail 3", "scanner", "shop 2"}, []string{"mail 0", "shop 0", "mail 1"}},
		{"both at once", [][]string{{"mail", "shop"}}, []string{"mail 1", "scanner", "shop 1"}, []string{"mail 0", "shop 0"}},
		{"a reload that concerns none", [][]string{{}}, []string{"mail 0", "scanner", "shop 0"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var ended []string
			ends := func(what string) func() error {
				return func() error {
					ended = append(ended, what)
					return nil
				}
			}
			connect := func(n int, names ...string) *Wiring {
				w := New(Needs{})
				for _, name := range names {
					w.connect(configs.Inbox{Name: name, Section: none{}}, descriptor.Ends{Close: ends(name + " " + strconv.Itoa(n))}, "")
				}
				return w
			}
			w := connect(0, "mail", "shop")
			w.closers[""] = append(w.closers[""], ends("scanner"))
			for i, names := range c.reloads {
				w.Exchange(connect(i+1, names...), names)()
			}
			if !slices.Equal(ended, c.ended) {
				t.Errorf("reloads ended %q, want %q", ended, c.ended)
			}
			ended = nil
			w.Close()
			if slices.Sort(ended); !slices.Equal(ended, c.open) {
				t.Errorf("at the end %q were open, want %q", ended, c.open)
			}
		})
	}
}

// none is a section that says nothing.
type none struct{ descriptor.Section }

func (none) Facts() descriptor.Facts { return descriptor.Facts{} }
