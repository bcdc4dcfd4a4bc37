// Package mockserver answers when PingOne does not: it replays recordings as
// one HTTP handler, offered as a server and as a transport. One sign-on is one
// interaction. It reaches no network: it holds no client and no upstream.
package mockserver

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"flowtest/recordings"
)

// The values that a Config takes where it has none.
const (
	DefaultEnvironment = "0f10e7e5-7000-4000-8000-000000000001"
	DefaultIdle        = 15 * time.Minute
	DefaultLimit       = 10_000
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

	// Limit bounds the open interactions and the spent refresh tokens, and a tenth
	// of it the codes and pushed requests. Zero means [DefaultLimit]. Optional.
	Limit int

	// Now is the clock. Nil means [time.Now]. Optional.
	Now func() time.Time

	// Log gets a line for every request that nothing answers. Nil means none. Optional.
	Log *slog.Logger

	// Inspect says that the server remembers what it was asked, for
	// [Server.Inspect]. Without it nothing is remembered, at no cost. Optional.
	Inspect bool
}

// A Server replays recordings. It is an [http.Handler] and may be used by
// several goroutines at once.
type Server struct {
	environment string
	catalog     atomic.Pointer[catalog]
	users       *users
	open        *expiring[*interaction]
	codes       *expiring[*grant]
	revoked     *expiring[struct{}] // access tokens, by their jti
	spent       *expiring[struct{}] // refresh tokens, by their jti
	pushed      *expiring[url.Values]
	challenges  *expiring[*challenge]
	key         func() *key
	now         func() time.Time
	began       time.Time
	watch       func(event) // nil where nobody watches
	journal     *journal    // nil where nothing is remembered
	log         *slog.Logger
}

// New makes a Server. The error says which two flows answer to the same name,
// or that there is no flow.
func New(c Config) (*Server, error) {
	s := &Server{environment: c.Environment, users: newUsers(c.Users), log: c.Log}
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
	s.now, s.began, s.key = c.Now, c.Now(), sync.OnceValue(newKey)
	s.open = newExpiring[*interaction](c.Limit, c.Idle, c.Now)
	few := max(1, c.Limit/10) // they live short, or are rarely asked for again
	s.codes = newExpiring[*grant](few, codeLife, c.Now)
	s.spent = newExpiring[struct{}](c.Limit, refreshLife, c.Now)
	s.revoked = newExpiring[struct{}](few, tokenLife, c.Now)
	s.pushed = newExpiring[url.Values](few, requestLife, c.Now)
	s.challenges = newExpiring[*challenge](few, c.Idle, c.Now)
	if c.Inspect {
		s.journal = newJournal(c.Now)
		s.watch = s.journal.add
	}
	if err := s.Replace(c.Flows); err != nil {
		return nil, err
	}
	return s, nil
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if allow(w, r) {
		return
	}
	scratch, _ := scratches.Get().(*[]byte)
	c := &call{s: s, w: w, r: r, detailed: r.Header.Get("X-Requested-With") != "ping-sdk", scratch: scratch}
	c.route(c.locate())
	c.write()
}

// route answers a path below the environment.
func (c *call) route(path string) {
	if answer := endpoints[path]; answer != nil {
		answer(c)
		return
	}
	if at, ok := strings.CutPrefix(path, "/davinci/connections/"); ok {
		connection, name, ok := strings.Cut(at, "/capabilities/")
		if !ok || strings.ContainsRune(connection, '/') || strings.ContainsRune(name, '/') {
			c.notFound()
			return
		}
		c.capability(connection, name)
		return
	}
	if policy, ok := between(path, "/davinci/policy/", "/start"); ok {
		c.startPolicy(policy)
		return
	}
	if challenge, ok := between(path, "/davinci/user/credentials/challenge/", "/status"); ok {
		c.challenge(challenge)
		return
	}
	c.notFound()
}

// between returns the one step of a path that stands between its two ends.
func between(path, before, behind string) (string, bool) {
	rest, begins := strings.CutPrefix(path, before)
	step, ends := strings.CutSuffix(rest, behind)
	return step, begins && ends && !strings.ContainsRune(step, '/')
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
