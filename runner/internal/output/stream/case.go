package stream

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	messages "github.com/cucumber/messages/go/v34"

	"flowtest/runner/internal/output/digest"
	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

// Scenario implements [Reporter]. Each attempt starts the same test case again, and all but the
// last are marked as followed by another.
func (m *Writer) Scenario(s *report.Scenario) {
	for i := range s.Earlier {
		m.known.requirements(s.Earlier[i].Hops)
	}
	m.known.requirements(s.Hops)
	pickle := m.pickle(s)
	m.testCase(s, pickle)
	for i := range s.Earlier {
		a := &s.Earlier[i]
		c := m.start(a, i, pickle, true)
		for k := range pickle.Steps {
			c.step(k, resultIn(a.Steps, k))
		}
		c.rest()
		m.body = m.body[:0]
		appendAttempt(&m.body, a)
		m.attach(attemptType, "", c.id, "")
		c.end(true)
	}
	c := m.start(&s.Attempt, len(s.Earlier), pickle, s.Status.Bad())
	for i := range pickle.Steps {
		c.step(i, result(s, i))
	}
	c.rest()
	var sdk []wireVerdicts
	if s.Conformance != nil {
		sdk = verdictsToWire(s.Conformance.SDK, func(set conformance.Set) wireList {
			return m.known.list(c.wrong, m.known.idsOf(set))
		})
	}
	m.body = m.body[:0]
	appendScenario(&m.body, s, sdk)
	m.attach(scenarioType, "", c.id, "")
	c.end(false)
	m.flush()
}

// A started is one attempt of a test case that is being written.
type started struct {
	*Writer

	id     string
	pickle *messages.Pickle
	at     time.Time // as far as it is written
	hops   []report.Hop
	wrong  bool // it failed, so that people read its hops
}

// start begins the attempt with that number, from 0.
func (m *Writer) start(a *report.Attempt, number int, pickle *messages.Pickle, wrong bool) *started {
	c := &started{m, "case-" + pickle.Id + "-" + strconv.Itoa(number+1), pickle, a.Began, a.Hops, wrong}
	if c.at.IsZero() {
		c.at = c.began
	}
	c.buf.raw(`{"testCaseStarted":{"attempt":` + strconv.Itoa(number) + `,"id":"` + c.id +
		`","testCaseId":"case-` + c.pickle.Id + `"`)
	c.time(c.at)
	return c
}

// step writes the result of a step, with the hops that it sent.
func (c *started) step(i int, r stepResult) {
	t := &c.buf
	step := "step-" + c.pickle.Steps[i].Id
	of := `"testCaseStartedId":"` + c.id + `","testStepId":"` + step + `"`
	t.raw(`{"testStepStarted":{` + of)
	c.time(c.at)
	for k := range c.hops {
		if h := &c.hops[k]; h.Step == i {
			c.hop(h, step)
		}
	}
	c.at = c.at.Add(r.took)
	t.raw(`{"testStepFinished":{` + of + `,"testStepResult":{"duration":{`)
	t.number("seconds", int64(r.took/time.Second))
	t.number("nanos", int64(r.took%time.Second))
	t.raw("}")
	t.text("message", r.message)
	t.text("status", string(r.status))
	t.raw("}")
	c.time(c.at)
}

// rest writes the hops that no step is known to have sent.
func (c *started) rest() {
	for k := range c.hops {
		if h := &c.hops[k]; h.Step < 0 || h.Step >= len(c.pickle.Steps) {
			c.hop(h, "")
		}
	}
}

func (c *started) hop(h *report.Hop, step string) {
	var met wireList
	if e := h.Evidence; e != nil {
		ids := c.known.idsOf(e.Passed)
		if _, others := Findings(e.Findings); others != "" {
			ids = strings.TrimSpace(ids + " " + others)
		}
		met = c.known.list(c.wrong, ids)
	}
	c.body = c.body[:0]
	appendHop(&c.body, h, met)
	name := "hop " + strconv.Itoa(h.Number) + "  " + h.Request
	if h.Response != "" {
		name += " → " + h.Response
	}
	c.attach(hopType, name, c.id, step)
}

func (c *started) end(again bool) {
	c.buf.raw(`{"testCaseFinished":{"testCaseStartedId":"` + c.id + `","willBeRetried":` + strconv.FormatBool(again))
	c.time(c.at)
}

// A stepResult is the result of a step as the stream has it.
type stepResult struct {
	status  messages.TestStepResultStatus
	message string
	took    time.Duration
}

// result returns the result of a step of the scenario's last attempt.
func result(s *report.Scenario, i int) stepResult {
	r := resultIn(s.Steps, i)
	switch {
	case i >= len(s.Steps) && s.Status == report.NotRun:
		r.message = notRun
	case i == len(s.Steps)-1 && s.Status.Bad() && s.FailedStep() == nil:
		// It failed as a whole, and the messages have results of steps only.
		_, r.message = digest.Trouble(s)
		r.status = messages.TestStepResultStatus_FAILED
	}
	return r
}

// statuses maps our statuses to those of Cucumber; one that is not here is skipped.
var statuses = map[report.Status]messages.TestStepResultStatus{
	report.Passed:    messages.TestStepResultStatus_PASSED,
	report.Failed:    messages.TestStepResultStatus_FAILED,
	report.Undefined: messages.TestStepResultStatus_UNDEFINED,
	report.Ambiguous: messages.TestStepResultStatus_AMBIGUOUS,
}

// resultIn returns the result of a step of one attempt.
func resultIn(steps []report.Step, i int) stepResult {
	if i >= len(steps) {
		return stepResult{status: messages.TestStepResultStatus_SKIPPED}
	}
	st := &steps[i]
	r := stepResult{cmp.Or(statuses[st.Status], messages.TestStepResultStatus_SKIPPED), st.Error, st.Duration}
	if st.Status == report.NotRun && r.message == "" {
		r.message = notRun
	}
	return r
}

const notRun = "not run: the run had ended"
