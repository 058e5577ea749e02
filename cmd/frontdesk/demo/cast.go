package demo

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"
	"time"

	"frontdesk/channels/channelstest/telegramfake"
	"frontdesk/channels/email"
	"frontdesk/channels/kinds"
	"frontdesk/channels/telegram"
	"frontdesk/channels/twilio"
	"frontdesk/channels/web"
	"frontdesk/configs"
)

// scene is one customer writing once. act is called at its time, once, with the doors of this run; its error is told
// and stops nothing.
type scene struct {
	after time.Duration // since the doors opened
	door  string        // channel
	act   func(ctx context.Context, d *doors) error
}

// cast makes the customers. Their addresses, numbers and orders are new in each run, so that a second one on the same
// data shows new tickets. All of them are in domains and number ranges that are nobody's: example names, numbers of
// films.
type cast struct {
	support string          // our mail address
	tag     int             // part of this run's addresses
	numbers map[string]bool // telephone numbers that somebody has
	day     string
	guests  int // passers-by so far
}

func newCast(now time.Time) *cast {
	return &cast{support: configs.Default("", kinds.All()).Inboxes[0].Address, tag: 1000 + draw(9000), numbers: map[string]bool{}, day: now.Format("20060102")}
}

// draw takes a random number from 0 to below n.
func draw(n int) int {
	v, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		return 0 // the reader never fails (crypto/rand)
	}
	return int(v.Int64())
}

func (c *cast) address(local string) string {
	return fmt.Sprintf("%s%d@customer.example", local, c.tag)
}

func (c *cast) order() string { return fmt.Sprintf("TP%s%04d", c.day, draw(10_000)) }

// areas are some of the numbering plan's, so many that two runs on the same data hardly draw the same number.
var areas = strings.Fields("201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 224 225 228 229 231 234 239 240 248 251 252 253 254 256 260 262 267 269 270 276 281 " +
	"301 302 303 304 305 307 308 309 310 312 313 314 315 316 317 318 319 320 321 323 325 330 331 334 336 337 339 346 347 351 352 360 361 385 386 401 402 404 405 406 407 408 409 410 412 413 414 415 417 419")

// phone is a number of the block 555-0100 to 555-0199, which no area of the numbering plan gives out. Nobody else in the run has it.
func (c *cast) phone() string {
	for {
		number := fmt.Sprintf("+1%s55501%02d", areas[draw(len(areas))], draw(100))
		if !c.numbers[number] {
			c.numbers[number] = true
			return number
		}
	}
}

func (c *cast) chatter(name, language string) telegramfake.Customer {
	return telegramfake.Customer{ID: 5_000_000_000 + int64(draw(1_000_000_000)), Name: name, Language: language}
}

// letter is a scene in which somebody writes a mail.
func (c *cast) letter(after time.Duration, l letter) scene {
	return c.posted(after, l.from, func() []byte { return c.raw(l) })
}

func (c *cast) raw(l letter) []byte {
	l.to = c.support
	return l.raw(time.Now())
}

// posted is a scene in which a mail is handed over with that envelope sender.
func (c *cast) posted(after time.Duration, sender string, raw func() []byte) scene {
	return scene{after, email.Channel, func(ctx context.Context, d *doors) error { return d.mail(ctx, sender, c.support, raw()) }}
}

func texted(after time.Duration, from, text string) scene {
	return scene{after, twilio.Channel, func(ctx context.Context, d *doors) error { return d.text(ctx, from, text) }}
}

func chatted(after time.Duration, who telegramfake.Customer, text string) scene {
	return scene{after, telegram.Channel, func(ctx context.Context, d *doors) error { return d.chat(ctx, who, text) }}
}

// filled is a scene in which somebody opens the form then, and posts it when it is filled in.
// The challenge, its proof and the time that a person takes lie behind the beginning: a post that came at once would
// be a robot's.
func filled(after time.Duration, language string, values map[string]string) scene {
	return scene{after, web.FormChannel, func(ctx context.Context, d *doors) error { return d.form(ctx, language, values) }}
}

// called is a scene in which a company's own app calls the API, with an idempotency key of its own.
func called(after time.Duration, message map[string]any) scene {
	return scene{after, web.APIChannel, func(ctx context.Context, d *doors) error { return d.call(ctx, rand.Text(), message) }}
}
