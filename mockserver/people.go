package mockserver

import (
	"maps"
	"net/http"
	"reflect"
	"slices"

	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// A Step is a request of a sign-on that a recording answered, for [Config.Observe].
type Step struct {
	Flow, Hop   string            // the names of the flow and of the hop that answered
	Interaction string            // the interactionId of the sign-on
	User        map[string]string // the user who signs on; the first known one until a request names a user
	Named       bool              // whether a request named the user
	Made        map[string]string // the unique values typed so far, by name
	Sent        *davinci.Sent     // the request, valid only during the call
	Takes       map[string]string // the attributes that the next requests expect, by the keys of their fields
	Challenge   bool              // whether the screen waits for an action of the person elsewhere
	Completed   bool              // whether the sign-on has ended with success
}

// AddUser adds a user to those of [Config.Users]. Sign-ons that have already begun do not know
// the user. The function that it returns removes the user again.
func (s *Server) AddUser(attributes map[string]string) (remove func()) {
	added := maps.Clone(attributes)
	s.changeUsers(func(now []map[string]string) []map[string]string { return append(now, added) })
	return func() {
		s.changeUsers(func(now []map[string]string) []map[string]string {
			return slices.DeleteFunc(now, func(u map[string]string) bool {
				return reflect.ValueOf(u).Pointer() == reflect.ValueOf(added).Pointer() // another may have the same
			})
		})
	}
}

// changeUsers puts an edited copy of the list in place of the one that sign-ons use.
func (s *Server) changeUsers(edit func([]map[string]string) []map[string]string) {
	s.adding.Lock()
	defer s.adding.Unlock()
	list := edit(slices.Clone(s.people()))
	s.users.Store(&list)
}

// people returns who is known: those of the configuration in the order of their names, and
// then those that were added.
func (s *Server) people() []map[string]string {
	if list := s.users.Load(); list != nil {
		return *list
	}
	return nil
}

// observe calls the observer with the result of a request.
func (s *Server) observe(in *interaction, a *answer, sent *davinci.Sent) {
	if s.observer == nil {
		return
	}
	step := Step{
		Flow: in.flow.name, Hop: a.hop.Name, Interaction: in.id, User: maps.Clone(in.person()), Named: in.user != nil,
		Made: maps.Clone(in.made), Sent: sent,
		Completed: a.next == nil && !a.stays && a.status < http.StatusBadRequest,
	}
	if a.next != nil {
		step.Takes, step.Challenge = a.next.attributes(), a.next.challenged()
	}
	s.observer(step)
}

// attributes returns which attributes of the user the requests after a screen take, by key.
func (s *screen) attributes() map[string]string {
	out := map[string]string{}
	for _, c := range s.alternatives {
		for key, value := range c.request.FormData() {
			if attribute, wrong := recordings.Attribute(value); attribute != "" && !wrong {
				out[key] = attribute
			}
		}
	}
	return out
}

// challenged reports whether a screen waits for a challenge.
func (s *screen) challenged() bool {
	return slices.ContainsFunc(s.shown(), func(shown *davinci.Screen) bool {
		return slices.ContainsFunc(shown.Fields, func(f davinci.Field) bool { return f.Raw.Get("challenge").Str != "" })
	})
}
