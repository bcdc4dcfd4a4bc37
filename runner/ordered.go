package runner

import (
	"sync"

	"flowtest/runner/report"
)

// ordered hands scenarios to a reporter in the order of the files, whatever
// the order in which they finish.
type ordered struct {
	mu      sync.Mutex
	to      report.Reporter
	run     *report.Run
	next    int
	waiting map[int]*report.Scenario
}

// finished takes in the scenario with that number.
func (o *ordered) finished(number int, s *report.Scenario) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting[number] = s
	for s := o.waiting[o.next]; s != nil; s = o.waiting[o.next] {
		delete(o.waiting, o.next)
		o.run.Add(s)
		if s.Conformance != nil {
			o.run.Conformance.Add(s.Conformance)
		}
		o.to.Scenario(s)
		o.next++
	}
}
