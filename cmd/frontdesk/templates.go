package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/channels/descriptor"
	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/policy"
	"frontdesk/configs"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/promise"
	"frontdesk/templates"
)

func newTemplates(o *command.Options) *cobra.Command {
	c := &cobra.Command{Use: "templates", Short: "Look at the texts that customers get", Example: "  frontdesk templates render --lang zh-Hans --category refund",
		Args: command.NoArguments, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	c.AddCommand(newTemplatesRender(o))
	return c
}

// renderFlags choose the texts to render. kind and lang "" mean all.
type renderFlags struct{ kind, lang, category, channel string }

// newTemplatesRender needs no database: it is for who writes texts, before anything runs.
func newTemplatesRender(o *command.Options) *cobra.Command {
	f := &renderFlags{}
	c := &cobra.Command{
		Use:   "render",
		Short: "Render the texts with sample values, as customers would get them",
		Long: `Render the texts with sample values, as customers would get them, from the built-in texts and those of
acknowledgements.templates_dir. Without flags every kind and language is shown.`,
		Example: `  frontdesk templates render
  frontdesk templates render --kind acknowledgement --lang zh-Hant --category refund --channel sms
  frontdesk templates render --config frontdesk.yaml --json`,
		Args: command.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := o.Load()
			if err != nil {
				return err
			}
			texts, err := renderAll(c, f)
			if err != nil {
				return err
			}
			return printTexts(cmd, o.JSON, texts)
		},
	}
	c.Flags().StringVar(&f.kind, "kind", "", "only this kind: "+strings.Join(kindNames(), ", "))
	c.Flags().StringVar(&f.lang, "lang", "", "only this language")
	c.Flags().StringVar(&f.category, "category", "payment-failed", "category of the sample ticket")
	long, short := forms(o.Kinds)
	c.Flags().StringVar(&f.channel, "channel", long[0], "channel: "+strings.Join(long, ", ")+", or "+strings.Join(short, " and ")+" for the short form")
	return o.JSONFlag(c)
}

// forms are the channels that write to somebody, by the form of their texts: long like a mail, or short like an SMS.
// The form comes from the channel's traits, so a new channel is here without a line of its own.
func forms(k descriptor.Kinds) (long, short []string) {
	for _, kind := range k {
		switch {
		case kind.Traits.Address == "":
		case kind.Traits.Words == message.WordsMail:
			long = append(long, kind.Name)
		default:
			short = append(short, kind.Name)
		}
	}
	return long, short
}

// partsOf bounds a text of the channel, in parts of an SMS; 0 is no bound.
func partsOf(c configs.Config, channel string) int {
	if c.Kinds.Line()[channel].Words == message.WordsSMS {
		return templates.SMSParts
	}
	return 0
}

func kindNames() []string {
	var out []string
	for _, k := range templates.Kinds() {
		out = append(out, string(k))
	}
	return out
}

// sample is one rendered text. Subject is "" where the channel has none.
type sample struct {
	Kind     string `json:"kind"`
	Lang     string `json:"lang"`
	Category string `json:"category"`
	Channel  string `json:"channel"`
	Subject  string `json:"subject"`
	Body     string `json:"body"`
}

// check refuses what there is no text for.
func (f *renderFlags) check(c configs.Config, languages []string) error {
	var keys []string
	for _, k := range policy.Categories(c) {
		keys = append(keys, k.Key)
	}
	long, short := forms(c.Kinds)
	for _, flag := range []struct {
		name, value string
		takes       []string
	}{{"kind", f.kind, kindNames()}, {"lang", f.lang, languages}, {"category", f.category, keys},
		{"channel", f.channel, slices.Concat(long, short)}} {
		if flag.value != "" && !slices.Contains(flag.takes, flag.value) {
			return command.Usage(fmt.Errorf("--%s takes %s, not %q", flag.name, strings.Join(flag.takes, ", "), flag.value))
		}
	}
	return nil
}

// renderAll renders each kind in each language that was asked for, in the order of templates.Kinds.
func renderAll(c configs.Config, f *renderFlags) ([]sample, error) {
	overrides, err := policy.Texts(c)
	if err != nil {
		return nil, err
	}
	if err := f.check(c, overrides.Languages()); err != nil {
		return nil, err
	}
	var out []sample
	for _, kind := range templates.Kinds() {
		for _, lang := range overrides.Languages() {
			if f.kind != "" && f.kind != string(kind) || f.lang != "" && f.lang != lang {
				continue
			}
			s, err := renderOne(overrides, c, f, kind, lang)
			if err != nil {
				return nil, err
			}
			out = append(out, s)
		}
	}
	return out, nil
}

// renderOne renders with sample values: a ticket of now, whose first reply is promised in 26 hours, so that the text
// names tomorrow's day. Ready answers that nobody has reviewed are shown too: who reviews them reads them here.
func renderOne(set *templates.Set, c configs.Config, f *renderFlags, kind templates.Kind, lang string) (sample, error) {
	zone, err := time.LoadLocation(c.Desk.Timezone)
	if err != nil {
		return sample{}, fmt.Errorf("reading time zone: %w", err)
	}
	now := time.Now()
	by := promise.Announce(now.Add(26*time.Hour).Truncate(time.Hour), lang, zone, now)
	data := templates.Data{DeskName: c.Desk.Name, TicketNumber: "T-1042", Token: "[#T-1042-abcdefghjk]", Language: lang, Fallback: c.Desk.DefaultLanguage,
		Category: f.category, Channel: f.channel, Short: c.Kinds.Line()[f.channel].Words != message.WordsMail, Parts: partsOf(c, f.channel), FirstReplyBy: by, CustomerName: map[bool]string{true: "王小明", false: "Wang Ming"}[strings.HasPrefix(lang, "zh")],
		Digest: []templates.DigestItem{{TicketNumber: "T-1043", FirstReplyBy: by}, {TicketNumber: "T-1044", FirstReplyBy: by}}}
	c.Acknowledgements.ReviewedAnswers = []string{f.category}
	for _, k := range policy.Categories(c) {
		if k.Key != f.category {
			continue
		}
		for _, fact := range k.Facts {
			data.Missing = append(data.Missing, nearest(fact.Ask, lang))
		}
		for _, q := range k.FAQ {
			data.Answers = append(data.Answers, templates.Answer{Question: nearest(q.Question, lang), Answer: nearest(q.Answer, lang)})
		}
	}
	text, err := set.Render(kind, data)
	if err != nil {
		return sample{}, err
	}
	return sample{Kind: string(kind), Lang: lang, Category: f.category, Channel: f.channel, Subject: text.Subject, Body: text.Body}, nil
}

// nearest is a text in a language, else in the nearest broader one: the words of a place are its script's where it has no own.
func nearest(texts map[string]string, lang string) string {
	for tag := lang; tag != ""; tag = tag[:max(0, strings.LastIndexByte(tag, '-'))] {
		if text := texts[tag]; text != "" {
			return text
		}
	}
	return ""
}

// printTexts prints them one after the other with a line before each, or as one JSON array.
func printTexts(cmd *cobra.Command, asJSON bool, texts []sample) error {
	if asJSON {
		b, err := json.MarshalIndent(texts, "", "  ")
		if err != nil {
			return fmt.Errorf("encoding: %w", err)
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), string(b))
		return err
	}
	for _, t := range texts {
		fmt.Fprintf(cmd.OutOrStdout(), "── %s, %s, %s, %s\n", t.Kind, t.Lang, t.Category, t.Channel)
		if t.Subject != "" {
			fmt.Fprintf(cmd.OutOrStdout(), "Subject: %s\n\n", t.Subject)
		}
		fmt.Fprintln(cmd.OutOrStdout(), t.Body)
		fmt.Fprintln(cmd.OutOrStdout())
	}
	return nil
}
