package report

import (
	"slices"
	"sync"
	"time"
)

// An Activity is what a run does at the moment. It may be used by several
// goroutines at once. The zero value does nothing yet.
type Activity struct {
	mu      sync.Mutex
	running map[int]Running
	done    int
	bad     []string
}

// A Running is a scenario that runs.
type Running struct {
	Place string // FILE:LINE
	Name  string
	Since time.Time
}

// Start notes that the scenario with that number has begun.
func (a *Activity) Start(number int, r Running) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.running == nil {
		a.running = map[int]Running{}
	}
	a.running[number] = r
}

// Finish notes that it has ended. What did not pass is kept for [Activity.Now].
func (a *Activity) Finish(number int, place string, status Status) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.running, number)
	a.done++
	if status.Bad() {
		a.bad = append(a.bad, place)
	}
}

// Now returns what runs, the longest first, how many have ended, and the places
// of those that did not pass.
func (a *Activity) Now() (running []Running, done int, bad []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range a.running {
		running = append(running, r)
	}
	slices.SortFunc(running, func(x, y Running) int { return x.Since.Compare(y.Since) })
	return running, a.done, slices.Clone(a.bad)
}
