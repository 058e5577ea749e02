package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/configs"
	"frontdesk/configs/rules"
	"frontdesk/pipeline/answer"
	"frontdesk/pipeline/classify"
)

// runs are as many as make it certain that an order that differs between runs is seen: Go begins each walk over a map elsewhere.
const runs = 60

// TestTheSameFileSaysTheSameEachTime: what a file has by language is a map, and nothing that anybody sees comes in a map's order.
func TestTheSameFileSaysTheSameEachTime(t *testing.T) {
	t.Parallel()
	terms := func(c rules.Category) configs.Config {
		var out configs.Config
		out.Categories = []rules.Category{c}
		return out
	}
	for _, c := range []struct {
		name string
		say  func() any
	}{
		{"the reasons of a message in which words of several languages stand", func() any {
			m, err := Rules(terms(rules.Category{Key: "own", Terms: map[string][]string{"en": {"ledger", "vault key"}, "fr": {"coffre", "vault"}, "de": {"tresor"}, "zh-Hans": {"金库", "保险库"}, "zh-Hant": {"金庫", "保險庫"}}}))
			if err != nil {
				return err.Error()
			}
			return m.Classify(classify.Input{Subject: "ledger coffre tresor", Text: "vault key, 金库 金庫 保险库 保險庫"})
		}},
		{"which of several terms cannot be read", func() any {
			_, err := Rules(terms(rules.Category{Key: "own", Terms: map[string][]string{"en": {"*"}, "fr": {"..."}, "ja": {"!"}, "zh-Hans": {"。"}, "zh-Hant": {"、"}}}))
			return err.Error()
		}},
		{"which of several facts asks for a secret", func() any {
			_, err := desk(Categories(terms(rules.Category{Key: "own", Facts: []rules.Fact{{Key: "own", Ask: map[string]string{"en": "your password", "fr": "your PIN", "de": "your CVV", "zh-Hans": "您的密码", "zh-Hant": "您的驗證碼"}}}})), answer.New(classify.NewFolder().Fold))
			return err.Error()
		}},
		{"which of several calendars is wrong", func() any {
			var file configs.Config
			file.Calendars = map[string]rules.Calendar{"east": {Timezone: "Nowhere/East"}, "north": {Timezone: "Nowhere/North"}, "west": {Timezone: "Nowhere/West"}}
			_, err := calendars(file)
			return err.Error()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			first := c.say()
			for range runs {
				if diff := cmp.Diff(first, c.say()); diff != "" {
					t.Fatalf("another run says (-first +other):\n%s", diff)
				}
			}
		})
	}
}
