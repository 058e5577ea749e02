package service

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"frontdesk/channels/guard"
	"frontdesk/cmd/frontdesk/policy"
	"frontdesk/configs"
	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/route/assign"
	"frontdesk/templates/console"
	show "frontdesk/templates/desk/admin"
	"frontdesk/templates/home"
	"frontdesk/workers/copying"
	"frontdesk/workers/desk"
	"frontdesk/workers/desk/admin"
	told "frontdesk/workers/desk/alerts"
	"frontdesk/workers/desk/events"
	"frontdesk/workers/desk/pages"
	"frontdesk/workers/desk/reading"
	"frontdesk/workers/desk/signin"
	"frontdesk/workers/desk/stored"
	"frontdesk/workers/gate"
	"frontdesk/workers/live"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/splitting"
	"frontdesk/workers/store/viewer"
	"frontdesk/workers/sweep"
)

const (
	// deskConns is how many connections the desk's listener holds at a time: browsers of some hundred agents, six each.
	deskConns = 4096
	// deskConnsEach is how many of them one address may have, behind which a whole office may sit.
	deskConnsEach = 1024
)

// deskPage makes the handler of the desk's listener. What pages hear lives until ctx ends.
func (a *Service) deskPage(ctx context.Context, running *sync.WaitGroup) (http.Handler, error) {
	zone, err := time.LoadLocation(a.config.Desk.Timezone)
	if err != nil {
		return nil, fmt.Errorf("reading the time zone of the desk: %w", err)
	}
	heard := a.deskEvents()
	agents, err := a.deskPages(zone, heard)
	if err != nil {
		return nil, err
	}
	house, err := policy.House(a.config)
	if err != nil {
		return nil, err
	}
	after, err := admin.New(admin.Config{Staff: a.base.Store.Staff, Log: a.base.Store.Logbook, Alerts: a.base.Store.Alerts, House: func() show.House { return house }, Desk: a.config.Desk.Name, DeskNames: a.config.Desk.Names,
		Words: deskWords(a.config), Zone: zone, Logger: a.logger})
	if err != nil {
		return nil, err
	}
	told, err := told.New(told.Config{Store: a.base.Store.Alerts, Rules: *a.alerting(), Private: a.config.Alerts.Private(), Desk: a.config.Desk.Name, DeskNames: a.config.Desk.Names, Zone: zone, Logger: a.logger})
	if err != nil {
		return nil, err
	}
	issuer, err := a.issuer()
	if err != nil {
		return nil, err
	}
	running.Go(func() { heard.Run(ctx) })
	running.Go(func() { a.engine.Heed(ctx, func(word string) { heard.Hear(ctx, word) }) })
	return desk.New(desk.Config{Store: a.base.Store, Pages: agents, Admin: after, Alerts: told, Live: heard, Reading: a.deskReading(agents), Desk: a.config.Desk.Name, DeskNames: a.config.Desk.Names, Zone: zone,
		Origin: publicDesk(a.config), Names: pageNames(a.config.Listen.DeskNames, a.config.Listen.Desk), Proxied: a.config.Listen.DeskNames, Remote: a.door.Remote, Admitted: admitted,
		Demo: a.given.Demo, Issuer: issuer, SecondFor: rolesOf(a.config.Access.SecondFactor), Veiled: rolesOf(a.config.Access.HideAddresses), Logger: a.logger})
}

// rolesOf are roles by their names in the configuration.
func rolesOf(names []string) (out []viewer.Role) {
	for _, name := range names {
		out = append(out, viewer.Role(name))
	}
	return out
}

// deskEvents are what the agents' pages hear while they are open.
func (a *Service) deskEvents() *events.Desk {
	from := stored.Live{Store: a.base.Store}
	return events.New(events.Config{Source: from, Readable: from.Readable, Names: from.Names, Viewer: signin.Viewer, Again: signin.Again, Heard: a.base.Store.Changes.Heard, Say: a.engine.Say, Logger: a.logger})
}

// passOn tells the desks of other processes that something has changed in this one.
func (a *Service) passOn(ctx context.Context) {
	if a.config.Redis.Embedded() { // there are none
		return
	}
	changed, leave := a.base.Store.Changes.Heard()
	defer leave()
	live.Pass(ctx, changed, func(ctx context.Context) error { return a.engine.Say(ctx, "") })
}

// deskPages are the agents' pages, joined to the store.
func (a *Service) deskPages(zone *time.Location, heard *events.Desk) (*pages.Pages, error) {
	channels, carries := map[string]stored.Channel{}, map[string]message.Carries{}
	for name, t := range a.config.Kinds.Traits() {
		channels[name], carries[name] = stored.Channel{Parts: t.Words == message.WordsSMS}, t.Carries
	}
	check, err := policy.Outgoing(a.config)
	if err != nil {
		return nil, fmt.Errorf("reading what agents may not send: %w", err)
	}
	house := answering.House{Ways: a.ways, Conversation: a.conversation, Carries: carries, Ours: a.settings.Ours, Letters: policy.Letterheads(a.config), Zone: zone, Check: check,
		Name: func(language string) string { return message.Named(a.config.Desk.Names, language, a.config.Desk.Name) }}
	queues, categories := a.config.Belongs()
	vouch, err := a.vouch()
	if err != nil {
		return nil, err
	}
	joined := stored.New(stored.Config{Store: a.base.Store, House: house, Calendars: a.settings.Promise.Calendars, Channels: channels, Rules: a.handOut, Ready: a.settings.Ready, Guess: guesses(func() classify.Model { return a.processor.Settings().Classifier }, policy.Categories(a.config)), Stake: stake(a.settings.Signs), QueueOf: queueOf(policy.Categories(a.config)), Queues: queues, Categories: categories, Counting: a.counting(), Vouch: vouch, CheckPage: a.checkPage})
	more := stored.NewMore(joined)
	return pages.New(pages.Config{Desk: a.config.Desk.Name, Zone: zone, Words: deskWords(a.config), Logger: a.logger, Tickets: joined, Acts: joined, Answers: joined, Files: stored.Files(joined), Snippets: stored.Snippets(joined), Sides: stored.Sides(joined), Checks: stored.Checks(joined), Macros: stored.Macros(joined), Splits: stored.Splits(joined), Persons: stored.Persons(joined), Queues: queues, Categories: categories, Presence: joined, Merges: more, Many: more, Aside: more, Rings: stored.Rings(joined),
		Viewer: signin.Viewer, Mark: heard.Mark, Me: signin.MePath, SignOut: signin.SignOutPath, SignIn: signin.SignInPath, Secure: gate.Secure})
}

// deskReading is what agents read of messages beside their text.
func (a *Service) deskReading(agents *pages.Pages) *reading.Reading {
	return reading.New(reading.Config{Store: a.base.Store, Viewer: signin.Viewer, Whole: copying.Whole(a.originals(), a.settings.Mask),
		Mail: func(channel string) bool { return a.settings.Channels[channel].Mail }, Missing: agents.Missing, Logger: a.logger})
}

// counting is how what is promised in a ticket that is split off is counted: as that of a ticket that comes.
func (a *Service) counting() splitting.Counting {
	by := sweep.Counting(a.settings.Promise, a.settings.Groups)
	return splitting.Counting{Group: by.Group, Count: by.Count}
}

// handOut is how work is handed out to agents.
func (a *Service) handOut() assign.Rules {
	return policy.HandOut(a.config, a.settings.Promise.Calendars)
}

// ways is the inbox by which an address of that kind is written to on behalf of an inbox: its own where that can write to such, else the one
// that is configured for them, as for acknowledgements.
func (a *Service) ways(inbox string, kind message.AddressKind) (by, channel string, ok bool) {
	own := a.settings.Inboxes[inbox]
	if own.Address == "" || a.settings.Channels[own.Channel].Address != kind {
		if by, ok = a.settings.Answering[kind]; !ok {
			return "", "", false
		}
		own = a.settings.Inboxes[by]
	}
	return own.Name, own.Channel, own.Name != ""
}

// conversation is the key under which the line will find what somebody answers to what an inbox sends to his address; "" where there is none.
func (a *Service) conversation(inbox string, to message.Address) string {
	own := a.settings.Inboxes[inbox]
	with := a.config.Kinds.Traits()[own.Channel].Conversation
	if with == nil {
		return ""
	}
	key := with(own.Address, to.Value)
	if key == "" {
		return ""
	}
	return own.Name + "|" + key
}

// deskWords are the names of queues, categories and facts, by language and key ("queue.billing", "category.refund"). What a ticket still lacks is kept as
// its customer is asked for it; a colleague reads it in his own language.
func deskWords(c configs.Config) map[string]map[string]string {
	out := map[string]map[string]string{}
	for lang, own := range map[string]string{console.English: home.English, console.Chinese: home.Simplified} {
		out[lang] = map[string]string{}
		for _, k := range home.Categories() {
			out[lang]["category."+k.Key] = k.Names[own]
		}
		for key, name := range pageTitles(c)[lang] {
			if queue, is := strings.CutPrefix(key, "desk."); is {
				key = "queue." + queue
			}
			out[lang][key] = name
		}
		order := map[string][]string{console.English: {home.English}, console.Chinese: {home.Simplified, "zh", "zh-Hant"}}[lang]
		for _, k := range policy.Categories(c) {
			for _, fact := range k.Facts {
				for _, asked := range fact.Ask {
					put(out[lang], "fact."+asked, fact.Ask, order)
				}
			}
		}
	}
	return out
}

// deskLimits bound the connections of the desk's listener. As at the operator's page, who comes on top takes the place of a connection
// that was let in for longest ago, or never. Proxies are exempt, since everybody comes from them.
func deskLimits(c configs.Config) guard.Limits {
	return guard.Limits{All: deskConns, Address: deskConnsEach, Grace: -1,
		Exempt: slices.Concat(proxies(c), []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")})}
}

// serveDesk serves the desk until ctx ends. Every connection ends by itself, whatever its other side does or leaves.
func serveDesk(ctx context.Context, l net.Listener, h http.Handler, c configs.Config, t operatorTimes) error {
	return serveUntil(ctx, &http.Server{Handler: h, ReadHeaderTimeout: t.header, ReadTimeout: t.read, WriteTimeout: t.write, IdleTimeout: t.idle,
		MaxHeaderBytes: 16 << 10, ConnState: rested, ConnContext: guard.Context}, guard.Listen(l, deskLimits(c)))
}

// DeskAddress is where agents reach the desk: the first of the names that are configured, by https, or the address of its listener; "" where
// there is none. at is what a running process listens on.
func DeskAddress(c configs.Config, at string) string {
	switch public := publicDesk(c); {
	case public != "":
		return public
	case at == "":
		return ""
	}
	return "http://" + Dialable(at)
}

// publicDesk is the address under the first of the names that are configured; "" where there is none.
func publicDesk(c configs.Config) string {
	if len(c.Listen.DeskNames) == 0 {
		return ""
	}
	return "https://" + c.Listen.DeskNames[0]
}

// showDesk says where the desk is, and how somebody gets in where nobody can yet.
func (a *Service) showDesk(ctx context.Context, at Addresses) {
	if at.Desk == "" || a.given.Notes == nil {
		return
	}
	any, err := a.base.Store.Users.Any(ctx)
	switch {
	case err != nil:
		a.logger.Warn("looking for users failed", "error", err)
	case any:
		fmt.Fprintf(a.given.Notes, "desk  %s\n", DeskAddress(a.config, at.Desk))
	default:
		fmt.Fprintf(a.given.Notes, "desk  %s  (nobody can sign in yet: 'frontdesk user add LOGIN --name NAME --role administrator' prints a link for the first one)\n", DeskAddress(a.config, at.Desk))
	}
}
