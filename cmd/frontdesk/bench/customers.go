package bench

import (
	"crypto/md5" //nolint:gosec // it hides nothing
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strconv"

	"frontdesk/channels/channelstest/twiliofake"
)

// The desk that is measured.
const (
	account   = "AC00000000000000000000000000000001"
	authToken = "bench-auth-token"
	number    = "+15005550006"
	publicURL = "https://desk.example"
	smsInbox  = "hotline"
	mailInbox = "support"
	mailbox   = "support@desk.example"
)

// knownPart of all messages come from a customer who has written before: of ten messages three.
const knownPart = 0.3

// customers are those who write, the same ones in every run: the dice are seeded. again is the part of messages that
// known customers write. It is for one goroutine.
type customers struct {
	dice   *rand.Rand
	serial int // of messages
	first  int // number of the first customer
	known  int // customers so far
	again  float64
}

// groupSize is how many customers a group has at most, and how many messages: seven digits of a phone number. Groups
// go from 0 to 99.
const groupSize = 10_000_000

// newCustomers are customers that no other call of the same installation has: each takes a range of
// ten million numbers of its own.
func newCustomers(group int) *customers {
	return &customers{dice: rand.New(rand.NewPCG(2026, uint64(group))), serial: group * groupSize, first: group * groupSize, again: knownPart}
}

// next is the customer who writes now.
func (c *customers) next() int {
	c.serial++
	if c.known > 0 && c.dice.Float64() < c.again {
		return c.first + c.dice.IntN(c.known)
	}
	c.known++
	return c.first + c.known - 1
}

// phoneOf is the number of a customer; each group has an area of its own.
func phoneOf(customer int) string {
	return fmt.Sprintf("+8618%02d%07d", customer/groupSize, customer%groupSize)
}

// sentences are what customers write about, by the shape of the built-in categories and some that
// fit none. %s is an order number, %d an amount.
func sentences() []string {
	return []string{
		"My payment for order %s failed but %d dollars were taken from my account. Please check.",
		"I was charged twice for order %s, %d dollars each time. I want one of them back.",
		"Where is my refund for order %s? It has been two weeks and %d dollars are still missing.",
		"Hello, order %s shows paid %d USD but the shop says nothing has arrived. What now?",
		"I cannot sign in since yesterday, the page says my account is locked. Last order %s over %d.",
		"Please change the phone number on my account. My last payment was %s over %d.",
		"How long does a transfer to Hong Kong take? Reference %s, amount %d.",
		"The app crashes when I open payment %s over %d. Android 14, newest version.",
		"Somebody paid %[2]d with my account and it was not me, order %[1]s. Please stop it!",
		"Thank you for solving the matter with order %s so quickly, all %d are back.",
		"订单 %s 付款失败，但是银行卡已经扣了 %d 元，请尽快帮我查一下。",
		"我的退款还没有到账，订单号 %s，金额 %d 元，已经等了十天了。",
		"账户被锁定了登录不了，最近一笔交易是 %s，金额 %d，麻烦解锁。",
		"同一笔订单 %s 被扣款两次，每次 %d 元，请把多扣的退回来。",
		"跨境汇款 %s 什么时候能到？金额 %d 美元，收款方在香港。",
		"您好，想咨询一下优惠活动，订单 %s 满 %d 元为什么没有减？",
	}
}

// text is a sentence with an order and an amount of its own: no two messages are copies.
func (c *customers) text() string {
	all := sentences()
	order := fmt.Sprintf("T%09d", c.dice.IntN(1_000_000_000))
	return fmt.Sprintf(all[c.dice.IntN(len(all))], order, 10+c.dice.IntN(4000))
}

// sms makes signed webhook calls as Twilio posts them, each with a SID of its own. They are made before the clock
// runs: signing costs as much as the service needs for checking.
func (c *customers) sms(n int) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		out[i] = c.smsOf(c.next())
	}
	return out
}

// smsOf is one message of a customer, as a whole HTTP request with the fields of a real one, in its usual size.
func (c *customers) smsOf(customer int) []byte { return c.smsSaying(customer, c.text()) }

// smsSaying is one with a text of the caller's.
func (c *customers) smsSaying(customer int, text string) []byte {
	from, sid := phoneOf(customer), "SM"+c.id()
	form := url.Values{
		"ToCountry": {"US"}, "ToState": {""}, "SmsMessageSid": {sid}, "NumMedia": {"0"}, "ToCity": {""}, "FromZip": {"94107"},
		"SmsSid": {sid}, "FromState": {"CA"}, "SmsStatus": {"received"}, "FromCity": {"SAN FRANCISCO"}, "Body": {text},
		"FromCountry": {"US"}, "To": {number}, "ToZip": {""}, "NumSegments": {"1"}, "MessageSid": {sid}, "AccountSid": {account},
		"From": {from}, "ApiVersion": {"2010-04-01"},
	}
	path := "/hooks/" + smsInbox
	body := form.Encode()
	head := "POST " + path + " HTTP/1.1\r\nHost: desk.example\r\nContent-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n" +
		"X-Twilio-Signature: " + twiliofake.Sign(authToken, publicURL+path, form) + "\r\nUser-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n" +
		"Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n"
	return []byte(head + body)
}

// id is 32 hexadecimal digits that nobody has had before, in no order, as providers give them out:
// what follows an order is kinder to an index.
func (c *customers) id() string {
	sum := md5.Sum(strconv.AppendInt(nil, int64(c.serial), 10)) //nolint:gosec // it hides nothing
	return hex.EncodeToString(sum[:])
}
