package runner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
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
	server, err := mockserver.New(mockserver.Config{Flows: s.Recordings, Users: s.Target.Attributes()})
	if err != nil {
		return nil, &UsageError{err}
	}
	r.server, r.transport = server, server.Transport()
	return r, nil
}

func (r *replay) scenario() sideOfScenario { return &replayScenario{replay: r, via: r.transport} }

// replayScenario is a replay as one scenario sees it. It is the transport of
// its journey, so that it notices what no recording answers.
type replayScenario struct {
	*replay

	via    http.RoundTripper
	place  string // of the scenario, "" where there is none
	miss   error
	faults *mockserver.Befallen // nil without any
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
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	if r.faults == nil {
		// Recordings answer at once. Without a context that can end, httpmock
		// needs no goroutine to watch it.
		req = req.WithContext(context.WithoutCancel(req.Context()))
	}
	resp, err := r.via.RoundTrip(req)
	if err != nil || resp.Header.Get(mockserver.MissHeader) == "" {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	r.miss = &missError{gjson.GetBytes(body, "message").String() + r.recordIt()}
	return resp, nil
}

func (r *replayScenario) missed() error { return r.miss }

// recordIt returns the command that records what the replay has no answer to, as
// a further line of its error.
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

// faults returns the faults of the run with their seed, and the line for people
// with both. The error is a *[UsageError] that joins what is wrong with the tags
// of the scenarios.
func (s *Suite) faults(scenarios []*scenario) (faults mockserver.Faults, where string, err error) {
	var mistakes, tags []string
	for _, sc := range scenarios {
		_, used, err := mockserver.TaggedFaults(sc.tags)
		if err != nil {
			mistakes = append(mistakes, fmt.Sprintf("%s:%d: %v", sc.file, sc.line, err))
		}
		tags = append(tags, used...)
	}
	faults = s.Faults
	slices.Sort(tags)
	tags = slices.Compact(tags)
	switch {
	case len(mistakes) > 0:
		return faults, "", &UsageError{errors.New(strings.Join(mistakes, "\n"))}
	case faults.None() && len(tags) == 0:
		return faults, s.Where, nil
	case s.Target.Live != nil:
		return faults, "", &UsageError{s.onLive(tags)}
	}
	if faults.Seed == 0 {
		faults.Seed = mockserver.NewSeed()
	}
	list := []string{}
	if s.Where != "" {
		list = append(list, s.Where)
	}
	what := faults.String()
	if faults.None() {
		what = "by tags"
	}
	list = append(list, fmt.Sprintf("faults %s (seed %d)", what, faults.Seed))
	return faults, strings.Join(list, " · "), nil
}

// onLive says that a live target has faults of its own alone.
func (s *Suite) onLive(tags []string) error {
	if !s.Faults.None() {
		return fmt.Errorf("faults befall a replay alone, and the target %q is live", s.Target.Name)
	}
	return fmt.Errorf("%s befalls a replay alone, and the target %q is live: "+
		"choose other scenarios, as with --tags \"not (%s)\"",
		strings.Join(tags, ", "), s.Target.Name, strings.Join(tags, " or "))
}

// befall says which scenario it is, and lets the faults of the run, or those of the scenario's tags, befall the
// scenario's journey. Each attempt has draws of its own: with the same ones it
// would fail again.
func (r *replayScenario) befall(run mockserver.Faults, s *scenario, attempt int) {
	r.place = fmt.Sprintf("%s:%d", s.file, s.line)
	faults, used, err := mockserver.TaggedFaults(s.tags)
	if err != nil || len(used) == 0 { // there is no error: the run would not have begun
		faults = run
	}
	if faults.None() {
		return
	}
	r.faults = &mockserver.Befallen{Seed: run.Seed}
	faults.Seed, faults.Scenario, faults.Note = run.Seed, r.place, r.faults.Note
	if attempt > 0 {
		faults.Scenario += fmt.Sprintf(" again %d", attempt)
	}
	r.via = faults.Transport(r.server)
}

// changed reports whether faults made what a scenario was answered another thing
// than what was recorded.
func changed(j sideOfScenario) bool {
	r, ok := j.(*replayScenario)
	return ok && r.faults != nil && r.faults.Changed()
}

// faultAt says which faults befell a hop, where the scenario drove one journey
// alone: a replay counts the hops of each.
func (it *item) faultAt(hop int) string {
	r, ok := it.journey.(*replayScenario)
	if !ok || r.faults == nil || len(it.world.Driven()) != 1 {
		return ""
	}
	if list := r.faults.At(hop); len(list) > 0 {
		return " (fault " + strings.Join(list, ", fault ") + ")"
	}
	return ""
}

// befell returns a further line for the error of a step, where faults befell
// the scenario.
func befell(j sideOfScenario) string {
	r, ok := j.(*replayScenario)
	if !ok || r.faults == nil || r.faults.String() == "" {
		return ""
	}
	return "\n" + r.faults.String()
}
