package demo

import (
	"context"
	"fmt"
	"time"

	"frontdesk/workers"
)

// pause waits until the next passer-by writes: 15 to 20 seconds.
func (c *cast) pause(ctx context.Context) bool {
	return workers.Sleep(ctx, 15*time.Second+time.Duration(draw(5000))*time.Millisecond)
}

// person is a customer's name with his address, or in a list with its local part.
type person struct{ name, address string }

// passerby is one more customer, with one of a few concerns and a name, address and order of his own.
// They come in turn, so that each concern is seen before one comes again. A new concern is one more function in the
// list.
func (c *cast) passerby() scene {
	c.guests++
	concerns := []func() scene{
		c.failedPayment, c.missingTransfer, c.forgottenPassword, c.refundWanted, c.limitAsked, c.couponGone, c.numberChanged, c.appCrashed, c.feeAsked, c.ideaForForm,
	}
	return concerns[(c.guests-1)%len(concerns)]()
}

func (c *cast) english() person {
	names := []person{{"Alice Young", "alice.young"}, {"Ben Scott", "ben.scott"}, {"Chloe Adams", "chloe.adams"}, {"Henry Ward", "henry.ward"}, {"Mia Turner", "mia.turner"}}
	return c.fresh(names)
}

func (c *cast) simplified() person {
	names := []person{{"张强", "zhang.qiang"}, {"陈静", "chen.jing"}, {"杨帆", "yang.fan"}, {"周杰", "zhou.jie"}, {"吴敏", "wu.min"}}
	return c.fresh(names)
}

func (c *cast) traditional() person {
	names := []person{{"黃美玲", "wong.meiling"}, {"林志明", "lam.chiming"}, {"何嘉欣", "ho.kayan"}}
	return c.fresh(names)
}

// fresh picks a name and makes its address one that has not written yet.
func (c *cast) fresh(names []person) person {
	n := names[draw(len(names))]
	return person{n.name, c.address(fmt.Sprintf("%s.%d.", n.address, c.guests))}
}

func (c *cast) failedPayment() scene {
	n := c.simplified()
	return c.letter(0, letter{name: n.name, from: n.address, subject: "付款失败",
		text: fmt.Sprintf("你好，订单 %s 付款失败，金额 %d.00 元，麻烦看一下是什么原因。\n\n%s\n", c.order(), 20+draw(900), n.name)})
}

func (c *cast) missingTransfer() scene {
	return texted(0, c.phone(), fmt.Sprintf("转账 %d 元还没到账，单号 %s，麻烦查一下", 50+draw(2000), c.order()))
}

func (c *cast) forgottenPassword() scene {
	n := c.english()
	return c.letter(0, letter{name: n.name, from: n.address, subject: "Forgot my password",
		text: fmt.Sprintf("Hello,\n\nI forgot my password and the reset link in your e-mail does not open.\nWhat can I do?\n\n%s\n", n.name)})
}

func (c *cast) refundWanted() scene {
	n := c.traditional()
	return chatted(0, c.chatter(n.name, "zh-hant"), fmt.Sprintf("請問訂單 %s 的退款什麼時候會到？商家說已經退了。", c.order()))
}

func (c *cast) limitAsked() scene {
	n := c.english()
	return called(0, map[string]any{"from": map[string]string{"email": n.address, "name": n.name}, "language": "en",
		"text": "What is the daily limit for payments with a linked debit card, and can I raise it?"})
}

func (c *cast) couponGone() scene {
	n := c.simplified()
	return chatted(0, c.chatter(n.name, "zh-hans"), "我领的满减优惠券不见了，还没有过期，请问怎么找回？")
}

func (c *cast) numberChanged() scene {
	n := c.english()
	return c.letter(0, letter{name: n.name, from: n.address, subject: "New phone number",
		text: fmt.Sprintf("Hi,\n\nI have a new phone number and would like to change my phone number in the account.\n\n%s\n", n.name)})
}

func (c *cast) appCrashed() scene {
	n := c.traditional()
	return c.letter(0, letter{name: n.name, from: n.address, subject: "應用程式打不開",
		text: fmt.Sprintf("你好，更新之後應用程式一直閃退，重新安裝也沒有用。\n\n%s\n", n.name)})
}

func (c *cast) feeAsked() scene {
	return texted(0, c.phone(), fmt.Sprintf("Why was I charged an extra fee of %d.50 for my last payment?", 1+draw(9)))
}

func (c *cast) ideaForForm() scene {
	n := c.simplified()
	return filled(0, "zh-Hans", map[string]string{"name": n.name, "email": n.address, "topic": "suggestion",
		"text": "建议在账单里增加导出功能，这样报销会方便很多。"})
}
