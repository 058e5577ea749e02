package service

import (
	"testing"

	"frontdesk/configs"
	"frontdesk/configs/rules"
)

func TestThePageHasTheConfiguredTitles(t *testing.T) {
	c := configs.Config{
		Queues:     []rules.Queue{{Name: "a", Title: map[string]string{"en": "Cards", "zh-Hans": "银行卡"}}, {Name: "b", Title: map[string]string{"zh-Hant": "風控"}}, {Name: "c"}},
		Categories: []rules.Category{{Key: "vip", Names: map[string]string{"de": "VIP", "en": "Important"}}},
	}
	got := pageTitles(c)
	for key, want := range map[string][2]string{"desk.a": {"Cards", "银行卡"}, "desk.b": {"風控", "風控"}, "desk.c": {"", ""}, "category.vip": {"Important", "Important"}} {
		if got["en"][key] != want[0] || got["zh"][key] != want[1] {
			t.Errorf("%s is %q and %q, want %q", key, got["en"][key], got["zh"][key], want)
		}
	}
}
