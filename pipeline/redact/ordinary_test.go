package redact

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"frontdesk/pipeline/redact/numbers"
)

// TestOrdinaryMessagesHoldNoSecrets goes through what people ask banks and assistants, and through the project's own messages:
// of ten thousand, two may be masked by mistake.
func TestOrdinaryMessagesHoldNoSecrets(t *testing.T) {
	t.Parallel()
	total, masked := 0, 0
	for _, message := range ordinaryMessages(t) {
		total++
		if got, found := Text(message); found != nil {
			masked++
			t.Logf("%v in %s", found, strings.TrimSpace(got))
		}
	}
	t.Logf("%d of %d messages", masked, total)
	if total < 5000 || masked*10000 > 2*total {
		t.Errorf("%d of %d messages are masked by mistake", masked, total)
	}
}

// ordinaryMessages are those of the project, and of the public sets where they are at hand. Who changes a PIN says which.
func ordinaryMessages(t *testing.T) (out []string) {
	t.Helper()
	read := func(file string) string {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	files, _ := filepath.Glob("../classify/testdata/*.txt")
	for _, file := range files {
		out = append(out, strings.Split(read(file), "\n")...)
	}
	root := os.Getenv("FRONTDESK_SHARED")
	if root == "" {
		return out
	}
	for line := range strings.Lines(read(filepath.Join(root, "datasets/banking77/train.csv"))) {
		out = append(out, line[:strings.LastIndexByte(line, ',')+1])
	}
	var parts map[string][][2]string
	if err := json.Unmarshal([]byte(read(filepath.Join(root, "datasets/clinc150/data_full_train_val.json"))), &parts); err != nil {
		t.Fatal(err)
	}
	for _, part := range slices.Sorted(maps.Keys(parts)) {
		for _, row := range parts[part] {
			if row[1] != "pin_change" {
				out = append(out, row[0])
			}
		}
	}
	return out
}

// TestNamedOrderNumbersStayReadable makes numbers of orders and parcels with 16 to 19 digits, half of them with a card's prefix and
// check digit, in the sentences of customers: one of ten thousand may be masked.
func TestNamedOrderNumbersStayReadable(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(15, 8))
	frames := []string{
		"order %s has not arrived", "Order number: %s", "my order no. %s is late", "where is order #%s?", "tracking number %s", "tracking: %s please check", "invoice %s is wrong", "Invoice no %s",
		"transaction id %s failed", "ref %s", "reference number is %s", "%s is my order number", "the parcel %s was lost", "receipt number %s", "waybill %s",
		"订单号：%s", "订单号%s还没发货", "我的订单是%s", "单号 %s 查一下", "快递单号是%s", "运单号%s一直没更新", "流水号：%s", "交易单号%s", "发票号码 %s 开错了", "物流单号：%s", "%s是我的订单号", "訂單編號 %s",
	}
	masked := 0
	for range 10000 {
		number := randomDigits(r, 16+r.IntN(4))
		if r.IntN(2) == 0 {
			number = likeACard(r, len(number))
		}
		text := fmt.Sprintf(frames[r.IntN(len(frames))], number)
		if got, found := Text(text); found != nil {
			if masked++; masked < 20 {
				t.Logf("%s became %s", text, got)
			}
		}
	}
	if masked > 1 {
		t.Errorf("%d of 10000 are masked", masked)
	}
}

// likeACard makes a number of n digits that a network could have issued.
func likeACard(r *rand.Rand, n int) string {
	for {
		d := []byte([]string{"4", "51", "62", "6011", "2221", "3530"}[r.IntN(6)] + randomDigits(r, n))[:n]
		v := make([]byte, n)
		for i := range d {
			v[i] = d[i] - '0'
		}
		for v[n-1] = 0; !numbers.Luhn(v); v[n-1]++ {
		}
		if d[n-1] = '0' + v[n-1]; numbers.Issued(v) != numbers.None || n == 17 || n == 18 {
			return string(d)
		}
	}
}
