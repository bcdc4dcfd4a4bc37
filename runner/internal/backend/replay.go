package backend

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/recordings"
	"flowtest/steps/flow"
	"flowtest/steps/generated"
)

// replayHost is the host in the URLs of replayed journeys: a name that cannot exist.
const replayHost = "https://auth.flowtest.invalid"

// replay answers from recordings, in this process.
type replay struct {
	people

	server    *mockserver.Server
	transport http.RoundTripper
	flows     []*recordings.Flow
	brought   func() []string // user attributes that the recordings expect and that messages contain

	// Generated codes for users of the target who have none, by username and attribute.
	sent map[string]map[string]string
}

func newReplay(c Config) (*replay, error) {
	r := &replay{people: newPeople(c), flows: c.Recordings, sent: map[string]map[string]string{}}
	attributes := c.Target.Attributes()
	r.brought = sync.OnceValue(func() []string { return codes(c.Recordings) })
	if c.Messages {
		r.send(attributes)
	}
	server, err := mockserver.New(mockserver.Config{Flows: c.Recordings, Users: attributes})
	if err != nil {
		return nil, err
	}
	r.server, r.transport = server, server.Transport()
	return r, nil
}

// send gives the users of the target generated codes. Sentences that wait for a message find
// them; ${user.…} does not.
func (r *replay) send(attributes map[string]map[string]string) {
	for _, user := range attributes {
		name := user["username"]
		for _, attribute := range r.brought() {
			if _, has := user[attribute]; !has && name != "" {
				if r.sent[name] == nil {
					r.sent[name] = map[string]string{}
				}
				r.sent[name][attribute] = newCode()
				user[attribute] = r.sent[name][attribute]
			}
		}
	}
}

// Scenario implements [Backend].
func (r *replay) Scenario() Scenario {
	return &replayScenario{replay: r, via: r.transport, codes: generated.Ledger{Ahead: true}}
}

// Close implements [Backend]. A replay has nothing to close.
func (r *replay) Close() error { return nil }

// Flows implements [Backend].
func (r *replay) Flows() []string { return r.server.Names() }

// replayScenario is the replay of one scenario. It is the transport of its journeys, so
// it notices requests that no recording answers.
type replayScenario struct {
	*replay

	directory *directory // nil if the scenario created no user
	chosen    string     // the flow that was chosen last

	codes    generated.Ledger
	via      http.RoundTripper
	place    string // of the scenario, "" if there is none
	miss     error  // a *MissError
	faulty   bool   // faults may be injected
	injected mockserver.Injected
}

// A MissError says that the replay had no answer.
type MissError struct{ message string }

// Error implements error.
func (e *MissError) Error() string { return e.message }

// Flow implements [steps.Target].
func (r *replayScenario) Flow(name string) (flow.Config, error) {
	policy, ok := r.server.Policy(name)
	if !ok {
		return flow.Config{}, fmt.Errorf("there is no recording of the flow %q, there are recordings of %s",
			name, strings.Join(r.server.Names(), ", "))
	}
	r.chosen = name
	if r.directory != nil {
		r.directory.choose()
	}
	const root = replayHost + "/" + mockserver.DefaultEnvironment + "/as/"
	pushed := ""
	if r.target.PAR {
		pushed = root + "par"
	}
	return flow.Config{
		Transport:   r,
		Authorize:   root + "authorize",
		Pushed:      pushed,
		Platform:    r.target.Platform,
		Origin:      r.target.Origin,
		ClientID:    "flowtest-replay",
		RedirectURI: "https://app.flowtest.invalid/callback",
		Policy:      policy,
	}, nil
}

// RoundTrip implements [http.RoundTripper].
func (r *replayScenario) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	if !r.faulty {
		// A replay answers at once. Without a context that can end, httpmock starts no
		// goroutine to watch it.
		req = req.WithContext(context.WithoutCancel(req.Context()))
	}
	resp, err := r.via.RoundTrip(req)
	if err != nil || resp.Header.Get(mockserver.UnmatchedHeader) == "" {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	r.miss = &MissError{gjson.GetBytes(body, "message").String() + r.recordIt()}
	return resp, nil
}

// Passcode is the code of a time step that the scenario did not use before: a replay takes that of
// the next time step at once.
func (r *replayScenario) Passcode(ctx context.Context, key *generated.Key) (string, error) {
	return r.codes.Code(ctx, key)
}

// Missed implements [Scenario].
func (r *replayScenario) Missed() error { return r.miss }

// recordIt returns the command that records the missing answer, as an additional line
// of the error.
func (r *replayScenario) recordIt() string {
	if r.place == "" {
		return ""
	}
	place := r.place
	if strings.ContainsAny(place, " \"'$\\") {
		place = "'" + strings.ReplaceAll(place, "'", `'\''`) + "'"
	}
	return "\nrecord it: flowtest record --target LIVE " + place + ", where LIVE is a live target of flowtest.yaml"
}

// Begin implements [Scenario]. Each attempt gets other faults: with the same ones it
// would fail again.
func (r *replayScenario) Begin(place string, attempt int, faults mockserver.Faults) {
	r.place = place
	if faults.None() {
		return
	}
	r.faulty, r.injected.Seed = true, faults.Seed
	faults.Scenario, faults.Note = place, r.injected.Note
	if attempt > 0 {
		faults.Scenario += fmt.Sprintf(" again %d", attempt)
	}
	r.via = faults.Transport(r.server)
}

// Injected implements [Scenario].
func (r *replayScenario) Injected() *mockserver.Injected { return &r.injected }

// Hint implements [Scenario]. A replay needs no set-up.
func (r *replayScenario) Hint(*flow.Hop) string { return "" }
