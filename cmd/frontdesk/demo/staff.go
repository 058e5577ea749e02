package demo

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"frontdesk/configs"
	"frontdesk/workers/desk/password"
	"frontdesk/workers/store"
	"frontdesk/workers/store/snippets"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// colleague is one of those who work at the desk of the demonstration.
type colleague struct {
	login, name, language string
	role                  viewer.Role
	speaks                []string
	asks                  string // what he asks the lead now and then, who works by himself; empty: a person is to sign in as him
}

// colleagues are accounts that a demonstration alone lets in.
func colleagues() []colleague {
	return []colleague{
		{"li.na", "Li Na", "zh", viewer.Agent, []string{"zh"}, "@wang.fang 这一单我看不到交易记录，能帮忙核对一下吗？"},
		{"tom", "Tom", "en", viewer.Agent, []string{"en"}, "@wang.fang I cannot see this transaction. Could you have a look?"},
		{"amy", "Amy Zhao", "en", viewer.Agent, []string{"zh", "en"}, ""},
		{"wang.fang", "Wang Fang", "zh", viewer.Lead, []string{"zh", "en"}, ""},
		{"admin", "Administrator", "en", viewer.Administrator, nil, ""},
	}
}

func queueNames(c configs.Config) (names []string) {
	for _, q := range c.Queues {
		names = append(names, q.Name)
	}
	return names
}

// staff makes the accounts of those who work at the desk, with a new password at each start, says who they are, and gives back those who work
// by themselves. An account of that login that is no demonstration's is left alone.
func (d *show) staff(ctx context.Context, page string) (hands []*worker, secret string) {
	secret = newPassword()
	phc, err := password.New().Digest(ctx, secret)
	var guests, own []string
	for _, c := range colleagues() {
		if err != nil {
			break
		}
		var who int64
		if who, err = d.join(ctx, c, phc); who == 0 {
			continue
		}
		if c.role == viewer.Lead {
			err = d.phrases(ctx, viewer.Viewer{User: who, Login: c.login, Grants: []viewer.Grant{{Role: c.role, Queue: viewer.Every}}})
		}
		if c.asks == "" {
			guests = append(guests, c.login)
			continue
		}
		own = append(own, c.login)
		hands = append(hands, &worker{colleague: c, pace: d.pace, store: d.service.Store(), desk: page,
			view: viewer.Viewer{User: who, Login: c.login, Name: c.name, Language: c.language, Grants: []viewer.Grant{{Role: c.role, Queue: viewer.Every}}}})
	}
	switch {
	case err != nil && ctx.Err() == nil:
		d.screen.hint("note", fmt.Sprintf("the accounts of the desk could not be made: %v", err))
		return nil, ""
	case err == nil:
		d.screen.hint("desk", fmt.Sprintf("%s  (sign in as %s; the password of each is %s; %s work by themselves)", page, strings.Join(guests, ", "), secret, strings.Join(own, " and ")))
	}
	return hands, secret
}

// phrases are what somebody who has none yet finds behind a slash, in both languages; those that are there already stay as they are.
func (d *show) phrases(ctx context.Context, lead viewer.Viewer) error {
	kept, err := d.service.Store().Snippets.All(ctx, lead)
	if err != nil || len(kept) > 0 {
		return err
	}
	for _, s := range []snippets.Snippet{
		{Name: "hello", Texts: map[string]string{"en": "Good day {customer},\n\n", "zh": "{customer}，您好：\n\n"}},
		{Name: "looking", Texts: map[string]string{"en": "Thank you for writing. We are looking into it, and answer within this working day.", "zh": "感谢您的来信，我们正在核实，今天下班前给您答复。"}},
		{Name: "bye", Texts: map[string]string{"en": "Kind regards\n{agent}, {desk}", "zh": "祝您生活愉快！\n{agent}，{desk}"}},
	} {
		if err := d.service.Store().Snippets.Save(ctx, lead, s, time.Now()); err != nil {
			return err
		}
	}
	return nil
}

// newPassword is 80 bits of chance, in groups that can be read out.
func newPassword() string {
	var b [10]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	text := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:]))
	return strings.Join([]string{text[:4], text[4:8], text[8:12], text[12:]}, "-")
}

// join makes the account of a colleague, or gives it a new password; id is its. It is 0 where somebody has that login who is no demonstration's.
func (d *show) join(ctx context.Context, c colleague, phc string) (id int64, err error) {
	s, now := d.service.Store(), time.Now()
	const who = "demo"
	u, err := s.Users.Find(ctx, c.login)
	if errors.Is(err, store.ErrNotFound) {
		u, err = s.Users.Add(ctx, users.User{Login: c.login, Name: c.name, Language: c.language, Demo: true}, now, who)
	}
	if err != nil || !u.Demo {
		return 0, err
	}
	known, err := s.Signins.Known(ctx, c.login)
	if err == nil {
		err = s.Signins.SetPassword(ctx, u.ID, known.Password, phc, "", now)
	}
	if err == nil {
		err = s.Users.SetGrants(ctx, u.ID, []viewer.Grant{{Role: c.role, Queue: viewer.Every}}, now, who)
	}
	var members []users.Member
	var abilities []users.Ability
	for _, q := range d.queues {
		if len(c.speaks) > 0 {
			members = append(members, users.Member{Queue: q, Level: users.Primary})
		}
	}
	for _, l := range c.speaks {
		abilities = append(abilities, users.Ability{Kind: users.AbilityLanguage, Value: l, Level: users.Primary})
	}
	if err == nil {
		err = s.Users.SetMembers(ctx, u.ID, members, now, who)
	}
	if err == nil {
		err = s.Users.SetAbilities(ctx, u.ID, abilities, now, who)
	}
	return u.ID, err
}
