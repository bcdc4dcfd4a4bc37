package runner

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/steps/flow"
)

// replayHost is where replayed journeys think they go: a name that cannot exist.
const replayHost = "https://auth.flowtest.invalid"

// replay answers from recordings, in this process.
type replay struct {
	people

	server    *mockserver.Server
	transport http.RoundTripper
}

func newReplay(s *Suite) (*replay, error) {
	r := &replay{people: newPeople(s)}
	users := map[string]map[string]string{}
	for name, u := range s.Target.Users {
		users[name] = map[string]string{}
		for _, attribute := range u.Names() {
			users[name][attribute], _ = u.Lookup(attribute)
		}
	}
	server, err := mockserver.New(mockserver.Config{Flows: s.Recordings, Users: users})
	if err != nil {
		return nil, &UsageError{err}
	}
	r.server, r.transport = server, server.Transport()
	return r, nil
}

func (r *replay) scenario() sideOfScenario { return &replayScenario{replay: r} }

// replayScenario is a replay as one scenario sees it. It is the transport of
// its journey, so that it notices what no recording answers.
type replayScenario struct {
	*replay

	miss error
}

// A missError says that the replay had no answer.
type missError struct{ message string }

// Error implements error.
func (e *missError) Error() string { return e.message }

// Flow implements [steps.Target].
func (r *replayScenario) Flow(name string) (flow.Config, error) {
	policy, ok := r.server.Policy(name)
	if !ok {
		return flow.Config{}, fmt.Errorf("there is no recording of the flow %q, there are recordings of %s",
			name, strings.Join(r.server.Names(), ", "))
	}
	return flow.Config{
		Transport:   r,
		Authorize:   replayHost + "/" + mockserver.DefaultEnvironment + "/as/authorize",
		ClientID:    "flowtest-replay",
		RedirectURI: "https://app.flowtest.invalid/callback",
		Policy:      policy,
	}, nil
}

// RoundTrip implements [http.RoundTripper].
func (r *replayScenario) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.transport.RoundTrip(req)
	if err != nil || resp.Header.Get(mockserver.MissHeader) == "" {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	r.miss = &missError{gjson.GetBytes(body, "message").String()}
	return resp, nil
}

func (r *replayScenario) missed() error { return r.miss }
