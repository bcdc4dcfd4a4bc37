package cli

import "flowtest/runner/report"

// once reports scenarios that run several times each, so that what is minted is told
// from what is constant, as the scenarios that they are: each is reported once, with
// the worse of what came of it.
type once struct {
	report.Reporter

	times int
	open  map[scenarioPlace]*report.Scenario // those that ran, but not yet as often
	ran   map[scenarioPlace]int
	order []scenarioPlace
	told  report.Run // counts what was reported
}

type scenarioPlace struct {
	file string
	line int
	name string
}

func reportOnce(to report.Reporter, times int) *once {
	return &once{Reporter: to, times: times, open: map[scenarioPlace]*report.Scenario{}, ran: map[scenarioPlace]int{}}
}

// Begin implements [report.Reporter].
func (o *once) Begin(p report.Plan) {
	p.Scenarios /= o.times
	o.Reporter.Begin(p)
}

// Scenario implements [report.Reporter].
func (o *once) Scenario(s *report.Scenario) {
	at := scenarioPlace{s.File, s.Line, s.Name}
	if first := o.open[at]; first == nil {
		o.open[at] = s
		o.order = append(o.order, at)
	} else if s.Status > first.Status {
		o.open[at] = s
	}
	if o.ran[at]++; o.ran[at] == o.times {
		o.tell(at)
	}
}

func (o *once) tell(at scenarioPlace) {
	s := *o.open[at]
	s.Repeat, s.Number = 0, (s.Number+o.times-1)/o.times
	delete(o.open, at)
	o.told.Add(&s)
	o.Reporter.Scenario(&s)
}

// End implements [report.Reporter].
func (o *once) End(r *report.Run) {
	for _, at := range o.order { // a run that was stopped has some that ran less often
		if o.open[at] != nil {
			o.tell(at)
		}
	}
	run := *r
	run.Plan.Scenarios /= o.times
	run.Counts, run.Hops, run.Environment = o.told.Counts, o.told.Hops, o.told.Environment
	o.Reporter.End(&run)
}
