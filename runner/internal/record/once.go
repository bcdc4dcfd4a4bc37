package record

import "flowtest/runner/report"

// A onceReporter reports each scenario of a run once, with the worst of its results.
type onceReporter struct {
	report.Reporter

	times int
	open  map[scenarioPlace]*report.Scenario // those that ran, but not yet as often
	ran   map[scenarioPlace]int
	order []scenarioPlace
	sum   report.Run // counts what was reported
}

type scenarioPlace struct {
	file string
	line int
	name string
}

// Once returns a reporter for a run in which each scenario runs several times, so
// that generated values can be distinguished from constant ones. It reports each scenario to the
// other reporter once, with the worst of its results.
func Once(to report.Reporter, times int) *onceReporter {
	return &onceReporter{
		Reporter: to, times: times, open: map[scenarioPlace]*report.Scenario{}, ran: map[scenarioPlace]int{},
	}
}

// Begin implements [report.Reporter].
func (o *onceReporter) Begin(p report.Plan) {
	p.Scenarios /= o.times
	o.Reporter.Begin(p)
}

// Scenario implements [report.Reporter].
func (o *onceReporter) Scenario(s *report.Scenario) {
	at := scenarioPlace{s.File, s.Line, s.Name}
	if first := o.open[at]; first == nil {
		o.open[at] = s
		o.order = append(o.order, at)
	} else if s.Status > first.Status {
		o.open[at] = s
	}
	if o.ran[at]++; o.ran[at] == o.times {
		o.report(at)
	}
}

func (o *onceReporter) report(at scenarioPlace) {
	s := *o.open[at]
	s.Repeat, s.Number = 0, (s.Number+o.times-1)/o.times
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
	run.Plan.Scenarios /= o.times
	run.Counts, run.Hops, run.Environment = o.sum.Counts, o.sum.Hops, o.sum.Environment
	o.Reporter.End(&run)
}
