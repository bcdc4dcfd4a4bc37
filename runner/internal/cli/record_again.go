package cli

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
)

// A harvest is the journeys of a run that is recorded, and what of them the
// environment spoilt.
type harvest struct {
	takes map[string][]recordings.Take // by flow
	from  map[string][]ran             // the scenario of each
	cut   map[string]int               // how many the environment cut short
	again map[string]map[runner.Place]bool
	kept  map[string]bool // flows of which nothing is written
	wrong map[runner.Place]bool
}

// A ran is one time that a scenario ran.
type ran struct {
	runner.Place

	times int
}

func newHarvest() *harvest {
	return &harvest{
		takes: map[string][]recordings.Take{}, from: map[string][]ran{}, cut: map[string]int{},
		again: map[string]map[runner.Place]bool{}, kept: map[string]bool{}, wrong: map[runner.Place]bool{},
	}
}

// add takes a journey in.
func (h *harvest) add(r runner.Recorded) {
	h.takes[r.Flow] = append(h.takes[r.Flow], r.Take)
	h.from[r.Flow] = append(h.from[r.Flow], ran{r.Scenario, r.Repeat})
	if r.Cut {
		h.cut[r.Flow]++
		h.spoilt(r.Flow, r.Scenario)
	}
}

// spoilt notes that the environment failed in a scenario.
func (h *harvest) spoilt(flow string, at runner.Place) {
	if h.again[flow] == nil {
		h.again[flow] = map[runner.Place]bool{}
	}
	h.again[flow][at] = true
}

// keep gives up the flows whose journeys the environment cut short: half of a journey
// would pass for the whole.
func (h *harvest) keep(p *Process) {
	for _, name := range slices.Sorted(maps.Keys(h.cut)) {
		delete(h.takes, name)
		h.kept[name] = true
		p.say(fmt.Sprintf("%s: not recorded, because %s broke off: the recording stays as it was", name,
			counted(h.cut[name], "journey")))
	}
}

// judge notes what the environment spoilt of a flow, and refuses what would begin a
// recording anew with less than what the scenarios go through.
func (h *harvest) judge(r *runner.Recorder, name string, result *learn.Result) error {
	whole := map[runner.Place]bool{}
	broken := map[ran]bool{}
	for _, take := range result.Cut {
		broken[h.from[name][take]] = true
	}
	for _, take := range result.Failed {
		h.spoilt(name, h.from[name][take].Place)
	}
	for _, at := range h.from[name] {
		whole[at.Place] = whole[at.Place] || !broken[at]
	}
	var lost []string
	for at := range whole {
		if !whole[at] {
			lost = append(lost, fmt.Sprintf("%s:%d", at.File, at.Line))
		}
	}
	there, err := r.Has(name)
	if err != nil || !r.Fresh || !there || len(lost) == 0 {
		return err
	}
	slices.Sort(lost)
	return &exitError{ExitEnvironment, fmt.Errorf("flow %q: each time something broke off in %s: the recording "+
		"stays as it was, for --fresh would lose what they go through", name, strings.Join(lost, ", ")), ""}
}

// failed notes that a flow was not written because the environment failed.
func (h *harvest) failed(name string, err error) {
	if e, ok := errors.AsType[*exitError](err); !ok || e.code != ExitEnvironment {
		return
	}
	h.kept[name] = true
	for _, at := range h.from[name] {
		h.spoilt(name, at.Place)
	}
}

// tell says which scenarios are to be recorded again, and with which command.
func (h *harvest) tell(p *Process, f *recordFlags) {
	for _, name := range slices.Sorted(maps.Keys(h.again)) {
		command := []string{"flowtest", "record"}
		add := func(flag, value string) {
			if value != "" {
				command = append(command, flag, quoted(value))
			}
		}
		add("--config", f.config)
		add("--target", f.target)
		add("--out", f.out)
		var at []string
		what := counted(len(h.again[name]), "scenario")
		for place := range h.again[name] {
			at = append(at, fmt.Sprintf("%s:%d", place.File, place.Line))
		}
		if h.kept[name] { // nothing of any of its scenarios was written
			what = "the flow"
			if at = nil; f.fresh {
				command = append(command, "--fresh")
			}
			add("--tags", f.tags)
			add("--name", f.name)
			for _, from := range h.from[name] {
				at = append(at, from.File)
			}
		}
		slices.SortFunc(at, byPlace)
		p.say(fmt.Sprintf("%s: record %s again: %s", name, what,
			strings.Join(append(command, slices.Compact(at)...), " ")))
	}
}

// byPlace orders FILE:LINE as a person reads them.
func byPlace(a, b string) int {
	x, m, _ := strings.Cut(a, ":")
	y, n, _ := strings.Cut(b, ":")
	return cmp.Or(strings.Compare(x, y), cmp.Compare(len(m), len(n)), strings.Compare(m, n))
}

// quoted writes an argument as a shell reads it.
func quoted(arg string) string {
	if strings.ContainsAny(arg, " \t\"'`$&|;<>()*?[]{}!\\~#") {
		return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
	}
	return arg
}

// verdict is that of the run, and of an environment that failed where nothing else
// did: what a CI may try again.
func (h *harvest) verdict(run *report.Run) error {
	err := verdict(run)
	e, ok := errors.AsType[*exitError](err)
	if !ok || e.code != ExitFailed || len(h.again) == 0 {
		return err
	}
	spoilt := map[runner.Place]bool{}
	for _, places := range h.again {
		maps.Copy(spoilt, places)
	}
	for at := range h.wrong {
		if !spoilt[at] {
			return err
		}
	}
	return &exitError{code: ExitEnvironment}
}

// watch reports as the reporter does, and notes which scenarios did not pass.
func (h *harvest) watch(to report.Reporter) report.Reporter { return &watching{to, h} }

type watching struct {
	report.Reporter

	to *harvest
}

// Scenario implements [report.Reporter].
func (w *watching) Scenario(s *report.Scenario) {
	if s.Status.Bad() {
		w.to.wrong[runner.Place{File: s.File, Name: s.Name, Line: s.Line}] = true
	}
	w.Reporter.Scenario(s)
}
