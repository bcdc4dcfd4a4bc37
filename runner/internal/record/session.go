package record

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/tidwall/gjson"

	"flowtest/runner/internal/har"
	"flowtest/runner/internal/target"
	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

// A Session is what an app sent through a proxy. Its methods may be called at
// the same time.
type Session struct {
	recorder *Recorder
	flow     string
	say      func(line string)

	mu      sync.Mutex
	seen    []davinci.Exchange
	pushed  map[string]davinci.Exchange // those that push parameters, until their names are used
	unnamed map[string]bool             // flow policies that belong to no known flow
}

// requestURI names parameters that were pushed.
const requestURI = "request_uri"

// NewSession returns an empty session. Journeys whose flow the recorder's target does not know
// are of flow, if that is not empty.
func NewSession(r *Recorder, flow string, say func(line string)) *Session {
	return &Session{
		recorder: r, flow: flow, say: say, unnamed: map[string]bool{}, pushed: map[string]davinci.Exchange{},
	}
}

// Add keeps an exchange. It warns at once of a journey whose flow has no name, since after the
// session it is too late.
func (s *Session) Add(x davinci.Exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x.Seen = fmt.Sprintf("request %d", len(s.seen)+1)
	s.seen = append(s.seen, x)
	tail := path.Base(x.URL.Path)
	if x.ContinueToken() != "" {
		tail = "(back from an identity provider)" // its path is the service's choice
	}
	s.say(fmt.Sprintf("%d: %s …/%s → %d", len(s.seen), x.Method, tail, x.Status))
	if s.flow != "" {
		return
	}
	if x.Endpoint() == davinci.Pushed {
		s.pushed[gjson.GetBytes(x.Response, requestURI).Str] = x
		return
	}
	if x.Endpoint() != davinci.Authorize && x.Endpoint() != davinci.PolicyStart {
		return // it starts nothing
	}
	starts := []davinci.Exchange{x}
	uri := x.Parameters().Get(requestURI)
	if push, ok := s.pushed[uri]; ok {
		delete(s.pushed, uri) // its name is good for one request
		starts = []davinci.Exchange{push, x}
	}
	for _, journey := range har.Group(starts).Journeys {
		policy := har.Policy(journey)
		if _, err := s.recorder.FlowOf(policy); err != nil && !s.unnamed[policy] {
			s.unnamed[policy] = true
			s.say("warning: " + err.Error())
		}
	}
}

// Journeys returns the journeys of the session as [Assign] does.
func (s *Session) Journeys() (map[string][]davinci.Exchanges, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Assign(s.recorder, har.Group(s.seen), s.flow, nil, s.say)
}

// ErrNoJourney reports that there was nothing to record.
var ErrNoJourney = errors.New("no journey of a flow was seen")

// Assign returns the journeys that an app drove by the names of their flows, and
// says what it skips.
//
// The recorder's target says whose flow a flow policy is. Journeys that it does not know are of
// flow, as long as they name one flow policy: a recording holds one flow. If flow is empty, known
// has names of flows by their flow policies. The error names the journeys that remain; it is
// [ErrNoJourney] if there is none.
func Assign(r *Recorder, g har.Groups, flow string, known map[string]string, say func(line string),
) (map[string][]davinci.Exchanges, error) {
	for _, i := range g.Ignored {
		say(fmt.Sprintf("skipped: %s to %s (%s)", words.Count(i.Count, "request"), i.Host, i.Kind))
	}
	for _, problem := range g.Problems {
		say("not used: " + problem.String())
	}
	if len(g.Journeys) == 0 {
		return nil, ErrNoJourney
	}
	journeys, foreign := map[string][]davinci.Exchanges{}, ""
	var wrong []string
	for _, t := range g.Journeys {
		policy := har.Policy(t)
		name, err := r.FlowOf(policy)
		if flow != "" && (err != nil || policy == "") {
			name, err = flow, nil
			if foreign != "" && policy != "" && policy != foreign {
				err = fmt.Errorf("journeys name the flow policies %q and %q, and --flow %s can be only one of them: "+
					"name both below flows of the target", foreign, policy, flow)
			}
			foreign = cmp.Or(foreign, policy)
		}
		if err != nil && flow == "" && known[policy] != "" {
			name, err = known[policy], nil
		}
		if err != nil {
			wrong = append(wrong, err.Error())
			continue
		}
		journeys[name] = append(journeys[name], t)
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return journeys, &Error{Err: errors.New(strings.Join(slices.Compact(wrong), "\n"))}
	}
	return journeys, nil
}

// WithUsers returns the target with more users, whose attributes it has by name.
// A name that the target has already gets a number.
func WithUsers(t *target.Target, users map[string]map[string]string) *target.Target {
	if len(users) == 0 {
		return t
	}
	with := *t
	with.Users = map[string]target.User{}
	maps.Copy(with.Users, t.Users)
	for _, name := range slices.Sorted(maps.Keys(users)) {
		as := name
		for n := 2; ; n++ {
			if _, taken := with.Users[as]; !taken {
				break
			}
			as = name + "-" + strconv.Itoa(n)
		}
		with.Users[as] = target.NewUser(users[name])
	}
	return &with
}
