package output

import (
	"bufio"
	"encoding/json"
	"io"
	"time"

	"flowtest/runner/internal/output/digest"
	"flowtest/runner/internal/output/stream"
	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

// JSONFormat is the version of report.json. It goes up when a reader of the
// former one would read the new one wrongly; a new field does not raise it.
const JSONFormat = 1

// A jsonHead is what report.json says about the run, and the event "end" too.
// report.schema.json beside this file describes the whole.
type jsonHead struct {
	Format      int           `json:"format"`
	Version     string        `json:"flowtest,omitempty"`
	Run         string        `json:"run,omitempty"`
	Shard       string        `json:"shard,omitempty"` // "2/4"
	Target      string        `json:"target"`
	Live        bool          `json:"live"`
	Where       string        `json:"where,omitempty"`
	Synthetic   []string      `json:"synthetic,omitempty"`
	Began       time.Time     `json:"began,omitzero"`
	Seconds     float64       `json:"seconds"`
	Interrupted bool          `json:"interrupted"`
	Missing     []int         `json:"missingShards,omitempty"`
	Failed      bool          `json:"failed"`
	Notes       []report.Note `json:"notes,omitempty"`
	Totals      jsonTotals    `json:"totals"`
}

type jsonTotals struct {
	Scenarios   int `json:"scenarios"`
	Passed      int `json:"passed"`
	Failed      int `json:"failed"`
	Environment int `json:"environment"` // of those that failed
	Undefined   int `json:"undefined"`
	Ambiguous   int `json:"ambiguous"`
	Skipped     int `json:"skipped"`
	Flaky       int `json:"flaky"`
	Known       int `json:"known"`
	NotRun      int `json:"notRun"`
	Hops        int `json:"hops"`
}

type jsonScenario struct {
	Feature     string        `json:"feature"`
	Rule        string        `json:"rule,omitempty"`
	Name        string        `json:"name"`
	File        string        `json:"file"`
	Line        int           `json:"line"`
	Tags        []string      `json:"tags,omitempty"`
	Flow        string        `json:"flow,omitempty"`
	Platform    string        `json:"platform,omitempty"`
	Status      report.Status `json:"status"`
	Environment bool          `json:"environment,omitempty"`
	Began       time.Time     `json:"began,omitzero"`
	Seconds     float64       `json:"seconds"`
	Repeat      string        `json:"repeat"`
	Notes       []report.Note `json:"notes,omitempty"`
	Steps       []jsonStep    `json:"steps"`
	HopCount    int           `json:"hopCount"`
	Hops        []jsonHop     `json:"hops,omitempty"`

	// Attempts are those that failed before this one.
	Attempts []jsonAttempt `json:"attempts,omitempty"`
}

type jsonAttempt struct {
	Attempt  int        `json:"attempt"` // from 1
	Origin   string     `json:"origin,omitempty"`
	Note     string     `json:"note,omitempty"`
	Began    time.Time  `json:"began,omitzero"`
	Seconds  float64    `json:"seconds"`
	Steps    []jsonStep `json:"steps"`
	HopCount int        `json:"hopCount"`
	Hops     []jsonHop  `json:"hops,omitempty"`
}

type jsonStep struct {
	Text      string        `json:"text"`
	Table     [][]string    `json:"table,omitempty"`
	DocString *string       `json:"docString,omitempty"`
	Line      int           `json:"line"`
	Status    report.Status `json:"status"`
	Error     string        `json:"error,omitempty"`
	Seconds   float64       `json:"seconds"`
	Steps     []jsonStep    `json:"steps,omitempty"` // of a sentence of a file
	File      string        `json:"file,omitempty"`  // of such a step
}

// A jsonHop has no bodies: those are in messages.ndjson.
type jsonHop struct {
	Number   int              `json:"hop"`
	Step     int              `json:"step"`               // index into the steps
	Asserted []int            `json:"asserted,omitempty"` // likewise
	Request  string           `json:"request"`
	Response string           `json:"response"`
	Where    string           `json:"where,omitempty"`
	Seconds  float64          `json:"seconds"`
	Outcome  string           `json:"outcome,omitempty"`
	Status   int              `json:"status,omitempty"`
	Passed   int              `json:"requirementsPassed,omitempty"`
	Findings []stream.Finding `json:"findings,omitempty"` // those that were not simply met
}

func headOf(run *report.Run) jsonHead {
	p, c := &run.Plan, &run.Counts
	return jsonHead{
		Format: JSONFormat, Version: p.Version, Run: p.Run, Shard: digest.Shard(*p), Target: p.Target, Live: p.Live,
		Where: p.Where, Synthetic: p.Synthetic, Began: p.Began, Seconds: run.Duration.Seconds(),
		Interrupted: run.Interrupted,
		Missing:     run.Missing, Failed: digest.Failed(run), Notes: run.Notes,
		Totals: jsonTotals{
			Scenarios: run.Total(), Passed: c[report.Passed], Failed: c[report.Failed], Environment: run.Environment,
			Undefined: c[report.Undefined], Ambiguous: c[report.Ambiguous], Skipped: c[report.Skipped],
			Flaky: c[report.Flaky], Known: c[report.Known],
			NotRun: c[report.NotRun], Hops: run.Hops,
		},
	}
}

func scenarioToJSON(p report.Plan, s *report.Scenario) *jsonScenario {
	out := &jsonScenario{
		Feature: s.Feature, Rule: s.Rule, Name: s.Name, File: s.File, Line: s.Line, Tags: s.Tags, Flow: s.Flow,
		Platform: s.Platform, Status: s.Status,
		Environment: s.Environment, Began: s.Began, Seconds: s.Duration.Seconds(), Repeat: digest.Repeat(p, s),
		Notes: s.Notes, Steps: stepsToJSON(s.Steps), HopCount: s.HopCount, Hops: hopsToJSON(s.Hops),
	}
	for i := range s.Earlier {
		a := &s.Earlier[i]
		out.Attempts = append(out.Attempts, jsonAttempt{
			i + 1, a.Origin, a.Note, a.Began, a.Duration.Seconds(),
			stepsToJSON(a.Steps), a.HopCount, hopsToJSON(a.Hops),
		})
	}
	return out
}

func stepsToJSON(steps []report.Step) []jsonStep {
	out := make([]jsonStep, len(steps))
	for i := range steps {
		st := &steps[i]
		out[i] = jsonStep{
			st.Text, st.Table, st.DocString, st.Line, st.Status, st.Error, st.Duration.Seconds(), nil, st.File,
		}
		if len(st.Steps) > 0 {
			out[i].Steps = stepsToJSON(st.Steps)
		}
	}
	return out
}

func hopsToJSON(hops []report.Hop) []jsonHop {
	var out []jsonHop
	for i := range hops {
		h := &hops[i]
		j := jsonHop{
			Number: h.Number, Step: h.Step, Asserted: h.Asserted, Request: h.Request, Response: h.Response,
			Where: h.Where, Seconds: h.Duration.Seconds(),
		}
		if e := h.Evidence; e != nil {
			j.Outcome, j.Status = e.Outcome, e.Status
			j.Passed = e.Passed.Len()
			for k := range e.Findings {
				if e.Findings[k].Result == conformance.Passed {
					j.Passed++
				}
			}
			j.Findings, _ = stream.Findings(e.Findings)
		}
		out = append(out, j)
	}
	return out
}

// A jsonFile documents report.json, a scenario a line.
type jsonFile struct {
	w     *bufio.Writer
	tally *digest.Tally
	comma bool
}

func newJSONFile(w *bufio.Writer, t *digest.Tally) document { return &jsonFile{w: w, tally: t} }

func (j *jsonFile) put(parts ...any) {
	for _, part := range parts {
		if text, ok := part.(string); ok {
			_, _ = j.w.WriteString(text)
		} else {
			_, _ = j.w.Write(stream.AppendJSON(nil, part))
		}
	}
}

// Scenario implements [document].
func (j *jsonFile) Scenario(s *report.Scenario) { j.put(j.between(), scenarioToJSON(j.tally.Plan, s)) }

func (j *jsonFile) between() string {
	if j.comma {
		return ",\n"
	}
	j.comma = true
	return "\n"
}

// Assemble implements [document].
func (j *jsonFile) Assemble(out *bufio.Writer, body io.Reader) error {
	j.w, j.comma = out, false
	head := stream.AppendJSON(nil, headOf(j.tally.Run))
	j.put(string(head[:len(head)-1]), `,"scenarios":[`)
	if _, err := io.Copy(out, body); err != nil {
		return err
	}
	j.put("\n],\"conformance\":[")
	for _, x := range j.tally.Matrix.Order {
		j.put(j.between(), rowJSON(x))
	}
	j.put("\n]")
	if m := j.tally.Run.Conformance; m != nil {
		if table := sdksJSON(m.SDKs()); len(table) > 0 {
			j.put(",\"sdks\":", table)
		}
	}
	j.put("}\n")
	return nil
}

// JSON writes each event as a line of JSON: "begin" with the plan, "scenario"
// as report.json has it, and "end" with what is at the head of report.json.
type JSON struct {
	sticky

	enc  *json.Encoder
	plan report.Plan
}

// NewJSON returns a reporter that writes to w.
func NewJSON(w io.Writer) *JSON {
	j := &JSON{sticky: sticky{w: w}, enc: json.NewEncoder(&digest.Quoting{To: w})}
	j.enc.SetEscapeHTML(false)
	return j
}

func (j *JSON) put(event any) {
	if j.err == nil {
		j.err = j.enc.Encode(event)
	}
}

// Begin implements [Reporter].
func (j *JSON) Begin(p report.Plan) {
	j.plan = p
	j.put(struct {
		Event  string      `json:"event"`
		Format int         `json:"format"`
		Plan   report.Plan `json:"plan"`
	}{"begin", JSONFormat, p})
}

// Scenario implements [Reporter].
func (j *JSON) Scenario(s *report.Scenario) {
	j.put(struct {
		Event    string        `json:"event"`
		Scenario *jsonScenario `json:"scenario"`
	}{"scenario", scenarioToJSON(j.plan, s)})
}

// End implements [Reporter].
func (j *JSON) End(run *report.Run) {
	j.put(struct {
		Event string   `json:"event"`
		Run   jsonHead `json:"run"`
	}{"end", headOf(run)})
}
