package mockserver

import (
	"errors"
	"fmt"
	"sync"

	"github.com/tidwall/gjson"

	"flowtest/mockserver/internal/oauth"
	"flowtest/mockserver/internal/passkey"
	"flowtest/steps/davinci"
)

// An interaction is the state of one sign-on. Nothing of it is shared with another.
type interaction struct {
	id          string
	flow        *flow
	environment string
	users       []map[string]string
	keys        *passkey.Keys
	asked       oauth.Request // what the authorize request asked for

	session *oauth.Session // the one that lives already and goes on, nil if there is none

	mu    sync.Mutex
	at    *screen
	token string
	ended bool
	user  map[string]string // the user who signs on, nil until a request that was taken named one
	made  map[string]string // the unique values that were typed, by their names
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
// who is named by the request or signs on already.
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
			if matches && len(c.passkeys) > 0 && in.passkeyFault(c, sent) != nil {
				break // of the users: who signs on does not change what was signed
			}
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

// passkeyFault says what is wrong with the passkeys that were posted where a choice wants some,
// nil if nothing is.
func (in *interaction) passkeyFault(c *choice, sent *davinci.Sent) error {
	for _, key := range c.passkeys {
		if err := in.at.verify(in.keys, key, sent); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return nil
}

// verify checks what was posted under the key of a field that asks for a passkey.
func (s *screen) verify(keys *passkey.Keys, key string, sent *davinci.Sent) error {
	for _, shape := range s.shown() {
		if f := shape.Field(key); f != nil {
			prompt, err := f.Prompt()
			if err != nil {
				return err
			}
			return keys.Verify(prompt, sent.FormData.Get(gjson.Escape(key)))
		}
	}
	return errors.New("the screen has no such field")
}
