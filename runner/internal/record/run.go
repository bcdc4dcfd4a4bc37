package record

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/learn"
	"flowtest/runner/report"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
	"flowtest/steps/words"
)

// A Run collects the journeys of a run that is recorded, and notes in which of them the
// environment failed.
type Run struct {
	journeys map[string][]davinci.Exchanges // by flow
	from     map[string][]repetition        // the scenario of each
	cut      map[string]int                 // how many the environment cut short
	again    map[string]map[runner.Place]bool
	kept     map[string]bool // flows of which nothing is written
	wrong    map[runner.Place]bool

	generated map[string]string            // the unique values of the journeys: their names by value
	users     map[string]map[string]string // those that scenarios made: attributes by username
	refused   map[string]map[int][]string  // by flow and journey, those whose password was not accepted

	logs map[string][]recordings.Log // by flow
}

// A repetition is one time that a scenario ran.
type repetition struct {
	runner.Place

	number int
}

// NewRun returns a Run that collects the journeys of the suite: it sets Record, and wraps
// Reporter.
func NewRun(s *runner.Suite) *Run {
	r := &Run{
		journeys: map[string][]davinci.Exchanges{}, from: map[string][]repetition{}, cut: map[string]int{},
		again: map[string]map[runner.Place]bool{}, kept: map[string]bool{}, wrong: map[runner.Place]bool{},
		generated: map[string]string{}, users: map[string]map[string]string{}, logs: map[string][]recordings.Log{},
		refused: map[string]map[int][]string{},
	}
	s.Record, s.Reporter = r.add, &seeing{s.Reporter, func(s *report.Scenario) {
		if s.Status.Bad() {
			r.wrong[placeOf(s)] = true
		}
	}}
	return r
}

func (r *Run) add(j runner.Recorded) {
	r.journeys[j.Flow] = append(r.journeys[j.Flow], flow.Exchanges(j.Hops))
	r.from[j.Flow] = append(r.from[j.Flow], repetition{j.Scenario, j.Repeat})
	maps.Copy(r.generated, j.Generated)
	maps.Copy(r.users, j.Users)
	if len(j.Refused) > 0 {
		if r.refused[j.Flow] == nil {
			r.refused[j.Flow] = map[int][]string{}
		}
		r.refused[j.Flow][len(r.from[j.Flow])-1] = j.Refused
	}
	if l := logged(&j); l != nil {
		r.logs[j.Flow] = append(r.logs[j.Flow], *l)
	}
	if j.Cut {
		r.cut[j.Flow]++
		r.spoiled(j.Flow, j.Scenario)
	}
}

// spoiled notes that the environment failed in a scenario.
func (r *Run) spoiled(name string, at runner.Place) {
	if r.again[name] == nil {
		r.again[name] = map[runner.Place]bool{}
	}
	r.again[name][at] = true
}

// Journeys returns the journeys of the run by their flows. Flows of which the
// environment cut a journey short are left out, and say reports them: half of a journey would
// look like a whole one.
func (r *Run) Journeys(say func(line string)) map[string][]davinci.Exchanges {
	for _, name := range slices.Sorted(maps.Keys(r.cut)) {
		delete(r.journeys, name)
		r.kept[name] = true
		say(fmt.Sprintf("%s: not recorded, because %s broke off: the recording stays as it was", name,
			words.Count(r.cut[name], "journey")))
	}
	return r.journeys
}

// judge notes the scenarios of a flow in which the environment failed, and refuses to start a
// new recording with less than what the scenarios go through.
func (r *Run) judge(to *Recorder, name string, result *learn.Result) error {
	whole := map[runner.Place]bool{}
	broken := map[repetition]bool{}
	for _, n := range result.Cut {
		broken[r.from[name][n]] = true
	}
	for _, n := range result.Failed {
		r.spoiled(name, r.from[name][n].Place)
	}
	for _, at := range r.from[name] {
		whole[at.Place] = whole[at.Place] || !broken[at]
	}
	var lost []string
	for _, at := range slices.SortedFunc(maps.Keys(whole), byPlace) {
		if !whole[at] {
			lost = append(lost, fmt.Sprintf("%s:%d", at.File, at.Line))
		}
	}
	there, err := to.previous(name)
	if err != nil || !to.Fresh || there == nil || len(lost) == 0 {
		return err
	}
	return &Error{Environment: true, Err: fmt.Errorf("flow %q: each time something broke off in %s: the recording "+
		"stays as it was, because --fresh would lose what they go through", name, strings.Join(lost, ", "))}
}

// failed notes that a flow was not written because the environment failed.
func (r *Run) failed(name string, err error) {
	if e, ok := errors.AsType[*Error](err); !ok || !e.Environment {
		return
	}
	r.kept[name] = true
	for _, at := range r.from[name] {
		r.spoiled(name, at.Place)
	}
}

// Flags are those of flowtest record, as far as recording again needs them.
type Flags struct {
	Config, Target, Out, Tags, Name string
	Fresh                           bool
}

// Again returns a line for each flow in which the environment failed: the scenarios to record
// again, and the command.
func (r *Run) Again(f Flags) []string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(r.again)) {
		command := []string{"flowtest", "record"}
		add := func(flag, value string) {
			if value != "" {
				command = append(command, flag, Quoted(value))
			}
		}
		add("--config", f.Config)
		add("--target", f.Target)
		add("--out", f.Out)
		var at []string
		what := words.Count(len(r.again[name]), "scenario")
		for _, place := range slices.SortedFunc(maps.Keys(r.again[name]), byPlace) {
			at = append(at, fmt.Sprintf("%s:%d", place.File, place.Line))
		}
		if r.kept[name] { // nothing of any of its scenarios was written
			what = "the flow"
			if at = nil; f.Fresh {
				command = append(command, "--fresh")
			}
			add("--tags", f.Tags)
			add("--name", f.Name)
			for _, from := range r.from[name] {
				at = append(at, from.File)
			}
			slices.Sort(at)
		}
		lines = append(lines, fmt.Sprintf("%s: record %s again: %s", name, what,
			strings.Join(append(command, slices.Compact(at)...), " ")))
	}
	return lines
}

// Quoted writes an argument as a shell reads it.
func Quoted(arg string) string {
	if strings.ContainsAny(arg, " \t\"'`$&|;<>()*?[]{}!\\~#") {
		return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
	}
	return arg
}

// OnlyEnvironment reports whether only the environment failed: then recording again may help.
func (r *Run) OnlyEnvironment() bool {
	wrong := maps.Clone(r.wrong)
	for _, places := range r.again {
		maps.DeleteFunc(wrong, func(at runner.Place, _ bool) bool { return places[at] })
	}
	return len(wrong) == 0 && len(r.again) > 0
}

// seeing reports as another reporter does, and shows each scenario to see.
type seeing struct {
	report.Reporter

	see func(*report.Scenario)
}

// Scenario implements [report.Reporter].
func (r *seeing) Scenario(s *report.Scenario) {
	r.see(s)
	r.Reporter.Scenario(s)
}

func placeOf(s *report.Scenario) runner.Place {
	return runner.Place{File: s.File, Name: s.Name, Line: s.Line}
}

// byPlace orders scenarios by their files and lines.
func byPlace(a, b runner.Place) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
}

// A onceReporter reports each scenario of a run once, with the worst of its results.
type onceReporter struct {
	report.Reporter

	open  map[runner.Place]*report.Scenario // those that ran, but not yet as often
	ran   map[runner.Place]int
	order []runner.Place
	sum   report.Run // counts what was reported
}

// Once returns a reporter for a run in which each scenario runs several times, so
// that generated values can be distinguished from constant ones. It reports each scenario to the
// other reporter once, with the worst of its results.
func Once(to report.Reporter) *onceReporter {
	return &onceReporter{
		Reporter: to, open: map[runner.Place]*report.Scenario{}, ran: map[runner.Place]int{},
	}
}

// Begin implements [report.Reporter].
func (o *onceReporter) Begin(p report.Plan) {
	p.Scenarios /= Times
	o.Reporter.Begin(p)
}

// Scenario implements [report.Reporter].
func (o *onceReporter) Scenario(s *report.Scenario) {
	at := placeOf(s)
	if first := o.open[at]; first == nil {
		o.open[at] = s
		o.order = append(o.order, at)
	} else if s.Status > first.Status {
		o.open[at] = s
	}
	if o.ran[at]++; o.ran[at] == Times {
		o.report(at)
	}
}

func (o *onceReporter) report(at runner.Place) {
	s := *o.open[at]
	s.Repeat, s.Number = 0, (s.Number+Times-1)/Times
	delete(o.open, at)
	o.sum.Add(&s)
	o.Reporter.Scenario(&s)
}

// End implements [report.Reporter].
func (o *onceReporter) End(r *report.Run) {
	for _, at := range o.order { // a run that was stopped has some that ran less often
		if o.open[at] != nil {
			o.report(at)
		}
	}
	run := *r
	run.Plan.Scenarios /= Times
	run.Counts, run.Hops, run.Environment = o.sum.Counts, o.sum.Hops, o.sum.Environment
	o.Reporter.End(&run)
}
