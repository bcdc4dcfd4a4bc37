// Package mockserver answers when PingOne does not: it replays recordings as
// one HTTP handler, offered as a server and as a transport. One sign-on is one
// interaction. It reaches no network: it holds no client and no upstream.
package mockserver

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"flowtest/recordings"
)

// The values that a Config takes where it has none.
const (
	DefaultEnvironment = "0f10e7e5-7000-4000-8000-000000000001"
	DefaultIdle        = 15 * time.Minute
	DefaultLimit       = 100_000
)

// A Config says what a Server answers.
type Config struct {
	// Flows are the recordings that it replays. Required.
	Flows []*recordings.Flow

	// Users are the people it knows: attributes by name. Without any, no hop
	// that asks for a user's attribute matches. Optional.
	Users map[string]map[string]string

	// Environment is the environment id. Empty means [DefaultEnvironment]. Optional.
	Environment string

	// Idle is how long an interaction may rest. Zero means [DefaultIdle]. Optional.
	Idle time.Duration

	// Limit bounds the open interactions. Zero means [DefaultLimit]. Optional.
	Limit int

	// Now is the clock. Nil means [time.Now]. Optional.
	Now func() time.Time

	// Log gets a line for every request that nothing answers. Nil means none. Optional.
	Log *slog.Logger
}

// A Server replays recordings. It is an [http.Handler] and may be used by
// several goroutines at once.
type Server struct {
	environment string
	byChoice    map[string]*flow // by policy, name and client id
	only        *flow            // the flow, where there is one alone
	names       []string
	users       *users
	open        *expiring[*interaction]
	codes       *expiring[*grant]
	refresh     *expiring[*grant]
	revoked     *expiring[struct{}] // access tokens, by their jti
	pushed      *expiring[url.Values]
	challenges  *expiring[*challenge]
	key         func() *key
	now         func() time.Time
	watch       func(event)
	log         *slog.Logger
}

// New makes a Server. The error says which two flows answer to the same name,
// or that there is no flow.
func New(c Config) (*Server, error) {
	if len(c.Flows) == 0 {
		return nil, errors.New("mockserver: no recordings to replay")
	}
	s := &Server{environment: c.Environment, byChoice: map[string]*flow{}, users: newUsers(c.Users), log: c.Log}
	if s.environment == "" {
		s.environment = DefaultEnvironment
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Idle == 0 {
		c.Idle = DefaultIdle
	}
	if c.Limit == 0 {
		c.Limit = DefaultLimit
	}
	s.now, s.key = c.Now, sync.OnceValue(newKey)
	s.open = newExpiring[*interaction](c.Limit, c.Idle, c.Now)
	s.codes = newExpiring[*grant](c.Limit, codeLife, c.Now)
	s.refresh = newExpiring[*grant](c.Limit, refreshLife, c.Now)
	s.revoked = newExpiring[struct{}](c.Limit, tokenLife, c.Now)
	s.pushed = newExpiring[url.Values](c.Limit, requestLife, c.Now)
	s.challenges = newExpiring[*challenge](c.Limit, c.Idle, c.Now)
	var mistakes []error
	for _, rec := range c.Flows {
		f := newFlow(rec)
		for _, key := range slices.Compact([]string{rec.Name, f.policy, rec.Client}) {
			if other := s.byChoice[key]; key != "" && other != nil && other != f {
				mistakes = append(mistakes,
					fmt.Errorf("mockserver: flows %q and %q both answer to %q", other.name, f.name, key))
			}
			if key != "" {
				s.byChoice[key] = f
			}
		}
		s.names = append(s.names, f.name)
		s.only = f
	}
	if len(c.Flows) > 1 {
		s.only = nil
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	return s, nil
}

// Names returns the names of the flows, in the order in which they were given.
func (s *Server) Names() []string { return slices.Clone(s.names) }

// Policy returns the flow policy id that starts the flow name.
func (s *Server) Policy(name string) (string, bool) {
	f, ok := s.byChoice[name]
	if !ok || f.name != name {
		return "", false
	}
	return f.policy, true
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if allow(w, r) {
		return
	}
	c := &call{s: s, w: w, r: r, detailed: r.Header.Get("X-Requested-With") != "ping-sdk"}
	path := c.locate()
	if answer := endpoints[path]; answer != nil {
		answer(c)
		return
	}
	part := strings.Split(strings.TrimPrefix(path, "/davinci/"), "/")
	switch {
	case strings.HasPrefix(path, "/davinci/connections/"):
		c.capability(part[1:])
	case len(part) == 3 && part[0] == "policy" && part[2] == "start":
		c.startPolicy(part[1])
	case strings.HasPrefix(path, "/davinci/user/credentials/challenge/") && len(part) == 5 && part[4] == "status":
		c.challenge(part[3])
	default:
		c.notFound()
	}
}

// endpoints are the paths below the environment that stand for themselves.
var endpoints = map[string]func(*call){
	"/as/.well-known/openid-configuration": (*call).discovery,
	"/as/authorize":                        (*call).authorize,
	"/as/par":                              (*call).pushed,
	"/as/token":                            (*call).token,
	"/as/jwks":                             (*call).jwks,
	"/as/userinfo":                         (*call).userinfo,
	"/as/introspect":                       (*call).introspect,
	"/as/revoke":                           (*call).revoke,
	"/as/signoff":                          (*call).signoff,
}
