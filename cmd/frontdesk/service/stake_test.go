package service

import (
	"testing"

	"frontdesk/pipeline/tact"
)

// TestWhatIsAtStakeIsRead, each sign by the key by which the ticket's page has words for it.
func TestWhatIsAtStakeIsRead(t *testing.T) {
	said := stake(tact.New())
	for text, want := range map[string]string{
		"I do not want to live any more": "stake.danger", "my lawyer will contact you": "stake.legal", "你们的服务态度太差了": "stake.complaint", "I am blind": "stake.vulnerable",
		"I have been waiting for three weeks": "stake.waited", "this is the third time I write": "stake.repeated", "my flight leaves in two hours": "stake.pressing", "I sent 500 dollars and it has not arrived": "stake.in-flight",
	} {
		heard := said("", text, "")
		if len(heard) != 1 || heard[0].Word != want || heard[0].Of == "" {
			t.Errorf("%q: %+v, want %s", text, heard, want)
		}
	}
	if heard := said("Refund", "I sent it and it has not arrived", "en"); heard != nil {
		t.Errorf("money of which no amount is named: %+v", heard)
	}
}
