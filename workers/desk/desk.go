// Package desk is the listener of the people who work at the desk: it puts the pages behind the entrance at which they sign in.
package desk

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"time"

	"frontdesk/pipeline/domain/agents"
	"frontdesk/workers/desk/signin"
	"frontdesk/workers/store"
	"frontdesk/workers/store/viewer"
)

// Routes are pages that are served to who is signed in, by the patterns of http.ServeMux. A handler asks signin.Viewer who that is. What is
// below /desk/assets/ is served to everybody.
type Routes interface {
	Routes() map[string]http.HandlerFunc
}

// Config is what the desk shows and how it is guarded.
type Config struct {
	Store     *store.Store
	Pages     Routes            // nil: there is one's own account and nothing else
	Admin     Routes            // pages by which the desk is looked after; nil: there are none
	Reading   Routes            // what is read of messages beside their text; nil: nothing
	Live      Routes            // what pages hear while they are open; nil: nothing
	Desk      string            // name of the desk, for titles
	DeskNames map[string]string // by language (BCP 47), in its place
	Zone      *time.Location    // of the desk; UTC if nil
	Origin    string            // address at which people reach the desk, such as https://desk.example; "": whatever they have asked for
	Names     []string          // host names under which the desk is reached, besides addresses and localhost
	// Proxied are those of them that a proxy in front of the desk may have, which asks under another one: a page of such a name may act,
	// though the name is not the one that was asked for.
	Proxied []string
	// Remote is the address of who asks, behind proxies of ours; nil: whoever has connected.
	Remote func(*http.Request) string
	// Admitted is told of each request that is let in, before it is answered; nil: nobody is told.
	Admitted func(*http.Request)
	Demo     bool           // accounts of a demonstration are let in
	Issuer   *signin.Issuer // who vouches for people; nil: nobody does
	// SecondFor are the roles that show something besides a password.
	SecondFor []viewer.Role
	// Veiled are the roles from which addresses of customers are kept.
	Veiled []viewer.Role
	Logger *slog.Logger
	Now    func() time.Time // nil: time.Now
}

// left notes that who has signed out is not there any more.
func left(s *store.Store) func(context.Context, int64, time.Time) error {
	return func(ctx context.Context, user int64, now time.Time) error {
		return s.Agents.Move(ctx, user, agents.Leave, now)
	}
}

// New makes the handler of the desk's listener.
func New(c Config) (http.Handler, error) {
	entrance, err := signin.New(signin.Config{Signins: c.Store.Signins, Users: c.Store.Users, Log: c.Store.Logbook, Factors: c.Store.Factors, SecondFor: c.SecondFor, Issuer: c.Issuer, Desk: c.Desk, DeskNames: c.DeskNames, Zone: c.Zone,
		Origin: c.Origin, Names: c.Names, Proxied: c.Proxied, Remote: c.Remote, Admitted: c.Admitted, Left: left(c.Store), Demo: c.Demo, Veiled: c.Veiled, Logger: c.Logger, Now: c.Now})
	if err != nil {
		return nil, err
	}
	pages := map[string]http.HandlerFunc{}
	for _, routes := range []Routes{c.Pages, c.Admin, c.Reading, c.Live} {
		if routes != nil {
			maps.Copy(pages, routes.Routes())
		}
	}
	h, err := entrance.Guard(pages)
	if err != nil {
		return nil, fmt.Errorf("guarding the desk: %w", err)
	}
	return h, nil
}
