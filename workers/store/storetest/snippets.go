package storetest

import (
	"errors"
	"strings"

	"frontdesk/workers/store"
	"frontdesk/workers/store/snippets"
	"frontdesk/workers/store/viewer"
)

// snippetsKept: who directs or looks after the desk edits them, who answers reads them, each change is in the journal, and what nobody could
// fill is refused.
func snippetsKept(d *desk) {
	lead := viewer.Viewer{User: 8, Login: "zhou", Name: "Zhou", Grants: []viewer.Grant{{Role: viewer.Lead, Queue: "payments"}}}
	refund := snippets.Snippet{Name: "退款", Texts: map[string]string{"en": "Dear {customer},\nit is on its way. {agent}", "zh": "您好，退款在路上。"}}
	d.must(d.Snippets.Save(d.ctx, lead, refund, d.now))
	d.must(d.Snippets.Save(d.ctx, lead, snippets.Snippet{Name: "bye", Texts: map[string]string{"en": "Yours, {desk}", "zh": " "}}, d.now))
	all, err := d.Snippets.All(d.ctx, wang)
	d.must(err)
	d.same("who answers reads", []snippets.Snippet{{Name: "bye", Texts: map[string]string{"en": "Yours, {desk}"}}, refund}, all)
	for _, c := range []struct {
		name string
		v    viewer.Viewer
		of   snippets.Snippet
		want error
	}{
		{"who only answers", wang, refund, store.ErrNotFound},
		{"who only looks", sun, refund, store.ErrNotFound},
		{"a variable that there is not", lead, snippets.Snippet{Name: "a", Texts: map[string]string{"en": "{custmer}"}}, snippets.ErrUnknown},
		{"a name with a space", lead, snippets.Snippet{Name: "a b", Texts: map[string]string{"en": "x"}}, snippets.ErrName},
		{"no name", lead, snippets.Snippet{Texts: map[string]string{"en": "x"}}, snippets.ErrName},
		{"no language", lead, snippets.Snippet{Name: "a", Texts: map[string]string{"": "x"}}, snippets.ErrName},
		{"a book", lead, snippets.Snippet{Name: "a", Texts: map[string]string{"en": strings.Repeat("x", 10000)}}, snippets.ErrTooLong},
	} {
		if err := d.Snippets.Save(d.ctx, c.v, c.of, d.now); !errors.Is(err, c.want) {
			d.t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := d.Snippets.All(d.ctx, sun); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("who only looks reads them: %v", err)
	}
	refund.Texts = nil
	d.must(d.Snippets.Save(d.ctx, lead, refund, d.now))
	all, err = d.Snippets.All(d.ctx, lead)
	d.must(err)
	d.same("without a text it is gone", 1, len(all))
	d.same("what was done", []string{"zhou snippet-save 退款", "zhou snippet-save bye", "zhou snippet-remove 退款"},
		d.texts(`SELECT who || ' ' || act || ' ' || detail FROM journal WHERE id > 0 ORDER BY id LIMIT 100`))
}
