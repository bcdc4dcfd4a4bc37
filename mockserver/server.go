// Package mockserver replays recordings in place of PingOne: as an HTTP handler, as a
// transport and as a responder of httpmock. One sign-on is one interaction. It cannot
// reach the network, because it has no client and no upstream.
//
// [New] returns a [Server]: use it as an [http.Handler], or use [Server.Transport] or
// [Server.Responder]. [ParseFaults] makes it fail on purpose.
package mockserver

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"flowtest/mockserver/internal/expiring"
	"flowtest/mockserver/internal/inspect"
	"flowtest/mockserver/internal/oauth"
	"flowtest/mockserver/internal/passkey"
	"flowtest/mockserver/internal/wire"
	"flowtest/recordings"
)

const (
	// UnmatchedHeader marks the answer to a request that no recorded hop answers. A run
	// checks for it: such a request is a fault of the feature or the recording, whatever
	// a step says.
	UnmatchedHeader = "Flowtest-Miss"

	// DefaultEnvironment is the environment id if a [Config] has none.
	DefaultEnvironment = "0f10e7e5-7000-4000-8000-000000000001"

	defaultIdle  = 15 * time.Minute
	defaultLimit = 10_000
)

// A Config says what a Server answers.
type Config struct {
	// Flows are the recordings to replay. Required.
	Flows []*recordings.Flow

	// Users are the users who can sign on: attributes by name. Without any, no hop that
	// expects a user's attribute matches. Optional.
	Users map[string]map[string]string

	// Environment is the environment id. Empty means [DefaultEnvironment]. Optional.
	Environment string

	// Now is the clock. Nil means [time.Now]. Optional.
	Now func() time.Time

	// Log gets a line for every request that nothing answers. Nil means none. Optional.
	Log *slog.Logger

	// Inspect says that the server remembers requests for [Server.Inspect]. Optional.
	Inspect bool

	// Hide removes secrets from the texts that are remembered for [Server.Inspect]: a client
	// may send one in place of a name. It is called before a text is cut, because it cannot
	// find a part of a secret. Nil removes nothing. Optional.
	Hide func(text string) string

	// Challenge is the end of every challenge for which that end was recorded, such as rejected.
	// Empty means the recorded ends in their order. The header Flowtest-Challenge of a poll
	// takes precedence. Optional.
	Challenge string

	// Observe is called for every request of a sign-on that a recording answered, while the
	// sign-on waits. Optional.
	Observe func(Step)

	// idle is how long an interaction may be unused: 15 minutes if zero.
	idle time.Duration

	// limit bounds the open interactions and the spent refresh tokens, and a tenth of it
	// the codes, sessions, pushed requests and registered passkeys: 10,000 if zero.
	limit int
}

// A Server replays recordings. It is an [http.Handler] and may be used by
// several goroutines at once.
type Server struct {
	environment string
	catalog     atomic.Pointer[catalog]
	users       atomic.Pointer[[]map[string]string] // see people
	adding      sync.Mutex                          // held while users changes
	observer    func(Step)
	end         string // of a challenge, "" for the recorded order
	open        *expiring.Map[*interaction]
	challenges  *expiring.Map[*challenge]
	handed      *expiring.Map[handed] // by the continue token that was handed out
	oauth       *oauth.Provider
	keys        *passkey.Keys
	now         func() time.Time
	journal     *inspect.Journal // nil if nothing is remembered
	log         *slog.Logger
}

// New makes a Server. The error says that two flows have the same name, that there is
// no flow, or that no challenge has the wanted end.
func New(c Config) (*Server, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	idle, limit := cmp.Or(c.idle, defaultIdle), cmp.Or(c.limit, defaultLimit)
	s := &Server{
		environment: cmp.Or(c.Environment, DefaultEnvironment), now: c.Now,
		log:        cmp.Or(c.Log, slog.New(slog.DiscardHandler)),
		open:       expiring.New[*interaction](limit, idle, c.Now),
		challenges: expiring.New[*challenge](max(1, limit/10), idle, c.Now),
		keys:       passkey.NewKeys(max(1, limit/10)),
		handed:     expiring.New[handed](max(1, limit/10), idle, c.Now),
	}
	s.observer, s.end = c.Observe, c.Challenge
	s.changeUsers(func(list []map[string]string) []map[string]string {
		for _, name := range slices.Sorted(maps.Keys(c.Users)) {
			list = append(list, c.Users[name])
		}
		return list
	})
	s.oauth = oauth.New(oauth.Config{
		Environment: s.environment, Users: s.people, Limit: limit, Now: c.Now, Log: s.log,
	})
	if c.Inspect {
		s.journal = inspect.New(c.Now, c.Hide)
	}
	if err := s.Replace(c.Flows); err != nil {
		return nil, err
	}
	return s, nil
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if wire.Allow(w, r) {
		return
	}
	c := &call{s: s, w: w, r: r, detailed: r.Header.Get("X-Requested-With") != "ping-sdk"}
	path := c.locate()
	if s.oauth.Serves(path) {
		s.oauth.Answer(w, r, path, c.base())
		return
	}
	c.scratch, _ = scratches.Get().(*[]byte)
	c.route(path) //nolint:contextcheck // the context is that of the request, which the call holds
	c.write()
}

// route answers a path of a flow below the environment.
func (c *call) route(path string) {
	if path == "/as/authorize" {
		authorize(c)
		return
	}
	if resumes(c, path) {
		return
	}
	if at, ok := strings.CutPrefix(path, "/davinci/connections/"); ok {
		connection, name, ok := strings.Cut(at, "/capabilities/")
		if ok && !strings.ContainsRune(connection, '/') && !strings.ContainsRune(name, '/') {
			capability(c, connection, name)
			return
		}
	}
	if policy, ok := between(path, "/davinci/policy/", "/start"); ok {
		startPolicy(c, policy)
	} else if id, ok := between(path, "/davinci/user/credentials/challenge/", "/status"); ok {
		answerChallenge(c, id)
	} else if !resumesNatively(c, path) && !authenticates(c, path) {
		c.notFound()
	}
}

// between returns the one step of a path between its two ends.
func between(path, before, after string) (string, bool) {
	rest, begins := strings.CutPrefix(path, before)
	step, ends := strings.CutSuffix(rest, after)
	return step, begins && ends && !strings.ContainsRune(step, '/')
}

// A catalog holds the flows of a server by everything that chooses one. It is
// never changed, only replaced.
type catalog struct {
	byChoice map[string]*flow // by policy, name and client id
	only     *flow            // the flow, if there is only one
	names    []string
	recs     []*recordings.Flow // as they were given
}

// newCatalog makes recordings ready. The error says which two flows answer to
// the same name, or that there is no flow.
func newCatalog(recs []*recordings.Flow) (*catalog, error) {
	if len(recs) == 0 {
		return nil, errors.New("mockserver: no recordings to replay")
	}
	c := &catalog{byChoice: map[string]*flow{}, recs: recs}
	var mistakes []error
	for _, rec := range recs {
		f := newFlow(rec)
		for _, key := range []string{rec.Name, f.policy, rec.Client} {
			if other := c.byChoice[key]; key != "" && other != nil && other != f {
				mistakes = append(mistakes,
					fmt.Errorf("mockserver: flows %q and %q both answer to %q", other.name, f.name, key))
			}
			if key != "" {
				c.byChoice[key] = f
			}
		}
		c.names = append(c.names, f.name)
		if len(recs) == 1 {
			c.only = f
		}
	}
	return c, errors.Join(mistakes...)
}

// Replace replaces the recordings. Sign-ons in progress continue with the recordings that they
// began with. If it returns an error, which is that of [New], it replaces nothing.
func (s *Server) Replace(recs []*recordings.Flow) error {
	c, err := newCatalog(recs)
	if err == nil {
		err = checkChallenge(s.end, recs)
	}
	if err != nil {
		return err
	}
	s.catalog.Store(c)
	return nil
}

// Names returns the names of the flows, in the order in which they were given.
func (s *Server) Names() []string { return slices.Clone(s.catalog.Load().names) }

// Policy returns the flow policy id that starts the flow name.
func (s *Server) Policy(name string) (string, bool) {
	f, ok := s.catalog.Load().byChoice[name]
	if !ok || f.name != name {
		return "", false
	}
	return f.policy, true
}
