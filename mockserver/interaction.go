package mockserver

import "sync"

// An interaction is the state of one sign-on. Nothing of it is shared with another.
type interaction struct {
	id          string
	flow        *flow
	environment string
	users       *users
	asked       request // what the authorize request asked for

	mu    sync.Mutex
	at    *screen
	token string
	ended bool
	user  map[string]string // the user who signs on, nil until a request that was taken named one
	taken map[*choice]int   // how often each choice was answered
}

// A request is what the authorize request said that the end of the flow needs.
type request struct {
	issuer    string
	clientID  string
	redirect  string
	scope     string
	state     string // "" where it had none
	nonce     string
	challenge string // of PKCE, "" where it had none
	method    string
}

// person returns the user who signs on: without one, the first that is known.
func (in *interaction) person() map[string]string {
	if in.user != nil {
		return in.user
	}
	return in.users.first()
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
	if len(c.answers) == 1 {
		return
	}
	if in.taken == nil {
		in.taken = map[*choice]int{}
	}
	in.taken[c]++
}
