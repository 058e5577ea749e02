package filled

import (
	"context"
	"fmt"
	"time"

	"frontdesk/channels/kinds"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/configs"
	"frontdesk/workers/store"
	"frontdesk/workers/store/signins"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// Staff makes all tickets of an installation findable, and n agents who know everything; the secrets of their sessions come back. step hears how much of
// the tickets can be found, from 0 to 1, every five seconds.
func Staff(ctx context.Context, file string, n int, step func(part float64)) (secrets []string, err error) {
	c, err := configs.Load(file, func(string) (string, bool) { return "", false }, kinds.All())
	if err != nil {
		return nil, err
	}
	b, err := installation.Open(ctx, c, false)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	if err := indexed(ctx, b.Store, step); err != nil {
		return nil, err
	}
	return hired(ctx, b.Store, queueNames(c), n)
}

// indexed makes all tickets findable, as a service does beside its work.
func indexed(ctx context.Context, s *store.Store, step func(part float64)) error {
	shown := time.Now()
	for {
		w, err := s.Find.Walk(ctx, time.Now())
		if err != nil {
			return err
		}
		for more := 1; more > 0; {
			if more, err = s.Find.Index(ctx); err != nil {
				return err
			}
		}
		if w.Done {
			return nil
		}
		if time.Since(shown) > 5*time.Second {
			shown = time.Now()
			step(1 - w.Left)
		}
	}
}

func queueNames(c configs.Config) (names []string) {
	for _, q := range c.Queues {
		names = append(names, q.Name)
	}
	return names
}

// hired makes agents who know everything, each with a session. A password is nothing that is measured.
func hired(ctx context.Context, s *store.Store, queues []string, n int) (secrets []string, err error) {
	const who = "bench"
	now := time.Now()
	var members []users.Member
	for _, q := range queues {
		members = append(members, users.Member{Queue: q, Level: users.Primary})
	}
	var speaks []users.Ability
	for _, l := range []string{"en", "zh"} {
		speaks = append(speaks, users.Ability{Kind: users.AbilityLanguage, Value: l, Level: users.Primary})
	}
	for i := range n {
		u, err := s.Users.Add(ctx, users.User{Login: fmt.Sprintf("agent%d", i+1), Name: fmt.Sprintf("Agent %d", i+1), Language: "en"}, now, who)
		if err == nil {
			err = s.Users.SetGrants(ctx, u.ID, []viewer.Grant{{Role: viewer.Lead, Queue: viewer.Every}}, now, who)
		}
		if err == nil {
			err = s.Users.SetMembers(ctx, u.ID, members, now, who)
		}
		if err == nil {
			err = s.Users.SetAbilities(ctx, u.ID, speaks, now, who)
		}
		if err != nil {
			return nil, fmt.Errorf("making agents: %w", err)
		}
		_, secret, err := s.Signins.SignIn(ctx, signins.Entry{Person: u.ID, Browser: "bench", Address: "127.0.0.1"}, now)
		if err != nil {
			return nil, fmt.Errorf("making agents: %w", err)
		}
		secrets = append(secrets, secret)
	}
	return secrets, nil
}
