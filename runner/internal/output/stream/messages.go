// Package stream writes a run as a stream of Cucumber Messages, and reads such
// streams again, also those that break off and those of several shards. It knows
// no file system and no other format.
package stream

import (
	"encoding/json"
	"io"
	"runtime"
	"strings"
	"time"

	messages "github.com/cucumber/messages/go/v34"

	"flowtest/runner/internal/output/digest"
	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

// protocolVersion is that of the schema which the stream is checked against.
const protocolVersion = "34.2.1"

// runID is the id of the run within its stream.
const runID = "run"

// The media types of what only flowtest reads: the stream of Cucumber Messages
// has no other place for the plan, a requirement, a scenario or an attempt
// as a whole, and how the run ended. Hops are attached as plain JSON, for every reader.
const (
	planType        = "application/vnd.flowtest.plan+json"
	requirementType = "application/vnd.flowtest.requirement+json"
	passedType      = "application/vnd.flowtest.passed+json"
	scenarioType    = "application/vnd.flowtest.scenario+json"
	attemptType     = "application/vnd.flowtest.attempt+json"
	endType         = "application/vnd.flowtest.end+json"
	hopType         = "application/json"
)

// hopPrefix is how the body of an attached hop begins.
const hopPrefix = `{"hop":`

// A Writer writes a run as a stream of Cucumber Messages, one a line. What is
// known of a scenario is written with one call when it finishes, so that a run
// that is killed leaves all that finished.
//
// Source: the JSON schema of the npm package @cucumber/messages.
type Writer struct {
	lines

	docs        documents
	plan        report.Plan
	definitions definitions
	known       known
	began       time.Time

	// CI is the CI server that runs flowtest, nil for none. Optional.
	CI *messages.Ci
}

// NewWriter returns a reporter that writes to w.
func NewWriter(w io.Writer) *Writer {
	m := &Writer{lines: lines{w: w}}
	m.enc = json.NewEncoder(&m.buf)
	m.enc.SetEscapeHTML(false)
	m.known = known{
		lines: &m.lines, described: map[string]bool{}, ids: map[conformance.Set]string{}, lists: map[string]int{},
	}
	return m
}

// Err returns the first error of the writer.
func (m *Writer) Err() error { return m.err }

// Begin implements [Reporter].
func (m *Writer) Begin(p report.Plan) {
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
		Ci:              m.CI,
	}})
	m.attachOwn(planType, &wirePlan{streamFormat, p, len(p.Requirements)})
	m.definitions = newDefinitions(p.Definitions)
	for i, d := range p.Definitions {
		ref := &messages.SourceReference{Uri: d.File}
		if d.Line > 0 {
			ref.Location = &messages.Location{Line: int64(d.Line)}
		}
		m.put(&envelope{StepDefinition: &messages.StepDefinition{
			Id: definitionID(i + 1), SourceReference: ref,
			Pattern: &messages.StepDefinitionPattern{
				Source: d.Pattern, Type: messages.StepDefinitionPatternType_REGULAR_EXPRESSION,
			},
		}})
	}
	m.put(&envelope{TestRunStarted: &testRunStarted{&messages.TestRunStarted{Timestamp: stamp(p.Began)}, runID}})
	for _, r := range p.Requirements {
		m.known.describe(r)
	}
	m.flush()
}

// pickle writes the feature file where it is new, and the scenario's pickle.
func (m *Writer) pickle(s *report.Scenario) *messages.Pickle {
	doc, fresh := m.docs.find(s.File)
	if fresh {
		m.put(&envelope{Source: &messages.Source{
			Uri: s.File, Data: doc.text, MediaType: messages.SourceMediaType_TEXT_X_CUCUMBER_GHERKIN_PLAIN,
		}})
		m.put(&envelope{GherkinDocument: doc.tree})
	}
	var p *messages.Pickle
	if doc != nil {
		p = doc.pickle(s.Line, m.docs.ids.next)
	}
	if p == nil {
		doc = invent(s, m.docs.ids.next)
		m.put(&envelope{GherkinDocument: doc.tree})
		p = doc.pickle(s.Line, m.docs.ids.next)
	}
	p.Name = s.Name // with the number of its row, and redacted
	for i := range min(len(p.Steps), len(s.Steps)) {
		asReported(p.Steps[i], &s.Steps[i])
	}
	m.buf.raw(`{"pickle":`)
	appendPickle(&m.buf, p, int64(max(s.Line, 1)))
	m.buf.raw("}\n")
	return p
}

// asReported gives a step of a pickle the texts that the report has: cells of an outline
// may make a secret together that was in none of them, and reports have not all of a
// long text.
func asReported(p *messages.PickleStep, st *report.Step) {
	if !strings.HasSuffix(st.Text, p.Text) {
		_, p.Text = digest.CutStep(st)
	}
	if p.Argument == nil {
		return
	}
	if d := p.Argument.DocString; d != nil && st.DocString != nil {
		d.Content = *st.DocString
	}
	if t := p.Argument.DataTable; t != nil && len(st.Table) > 0 {
		t.Rows = t.Rows[:min(len(t.Rows), len(st.Table))]
		for i, row := range t.Rows {
			for k := range min(len(row.Cells), len(st.Table[i])) {
				row.Cells[k].Value = st.Table[i][k]
			}
		}
	}
}

// testCase writes which sentence of the vocabulary each step is.
func (m *Writer) testCase(s *report.Scenario, p *messages.Pickle) {
	t := &m.buf
	t.raw(`{"testCase":{"id":"case-` + p.Id + `","pickleId":"` + p.Id + `","testSteps":[`)
	for i, ps := range p.Steps {
		t.comma()
		t.raw(`{"id":"step-` + ps.Id + `","pickleStepId":"` + ps.Id + `"`)
		if i < len(s.Steps) {
			if n := s.Steps[i].Definition; n > 0 && n <= len(m.plan.Definitions) {
				t.raw(`,"stepDefinitionIds":["` + definitionID(n) + `"],"stepMatchArgumentsLists":[`)
				*t = append(*t, m.definitions.arguments(n, ps.Text)...)
				t.raw("]")
			}
		}
		t.raw("}")
	}
	t.raw(`],"testRunStartedId":"` + runID + "\"}}\n")
}

// End implements [Reporter].
func (m *Writer) End(run *report.Run) {
	end := m.began.Add(run.Duration)
	m.attachOwn(endType, run)
	finished := &messages.TestRunFinished{Success: !digest.Failed(run), Timestamp: stamp(end)}
	if run.Interrupted {
		finished.Message = "the run was stopped before its end"
	}
	m.put(&envelope{TestRunFinished: &testRunFinished{finished, runID}})
	m.flush()
}

func stamp(t time.Time) *messages.Timestamp {
	return &messages.Timestamp{Seconds: t.Unix(), Nanos: int64(t.Nanosecond())}
}

// An envelope is one line of the stream. The types are those of the newest Go
// module of Cucumber Messages that is served; where the schema has more since
// then, a type here adds it. What the Gherkin parser makes has the parser's types.
type envelope struct {
	Attachment      *messages.Attachment      `json:"attachment,omitempty"`
	GherkinDocument *messages.GherkinDocument `json:"gherkinDocument,omitempty"`
	Meta            *messages.Meta            `json:"meta,omitempty"`
	Source          *messages.Source          `json:"source,omitempty"`
	StepDefinition  *messages.StepDefinition  `json:"stepDefinition,omitempty"`
	TestRunFinished *testRunFinished          `json:"testRunFinished,omitempty"`
	TestRunStarted  *testRunStarted           `json:"testRunStarted,omitempty"`
}

type testRunStarted struct {
	*messages.TestRunStarted

	ID string `json:"id"`
}

type testRunFinished struct {
	*messages.TestRunFinished

	TestRunStartedID string `json:"testRunStartedId"`
}
