package policy

import (
	"testing"
	"time"

	"frontdesk/configs"
	"frontdesk/configs/rules"
	"frontdesk/configs/values"
)

func TestTheHouseShowsWhatTheFileFixes(t *testing.T) {
	c := configs.Config{Desk: configs.Desk{Timezone: "Asia/Shanghai", Languages: []string{"en", "zh-Hans"}}, Agents: rules.Agents{Limit: 6},
		Queues: []rules.Queue{{Name: "refunds", HandOut: "push", Ahead: 1, Overflow: &rules.Overflow{To: "general", After: values.Duration(90 * time.Minute)}}, {Name: "general"}},
		Promises: []rules.Promise{{Match: rules.Match{Channel: values.OneOrMore{"sms"}}, FirstReply: &rules.Target{Within: values.Duration(24 * time.Hour), Calendar: "office"}},
			{Resolution: &rules.Target{Within: values.Duration(time.Minute), Calendar: "office", Clock: "wall"}}},
		Calendars: map[string]rules.Calendar{"office": {PublicHolidays: values.OneOrMore{"cn-mainland"}, Week: rules.Week{Mon: []values.Span{{Start: 540, End: 720}}}}}}
	h, err := House(c)
	if err != nil {
		t.Fatal(err)
	}
	if q := h.Queues[0]; q.HandOut != "push" || q.Overflow != "general" || q.After != "1h30m" || h.Queues[1].HandOut != "pull" {
		t.Errorf("queues are %+v", h.Queues)
	}
	if p := h.Promises; len(p) != 2 || p[0].Whom[0] != "channel: sms" || p[0].Within != "24h" || p[0].Calendar != "office" || p[1].Within != "1m" || p[1].Calendar != "" {
		t.Errorf("promises are %+v", h.Promises)
	}
	k := h.Calendars[0]
	if k.Zone != "Asia/Shanghai" || k.Week[0].Day != "mon" || k.Week[0].Open != "09:00-12:00" || k.Week[6].Open != "" {
		t.Errorf("the calendar is %+v", k)
	}
	if len(k.Years) < 2 || k.Years[0].Source == "" || k.Years[0].Off < 10 || k.Years[0].Work == 0 {
		t.Errorf("the public days are %+v", k.Years)
	}
}
