package classify

import (
	"sort"
	"strings"
	"testing"

	"frontdesk/pipeline/classify/classifytest"
)

// bankingCategory maps the 77 intents of BANKING77 to our categories. What has no place among
// them, such as the delivery of plastic cards, is other.
func bankingCategory(intent string) string {
	for category, intents := range map[string]string{
		"payment-failed": "card_not_working contactless_not_working declined_card_payment declined_cash_withdrawal declined_transfer failed_transfer " +
			"reverted_card_payment? top_up_failed top_up_reverted virtual_card_not_working beneficiary_not_allowed",
		"wrong-amount": "card_payment_fee_charged extra_charge_on_statement transaction_charged_twice transfer_fee_charged wrong_amount_of_cash_received cash_withdrawal_charge " +
			"top_up_by_bank_transfer_charge top_up_by_card_charge",
		"funds-missing": "balance_not_updated_after_bank_transfer balance_not_updated_after_cheque_or_cash_deposit pending_card_payment pending_cash_withdrawal pending_top_up " +
			"pending_transfer transfer_not_received_by_recipient transfer_timing",
		"refund":          "Refund_not_showing_up request_refund cancel_transfer",
		"password-reset":  "passcode_forgotten change_pin",
		"account-locked":  "pin_blocked",
		"account-details": "edit_personal_details terminate_account",
		"registration":    "age_limit unable_to_verify_identity verify_my_identity why_verify_identity verify_source_of_funds verify_top_up",
		"security-fraud":  "card_payment_not_recognised cash_withdrawal_not_recognised compromised_card direct_debit_payment_not_recognised lost_or_stolen_card lost_or_stolen_phone",
		"payment-methods": "apple_pay_or_google_pay card_acceptance card_linking disposable_card_limits supported_cards_and_currencies top_up_by_cash_or_cheque top_up_limits " +
			"topping_up_by_card visa_or_mastercard automatic_top_up transfer_into_account atm_support",
		"cross-border": "card_payment_wrong_exchange_rate country_support exchange_charge exchange_rate exchange_via_app fiat_currency_support receiving_money " +
			"wrong_exchange_rate_for_cash_withdrawal",
	} {
		for i := range strings.FieldsSeq(intents) {
			if i == intent {
				return category
			}
		}
	}
	return Other
}

// TestDefaultRulesOnBanking77 measures the English rules on questions to a bank that other people
// wrote. The rules were improved by reading every other question; the figure is of the rest.
// Coverage is the share that is given a category at all.
func TestDefaultRulesOnBanking77(t *testing.T) {
	rows := classifytest.Banking77(t)
	c := standard(t)
	var claimed, right, covered int
	confusion := map[string]int{}
	for i, row := range rows[1:] {
		if i%2 == 0 {
			continue
		}
		want := bankingCategory(row[1])
		got := c.Classify(Input{Text: row[0]}).Category
		if want == Other {
			continue
		}
		claimed++
		if got != Other {
			covered++
		}
		if got == want {
			right++
		} else {
			confusion[want+" taken for "+got]++
		}
	}
	coverage, precision := float64(covered)/float64(claimed), float64(right)/float64(max(covered, 1))
	t.Logf("%d questions with a category: coverage %.1f %%, right of those %.1f %%, right of all %.1f %%",
		claimed, 100*coverage, 100*precision, 100*float64(right)/float64(claimed))
	worst := make([]string, 0, len(confusion))
	for pair := range confusion {
		worst = append(worst, pair)
	}
	sort.Slice(worst, func(i, j int) bool { return confusion[worst[i]] > confusion[worst[j]] })
	for _, pair := range worst[:min(12, len(worst))] {
		t.Logf("%4d %s", confusion[pair], pair)
	}
	if coverage < 0.75 || precision < 0.84 {
		t.Errorf("coverage %.2f, precision %.2f: below what the rules reached", coverage, precision)
	}
}
