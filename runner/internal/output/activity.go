package output

import (
	"fmt"
	"slices"
	"sync"

	"flowtest/runner/report"
)

// An Activity is what a run is doing. It implements [report.Watcher]. The zero value
// is ready for use.
type Activity struct {
	mu      sync.Mutex
	running map[int]*report.Scenario
	waiting map[*report.Scenario]string
	now     Moment
}

// A Moment is an activity at a point in time.
type Moment struct {
	Running []*report.Scenario // the longest first
	Waiting string             // for what the first of them waits, where it says so
	Done    int                // how many have ended
	Bad     int                // how many of those did not pass
	LastBad string             // the place of the last of them
}

// Start implements [report.Watcher].
func (a *Activity) Start(number int, s *report.Scenario) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.running == nil {
		a.running = map[int]*report.Scenario{}
	}
	a.running[number] = s
}

// Wait says for what a scenario waits that runs, "" if it goes on.
func (a *Activity) Wait(number int, what string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.waiting == nil {
		a.waiting = map[*report.Scenario]string{}
	}
	a.waiting[a.running[number]] = what
	if what == "" {
		delete(a.waiting, a.running[number])
	}
}

// Pause implements [report.Watcher].
func (a *Activity) Pause(number int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.running, number)
}

// Finish implements [report.Watcher].
func (a *Activity) Finish(number int, s *report.Scenario) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.running, number)
	a.now.Done++
	if s.Status.Bad() {
		a.now.Bad++
		a.now.LastBad = fmt.Sprintf("%s:%d", s.File, s.Line)
	}
}

// Now returns what runs and what has ended.
func (a *Activity) Now() Moment {
	a.mu.Lock()
	defer a.mu.Unlock()
	m := a.now
	for _, s := range a.running {
		m.Running = append(m.Running, s)
	}
	slices.SortFunc(m.Running, func(x, y *report.Scenario) int { return x.Began.Compare(y.Began) })
	if len(m.Running) > 0 {
		m.Waiting = a.waiting[m.Running[0]]
	}
	return m
}
