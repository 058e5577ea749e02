package identify

import (
	"strings"
	"testing"

	"frontdesk/internal/doubling"
	"frontdesk/pipeline/message"
)

func TestMailboxesThatSeveralPeopleRead(t *testing.T) {
	for _, c := range []struct {
		address string
		want    bool
	}{
		{"info@shop.example", true}, {"INFO@shop.example", true}, {"info-de@shop.example", true}, {"sales2@shop.example", true}, {"no-reply@shop.example", true}, {"customer.service@shop.example", true}, {"customer-care+li@shop.example", true},
		{"office.li@shop.example", true}, {"kefu01@shop.example", true}, {"büro@shop.example", true}, {"familie.meier@mail.example", true},
		{"li.na@shop.example", false}, {"li+info@mail.example", false}, {"13800138000@qq.example", false}, {"infante@mail.example", false}, {"salesman.kim@mail.example", false}, {"kim@info.example", false}, {"", false}, {"@", false},
	} {
		if got := Shared(message.Identity{Kind: message.Email, Value: c.address}); got != c.want {
			t.Errorf("%q: %t", c.address, got)
		}
	}
	if Shared(message.Identity{Kind: message.Phone, Value: "info"}) {
		t.Error("a number is taken for a mailbox")
	}
}

func TestSharedCostsLinearTime(t *testing.T) {
	doubling.Check(t, 1<<12, func(n int) func() {
		id := message.Identity{Kind: message.Email, Value: strings.Repeat("ab.", n) + "@x.example"}
		return func() { Shared(id) }
	})
}
