package storetest

import (
	"errors"

	"frontdesk/workers/store"
	"frontdesk/workers/store/macros"
	"frontdesk/workers/store/viewer"
)

// macrosKept: who directs or looks after the desk edits them, who answers reads them, and what cannot be done or filled is refused.
func macrosKept(d *desk) {
	lead := viewer.Viewer{User: 8, Login: "zhou", Name: "Zhou", Grants: []viewer.Grant{{Role: viewer.Lead, Queue: "payments"}}}
	later := macros.Macro{Name: "later", Texts: map[string]string{"en": "Dear {customer}, we are on it.", "zh": "您好，正在处理。"}, Acts: macros.Acts{Tags: []string{"vip"}, Priority: "high", Take: true, Then: "snooze-hours", Hours: 4}}
	spam := macros.Macro{Name: "垃圾", Texts: map[string]string{}, Acts: macros.Acts{Then: "close", Reason: "spam"}}
	d.must(d.Macros.Save(d.ctx, lead, later, d.now))
	d.must(d.Macros.Save(d.ctx, lead, spam, d.now))
	all, err := d.Macros.All(d.ctx, wang)
	d.must(err)
	d.same("who answers reads", []macros.Macro{later, spam}, all)
	for name, c := range map[string]struct {
		v    viewer.Viewer
		of   macros.Macro
		want error
	}{
		"who only answers":        {wang, later, store.ErrNotFound},
		"who only looks":          {sun, later, store.ErrNotFound},
		"no such variable":        {lead, macros.Macro{Name: "a", Texts: map[string]string{"en": "{custmer}"}}, macros.ErrUnknown},
		"a name with a space":     {lead, macros.Macro{Name: "a b", Acts: macros.Acts{Take: true}}, macros.ErrName},
		"put off for no hours":    {lead, macros.Macro{Name: "a", Acts: macros.Acts{Then: "snooze-hours"}}, macros.ErrActs},
		"hours without a purpose": {lead, macros.Macro{Name: "a", Acts: macros.Acts{Then: "close", Hours: 2}}, macros.ErrActs},
		"something else":          {lead, macros.Macro{Name: "a", Acts: macros.Acts{Then: "erase"}}, macros.ErrActs},
	} {
		if err := d.Macros.Save(d.ctx, c.v, c.of, d.now); !errors.Is(err, c.want) {
			d.t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := d.Macros.All(d.ctx, sun); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("who only looks reads them: %v", err)
	}
	d.must(d.Macros.Save(d.ctx, lead, macros.Macro{Name: "later", Texts: map[string]string{"en": " "}}, d.now))
	all, err = d.Macros.All(d.ctx, lead)
	d.must(err)
	d.same("one that says and does nothing is gone", []macros.Macro{spam}, all)
	d.same("what was done", []string{"zhou macro-save later", "zhou macro-save 垃圾", "zhou macro-remove later"},
		d.texts(`SELECT who || ' ' || act || ' ' || detail FROM journal WHERE id > 0 ORDER BY id LIMIT 100`))
}
