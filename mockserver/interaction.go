package mockserver

import (
	"sync"

	"flowtest/mockserver/internal/oauth"
	"flowtest/steps/davinci"
)

// An interaction is the state of one sign-on. Nothing of it is shared with another.
type interaction struct {
	id          string
	flow        *flow
	environment string
	users       []map[string]string
	asked       oauth.Request // what the authorize request asked for

	session *oauth.Session // the one that lives already and goes on, nil where there is none

	mu    sync.Mutex
	at    *screen
	token string
	ended bool
	user  map[string]string // the user who signs on, nil until a request that was taken named one
	taken map[*choice]int   // how often each choice was answered that has several answers or is a poll
}

// person returns the user who signs on: without one, the first that is known.
func (in *interaction) person() map[string]string {
	if in.user == nil && len(in.users) > 0 {
		return in.users[0]
	}
	return in.user
}

// attribute looks up an attribute of the user who signs on.
func (in *interaction) attribute(name string) (string, bool) {
	value, ok := in.person()[name]
	return value, ok
}

// next returns the answer whose turn it is.
func (in *interaction) next(c *choice) *answer { return c.answers[min(in.taken[c], len(c.answers)-1)] }

// took moves the turn on.
func (in *interaction) took(c *choice) {
	if len(c.answers) == 1 && c.request.EventType != "polling" {
		return
	}
	if in.taken == nil {
		in.taken = map[*choice]int{}
	}
	in.taken[c]++
}

// place names the screen that the client sees now, "" at the start.
func (in *interaction) place() string {
	if in == nil || in.at == nil {
		return ""
	}
	return in.at.hop.Name
}

// choose returns the choice that answers what was sent, or nil, and the user
// whom the request names or who signs on already.
func (in *interaction) choose(choices []*choice, sent *davinci.Sent) (*choice, map[string]string) {
	users := in.users
	if in.user != nil || len(users) == 0 {
		users = []map[string]string{in.user}
	}
	for _, c := range choices {
		for _, user := range users {
			matches := c.request.Matches(sent, func(name string) (string, bool) {
				value, ok := user[name]
				return value, ok
			})
			switch {
			case matches && (in.user != nil || c.request.NamesUser()):
				return c, user
			case matches:
				return c, nil
			}
		}
	}
	return nil, nil
}
