package web

import (
	"slices"

	"frontdesk/channels/descriptor"
	config "frontdesk/configs/values"
)

// openForm makes the contact form of an inbox.
func openForm(s descriptor.Setup) (descriptor.Ends, error) {
	f, err := NewForm(formConfig(s))
	if err != nil {
		return descriptor.Ends{}, err
	}
	return descriptor.Ends{Decoder: f, Hooks: []descriptor.Hook{{Path: "/form/" + s.Inbox, Webhook: f, Pages: f.Page()}}}, nil
}

// formConfig joins what the desk and the inbox configure. Where no secret is configured it is derived from the installation's key
// and the inbox, so that all processes have the same one and a restart does not spoil the challenges that are out.
func formConfig(s descriptor.Setup) FormConfig {
	out := FormConfig{Inbox: s.Inbox, Desk: s.Desk.Name, Names: s.Desk.Names, Languages: s.Desk.Languages, MaxBody: s.MaxBody, Contact: s.Desk.Contact,
		Secret: []byte(s.Token([]byte(FormChannel), []byte(s.Inbox))), Remote: s.Remote, Find: s.Desk.Find}
	f := s.Section.(*FormSection).Form
	if f == nil {
		return out
	}
	out.Languages, out.Fields, out.Difficulty, out.MinimumFill, out.PerHour = f.Languages, f.Fields, f.Difficulty, f.MinimumFill.Std(), f.PerHour
	if !f.Secret.Empty() {
		out.Secret = []byte(f.Secret.Reveal())
	}
	for _, c := range s.Desk.Categories {
		topic := Topic{Key: c.Key, Names: c.Names}
		for _, q := range c.Questions {
			topic.Questions = append(topic.Questions, Question{Key: q.Key, Question: q.Question, Answer: q.Answer})
		}
		if len(topic.Questions) > 0 {
			out.Answered = append(out.Answered, topic)
		}
	}
	for _, c := range s.Desk.Categories { // all but "other" when none are named
		if len(f.Topics) == 0 || slices.Contains(f.Topics, c.Key) {
			out.Topics = append(out.Topics, Topic{Key: c.Key, Names: c.Names})
		}
	}
	return out
}

// openAPI makes the generic HTTP door of an inbox.
func openAPI(s descriptor.Setup) (descriptor.Ends, error) {
	settings := s.Section.(*APISection).API
	a, err := NewAPI(APIConfig{Inbox: s.Inbox, Tokens: revealed(settings.Tokens), Digest: s.Digest, MaxBody: s.MaxBody,
		IdentityKeys: revealed(settings.IdentityKeys), TrustSender: settings.TrustSender})
	if err != nil {
		return descriptor.Ends{}, err
	}
	return descriptor.Ends{Decoder: a, Hooks: []descriptor.Hook{{Path: "/api/v1/inboxes/" + s.Inbox + "/messages", Webhook: a}}}, nil
}

// revealed is the place where secrets leave the type that hides them from logs; its result goes into a Config and nowhere else.
func revealed(secrets []config.Secret) []string {
	var out []string
	for _, s := range secrets {
		out = append(out, s.Reveal())
	}
	return out
}
