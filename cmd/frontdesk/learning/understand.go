package learning

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/policy"
	"frontdesk/pipeline"
	"frontdesk/pipeline/answer/fit"
	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/particulars"
	"frontdesk/pipeline/prioritize"
	"frontdesk/pipeline/tact"
)

// asked is one line that understand reads.
type asked struct {
	Channel string    `json:"channel"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
	At      time.Time `json:"at"` // when it came; times in it are counted from then
}

// understood is what the reading found of one message. All texts are masked.
type understood struct {
	Read       string               `json:"read"` // what the person wrote now
	Language   string               `json:"language"`
	Redacted   masked               `json:"redacted"`
	Category   string               `json:"category"` // always the best guess
	Confidence float64              `json:"confidence"`
	Unsure     bool                 `json:"unsure"`
	Outside    bool                 `json:"outside"` // it looks like none of the desk's business
	Top        []choice             `json:"top"`
	Model      string               `json:"model"` // which one named the category
	Priority   string               `json:"priority"`
	Reasons    []string             `json:"priority_reasons,omitempty"`
	Tone       string               `json:"tone,omitempty"`
	Numbers    []string             `json:"numbers"`
	Amounts    []particulars.Amount `json:"amounts"`
	Times      []particulars.Time   `json:"times"`
	Phone      string               `json:"phone_model,omitempty"`
	Version    string               `json:"app_version,omitempty"`
	Recipient  string               `json:"recipient,omitempty"`
	FAQ        []string             `json:"faq"` // questions whose answers fit, best first
}

// masked is the whole text of a message without its secrets, and how many there were of each kind.
type masked struct {
	Subject string         `json:"subject,omitempty"`
	Text    string         `json:"text"`
	Counts  map[string]int `json:"counts"`
}

// newUnderstand is frontdesk understand.
func newUnderstand(o *command.Options) *cobra.Command {
	var lines, name string
	c := &cobra.Command{
		Use:   "understand --jsonl FILE",
		Short: "Print all that the reading of messages finds",
		Long: `Print all that the reading of messages finds, without keeping anything.

FILE has a JSON object a line, - is standard input: channel (mail where it is missing; one that Frontdesk does not have
is read as plain text), subject, text, html, and at, the time when it came. For each an object is printed: what the person wrote now, without quotes,
salutation and signature (read), language, the masked text with what was masked (redacted), category with confidence, unsure
and top, priority, tone, numbers, amounts, times, the model of a telephone, the version of the app, the recipient, and the questions of the FAQ whose answers fit (faq).

Without --model the one names the category that decides in this installation: the promoted one, where its database is there, else the one that comes
with the program. Which one it was stands in "model".`,
		Example: `  frontdesk understand --jsonl messages.jsonl
  echo '{"text":"I was charged twice for order TP-2026-0815, please refund 45 dollars"}' | frontdesk understand --jsonl -`,
		Args: command.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if lines == "" {
				return command.Usage(errors.New("--jsonl FILE is missing: messages, a JSON object a line; - is standard input"))
			}
			u, err := newReading(cmd, o, name)
			if err != nil {
				return err
			}
			from, done, err := opened(cmd, lines)
			if err != nil {
				return err
			}
			defer done()
			encode := json.NewEncoder(cmd.OutOrStdout())
			return eachLine(from, func(n int, line string) error {
				if strings.TrimSpace(line) == "" {
					return nil
				}
				var a asked
				if err := json.Unmarshal([]byte(line), &a); err != nil {
					return fmt.Errorf("line %d: %w", n, err)
				}
				return encode.Encode(u.of(a))
			})
		},
	}
	c.Flags().StringVar(&lines, "jsonl", "", "file with a message a line as JSON, or - for standard input")
	modelFlag(c, &name)
	return c
}

// reading reads messages as the line does, with the settings of an installation.
type reading struct {
	settings *pipeline.Settings
	asked    named
	now      func() time.Time
}

// newReading needs the configuration, and the database where the model that was promoted there is asked. The keys with which the line draws what it keeps are made up: nothing is kept.
func newReading(cmd *cobra.Command, o *command.Options, model string) (*reading, error) {
	c, err := o.Load()
	if err != nil {
		return nil, err
	}
	s, err := policy.Settings(c, noKeys{})
	if err != nil {
		return nil, err
	}
	models, err := shelfOf(o)
	if err != nil {
		return nil, err
	}
	a, err := models.answering(cmd, o, model)
	return &reading{s, a, time.Now}, err
}

// noKeys stand for the installation's.
type noKeys struct{}

func (noKeys) Digest(parts ...[]byte) string {
	sum := sha256.Sum256(slices.Concat(parts...))
	return hex.EncodeToString(sum[:])
}

func (n noKeys) Token(parts ...[]byte) string { return n.Digest(parts...) }

// of reads one message.
func (u *reading) of(a asked) understood {
	now := a.At
	if now.IsZero() {
		now = u.now()
	}
	c := pipeline.Read(message.Message{Channel: u.channel(a.Channel), Subject: a.Subject, Text: a.Text, HTML: a.HTML, At: now}, u.settings, now)
	words := c.Subject + "\n" + c.Core
	found := particulars.Read(words, now)
	said := understood{Read: c.Core, Language: c.Language, Redacted: masked{c.Subject, whole(c), c.Plan.Row.Redacted},
		Numbers: orNone(c.Numbers), Amounts: orNone(found.Amounts), Times: orNone(found.Times), Phone: found.Phone, Version: found.Version, Recipient: found.Recipient}
	opinion := u.asked.judge(classify.Input{Subject: c.Base, Text: c.Core, Language: c.Language})
	said.Category, said.Confidence, said.Unsure, said.Outside, said.Model = opinion.Category, opinion.Confidence, opinion.Unsure, opinion.outside, u.asked.name
	asked := fit.Asked{Subject: c.Base, Text: c.Core}
	for _, t := range opinion.Top {
		said.Top = append(said.Top, t)
		asked.Chances = append(asked.Chances, fit.Chance{Category: t.Category, Share: t.Confidence})
	}
	if opinion.outside {
		asked.Chances = []fit.Chance{{Category: classify.Other, Share: 1}}
	}
	facts := prioritize.Facts{Category: said.Category, Subject: c.Base, Text: c.Core}
	for _, sum := range said.Amounts {
		facts.Amounts = append(facts.Amounts, prioritize.Amount{Currency: sum.Currency, Value: sum.Value})
	}
	heard := u.settings.Signs.Read(c.Base, c.Core, c.Language, len(facts.Amounts) > 0)
	for _, h := range heard {
		facts.Signs = append(facts.Signs, prioritize.Sign{Level: prioritize.Level(h.Level()), Why: h.Why()})
	}
	said.Tone = string(tact.ToneOf(heard))
	level := u.settings.Prioritize.Decide(facts)
	said.Priority, said.Reasons = string(level.Level), level.Reasons
	said.FAQ = []string{}
	if tact.Personal(tact.ToneOf(heard)) {
		return said
	}
	for _, f := range u.settings.Fitting(asked, c.Language) {
		said.FAQ = append(said.FAQ, f.Question)
	}
	return said
}

// channel is the channel of ours as which a message is read. A name that we do not have is that of another system: its
// texts are read as they are typed, without what mail has around it.
func (u *reading) channel(name string) string {
	if _, ours := u.settings.Channels[name]; ours {
		return name
	}
	mail := name == "" || strings.Contains(name, "mail")
	for _, ours := range slices.Sorted(maps.Keys(u.settings.Channels)) {
		if t := u.settings.Channels[ours]; mail && t.Mail || !mail && t.Typed {
			return ours
		}
	}
	return name
}

// whole is all of a message's text, masked: what was written now, then what was cut off.
func whole(c pipeline.Case) string {
	var parts []string
	for _, part := range []string{c.Text.Visible, c.Text.Signature, c.Text.Quoted} {
		if strings.TrimSpace(part) != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "\n")
}

// orNone prints no list as an empty one.
func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
