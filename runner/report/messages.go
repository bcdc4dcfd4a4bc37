package report

import (
	"bytes"
	"encoding/json"
	"io"
	"regexp"
	"runtime"
	"strings"
	"time"

	ast "github.com/cucumber/messages/go/v21"
	messages "github.com/cucumber/messages/go/v22"
)

// protocolVersion is that of the schema which the stream is held against.
const protocolVersion = "34.2.1"

// runID is the id of the run within its stream.
const runID = "run"

// The media types of what only flowtest reads: the stream of Cucumber Messages
// has no other place for the plan, a requirement, a scenario as a whole, and
// how the run ended. Hops are attached as plain JSON, for every reader.
const (
	planType        = "application/vnd.flowtest.plan+json"
	requirementType = "application/vnd.flowtest.requirement+json"
	scenarioType    = "application/vnd.flowtest.scenario+json"
	endType         = "application/vnd.flowtest.end+json"
	hopType         = "application/json"
)

// hopPrefix is how the body of an attached hop begins.
const hopPrefix = `{"hop":`

// Messages writes a run as a stream of Cucumber Messages, one a line. What is
// known of a scenario is written with one call when it finishes, so that a run
// that is killed leaves all that finished.
//
// Source: the JSON schema of the npm package @cucumber/messages.
type Messages struct {
	w    io.Writer
	err  error
	buf  bytes.Buffer
	enc  *json.Encoder
	docs documents
	plan Plan

	patterns []*regexp.Regexp // of the plan's definitions
	defIDs   []string
	told     map[string]bool // requirements by id
	failed   bool
	began    time.Time
	hop      []byte
}

// NewMessages returns a reporter that writes to w.
func NewMessages(w io.Writer) *Messages {
	m := &Messages{w: w, told: map[string]bool{}}
	m.enc = json.NewEncoder(&m.buf)
	m.enc.SetEscapeHTML(false)
	return m
}

// Err returns the first error of the writer.
func (m *Messages) Err() error { return m.err }

// put adds a line; flush writes what was added.
func (m *Messages) put(e *envelope) {
	if err := m.enc.Encode(e); err != nil && m.err == nil {
		m.err = err
	}
}

func (m *Messages) flush() {
	if m.err == nil {
		_, m.err = m.w.Write(m.buf.Bytes())
	}
	m.buf.Reset()
}

// attach adds something that only flowtest reads.
func (m *Messages) attach(mediaType, testCaseStarted string, body []byte) {
	m.put(&envelope{Attachment: &messages.Attachment{
		Body: string(body), ContentEncoding: messages.AttachmentContentEncoding_IDENTITY,
		MediaType: mediaType, TestCaseStartedId: testCaseStarted,
	}})
}

// Begin implements [Reporter].
func (m *Messages) Begin(p Plan) {
	if p.Began.IsZero() {
		p.Began = time.Now()
	}
	m.plan, m.began = p, p.Began
	m.docs = documents{source: p.Source, first: map[string]int{}}
	m.put(&envelope{Meta: &messages.Meta{
		ProtocolVersion: protocolVersion,
		Implementation:  &messages.Product{Name: "flowtest", Version: p.Version},
		Runtime:         &messages.Product{Name: "go", Version: strings.TrimPrefix(runtime.Version(), "go")},
		Os:              &messages.Product{Name: runtime.GOOS},
		Cpu:             &messages.Product{Name: runtime.GOARCH},
	}})
	m.attach(planType, "", appendJSON(nil, &wirePlan{streamFormat, p}))
	for _, r := range p.Requirements {
		m.requirement(requirementToWire(r))
	}
	for i, d := range p.Definitions {
		id := "definition-" + itoa(i+1)
		m.defIDs = append(m.defIDs, id)
		pattern, err := regexp.Compile(d.Pattern)
		if err != nil {
			pattern = nil
		}
		m.patterns = append(m.patterns, pattern)
		ref := &messages.SourceReference{Uri: d.File}
		if d.Line > 0 {
			ref.Location = &messages.Location{Line: int64(d.Line)}
		}
		m.put(&envelope{StepDefinition: &messages.StepDefinition{
			Id: id, SourceReference: ref,
			Pattern: &messages.StepDefinitionPattern{
				Source: d.Pattern, Type: messages.StepDefinitionPatternType_REGULAR_EXPRESSION,
			},
		}})
	}
	m.put(&envelope{TestRunStarted: &testRunStarted{&messages.TestRunStarted{Timestamp: stamp(p.Began)}, runID}})
	m.flush()
}

func (m *Messages) requirement(r wireRequirement) {
	if !m.told[r.ID] {
		m.told[r.ID] = true
		m.attach(requirementType, "", appendJSON(nil, &r))
	}
}

// Scenario implements [Reporter].
func (m *Messages) Scenario(s *Scenario) {
	m.failed = m.failed || s.Status.Bad() || s.Status == NotRun
	m.requirements(s)
	c := m.testCase(s, m.pickle(s))
	started := c.Id + "-1"
	at := s.Began
	if at.IsZero() {
		at = m.began
	}
	m.put(&envelope{TestCaseStarted: &messages.TestCaseStarted{Id: started, TestCaseId: c.Id, Timestamp: stamp(at)}})
	for i, st := range c.TestSteps {
		m.put(&envelope{TestStepStarted: &messages.TestStepStarted{
			TestCaseStartedId: started, TestStepId: st.Id, Timestamp: stamp(at),
		}})
		m.attachHops(s, started, st.Id, func(step int) bool { return step == i })
		r := result(s, i)
		at = at.Add(time.Duration(r.Duration.Seconds)*time.Second + time.Duration(r.Duration.Nanos))
		m.put(&envelope{TestStepFinished: &messages.TestStepFinished{
			TestCaseStartedId: started, TestStepId: st.Id, Timestamp: stamp(at), TestStepResult: r,
		}})
	}
	m.attachHops(s, started, "", func(step int) bool { return step < 0 || step >= len(c.TestSteps) })
	w := wireScenario{Scenario: s, Attached: len(s.Hops)}
	if s.Conformance != nil {
		w.SDK = verdictsToWire(s.Conformance.SDK)
	}
	m.attach(scenarioType, started, appendJSON(nil, &w))
	m.put(&envelope{TestCaseFinished: &messages.TestCaseFinished{TestCaseStartedId: started, Timestamp: stamp(at)}})
	m.flush()
}

// requirements describes those that the scenario's findings are the first to name.
func (m *Messages) requirements(s *Scenario) {
	for i := range s.Hops {
		e := s.Hops[i].Evidence
		if e == nil {
			continue
		}
		for j := range e.Findings {
			if r := e.Findings[j].Requirement; r != nil && !m.told[r.ID] {
				m.requirement(requirementToWire(r))
			}
		}
	}
}

// attachHops attaches the hops that steps of a kind sent.
func (m *Messages) attachHops(s *Scenario, started, step string, of func(step int) bool) {
	for i := range s.Hops {
		if h := &s.Hops[i]; of(h.Step) {
			m.attachHop(h, started, step)
		}
	}
}

// pickle writes the feature file where it is new, and the scenario's pickle.
func (m *Messages) pickle(s *Scenario) *ast.Pickle {
	doc, fresh := m.docs.find(s.File)
	if fresh {
		m.put(&envelope{Source: &messages.Source{
			Uri: s.File, Data: doc.text, MediaType: messages.SourceMediaType_TEXT_X_CUCUMBER_GHERKIN_PLAIN,
		}})
		m.put(&envelope{GherkinDocument: doc.tree})
	}
	var p *ast.Pickle
	if doc != nil {
		p = doc.pickle(s.Line, m.docs.ids.next)
	}
	if p == nil {
		doc = invent(s, m.docs.ids.next)
		m.put(&envelope{GherkinDocument: doc.tree})
		p = doc.pickle(s.Line, m.docs.ids.next)
	}
	p.Name = s.Name // with the number of its row, and redacted
	m.put(&envelope{Pickle: &locatedPickle{p, &messages.Location{Line: int64(max(s.Line, 1))}}})
	return p
}

func (m *Messages) testCase(s *Scenario, p *ast.Pickle) *messages.TestCase {
	c := &messages.TestCase{Id: "case-" + p.Id, PickleId: p.Id, TestSteps: []*messages.TestStep{}}
	for i, ps := range p.Steps {
		st := &messages.TestStep{Id: "step-" + ps.Id, PickleStepId: ps.Id}
		if i < len(s.Steps) {
			if n := s.Steps[i].Definition; n > 0 && n <= len(m.defIDs) {
				st.StepDefinitionIds = m.defIDs[n-1 : n]
				st.StepMatchArgumentsLists = []*messages.StepMatchArgumentsList{arguments(m.patterns[n-1], ps.Text)}
			}
		}
		c.TestSteps = append(c.TestSteps, st)
	}
	m.put(&envelope{TestCase: &testCase{c, runID}})
	return c
}

// arguments says which parts of a sentence are its parameters.
func arguments(pattern *regexp.Regexp, text string) *messages.StepMatchArgumentsList {
	list := &messages.StepMatchArgumentsList{StepMatchArguments: []*messages.StepMatchArgument{}}
	if pattern == nil {
		return list
	}
	at := pattern.FindStringSubmatchIndex(text)
	for i := 2; i+1 < len(at); i += 2 {
		group := &messages.Group{Children: []*messages.Group{}}
		if at[i] >= 0 {
			group.Value = text[at[i]:at[i+1]]
			group.Start = int64(len([]rune(text[:at[i]])))
		}
		list.StepMatchArguments = append(list.StepMatchArguments, &messages.StepMatchArgument{Group: group})
	}
	return list
}

func (m *Messages) attachHop(h *Hop, started, step string) {
	m.hop = appendHop(m.hop[:0], h)
	name := "hop " + itoa(h.Number) + "  " + h.Request
	if h.Response != "" {
		name += " → " + h.Response
	}
	m.put(&envelope{Attachment: &messages.Attachment{
		Body: string(m.hop), ContentEncoding: messages.AttachmentContentEncoding_IDENTITY, MediaType: hopType,
		FileName: name, TestCaseStartedId: started, TestStepId: step,
	}})
}

// End implements [Reporter].
func (m *Messages) End(run *Run) {
	end := m.began.Add(run.Duration)
	m.attach(endType, "", appendJSON(nil, run))
	finished := &messages.TestRunFinished{Success: !m.failed && !run.Failed && !run.Interrupted, Timestamp: stamp(end)}
	if run.Interrupted {
		finished.Message = "the run was stopped before its end"
	}
	m.put(&envelope{TestRunFinished: &testRunFinished{finished, runID}})
	m.flush()
}

// result says what came of a step.
func result(s *Scenario, i int) *messages.TestStepResult {
	r := &messages.TestStepResult{Duration: &messages.Duration{}, Status: messages.TestStepResultStatus_SKIPPED}
	if i >= len(s.Steps) {
		if s.Status == NotRun {
			r.Message = "not run: the run had ended"
		}
		return r
	}
	st := &s.Steps[i]
	d := messages.GoDurationToDuration(st.Duration)
	r.Duration, r.Message = &d, st.Error
	switch st.Status {
	case Passed:
		r.Status = messages.TestStepResultStatus_PASSED
	case Failed:
		r.Status = messages.TestStepResultStatus_FAILED
	case Undefined:
		r.Status = messages.TestStepResultStatus_UNDEFINED
	case Ambiguous:
		r.Status = messages.TestStepResultStatus_AMBIGUOUS
	case NotRun:
		if r.Message == "" {
			r.Message = "not run: the run had ended"
		}
	default:
	}
	if i == len(s.Steps)-1 && s.Status.Bad() && s.FailedStep() == nil {
		// It failed as a whole, and a reader of messages knows steps alone.
		_, r.Message = s.trouble()
		r.Status = messages.TestStepResultStatus_FAILED
	}
	return r
}

func stamp(t time.Time) *messages.Timestamp {
	return &messages.Timestamp{Seconds: t.Unix(), Nanos: int64(t.Nanosecond())}
}
